"""Sending a version's content to a client."""

from __future__ import annotations

from datetime import timedelta
from logging import getLogger
from typing import Any

from fastapi.responses import Response
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import NotFound, Unavailable
from ...rules.state import Event
from ...wire.work import PREVIEW
from .. import audit
from ..accounts.users import is_still_signed_in
from ..base.clock import on_day_of, recent
from ..blobs import NOT_AS_STORED, Fault
from ..blobs.outgoing import Outgoing
from ..database.tables import history, versions
from ..http.disposition import attachment, content_type
from ..http.ranges import Unsatisfiable, wanted
from ..http.revocable_response import WatchedResponse
from ..library import damage, rights
from ..library.actions import ActingPerson
from ..library.ids import document_id
from ..library.problems import invalid
from ..library.still_allowed import is_still_allowed
from .call import Call
from .errors import error_answer

log = getLogger("sentlinks")

# A request for a later range within this time continues the reading that is already in the history.
_READING_WINDOW = timedelta(hours=1)


async def deliver(call: Call, row: Row[Any], activity: str) -> Response:
    """Return the content of ``row``, or the requested range of it; ``activity`` goes into the history."""
    await _check(call, row)
    file_name = f"{row.name}.{row.extension}" if row.extension else row.name
    etag = f'"{row.sha256}"'
    headers = {
        "Content-Disposition": attachment(file_name),
        "Content-Type": content_type(file_name),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Accept-Ranges": "bytes",
        "ETag": etag,
    }
    if call.request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(row.size)})
    try:
        part = wanted(call.request.headers, row.size, etag)
    except Unsatisfiable:
        answer = _unsatisfiable(row.size)
        answer.headers["Content-Range"] = f"bytes */{row.size}"
        return answer
    start, length = part or (0, row.size)
    outgoing = Outgoing(call.context.blobs, row.blob, start, length, size=row.size, sha256=row.sha256)
    # Before the response starts: content that can't be read must give an error, not half a document.
    try:
        await outgoing.begin()
    except NOT_AS_STORED:
        await _record_damage(call, row)
        raise _unavailable() from None
    async with call.acting() as act:
        if activity == PREVIEW:
            await _note_preview(act, row)
        elif start == 0 or not await _continues_reading(act, row, activity):
            await act.note(row.number, row.version, activity)
        if activity != PREVIEW:
            await act.used(row.number, row.version)
    headers["Content-Length"] = str(length)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    return WatchedResponse(
        outgoing,
        length,
        lambda: _is_still_allowed(call, row.number, row.version),
        lambda: _record_damage(call, row),
        what=f"version {row.version} of document {row.number}",
        status=206 if part else 200,
        headers=headers,
    )


async def _is_still_allowed(call: Call, number: int, version: int) -> bool:
    async def check(connection: AsyncConnection) -> bool:
        if not await is_still_signed_in(connection, call.person):
            return False
        try:
            await rights.document(connection, call.person, number, version)
        except NotFound:
            return False
        return True

    return await is_still_allowed(
        call.context, (call.person.id, call.person.token_id, number, version), check
    )


async def _check(call: Call, row: Row[Any]) -> None:
    """Raise :class:`Unavailable` if the bytes are known to be missing or damaged."""
    fault = await damage.find_fault(call.context, row.blob, row.size)
    if fault is None:
        return
    log.error("the bytes of %s cannot be given out: %s", document_id(row.number, row.version), fault)
    if fault is not Fault.DAMAGED:
        # Damage was recorded when it was found.
        async with call.context.database.write() as connection:
            if await damage.record_fault(connection, row.blob, fault):
                await _record(call, connection, row, fault)
    raise _unavailable()


async def _record(call: Call, connection: AsyncConnection, row: Row[Any], fault: Fault) -> None:
    """Record the fault for administrators in the installation's audit chain: Work's documents have none."""
    details = {"document": document_id(row.number, row.version), "why": str(fault)}
    await audit.append(
        call.context,
        connection,
        audit.INSTALLATION,
        Event.UNAVAILABLE,
        actor=call.person.name,
        address=call.location,
        agent=call.request.headers.get("user-agent"),
        details=details,
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "NRC_CONTENT_MISSING",
        "The document's content is missing or damaged on the server. Tell its administrator.",
    )


async def _record_damage(call: Call, row: Row[Any]) -> None:
    """Record in the audit that the bytes differ from those that were stored."""
    if await damage.remember(call.context, row.blob, row.sha256):
        async with call.context.database.write() as connection:
            await _record(call, connection, row, Fault.DAMAGED)


def _unsatisfiable(size: int) -> Response:
    """The response to a range that starts after the end."""
    return error_answer(
        416, invalid("Range", f"The document has {size:,} bytes; the range starts after them.")
    )


async def _note_preview(act: ActingPerson, row: Row[Any]) -> None:
    """Note a preview in the history, once a person, version and day (UTC): a pane shows what the cursor passes."""
    # Its parts are asked for at the same time: the second waits for the first.
    await act.connection.execute(
        select(versions.c.version)
        .where(versions.c.number == row.number, versions.c.version == row.version)
        .with_for_update()
    )
    query = (
        select(history.c.id)
        .where(
            history.c.number == row.number,
            history.c.version == row.version,
            history.c.user == act.person.name,
            history.c.activity == PREVIEW,
            on_day_of(history.c.at, act.context.clock()),
        )
        .limit(1)
    )
    if (await act.connection.execute(query)).first() is None:
        await act.note(row.number, row.version, PREVIEW)


async def _continues_reading(act: ActingPerson, row: Row[Any], activity: str) -> bool:
    """Whether the history already has a recent reading of this version by the person."""
    query = (
        select(history.c.id)
        .where(
            history.c.number == row.number,
            history.c.version == row.version,
            history.c.user == act.person.name,
            history.c.activity == activity,
            recent(history.c.at, act.context.clock(), _READING_WINDOW),
        )
        .limit(1)
    )
    return (await act.connection.execute(query)).first() is not None
