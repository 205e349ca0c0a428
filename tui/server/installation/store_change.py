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
from contextlib import contextmanager
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.display import counted
from ...rules.errors import Failed
from ...rules.state import Event
from .. import audit
from ..audit.chain import INSTALLATION, append
from ..base.keys import new_id
from ..base.settings import Settings
from ..base.sharing import exclusive
from ..blobs import StoreAway, moves
from ..blobs.base import FOLDER
from ..blobs.moves import Move, MoveStep, StorePlace, WhereStored
from ..blobs.s3.address import parse_store
from ..blobs.sealing.rows import Sealing, sealing
from ..context import Context
from ..database.tables import (
    installation,
    store_moves,
)
from . import documents_store, processes
from .installation import open_to_look
from .store_pieces import MoveTold, PieceMover, left_to_move

#: Servers take up a step every five seconds; one of another machine that hasn't by then was killed.
_PATIENCE, _POLL, _FOLLOWS = 30.0, 0.2, 4.0
#: By then, one that has told what it lacks has tried again.
_TRIED_AGAIN = 8.0
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
    with exclusive(context.settings.data / _LOCK) as is_alone:
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
        #: Whether it was begun by this command: then servers tell nothing of an earlier time.
        self._is_new = False
        from_store, to_store = (documents_store.connect(context, place) for place in self._places)
        self._pieces = PieceMover(context, from_store, to_store, target, report)

    async def run(self) -> MoveDone:
        where = await self._begun()
        if where is None:
            return MoveDone(0, 0, 0, 0)
        if where.step_is(MoveStep.JOINING):
            await self._wait(where.step)
            where = await self._go_on(MoveStep.JOINING, MoveStep.MOVING)
        if where.step_is(MoveStep.MOVING):
            await documents_store.follow(self._context)
            if self._context.stores.trouble_of_move:
                raise Failed("store.unusable", self._context.stores.trouble_of_move)
            await self._pieces.move_all()
            where = await self._end()
        await self._wait(where.step)
        left_over = await self._empty()
        await audit.seal(self._context)
        return MoveDone(self._pieces.done, self._pieces.size, self._pieces.damaged_documents, left_over)

    # ------------------------------------------------------------ beginning

    async def _begun(self) -> WhereStored | None:
        """Where documents are as soon as the move has begun; ``None`` if they are all in the target."""
        source, target = self._places
        if source.id == target.id:
            raise Failed("store.same", "Name two stores: documents are moved from the first to the second.")
        async with self._context.database.read() as connection:
            where = await moves.look(connection)
        if where.move is None:
            if where.present.id == target.id:
                return None
            await self._check_beginning(where)
            return await self._write(where, MoveStep.JOINING)
        named = where.move.source.id, where.move.target.id
        if named == (source.id, target.id):
            return where
        if named == (target.id, source.id) and not where.move.is_over:
            # Nothing has been moved yet, or all that was is moved back.
            turned = MoveStep.EMPTYING if where.move.step is MoveStep.JOINING else MoveStep.MOVING
            return await self._write(where, turned)
        raise Failed(
            "store.other_move",
            f"Documents are being moved from {where.move.source.name} to {where.move.target.name}. First go on with "
            f"that: sentlinks admin move-store {where.move.source.name} {where.move.target.name}",
        )

    async def _check_beginning(self, where: WhereStored) -> None:
        source, _ = self._places
        if where.present.id != source.id:
            raise Failed(
                "store.elsewhere",
                f"The documents are in {where.present.name}, not in {source.name}; name that one first.",
            )
        async with self._context.database.read() as connection:
            is_sealed = await sealing(connection) is Sealing.DONE
            earlier = await processes.find_earlier(self._context, connection)
            rows = await processes.all_of_them(connection)
        if not is_sealed:
            raise Failed(
                "store.plain",
                "Documents of an earlier version aren't encrypted yet, and only encrypted ones can be moved. Begin "
                "with that, and wait until it is done: sentlinks admin seal --begin",
            )
        unaware = (each for each in rows if each.store_seen is None and not each.is_over)
        silent = next((f"process {each.number}" for each in unaware), earlier)
        if silent is not None:
            raise Failed(
                "store.earlier_server",
                f"A server of an earlier version may use this data ({silent}): it couldn't find the documents. End it, "
                "then begin again.",
            )

    async def _write(self, before: WhereStored, step: MoveStep) -> WhereStored:
        source, target = self._places
        tag = new_id()
        await self._mark(target, tag)
        values: dict[str, Any] = {"step": step, "tag": tag, "source_id": source.id, "source_url": source.url}
        values |= {"target_id": target.id, "target_url": target.url}
        async with self._context.database.write() as connection:
            if await moves.look(connection, locked=True) != before:
                raise Failed("store.moving", "Another command has begun to move documents; try again.")
            await connection.execute(update(store_moves).values(values))
            await processes.forget_troubles(connection)
            self._is_new = True
            return await moves.look(connection)

    async def _mark(self, target: StorePlace, tag: str) -> None:
        store = documents_store.connect(self._context, target)
        try:
            if target.is_folder:
                # So that servers on other machines notice that theirs is another one.
                await store.unmark()
                await store.mark(tag)
            else:
                await documents_store.take(store, target)
        except StoreAway as failure:
            raise documents_store.cannot_use(target.name, f"{failure.why}.") from failure

    # ------------------------------------------------------------ steps, and servers that follow

    async def _wait(self, step: str) -> None:
        """Wait until all servers have taken up a step."""
        began = monotonic()
        while True:
            async with self._context.database.read() as connection:
                left = await _without(connection, step)
            if not left:
                return
            waited = monotonic() - began
            over = [each for each in left if each.is_over or (each.is_elsewhere and waited > _PATIENCE)]
            if over:
                async with self._context.database.write() as connection:
                    for each in over:
                        await processes.forget(connection, each.id)
                continue
            for each in left:
                if each.store_trouble and (self._is_new or waited > _TRIED_AGAIN):
                    raise Failed(
                        "store.server",
                        f"A server (process {each.number}) can't use {self._places[1].name}: "
                        f"{each.store_trouble.rstrip('.')}. Start it again with what it needs for that (AWS_...), then "
                        "run this again.",
                    )
                if waited > _PATIENCE:
                    raise Failed(
                        "store.server",
                        f"A server (process {each.number}) doesn't take it up. End that process, then run this again.",
                    )
            self._pieces.tell(f"{counted(len(left), 'server')} to take it up")
            await asyncio.sleep(_POLL)

    async def _go_on(self, before: MoveStep, after: MoveStep) -> WhereStored:
        """Go a step further, unless a server was started since that hasn't taken up the one before."""
        while True:
            async with self._context.database.write() as connection:
                where = await moves.look(connection, locked=True)
                if not where.step_is(before):
                    return where
                if not await _without(connection, where.step):
                    await connection.execute(update(store_moves).values(step=after))
                    return await moves.look(connection)
            await self._wait(where.step)

    # ------------------------------------------------------------ ending

    async def _end(self) -> WhereStored:
        """Make the target the only store, as soon as all servers store there what is new."""
        while True:
            if self._pieces.damaged and not self._leaves_damaged:
                raise Failed("store.damaged", self._told_of_damaged())
            async with self._context.database.write() as connection:
                where = await moves.look(connection, locked=True)
                if not where.step_is(MoveStep.MOVING):
                    return where
                if not await _without(connection, where.step) and not await self._pieces.has_others(
                    connection
                ):
                    return await self._make_present(connection)
            await self._wait(where.step)
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
        left_over = await self._pieces.empty()
        target = self._places[1]
        if target.is_folder:
            await documents_store.connect(self._context, target).unmark()
        async with self._context.database.write() as connection:
            await connection.execute(update(store_moves).values(step=None))
        return left_over

    def _told_of_damaged(self) -> str:
        source, target = (place.name for place in self._places)
        return (
            f"All other documents are in {target}, but {counted(self._pieces.damaged_documents, 'document')} can't "
            f"be moved, being damaged or missing in {source}. See sentlinks admin check; restore them there or delete "
            "them for good, then run this again. To leave them behind: --leave-damaged"
        )


async def _without(connection: AsyncConnection, step: str) -> list[processes.Serving]:
    return [each for each in await processes.all_of_them(connection) if (each.store_seen or "") != step]
