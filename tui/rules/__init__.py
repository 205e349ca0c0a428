"""What is allowed and what follows from it: pure functions and values, no I/O, no framework."""
