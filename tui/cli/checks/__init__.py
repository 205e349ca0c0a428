"""What ``sentlinks doctor`` checks: one module per subject, each yielding :class:`~.check.Check` objects."""
