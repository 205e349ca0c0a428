"""Moving the pieces of documents from one store to another, and deleting what is left there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.display import counted
from ...rules.errors import Conflict, Failed
from ..base.disk import DiskFull, ReadOnly
from ..base.keys import WrongContentKey
from ..blobs import Damaged, StoreAway
from ..blobs.base import OwnStore
from ..blobs.moves import StorePlace
from ..blobs.sealing import wrapping
from ..blobs.sealing.contents import StoredPiece
from ..blobs.sealing.copying import check_piece, copy_piece
from ..context import Context
from ..database.tables import blobs, dead_blobs, sealed_contents, sealed_pieces, uploads
from .documents_store import unusable
from .store_failures import told

#: Pieces that are noted at a time, and those of them that are copied at once.
_SOME, _AT_ONCE = 64, 8
#: How long a store is waited for that can't be reached, and how often it is asked; and how often it is looked whether
#: an upload has ended.
_AWAY, _AGAIN, _POLL = 600.0, 2.0, 0.2
_GO_ON = "What was moved is moved; put that right, then run this again to go on."


class MoveTold(NamedTuple):
    """How far a move is, to be shown: bytes that were moved and that are left, and what it waits for."""

    size: int
    left: int
    waits_for: str = ""


def not_moved(target: StorePlace) -> ColumnElement[bool]:
    """Which rows of pieces don't say that they are in that store."""
    return sealed_pieces.c.store.is_distinct_from(target.id)


async def left_to_move(connection: AsyncConnection, target: StorePlace) -> tuple[int, int]:
    """How many documents with how many bytes aren't whole in that store."""
    query = select(
        func.count(sealed_pieces.c.content.distinct()), func.coalesce(func.sum(sealed_pieces.c.stored), 0)
    ).where(not_moved(target))
    count, size = (await connection.execute(query)).one()
    return count, int(size)


