"""Fetching a sent document, for its owner and the folder's members: not counted, but written to the audit."""

from __future__ import annotations

import logging
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...rules.errors import Failed, NotFound
from ...rules.missing import IN_TRASH
from ...rules.state import Event, State
from .. import audit
from ..accounts.users import is_still_signed_in
from ..base.clock import on_day_of
from ..blobs import Fault
from ..blobs.outgoing import Outgoing
from ..database.tables import audit as rows
from ..database.tables import audit_heads
from ..http.disposition import attachment, content_type
from ..http.ranges import Unsatisfiable, unchanged, wanted
from ..http.revocable_response import WatchedResponse
from ..library import damage
from ..library.still_allowed import is_still_allowed
from .answers import problem_answer
from .caller import Caller, document_of

log = logging.getLogger("sentlinks")

_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


async def _readable_row(by: Caller, connection: AsyncConnection, ident: str) -> Any:
    row = await document_of(by, connection, ident, Action.FETCH_SENT)
    if row.state not in (State.PUBLISHED, State.UNPUBLISHED):
        raise NotFound("document.in_trash", IN_TRASH)
    return row


async def answer(by: Caller, request: Request, ident: str, *, preview: bool = False) -> Response:
    """The whole document or the requested range; with ``preview`` the audit says that it was previewed. Raises
    :class:`NotFound`."""
    async with by.context.database.read() as connection:
        row = await _readable_row(by, connection, ident)
    fault = await damage.find_fault(by.context, row.blob, row.size)
    if fault:
        log.error("the bytes of document %s cannot be given out: %s", row.id, fault)
        raise Failed(
            "document.unavailable", "The server can't read the document's file; tell its administrator."
        )
    etag = f'"{row.sha256}"'
    headers = {
        **_HEADERS,
        "Content-Disposition": attachment(row.name),
        "Content-Type": content_type(row.name),
        "ETag": etag,
    }
    if unchanged(request.headers, etag):
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-store"})
    try:
        part = wanted(request.headers, row.size, etag) if request.method == "GET" else None
    except Unsatisfiable:
        error = Failed("range.unsatisfiable", f"The range starts beyond the document's {row.size:,} bytes.")
        return problem_answer(416, error, {"Content-Range": f"bytes */{row.size}"})
    start, length = part or (0, row.size)
    headers["Content-Length"] = str(length)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    if request.method == "HEAD":
        return Response(headers=headers)
    if preview:
        await _note_previewed(by, row)
    else:
        await _note_fetched(by, row, start, length)
    return WatchedResponse(
        Outgoing(by.context.blobs, row.blob, start, length, size=row.size, sha256=row.sha256),
        length,
        lambda: _still_allowed(by, row.id),
        lambda: _note_damaged(by, row),
        what=f"document {row.id}",
        status=206 if part is not None else 200,
        headers=headers,
    )


async def _note_damaged(by: Caller, row: Row[Any]) -> None:
    """Note in the audit that the bytes differ from those that were stored."""
    if await damage.remember(by.context, row.blob, row.sha256):
        async with by.context.database.write() as connection:
            subject = audit.subject("document", row.id)
            details = {"why": str(Fault.DAMAGED)}
            await audit.append(
                by.context, connection, subject, Event.UNAVAILABLE, **by.origin, details=details
            )


async def _note_fetched(by: Caller, row: Row[Any], start: int, length: int) -> None:
    details = {} if length == row.size else {"first": start, "length": length}
    async with by.context.database.write() as connection:
        await _readable_row(by, connection, row.id)
        await audit.append(
            by.context,
            connection,
            audit.subject("document", row.id),
            Event.FETCHED,
            **by.origin,
            details=details,
        )


async def _note_previewed(by: Caller, row: Row[Any]) -> None:
    """Note in the audit that a document was previewed, once a person and day (UTC)."""
    subject = audit.subject("document", row.id)
    async with by.context.database.write() as connection:
        await _readable_row(by, connection, row.id)
        # Its parts are asked for at the same time: the second waits for the first.
        head = select(audit_heads.c.sequence).where(audit_heads.c.subject == subject).with_for_update()
        await connection.execute(head)
        query = (
            select(rows.c.id)
            .where(
                rows.c.subject == subject,
                rows.c.event == Event.PREVIEWED,
                rows.c.actor == by.person.name,
                on_day_of(rows.c.at, by.context.clock()),
            )
            .limit(1)
        )
        if (await connection.execute(query)).first() is None:
            await audit.append(by.context, connection, subject, Event.PREVIEWED, **by.origin)


async def _still_allowed(by: Caller, ident: str) -> bool:
    async def check(connection: AsyncConnection) -> bool:
        if not await is_still_signed_in(connection, by.person):
            return False
        try:
            await _readable_row(by, connection, ident)
        except NotFound:
            return False
        return True

    return await is_still_allowed(by.context, (by.person.id, by.person.token_id, ident), check)
