"""Commands that draft e-mails with links, or replace the attachments of one."""
