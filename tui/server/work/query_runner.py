"""Running list queries, each in its lane and cancelled if the client disconnects; and long responses in pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from itertools import islice
from typing import Any

from fastapi.responses import Response
from pydantic_core import to_json
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from ...override import override
from ..accounts.users import Person
from ..context import Context
from ..http.disconnects import while_there
from ..library.problems import too_broad
from ..library.routing import leave_lane
from ..limits.query_limits import TooExpensive, limit_rows

#: How long a query in the expensive lane may take.
SEARCH_SECONDS = 20.0
#: Entries that are serialized at a time; in between, the server continues with other requests.
_PIECE = 200

PageReader = Callable[[AsyncConnection], Awaitable[Response]]


class Pieces(Response):
    """A JSON response that is sent piece by piece, as the client reads it; ``over`` is closed at its end."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(None, 200, {"Cache-Control": "no-store"}, "application/json")
        self.headers["Content-Length"] = str(sum(map(len, pieces)))
        self._pieces = pieces[::-1]
        self.over = AsyncExitStack()

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.over:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while self._pieces:
                piece = self._pieces.pop()
                await send({"type": "http.response.body", "body": piece, "more_body": bool(self._pieces)})


async def written(items: Iterable[Any], results: bool, more: dict[str, Any]) -> Pieces:
    """``items`` in the protocol's envelope, as ``data`` or (``results``) as the results of a search, with ``more``
    alongside. ``items`` may be produced lazily: only their JSON is kept."""
    pieces = [b'{"data":{"results":[' if results else b'{"data":[']
    remaining = iter(items)
    while chunk := to_json(list(islice(remaining, _PIECE)))[1:-1]:
        if len(pieces) > 1:
            pieces.append(b",")
        pieces.append(chunk)
        await asyncio.sleep(0)
    rest = to_json(more)[1:-1]
    pieces.append((b"]}" if results else b"]") + (b"," if rest else b"") + rest + b"}")
    return Pieces(pieces)


async def run_in_lane(context: Context, person: Person, request: Request, read_page: PageReader) -> Response:
    """Run ``read_page``, for a request in the light lane, and return its response. If it goes through too many rows,
    it leaves that lane and is run again in the expensive one.

    It is cancelled if the client disconnects, or after :data:`SEARCH_SECONDS`. Raises what ``read_page`` raises,
    :class:`Throttled`, :class:`BadRequest`, and :class:`ClientDisconnect`.
    """
    return await while_there(request, _in_lane(context, person.id, request, read_page))


async def _in_lane(context: Context, person: str, request: Request, read_page: PageReader) -> Response:
    try:
        with limit_rows():
            async with context.database.read() as connection:
                return await read_page(connection)
    except TooExpensive:
        await leave_lane(request)
    async with AsyncExitStack() as stack:
        everyone = await stack.enter_async_context(context.lanes.expensive(person))
        async with everyone.one():
            try:
                async with asyncio.timeout(SEARCH_SECONDS), context.database.read() as connection:
                    response = await read_page(connection)
            except TimeoutError:
                raise too_broad() from None
        if isinstance(response, Pieces):
            # The person's next expensive query waits until this response has been sent.
            response.over = stack.pop_all()
        return response
