"""Moving all documents to another store, while they are used: from the data folder to an S3 store, back, or from one S3
store to another.

A piece is copied as it lies, under its name, so that neither its content's key nor the list of pieces changes: a backup
of the database from before stays good. Each chunk is authenticated in the source, and again in the target; then the
piece's row says that it is in the target (``sealed_pieces.store``), and it is deleted from the source. It goes on from
any point, in three steps of a row (``store_moves``), which all servers look at every few seconds:

- *joining*: each server connects to both stores, and tells so in its row (:mod:`.processes`), or why it can't. Nothing
  is moved before all have.
- *moving*: what is new is stored in the target. Whoever reads looks in both (:mod:`..blobs.stores`), and whatever is
  deleted is deleted from both. Who writes a row says which store the bytes went to: as soon as a store is in use no
  longer, that is refused, however long a server has hung.
- *emptying*: when every piece has its row and all servers have followed, the target is the only store. What is left in
  the source is deleted, and its mark.

Pieces that are damaged or missing in the source stay where they are, and don't hold up the others. The move doesn't end
until they are put right or deleted, unless they are to be left behind. To turn round, the stores are named the other
way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from typing import NamedTuple

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.display import counted
from ...rules.errors import Failed
from ...rules.state import Event
from .. import audit
from ..audit.chain import INSTALLATION, append
from ..base.settings import Settings
from ..base.sharing import exclusive
from ..blobs import Fault, moves
from ..blobs.base import FOLDER
from ..blobs.moves import Move, MoveStep, StorePlace, WhereStored
from ..blobs.s3.address import parse_store
from ..context import Context
from ..database.tables import (
    installation,
    store_moves,
)
from ..library import damage
from . import documents_store, processes
from .installation import open_to_look
from .store_begin import MoveBeginning
from .store_failures import told
from .store_followers import Followers, behind
from .store_pieces import MoveTold, PieceMover, left_to_move

#: How often a server looks for the next step during a move, and for how long until its job is over.
_POLL, _FOLLOWS = 0.2, 4.0
_LOCK = "move.lock"


class MoveDone(NamedTuple):
    """How a move has ended: the pieces that were moved and their bytes, the documents that are damaged and were left
    behind, and what else is still in the source, as no document needs it."""

    pieces: int
    size: int
    damaged: int
    left_over: int


class MoveState(NamedTuple):
    """A move under way, and how many documents with how many bytes are yet to be moved."""

    move: Move
    left: int
    left_bytes: int


async def follow(context: Context) -> None:
    """Take up a step of a move, and tell so: a server's regular job. During a move it looks more often."""
    ends = monotonic() + _FOLLOWS
    is_new = await documents_store.follow(context)
    while is_new or context.stores.seen or context.stores.trouble_of_move:
        await processes.note(context)
        if not context.stores.seen or monotonic() > ends:
            break
        await asyncio.sleep(_POLL)
        is_new = await documents_store.follow(context)


async def look(settings: Settings) -> MoveState | None:
    """How far a move is; ``None`` if there is none. Raises :class:`Failed`."""
    context = await open_to_look(settings, checks_store=False)
    try:
        async with context.database.read() as connection:
            where = await moves.look(connection)
            if where.move is None:
                return None
            left = await left_to_move(connection, where.move.target)
            return MoveState(where.move, *left)
    finally:
        await context.close()


def store_named(text: str) -> str | None:
    """The address of a store as a command is given it; ``None`` for the data folder. Raises :class:`InvalidValue`."""
    return None if text == FOLDER else parse_store(text).url


async def move_store(
    settings: Settings,
    source: str | None,
    target: str | None,
    operator: str,
    report: Callable[[MoveTold], None],
    *,
    leaves_damaged: bool = False,
) -> MoveDone:
    """Begin a move, or go on with the one that was begun, to its end. Raises :class:`Failed`."""
    context = await open_to_look(settings, checks_store=False)
    try:
        with _alone(context):
            places = documents_store.place_of(context, source), documents_store.place_of(context, target)
            return await _StoreMove(context, *places, operator, report, leaves_damaged).run()
    finally:
        await context.close()


