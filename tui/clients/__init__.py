"""The other ends that the app and the command line speak with: Share, Work, and this machine's files."""
