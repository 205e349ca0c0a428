"""Keeping the pieces of sealed contents in an S3 store."""
