"""What senders and administrators ask the server for: sends, links, folders, people, the audit."""
