"""What all requests have in common: who comes, through which door, ranges, names of files, and how answers end."""
