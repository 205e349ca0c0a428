"""Beginning a move of all documents to another store, going on with one, or turning it round."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import update

from ...rules.errors import Failed
from ..base.keys import new_id
from ..blobs import moves
from ..blobs.moves import MoveStep, StorePlace, WhereStored
from ..blobs.sealing.rows import Sealing, sealing
from ..context import Context
from ..database.tables import store_moves
from . import documents_store, processes
from .store_failures import told


class Begun(NamedTuple):
    """Where documents are as soon as a move has begun. If it ``is_new``, servers have told nothing of it before."""

    where: WhereStored
    is_new: bool


class MoveBeginning:
    """The beginning of a move from ``source`` to ``target``."""

    def __init__(self, context: Context, source: StorePlace, target: StorePlace) -> None:
        self._context = context
        self._places = source, target

    async def begin(self) -> Begun | None:
        """Begin the move, unless it was; ``None`` if all documents are in the target. Raises :class:`Failed`."""
        source, target = self._places
        if source.id == target.id:
            raise Failed("store.same", "Name two stores: documents are moved from the first to the second.")
        async with self._context.database.read() as connection:
            where = await moves.look(connection)
        if where.move is None:
            if where.present.id == target.id:
                return None
            await self._check_beginning(where)
            return Begun(await self._write(where, MoveStep.JOINING), True)
        named = where.move.source.id, where.move.target.id
        if named == (source.id, target.id):
            return Begun(where, False)
        if named == (target.id, source.id) and not where.move.is_over:
            # Nothing has been moved yet, or all that was is moved back.
            turned = MoveStep.EMPTYING if where.move.step is MoveStep.JOINING else MoveStep.MOVING
            return Begun(await self._write(where, turned), True)
        raise Failed(
            "store.other_move",
            f"Documents are being moved from {where.move.source.name} to {where.move.target.name}. First go on with "
            f"that: sentlinks admin move-store {where.move.source.name} {where.move.target.name}",
        )

    async def _check_beginning(self, where: WhereStored) -> None:
        source, target = self._places
        if where.present.id != source.id:
            raise Failed(
                "store.elsewhere",
                f"The documents are in {where.present.name}, not in {source.name}; name that one first.",
            )
        if _is_inside(source, target) or _is_inside(target, source):
            raise Failed(
                "store.nested",
                f"Of {source.name} and {target.name}, one lies within the other: what is in the one would be taken for "
                "the other's. Choose another prefix.",
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
            return await moves.look(connection)

    async def _mark(self, target: StorePlace, tag: str) -> None:
        store = documents_store.connect(self._context, target)
        with told(documents_store.unusable(target.name)):
            if target.is_folder:
                # So that servers on other machines notice that theirs is another one.
                await store.drop_half_received()
                await store.mark(tag)
            else:
                await documents_store.take(store, target)


def _is_inside(inner: StorePlace, outer: StorePlace) -> bool:
    return not (inner.is_folder or outer.is_folder) and inner.name.startswith(f"{outer.name}/")
