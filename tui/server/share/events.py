"""Live updates: the audit's events as server-sent events, each sent to the people it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from ..http.trickle import UNBUFFERED
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep
from .hub import Hub, Stream

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)

#: Seconds without an event after which a comment is sent to keep the stream alive.
HEARTBEAT = 15.0


class _Events(StreamingResponse):
    """Ends the stream no matter how the response ends."""

    def __init__(self, hub: Hub, stream: Stream, first: Sequence[str]) -> None:
        headers = {"Cache-Control": "no-store", **UNBUFFERED}
        super().__init__(_body(stream, first), media_type="text/event-stream", headers=headers)
        self._hub = hub
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._hub.leave(self._stream)


async def _body(stream: Stream, first: Sequence[str]) -> AsyncIterator[str]:
    yield "".join(first)
    while True:
        try:
            text = await asyncio.wait_for(stream.queue.get(), HEARTBEAT)
        except TimeoutError:
            text = ": \n\n"
        if text is None:
            return
        yield text


LastEventId = Annotated[
    str | None,
    Header(alias="Last-Event-ID", max_length=64, description="The `id` of the last event that was received."),
]


Complete = Annotated[
    bool,
    Query(
        description="Send whatever was missed, in parts: after each but the last, `more`, and the stream ends."
    ),
]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "Server-sent events.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **problems(401, 429),
    },
)
@in_lane(Lane.TRANSFERS)
async def events(
    by: CallerDep, request: Request, last_event_id: LastEventId = None, complete: Complete = False
) -> Response:
    """Live events of the caller's documents and folders, and of folders that they were added to.

    `ready` comes first; `happened` says what (`event`, as in the audit) happened to which `document` or `folder`, and
    to a document's owner also its `name`, the `actor` or the `address`, and numbers of the audit's details; `reset`
    says that too much was missed and the client should reload everything. With `complete`, it says only that the
    numbers begin anew; of many events that were missed, a part is sent, and `more` asks to come back for the rest. The
    stream ends when the token expires or is revoked, the person is removed, or they lose a membership.
    """
    hub: Hub = request.app.state.events
    text = (last_event_id or "").strip()
    last = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    stream, first = await hub.open(by, last, complete=complete)
    return _Events(hub, stream, first)
