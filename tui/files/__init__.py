"""Files that only their user may read, files whose names users give, and which process has written one."""
