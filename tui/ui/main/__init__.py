"""The first screen: the tree of locations next to the list of what is in one of them."""
