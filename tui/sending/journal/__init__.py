"""What is kept of a send on this machine, so that it can be resumed."""
