"""Putting another key in the place of the installation's, while it is used: each key of a content is wrapped with the
new one.

It is done in three steps, and goes on from any point. The new key is stored, wrapped by the present one, so that all
servers learn it; they write with it from then on, and read what either has wrapped. Then one row after another is
wrapped again. When none is left, and all servers have told that they know the new key, that becomes the only one: a
server that is started with the earlier one is refused.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Failed
from ...rules.state import Event
from .. import audit
from ..audit.chain import INSTALLATION, append
from ..base.files import write_private
from ..base.keys import KEY_BYTES, Keys, WrongContentKey, check_of, next_file
from ..base.settings import Settings
from ..blobs.sealing import wrapping
from ..context import Context
from ..database.tables import installation, sealed_contents
from ..database.tables import wrapping as wrapping_row
from . import processes
from .installation import open_to_look

#: How many rows are wrapped again at a time; in between, others write for as long as it took.
_SOME = 500
#: Servers take up a new key every five seconds; one of another machine that hasn't by then was killed.
_PATIENCE, _POLL = 30.0, 0.2


class KeyChange(NamedTuple):
    """How a change of the key has ended: how many contents have their key wrapped by the new one, and of how many the
    key can't be unwrapped, as it was changed by hand."""

    rewrapped: int
    damaged: int


class Told(NamedTuple):
    """How far it is, to be shown."""

    rewrapped: int
    left: int
    waits_for: int = 0


async def follow(context: Context) -> None:
    """Take up a new key, and put it into this data folder as soon as it is the only one: a server's regular job."""
    keys = context.keys
    async with context.database.read() as connection:
        row = await wrapping.look(connection, keys)
    if row.next_key is not None:
        _keep_next(keys)
        await processes.note(context)
    elif row.wrapped_by == keys.wrapping_id:
        _replace(keys)


def _keep_next(keys: Keys) -> None:
    """Write the new key next to the present one, where it is found if this process is killed before the end."""
    if keys.file is not None and not keys.has_next():
        write_private(next_file(keys.file), keys.newest)


def _replace(keys: Keys) -> None:
    """Put the new key in the place of the present one, if it isn't there yet."""
    if keys.kept_id == keys.wrapping_id:
        return
    if keys.file is not None:
        write_private(keys.file, keys.newest)
        next_file(keys.file).unlink(missing_ok=True)
    keys.kept_id = keys.wrapping_id


async def change_key(
    settings: Settings, given: bytes | None, operator: str, report: Callable[[Told], None]
) -> KeyChange:
    """Begin a change, or go on with the one that was begun, to its end. ``given`` is the new key (``None``: a random
    one). Raises :class:`Failed`."""
    context = await open_to_look(settings)
    try:
        if not context.keys.kept_id:
            # Stopped when only the file was left to be replaced.
            _replace(context.keys)
            return KeyChange(0, 0)
        return await _Change(context, operator, report).run(given)
    finally:
        await context.close()


