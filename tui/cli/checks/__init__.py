"""What ``sentlinks doctor`` looks at: a module a subject, each of which answers :class:`~.check.Check`."""
