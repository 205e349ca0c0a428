"""What one can browse: locations, what is true of each kind of them, and the pages of their lists. No Textual, no
requests of its own: whoever shows a location hands in the servers that are asked."""
