"""What follows a send: the links, their codes, and the draft of the e-mail."""
