"""Commands that run a server or the app, and the processes of the servers that they start."""