class PieceMover:
    """Moves pieces from ``source`` to ``target``, which the database knows as ``place``."""

    def __init__(
        self,
        context: Context,
        source: OwnStore,
        target: OwnStore,
        place: StorePlace,
        report: Callable[[MoveTold], None],
    ) -> None:
        self._context = context
        self._source = source
        self._target = target
        self._place = place
        self._report = report
        #: The pieces that were moved, and their bytes.
        self.done = self.size = 0
        self._total = 0
        #: The names of pieces that are damaged or missing, and of the contents that they are of.
        self.damaged: dict[str, str] = {}
        #: How many pieces are being written.
        self._unfinished = 0
        self._copying = asyncio.Semaphore(_AT_ONCE)

    @property
    def damaged_documents(self) -> int:
        """How many contents can't be moved."""
        return len(set(self.damaged.values()))

    def tell(self, waits_for: str = "") -> None:
        """Report how far it is."""
        self._report(MoveTold(self.size, max(self._total - self.size, 0), waits_for))

    async def move_all(self) -> None:
        """Move all pieces but those that are damaged or missing, and wait for those that are being written."""
        async with self._context.database.read() as connection:
            _, self._total = await left_to_move(connection, self._place)
        while True:
            self.damaged, self._unfinished = {}, 0
            after: str | None = ""
            while after is not None:
                after = await self._patiently(after)
            if self._unfinished:
                self.tell(f"{counted(self._unfinished, 'upload')} to end")
                await asyncio.sleep(_POLL)
                continue
            async with self._context.database.read() as connection:
                if not await self.has_others(connection):
                    return

    async def has_others(self, connection: AsyncConnection) -> bool:
        """Whether there are pieces that are neither moved nor damaged."""
        query = select(sealed_pieces.c.name).where(not_moved(self._place)).limit(len(self.damaged) + 1)
        names = (await connection.execute(query)).scalars().all()
        return any(name not in self.damaged for name in names)

    async def _patiently(self, after: str) -> str | None:
        began = monotonic()
        while True:
            try:
                return await self._move_some(after)
            except StoreAway as away:
                if away.refuses or monotonic() - began > _AWAY:
                    raise Failed("store.unusable", f"{away.why}. {_GO_ON}") from away
                self.tell(f"the store: {away.why}")
                await asyncio.sleep(_AGAIN)
            except (DiskFull, ReadOnly, OSError) as error:
                with told(unusable(self._place.name), _GO_ON):
                    raise error

    async def _move_some(self, after: str) -> str | None:
        """Move pieces, and return the name of the last one; ``None`` if there are no others."""
        async with self._context.database.read() as connection:
            query: Select[Any] = (
                select(*sealed_pieces.c, sealed_contents.c.wrapped, sealed_contents.c.wrapped_by)
                .join_from(sealed_pieces, sealed_contents)
                .where(not_moved(self._place), sealed_pieces.c.name > after)
                .order_by(sealed_pieces.c.name)
                .limit(_SOME)
            )
            rows = (await connection.execute(query)).all()
            if not all(self._context.keys.knows(row.wrapped_by) for row in rows):
                await wrapping.look(connection, self._context.keys)
        done = await asyncio.gather(*(self._move(row) for row in rows), return_exceptions=True)
        await self._note([row for row, found in zip(rows, done, strict=True) if found is True])
        for found in done:
            if isinstance(found, BaseException):
                raise found
        return rows[-1].name if rows else None

    async def _move(self, row: Row[Any]) -> bool:
        """Copy a piece; whether it is whole in the target."""
        if row.stored is None:
            # Whoever was stopped has left it open.
            with suppress(Conflict):
                await self._context.blobs.length(row.content)
            self._unfinished += 1
            return False
        piece = StoredPiece(row.number, row.name, row.salt, row.stored, row.used)
        try:
            secret = self._context.keys.unwrap(row.wrapped, row.wrapped_by, row.content)
            async with self._copying:
                await self._copy(piece, secret)
        except (Damaged, FileNotFoundError, WrongContentKey):
            if await self._is_there(row.name):
                self.damaged[row.name] = row.content
            return False
        except StoreAway:
            # What was deleted in the meantime can't be read in the target, either.
            if await self._is_there(row.name):
                raise
            return False
        return True

    async def _copy(self, piece: StoredPiece, secret: bytes) -> None:
        try:
            await copy_piece(piece, secret, self._source, self._target)
        except (FileNotFoundError, StoreAway) as error:
            if isinstance(error, StoreAway) and not error.refuses:
                raise
            # It was moved before, or written there at once.
            try:
                await check_piece(piece, secret, self._target)
            except (FileNotFoundError, StoreAway):
                raise error from None

    async def _is_there(self, name: str) -> bool:
        async with self._context.database.read() as connection:
            query = select(sealed_pieces.c.name).where(sealed_pieces.c.name == name)
            return (await connection.execute(query)).first() is not None

    async def _note(self, copied: Sequence[Row[Any]]) -> None:
        """Note what is whole in the target, and delete it from the source. What was deleted in the meantime is deleted
        from both."""
        if not copied:
            return
        names = [row.name for row in copied]
        async with self._context.database.write() as connection:
            noted = (
                update(sealed_pieces)
                .where(sealed_pieces.c.name.in_(names))
                .values(store=self._place.id)
                .returning(sealed_pieces.c.name)
            )
            there = set((await connection.execute(noted)).scalars())
        self.done += len(there)
        self.size += sum(row.stored for row in copied if row.name in there)
        self.tell()
        # If that can't be done now, it is at the end.
        with suppress(OSError):
            for name in names:
                await (self._source if name in there else self._target).delete(name)

    async def empty(self) -> int:
        """Delete what is left in the source, and its mark if nothing is. Returns how much else there is."""
        try:
            return await self._empty()
        except StoreAway as away:
            if away.gone:
                return 0
            raise

    async def _empty(self) -> int:
        left = unknown = 0
        await self._source.drop_half_received()
        async for found in self._source.stored():
            names = [each.key for each in found if each.key is not None]
            unknown += len(found) - len(names)
            for start in range(0, len(names), _SOME):
                part = names[start : start + _SOME]
                async with self._context.database.read() as connection:
                    done, needed = await self._known(connection, part)
                for name in done:
                    await self._source.delete(name)
                left += len(needed)
                unknown += len(set(part) - done - needed)
        if not left and not unknown:
            await self._source.unmark()
        return unknown

    async def _known(self, connection: AsyncConnection, names: Sequence[str]) -> tuple[set[str], set[str]]:
        """Of these names, those that the source needn't have any more, and those that only it has."""
        moved = select(sealed_pieces.c.name).where(sealed_pieces.c.name.in_(names), ~not_moved(self._place))
        dead = select(dead_blobs.c.key).where(dead_blobs.c.key.in_(names))
        done = {*(await connection.execute(moved)).scalars(), *(await connection.execute(dead)).scalars()}
        needed = set[str]()
        for column in (sealed_pieces.c.name, uploads.c.blob_key, blobs.c.key):
            needed.update((await connection.execute(select(column).where(column.in_(names)))).scalars())
        return done, needed - done
