"""What all requests have in common: visitors, connections and their limits, ranges, file names, ending responses."""
