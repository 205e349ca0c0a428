"""Whether the bytes of all documents are those that were stored: each is read and digested."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.check_results import Check, bad, ok
from ...rules.display import counted, is_and_it, size_text
from ...rules.errors import Failed
from ...rules.text import printable
from ..blobs import Damaged, Fault, StoreAway
from ..context import Context
from ..database.tables import blobs, sent_documents, users, versions
from ..library import damage
from ..library.ids import document_id
from .rounds import Round

#: Rows of documents that are read at once, and those of which each sentence names the users.
_BATCH, _NAMED = 200, 5
#: How many of the documents that aren't whole are named; the others are counted.
_MOST_NAMED = 50
_ABOVE = "Restore the files above, and check again."
_WHAT = {
    Fault.MISSING: "its file is missing",
    Fault.WRONG_SIZE: "its file isn't as long as it was",
    Fault.UNREADABLE: "its file can't be read",
    Fault.DAMAGED: "its bytes aren't those that were stored",
}


class ReadSoFar(NamedTuple):
    """How many bytes were read, of how many."""

    done: int
    total: int


async def check_documents(
    context: Context, *, seconds: float | None, report: Callable[[ReadSoFar], None]
) -> AsyncIterator[Check]:
    """Go on with the round, for so many ``seconds`` (``None``: to its end). Yields a row for each document that isn't
    whole, and one for all."""
    ends = None if seconds is None else monotonic() + seconds
    going, named, left = Round.of(context.settings.data), 0, 0
    async with context.database.read() as connection:
        total = (await connection.execute(select(func.coalesce(func.sum(blobs.c.size), 0)))).scalar_one()
    # Those that an earlier part of the round has found may have been put right since.
    earlier, going.faulty = going.faulty, []
    is_over = False
    try:
        async for key, fault in _faults(
            context, going, earlier, ends, lambda: report(ReadSoFar(going.size, int(total)))
        ):
            going.faulty.append(key)
            named += 1
            if named > _MOST_NAMED:
                left += 1
            else:
                place = await context.blobs.faulty_place(key)
                yield bad("document", await _sentence(context, key, fault, place), _remedy(place))
        is_over = going.is_over
    finally:
        if is_over:
            going.end()
        else:
            going.note(now=True)
    if left:
        yield bad("document", f"{counted(left, 'more file')} missing or damaged.", _ABOVE)
    yield _all(going, int(total), is_over=is_over)


def _all(going: Round, total: int, *, is_over: bool) -> Check:
    if not is_over:
        return ok(
            "documents",
            f"{size_text(going.size)} of {size_text(total)} were read so far; the next check goes on from there.",
        )
    read = f"{counted(going.count, 'file')} of documents ({size_text(going.size)})"
    faulty = len(going.faulty)
    if not faulty:
        return ok("documents", f"{read}: all are as they were stored.")
    return bad("documents", f"{read}: {faulty:,} {is_and_it(faulty)[0]} missing or damaged.", _ABOVE)


async def _faults(
    context: Context, going: Round, earlier: Sequence[str], ends: float | None, report: Callable[[], None]
) -> AsyncIterator[tuple[str, Fault]]:
    """The keys of what isn't whole, and why."""
    for key in earlier:
        row = await _row(context, key)
        fault = await _fault(context, row) if row is not None else None
        if fault is not None:
            yield key, fault
    while True:
        query = select(blobs).where(blobs.c.key > going.after).order_by(blobs.c.key).limit(_BATCH)
        async with context.database.read() as connection:
            rows = (await connection.execute(query)).all()
        for row in rows:
            if ends is not None and monotonic() >= ends:
                return
            fault = await _fault(context, row)
            going.after, going.count, going.size = row.key, going.count + 1, going.size + row.size
            if fault is not None:
                yield row.key, fault
            going.note()
            report()
        if len(rows) < _BATCH:
            going.is_over = True
            return


async def _row(context: Context, key: str) -> Row[Any] | None:
    async with context.database.read() as connection:
        return (await connection.execute(select(blobs).where(blobs.c.key == key))).first()


async def _fault(context: Context, row: Row[Any]) -> Fault | None:
    """Why the bytes of a row can't be given out, after having read them all; ``None`` if they can, or it has gone."""
    fault = seen = await context.blobs.fault(row.key, row.size)
    if fault is None and row.size:
        try:
            if await context.blobs.scrub(row.key) != row.sha256:
                fault = Fault.DAMAGED
        except FileNotFoundError:
            fault = Fault.MISSING
        except EOFError:
            fault = Fault.WRONG_SIZE
        except Damaged:
            fault = Fault.DAMAGED
        except StoreAway:
            raise
        except OSError:
            fault = Fault.UNREADABLE
    now = await _row(context, row.key)
    if now is None:
        return None
    if fault is None:
        if now.damaged is not None and now.damaged == row.damaged:
            # It was put right.
            await _note(context, row.key, None)
        return None
    if seen is None and fault is not Fault.UNREADABLE:
        # So that a server doesn't begin to give it out. Where nothing can be written, it finds out itself.
        with suppress(Failed):
            if not await damage.remember(context, row.key, row.sha256):
                return await context.blobs.fault(row.key, row.size)
    else:
        await _note(context, row.key, fault)
    return fault


async def _note(context: Context, key: str, fault: Fault | None) -> None:
    """Have servers tell of it. Where nothing can be written, they can't."""
    with suppress(Failed, SQLAlchemyError):
        await damage.note_found(context, key, fault)


async def _sentence(context: Context, key: str, fault: Fault, place: str) -> str:
    async with context.database.read_any_text() as connection:
        users_of = [text async for text in _users(connection, key)]
    shown = ", ".join(users_of[:_NAMED]) or "A document"
    if len(users_of) > _NAMED:
        shown += f" and {len(users_of) - _NAMED} more"
    return f"{shown}: {_WHAT.get(fault, 'its file is damaged')} ({place})."


async def _users(connection: AsyncConnection, key: str) -> AsyncIterator[str]:
    """What has these bytes: documents that were sent, and versions of Work."""
    sent = (
        select(sent_documents.c.id, sent_documents.c.name, users.c.name.label("owner"))
        .join(users, users.c.id == sent_documents.c.owner_id)
        .where(sent_documents.c.blob == key)
        .order_by(sent_documents.c.number)
        .limit(_MOST_NAMED)
    )
    for row in (await connection.execute(sent)).all():
        yield f"“{printable(str(row.name))}” ({row.id}, sent by {printable(str(row.owner))})"
    stored = (
        select(versions.c.number, versions.c.version, versions.c.name)
        .where(versions.c.blob == key)
        .order_by(versions.c.number, versions.c.version)
        .limit(_MOST_NAMED)
    )
    for row in (await connection.execute(stored)).all():
        yield f"“{printable(str(row.name))}” ({document_id(row.number, row.version)})"


def _remedy(place: str) -> str:
    return f"It isn't given out like that. Restore {place} from a backup, or have the document sent again."
