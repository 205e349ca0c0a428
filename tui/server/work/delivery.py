"""A version's bytes on their way to a client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from fastapi.responses import Response, StreamingResponse
from sqlalchemy import Row, select

from ...rules.errors import Failed
from ..database.tables import history
from ..pages.disposition import attachment, content_type
from ..pages.ranges import Unsatisfiable, wanted
from .call import Call
from .errors import error_answer, invalid
from .library import Act

# Whoever reads on in the middle within this time reads on with what is noted already.
_ONE_READING = timedelta(hours=1)


async def deliver(call: Call, row: Row[Any], activity: str) -> Response:
    """The bytes of ``row``, or the range of them that is asked for; ``activity`` goes into the history."""
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
    pieces = call.context.blobs.read(row.blob, start, length)
    first = await _first(pieces)
    async with call.acting() as act:
        if start == 0 or not await _goes_on(act, row, activity):
            await act.note(row.number, row.version, activity)
        await act.used(row.number, row.version)
    headers["Content-Length"] = str(length)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{row.size}"
    return StreamingResponse(_all(first, pieces), 206 if part else 200, headers)


async def _first(pieces: AsyncIterator[bytes]) -> bytes:
    """The first piece, before anything is answered: what cannot be read is an error, not half a document."""
    try:
        return await anext(pieces, b"")
    except (FileNotFoundError, EOFError):
        raise Failed(
            "NRC_CONTENT_MISSING", "The document's content is missing on the server; tell its administrator."
        ) from None


async def _all(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


def _unsatisfiable(size: int) -> Response:
    """The answer to a range that begins behind the end."""
    return error_answer(
        416, invalid("Range", f"The document has {size:,} bytes; the range begins after them.")
    )


async def _goes_on(act: Act, row: Row[Any], activity: str) -> bool:
    """Whether the person's reading of this version is in the history already, a short while ago."""
    query = (
        select(history.c.id)
        .where(
            history.c.number == row.number,
            history.c.version == row.version,
            history.c.user == act.person.name,
            history.c.activity == activity,
            history.c.at > act.context.clock() - _ONE_READING,
        )
        .limit(1)
    )
    return (await act.connection.execute(query)).first() is not None