@contextmanager
def _alone(context: Context) -> Iterator[None]:
    with ExitStack() as held:
        with told("Documents can't be moved now"):
            is_alone = held.enter_context(exclusive(context.settings.data / _LOCK))
        if not is_alone:
            raise Failed("store.moving", "Another command is moving the documents now; wait for its end.")
        yield


class _StoreMove:
    def __init__(
        self,
        context: Context,
        source: StorePlace,
        target: StorePlace,
        operator: str,
        report: Callable[[MoveTold], None],
        leaves_damaged: bool,
    ) -> None:
        self._context = context
        self._places = source, target
        self._operator = operator
        self._leaves_damaged = leaves_damaged
        from_store, to_store = (documents_store.connect(context, place) for place in self._places)
        self._pieces = PieceMover(context, from_store, to_store, target, report)

    async def run(self) -> MoveDone:
        begun = await MoveBeginning(self._context, *self._places).begin()
        if begun is None:
            await self._unmark_folder()
            return MoveDone(0, 0, 0, 0)
        where = begun.where
        servers = Followers(self._context, self._places[1], self._pieces.tell, is_new=begun.is_new)
        if where.step_is(MoveStep.JOINING):
            await servers.wait(where.step)
            where = await servers.go_on(MoveStep.JOINING, MoveStep.MOVING)
        if where.step_is(MoveStep.MOVING):
            await documents_store.follow(self._context)
            if self._context.stores.trouble_of_move:
                raise Failed("store.unusable", self._context.stores.trouble_of_move)
            await self._pieces.move_all()
            where = await self._end(servers)
            for content in set(self._pieces.damaged.values()):
                # So that servers tell of it before someone asks for it.
                await damage.note_found(self._context, content, Fault.MISSING)
        await servers.wait(where.step)
        left_over = await self._empty()
        await audit.seal(self._context)
        return MoveDone(self._pieces.done, self._pieces.size, self._pieces.damaged_documents, left_over)

    async def _end(self, servers: Followers) -> WhereStored:
        """Make the target the only store, as soon as all servers store there what is new."""
        while True:
            if self._pieces.damaged and not self._leaves_damaged:
                raise Failed("store.damaged", self._told_of_damaged())
            async with self._context.database.write() as connection:
                where = await moves.look(connection, locked=True)
                if not where.step_is(MoveStep.MOVING):
                    return where
                if not await behind(connection, where.step) and not await self._pieces.has_others(connection):
                    return await self._make_present(connection)
            await servers.wait(where.step)
            await self._pieces.move_all()

    async def _make_present(self, connection: AsyncConnection) -> WhereStored:
        source, target = self._places
        await connection.execute(update(store_moves).values(step=MoveStep.EMPTYING))
        details = {"operator": self._operator, "from_store": source.name, "to_store": target.name}
        await append(self._context, connection, INSTALLATION, Event.STORE_CHANGED, details=details)
        values = {"store_id": None if target.is_folder else target.id, "store_url": target.url}
        await connection.execute(update(installation).values(values))
        return await moves.look(connection)

    async def _empty(self) -> int:
        """Delete what is left in the source; returns how much is left that no document needs."""
        source, target = self._places
        places = [documents_store.in_words(place.name) for place in (target, source)]
        what = f"The documents are in {places[0]}, but what is left in {places[1]} can't be deleted"
        with told(what, "Run this again when it can."):
            left_over = await self._pieces.empty()
        if target.is_folder:
            with told(documents_store.unusable(target.name)):
                # Such as of what was purged after a command was killed.
                await documents_store.connect(self._context, target).drop_half_received()
        async with self._context.database.write() as connection:
            await connection.execute(update(store_moves).values(step=None))
        await self._unmark_folder()
        return left_over

    async def _unmark_folder(self) -> None:
        """Only where no server looks for the mark of a folder any more; there it may as well stay."""
        target = self._places[1]
        if target.is_folder:
            with suppress(OSError, Failed):
                await documents_store.connect(self._context, target).unmark()

    def _told_of_damaged(self) -> str:
        source, target = (documents_store.in_words(place.name) for place in self._places)
        return (
            f"All other documents are in {target}, but {counted(self._pieces.damaged_documents, 'document')} can't "
            f"be moved, being damaged or missing in {source}. See sentlinks admin check; restore them there or delete "
            "them for good, then run this again. To leave them behind: --leave-damaged"
        )
