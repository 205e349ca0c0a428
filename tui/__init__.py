"""Secure Sent Links: documents sent to outsiders as secure links, from the terminal."""

__version__ = "1.0.0"