class _Change:
    def __init__(self, context: Context, operator: str, report: Callable[[Told], None]) -> None:
        self._context = context
        self._keys = context.keys
        self._operator = operator
        self._report = report
        self._before = ""
        self._done = 0
        #: The contents whose keys can't be unwrapped.
        self._damaged: set[str] = set()

    async def run(self, given: bytes | None) -> KeyChange:
        await self._begin(given)
        _keep_next(self._keys)
        async with self._context.database.read() as connection:
            ours = sealed_contents.c.wrapped_by == self._before
            query = select(func.count()).select_from(sealed_contents).where(ours)
            total = (await connection.execute(query)).scalar_one()
        began = monotonic()
        while True:
            while await self._rewrap_some():
                self._report(Told(self._done, max(total - self._done, 0)))
                await asyncio.sleep(min(monotonic() - began, 0.5))
                began = monotonic()
            await self._wait()
            if await self._end():
                break
        _replace(self._keys)
        await audit.seal(self._context)
        return KeyChange(self._done, len(self._damaged))

    async def _begin(self, given: bytes | None) -> None:
        keys = self._keys
        async with self._context.database.write() as connection:
            row = await wrapping.look(connection, keys, locked=True)
            if row.next_key is None:
                self._before = keys.wrapping_id
                await self._store_next(connection, given)
                return
            self._before = row.wrapped_by
            if given is not None and given.hex() != keys.newest:
                raise Failed(
                    "key.other_change",
                    "A change to another key is under way. Give that one in SENTLINKS_NEW_KEY, or leave it out.",
                )

    async def _store_next(self, connection: AsyncConnection, given: bytes | None) -> None:
        keys = self._keys
        if given is None and keys.file is None:
            raise Failed(
                "key.needed",
                "SENTLINKS_KEY gives the key, so give the new one in SENTLINKS_NEW_KEY: 64 hexadecimal digits, as "
                "openssl rand -hex 32 makes them.",
            )
        new = given or secrets.token_bytes(KEY_BYTES)
        if check_of(new) == keys.check or new == keys.first:
            raise Failed(
                "key.same", "The key in SENTLINKS_NEW_KEY is one that was used before. Give a new one."
            )
        wrapped = keys.wrap(new, wrapping.NEXT)
        if keys.file is not None:
            # Before anything is wrapped with it; what an attempt has left that wasn't committed was never used.
            write_private(next_file(keys.file), new.hex())
        await connection.execute(update(wrapping_row).values(wrapped_by=self._before, next_key=wrapped))
        keys.learn(new)

    async def _rewrap_some(self) -> bool:
        """Wrap some keys again. Returns ``False`` if nothing is left."""
        async with self._context.database.write() as connection:
            return await self._rewrap(connection, _SOME)

    async def _rewrap(self, connection: AsyncConnection, most: int) -> bool:
        query = (
            select(sealed_contents.c.key, sealed_contents.c.wrapped)
            .where(sealed_contents.c.wrapped_by == self._before)
            .order_by(sealed_contents.c.key)
            .limit(most + len(self._damaged))
        )
        rows = [row for row in (await connection.execute(query)).all() if row.key not in self._damaged]
        for row in rows:
            try:
                secret = self._keys.unwrap(row.wrapped, self._before, row.key)
            except WrongContentKey:
                self._damaged.add(row.key)
                continue
            values = {"wrapped": self._keys.wrap(secret, row.key), "wrapped_by": self._keys.wrapping_id}
            # Unless another command has just done so.
            same = (sealed_contents.c.key == row.key) & (sealed_contents.c.wrapped_by == self._before)
            self._done += (
                await connection.execute(update(sealed_contents).where(same).values(values))
            ).rowcount
        return bool(rows)

    async def _wait(self) -> None:
        """Wait until all servers know the new key."""
        began = monotonic()
        while True:
            async with self._context.database.read() as connection:
                left = await self._without_it(connection)
            if not left:
                return
            over = [each for each in left if each.is_over or monotonic() - began > _PATIENCE]
            if over:
                async with self._context.database.write() as connection:
                    for each in over:
                        await processes.forget(connection, each.id)
                continue
            self._report(Told(self._done, 0, len(left)))
            await asyncio.sleep(_POLL)

    async def _without_it(self, connection: AsyncConnection) -> list[processes.Serving]:
        ident = self._keys.wrapping_id
        return [each for each in await processes.all_of_them(connection) if each.wraps_with != ident]

    async def _end(self) -> bool:
        """Make the new key the only one, unless a server doesn't know it or something was written since."""
        keys = self._keys
        async with self._context.database.write() as connection:
            row = await wrapping.look(connection, keys, locked=True)
            if row.next_key is None:
                # Another command has done it.
                return True
            if await self._without_it(connection) or await self._rewrap(connection, 1):
                return False
            first = keys.wrap(keys.first, wrapping.FIRST)
            values: dict[str, Any] = {"wrapped_by": keys.wrapping_id, "first_key": first, "next_key": None}
            await connection.execute(update(wrapping_row).values(values))
            # Sealing the audit locks the installation's row last, too.
            details = {"operator": self._operator, "documents": self._done}
            await append(self._context, connection, INSTALLATION, Event.KEY_CHANGED, details=details)
            new = check_of(bytes.fromhex(keys.newest))
            await connection.execute(update(installation).values(key_check=new))
        return True
