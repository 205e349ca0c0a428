"""What is wrong with an installation: damage and loss of what is stored, and what keeps it from being stored."""
