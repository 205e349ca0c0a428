"""The list of the first screen as plain state: the current location, what is shown of it, and the jobs under way for
it. Nothing here waits or paints: the screen's handlers call it, and it says which requests to make."""
