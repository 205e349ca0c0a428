"""Which key of the installation wraps the keys of contents, while and after another takes its place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...base.keys import Keys, WrongContentKey
from ...database.tables import wrapping

#: What the two keys in the row are bound to.
FIRST, NEXT = "first key of the installation", "next key of the installation"
_ROW: Select[Any] = select(wrapping.c.wrapped_by, wrapping.c.first_key, wrapping.c.next_key)
#: Until the transaction ends, the next key doesn't become the only one.
_SHARED = _ROW.with_for_update(read=True)
_LOCKED = _ROW.with_for_update()


async def look(connection: AsyncConnection, keys: Keys, *, locked: bool = False) -> Row[Any]:
    """The row, after ``keys`` have learned what it says. ``locked``: nobody else writes a wrapped key until the
    transaction ends."""
    return _learned(keys, (await connection.execute(_LOCKED if locked else _ROW)).one())


async def before_writing(connection: AsyncConnection, keys: Keys) -> None:
    """Have ``keys`` wrap with the key that is to be used now. Raises ``WrongContentKey`` if that isn't known here."""
    row = _learned(keys, (await connection.execute(_SHARED)).one())
    if row.wrapped_by is not None and not keys.knows(row.wrapped_by):
        raise WrongContentKey(
            "key.wrong", "The installation has another key by now: restart this server with that one."
        )


def _learned(keys: Keys, row: Row[Any]) -> Row[Any]:
    if row.wrapped_by is not None and not keys.knows(row.wrapped_by):
        keys.read_again(row.wrapped_by)
    if row.next_key is not None and keys.knows(row.wrapped_by):
        keys.learn(keys.unwrap(row.next_key, row.wrapped_by, NEXT))
    return row


async def is_being_changed(connection: AsyncConnection) -> bool:
    """Whether another key is to take the place of the present one."""
    found = await connection.execute(select(wrapping.c.id).where(wrapping.c.next_key.is_not(None)))
    return found.first() is not None


async def take_first(connection: AsyncConnection, keys: Keys) -> None:
    """Derive all else from the key that the installation was made with. Raises :class:`WrongContentKey`."""
    row = (await connection.execute(_ROW)).one()
    if row.first_key is not None:
        keys.take_first(keys.unwrap(row.first_key, row.wrapped_by, FIRST))
