"""What keeps a running server from working as it should, found in a few reads: for ``/readyz``, which anyone may ask.

So no sentence names a document, a person or a path. ``sentlinks admin check`` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from ..audit import find_behind
from ..base.disk import DiskFull
from ..blobs import StoreAway, moves
from ..blobs.sealing import wrapping
from ..context import Context
from ..database.outages import DatabaseAway, TakesNoChanges
from ..database.tables import blobs, installation
from .clocks import find_clock_trouble

#: How many of the documents that were found damaged are looked at again.
_MOST_DAMAGED = 100
_BY_ITSELF = "The server goes on by itself when that is mended."
_KEY = (
    "The installation's key is being changed. If that was interrupted, go on with it on the server's machine: "
    "sentlinks admin rotate-key"
)
_MOVE = (
    "Documents are being moved to another store. If that was interrupted, go on with it on the server's machine: "
    "sentlinks admin move-store"
)
_CHECK = "To see more, on its machine: sentlinks admin check"


class TroubleKind(StrEnum):
    """What is in trouble; the words of ``/readyz``."""

    DAMAGED = "damaged"
    BEHIND = "behind"
    READ_ONLY = "read-only"
    DOCUMENTS = "documents"
    DISK_FULL = "disk full"
    NO_FILES = "no files"
    STORE = "store"
    CLOCK = "clock"
    KEY = "key"
    MOVE = "move"


class Trouble(NamedTuple):
    """A trouble, and a sentence or two about it. With one that ``stops`` a server, it should get no requests until
    someone has looked after it; with the others, links still open."""

    kind: TroubleKind
    detail: str
    stops: bool = False


async def find_troubles(context: Context) -> list[Trouble]:
    """All troubles that a server has now, those that stop it first. Raises ``DatabaseAway``."""
    try:
        return await _find_troubles(context)
    except DatabaseAway as error:
        if error.why is None:
            raise
        return [_takes_no_changes(f": {error.why}")]


def _takes_no_changes(why: str = "") -> Trouble:
    return Trouble(TroubleKind.READ_ONLY, f"The database takes no changes{why}. {_BY_ITSELF}", stops=True)


async def _find_troubles(context: Context) -> list[Trouble]:
    damage = context.database.damage
    found: list[Trouble] = []
    if damage.found is None:
        async with context.database.read() as connection:
            await connection.execute(select(installation.c.id))
            if await wrapping.is_being_changed(connection):
                found.append(Trouble(TroubleKind.KEY, _KEY))
            if (await moves.look(connection)).move is not None:
                found.append(Trouble(TroubleKind.MOVE, _MOVE))
            query = select(blobs).where(blobs.c.damaged.is_not(None)).limit(_MOST_DAMAGED)
            damaged = (await connection.execute(query)).all()
        store = await context.blobs.trouble()
        if store is not None:
            found.append(Trouble(TroubleKind.STORE, f"{store} {_BY_ITSELF}"))
        elif await _are_damaged(context, damaged):
            found.append(
                Trouble(
                    TroubleKind.DOCUMENTS,
                    f"Documents are damaged or missing where they lie; they aren't given out. {_CHECK}",
                )
            )
        behind = await find_behind(context)
        if behind is not None:
            found.append(Trouble(TroubleKind.BEHIND, f"{behind.sentence} {_CHECK}", stops=True))
    # What was read just now may have shown it.
    if damage.found is not None:
        detail = "The database is damaged; the server's log says where, and what to do."
        found = [Trouble(TroubleKind.DAMAGED, detail, stops=True)]
    found += await _of_disk(context)
    if not context.clock_watch.is_steady():
        found.append(
            Trouble(
                TroubleKind.CLOCK, "The clock has jumped; for ten minutes, nothing is ended for good by it."
            )
        )
    elif damage.found is None and (trouble := await find_clock_trouble(context)) is not None:
        found.append(Trouble(TroubleKind.CLOCK, trouble))
    return sorted(found, key=lambda each: not each.stops)


async def _are_damaged(context: Context, rows: Sequence[Row[Any]]) -> bool:
    """Whether one of those that were found damaged still is: the file may have been put right."""
    # It may go away in between.
    with suppress(StoreAway):
        for row in rows:
            if await context.blobs.fault(row.key, row.size, row.damaged):
                return True
    return False


async def _of_disk(context: Context) -> list[Trouble]:
    found: list[Trouble] = []
    # Without the database no download can be counted, so that none begins.
    refusal = await context.database.refusal()
    if isinstance(refusal, DiskFull):
        detail = f"The database's disk is full. {_BY_ITSELF}"
        # PostgreSQL says so of one change, and takes others.
        found.append(Trouble(TroubleKind.DISK_FULL, detail, stops=context.database.sqlite))
    elif refusal is not None:
        # Of SQLite's file it may as well be the disk.
        found.append(_takes_no_changes("" if context.database.sqlite else f": {TakesNoChanges.READ_ONLY}"))
    if not context.blobs.takes_writes():
        detail = f"The documents' disk is read-only or has errors: uploads are refused. {_BY_ITSELF}"
        found.append(Trouble(TroubleKind.READ_ONLY, detail))
    elif context.blobs.room() <= 0:
        found.append(Trouble(TroubleKind.DISK_FULL, f"The disk is full: uploads are refused. {_BY_ITSELF}"))
    if context.blobs.lacks_files():
        detail = f"The disk can't have more files (inodes): uploads are refused. {_BY_ITSELF}"
        found.append(Trouble(TroubleKind.NO_FILES, detail))
    return found
