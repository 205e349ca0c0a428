"""What can be browsed: locations, what is true of each kind of them, and the pages of their lists. No Textual, and no
connections: the caller passes in the servers to ask."""
