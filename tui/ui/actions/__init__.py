"""The commands of the first screen, in groups."""
