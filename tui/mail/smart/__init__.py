"""Smart attachments: replace a message's attachments with links, and leave every other byte as it is."""
