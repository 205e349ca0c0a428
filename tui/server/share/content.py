"""Fetching a document of a folder, for its owner and members: not counted, written to the audit."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, cast

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.types import Send

from ...rules.errors import Failed, NotFound
from ...rules.state import Event, State
from .. import audit
from ..pages.disposition import attachment, content_type
from ..pages.ranges import Unsatisfiable, unchanged, wanted
from .answers import problem_answer
from .caller import Caller, document_of

log = logging.getLogger("sentlinks")

#: So often, in seconds, it is looked whether the caller may still have the document.
CHECK_SECONDS = 1.0

_HEADERS = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


class _Ended(Exception):
    """The caller may no longer have the document, or it cannot be read."""


class _Fetched(StreamingResponse):
    """Ends where it is cut off, so that the client does not take what it has for the whole."""

    async def stream_response(self, send: Send) -> None:
        with suppress(_Ended):
            await super().stream_response(send)


async def _readable(by: Caller, connection: AsyncConnection, ident: str) -> Row[Any]:
    row = await document_of(by, connection, ident, change=False)
    if row.state not in (State.PUBLISHED, State.UNPUBLISHED):
        raise NotFound("document.in_trash", "The document is in the trash; restore it first.")
    return row


async def answer(by: Caller, request: Request, ident: str) -> Response:
    """The whole document or the range asked for. Raises :class:`NotFound`."""
    async with by.context.database.read() as connection:
        row = await _readable(by, connection, ident)
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
        error = Failed(
            "range.unsatisfiable", f"The range begins behind the {row.size:,} bytes of the document."
        )
        return problem_answer(416, error, {"Content-Range": f"bytes */{row.size}"})
    start, length = part or (0, row.size)
    headers["Content-Length"] = str(length)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    if request.method == "HEAD":
        return Response(headers=headers)
    await _note(by, row, start, length)
    pieces = _pieces(by, row, start, length)
    return _Fetched(pieces, 206 if part is not None else 200, headers)


async def _note(by: Caller, row: Row[Any], start: int, length: int) -> None:
    details = {} if length == row.size else {"first": start, "length": length}
    async with by.context.database.write() as connection:
        await _readable(by, connection, row.id)
        await audit.append(
            by.context,
            connection,
            audit.subject("document", row.id),
            Event.FETCHED,
            **by.origin,
            details=details,
        )


async def _pieces(by: Caller, row: Row[Any], start: int, length: int) -> AsyncIterator[bytes]:
    """The bytes, for as long as the caller may have them."""
    checked = time.monotonic()
    try:
        async with aclosing(cast("Any", by.context.blobs.read(row.blob, start, length))) as pieces:
            async for piece in pieces:
                if time.monotonic() - checked > CHECK_SECONDS:
                    async with by.context.database.read() as connection:
                        await _readable(by, connection, row.id)
                    checked = time.monotonic()
                yield piece
    except NotFound as error:
        raise _Ended from error
    except (OSError, EOFError) as error:
        log.error("the bytes of document %s cannot be read: %s", row.id, error)
        raise _Ended from error
