"""The database: the same code for SQLite and PostgreSQL.

``async with database.read() as connection`` is for reading; ``async with database.write() as connection`` is one
transaction that commits at the end of the block. Reads never wait for writes.
"""

from .transactions import NOTE_SECONDS, Database

__all__ = ["NOTE_SECONDS", "Database"]
