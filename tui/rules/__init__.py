"""The business rules: pure functions and values, no I/O, no framework."""
