"""Smart attachments: a message gets links in place of its attachments, and every other byte of it stays."""
