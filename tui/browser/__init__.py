"""The list of the first screen as plain state: where one is, what is shown of it, and what is under way for it. Nothing
here waits or paints: handlers of the screen call it, and it says which requests are to be made."""
