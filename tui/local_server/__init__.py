"""The server on this machine, and what goes on after the app has ended."""
