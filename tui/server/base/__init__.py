"""What the rest of the server is built on: clock, disk, files, keys and settings."""
