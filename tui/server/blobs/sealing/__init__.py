"""Documents' bytes as they lie: encrypted in chunks, each of which is authenticated before any of it goes out.

A content is an ordered list of pieces, each stored under a key of its own and never written again.
"""
