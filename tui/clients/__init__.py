"""What the app and the command line talk to: Share, Work, and the files on this machine."""
