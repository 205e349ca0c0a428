"""Which store the pieces of documents are in, and which one they are being moved to, as the database says."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import installation, store_moves
from .base import FOLDER, StoreAway

_ROW: Select[Any] = select(
    installation.c.store_id,
    installation.c.store_url,
    *(column for column in store_moves.c if column.name != "id"),
).join_from(store_moves, installation, installation.c.id == store_moves.c.id)
#: Until the transaction ends, the move goes no step further.
_SHARED = _ROW.with_for_update(read=True, of=store_moves)
_LOCKED = _ROW.with_for_update(of=store_moves)


class MoveStep(StrEnum):
    """How far a move is."""

    #: The servers connect to the new store.
    JOINING = "joining"
    #: They store what is new there, and read from both, while the other pieces are moved.
    MOVING = "moving"
    #: The new store is the only one; what is left in the earlier one is deleted.
    EMPTYING = "emptying"


class StorePlace(NamedTuple):
    """A store. ``url`` is ``None`` for the data folder, and for a store whose address an earlier version hasn't
    noted."""

    id: str
    url: str | None

    @property
    def is_folder(self) -> bool:
        """Whether it is the data folder."""
        return self.id == FOLDER

    @property
    def name(self) -> str:
        """As it is given to a command."""
        return self.url or FOLDER


class Move(NamedTuple):
    """A move under way. ``tag`` is what no other one has."""

    step: MoveStep
    tag: str
    source: StorePlace
    target: StorePlace

    @property
    def is_over(self) -> bool:
        """Whether all that is needed is in the new store."""
        return self.step is MoveStep.EMPTYING

    def mark_of(self, place: StorePlace) -> str:
        """What shows someone that they have the same store: the data folder of another machine is another one."""
        return self.tag if place.is_folder else place.id


class WhereStored(NamedTuple):
    """The store that documents are in, or were before the ``move`` that is under way."""

    present: StorePlace
    move: Move | None

    @property
    def writing(self) -> StorePlace:
        """What is new is stored there."""
        return self.move.target if self.move and self.step_is(MoveStep.MOVING) else self.present

    @property
    def connected(self) -> list[StorePlace]:
        """All stores that a server needs; that for what is new is the first."""
        if self.move is None or self.move.is_over:
            return [self.present]
        both = [self.move.source, self.move.target]
        return both if self.writing == self.move.source else both[::-1]

    @property
    def in_use(self) -> set[str]:
        """The ids of those in which what is found is cared for."""
        if self.move is None or not self.step_is(MoveStep.MOVING):
            return {self.present.id}
        return {self.move.source.id, self.move.target.id}

    def step_is(self, step: MoveStep) -> bool:
        """Whether a move is at that step."""
        return self.move is not None and self.move.step is step

    @property
    def step(self) -> str:
        """A text that changes with each step; empty if there is no move."""
        return f"{self.move.tag} {self.move.step}" if self.move else ""


async def look(connection: AsyncConnection, *, locked: bool = False) -> WhereStored:
    """Where documents are. ``locked``: nobody notes a piece, or goes a step further, until the transaction ends."""
    row = (await connection.execute(_LOCKED if locked else _ROW)).one_or_none()
    # A new installation has none.
    return WhereStored(StorePlace(FOLDER, None), None) if row is None else _where(row)


def _where(row: Row[Any]) -> WhereStored:
    present = StorePlace(row.store_id or FOLDER, row.store_url)
    if row.step is None:
        return WhereStored(present, None)
    source, target = StorePlace(row.source_id, row.source_url), StorePlace(row.target_id, row.target_url)
    return WhereStored(present, Move(MoveStep(row.step), row.tag, source, target))


async def before_noting(connection: AsyncConnection, written_to: Collection[str]) -> str | None:
    """What to note of pieces as their store, which were written to these just now. Raises :class:`StoreAway` if a move
    has ended in the meantime that they aren't part of: they have to be written again."""
    where = _where((await connection.execute(_SHARED)).one())
    if not where.in_use.issuperset(written_to):
        raise StoreAway("documents have been moved to another store")
    target = where.writing.id if where.step_is(MoveStep.MOVING) else None
    return target if target is not None and set(written_to) == {target} else None
