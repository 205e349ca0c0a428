"""Drafts of e-mails with links: what is in them, and where they go."""
