"""The database: one code over SQLite and PostgreSQL.

``async with database.read() as connection`` looks, ``async with database.write() as connection`` is one
transaction that commits at its end. Reads never wait for writes.
"""

from .engine import Database

__all__ = ["Database"]
