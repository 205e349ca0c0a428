"""Text in SQLite's file that isn't UTF-8: someone may have written it there by hand."""

from __future__ import annotations

import sqlite3


def as_stored(stored: bytes) -> str | bytes:
    """Text as a ``text_factory`` gets it; what isn't UTF-8 stays bytes, a type that no column of text has."""
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


def is_undecodable(error: BaseException | None) -> bool:
    """Whether a statement failed because of such text."""
    return isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)
