"""Lists that are looked for, each in its lane, and ended where the client hangs up; and long answers in pieces."""

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

from ..context import Context
from ..http.leaving import while_there
from ..lanes import TooDear
from ..people import Person

#: So many entries are written at a time: the server goes on with others in between.
_PIECE = 200

Look = Callable[[AsyncConnection], Awaitable[Response]]


class Pieces(Response):
    """A JSON answer that is sent piece by piece, as the client takes it; ``over`` is closed at its end."""

    def __init__(self, pieces: list[bytes]) -> None:
        super().__init__(None, 200, {"Cache-Control": "no-store"}, "application/json")
        self.headers["Content-Length"] = str(sum(map(len, pieces)))
        self._pieces = pieces[::-1]
        self.over = AsyncExitStack()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with self.over:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            while self._pieces:
                piece = self._pieces.pop()
                await send({"type": "http.response.body", "body": piece, "more_body": bool(self._pieces)})


async def written(items: Iterable[Any], results: bool, more: dict[str, Any]) -> Pieces:
    """``items`` in the protocol's envelope, as ``data`` or (``results``) as the results of a search, with ``more``
    beside them. They may be made one after the other: what is written of them is all that is kept."""
    pieces = [b'{"data":{"results":[' if results else b'{"data":[']
    left = iter(items)
    while some := to_json(list(islice(left, _PIECE)))[1:-1]:
        if len(pieces) > 1:
            pieces.append(b",")
        pieces.append(some)
        await asyncio.sleep(0)
    rest = to_json(more)[1:-1]
    pieces.append((b"]}" if results else b"]") + (b"," if rest else b"") + rest + b"}")
    return Pieces(pieces)


async def looked(context: Context, person: Person, request: Request, look: Look) -> Response:
    """What ``look`` answers: it goes through few rows, or is begun anew in the dear lane.

    A client that hangs up ends it. Raises what ``look`` raises, :class:`Throttled`, and :class:`ClientDisconnect`.
    """
    return await while_there(request, _in_lane(context, person.id, look))


async def _in_lane(context: Context, person: str, look: Look) -> Response:
    try:
        async with context.lanes.light(person), context.database.read() as connection:
            return await look(connection)
    except TooDear:
        pass
    async with AsyncExitStack() as stack:
        place = await stack.enter_async_context(context.lanes.dear(person))
        async with place, context.database.read() as connection:
            response = await look(connection)
        if isinstance(response, Pieces):
            # The person's next one waits until this one is theirs.
            response.over = stack.pop_all()
        return response
