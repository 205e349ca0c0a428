"""The database: one code over SQLite and PostgreSQL.

``async with database.read() as connection`` looks, ``async with database.write() as connection`` is one
transaction that commits at its end. Reads never wait for writes.
"""

from .engine import NOTE_SECONDS, Database

__all__ = ["NOTE_SECONDS", "Database"]
