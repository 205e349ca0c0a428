"""The app's session with its server: the connection (``session``), My Favorites (``favorites``), and the journals of
sends (``journals``)."""

from .session import NOT_OPEN, Session

__all__ = ["NOT_OPEN", "Session"]
