"""Making, migrating and opening an installation, and its regular jobs."""
