"""What is said of how documents lie on the server's disk."""

#: Said wherever one looks at a server.
AT_REST = (
    "Documents aren't encrypted where they lie: whoever has the server's disk, or a backup of it, can read all of "
    "them, and names, people and the audit."
)
