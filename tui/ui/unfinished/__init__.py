"""Sends that were interrupted, or go on in the background."""
