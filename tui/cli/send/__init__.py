"""Commands that send documents, send them again, and resume what was interrupted."""
