"""``sentlinks watch``: the server's events as lines, and the programs that are run for them."""
