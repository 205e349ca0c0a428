"""Secure Sent Links: documents sent to outsiders as secure links, from the terminal."""

__version__ = "0.1.0"
