"""What happens, told while it happens: server-sent events of the audit, each to those whom it concerns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from .answers import SIGNED_IN, BoundedRoute, problems
from .caller import By
from .hub import Hub, Stream

router = APIRouter(route_class=BoundedRoute, dependencies=SIGNED_IN)

#: Seconds after which silence is broken.
HEARTBEAT = 15.0


class _Events(StreamingResponse):
    """Ends the stream however the answer ends."""

    def __init__(self, hub: Hub, stream: Stream, first: Sequence[str]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
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
async def events(by: By, request: Request, last_event_id: LastEventId = None) -> Response:
    """What happens to the caller's documents and folders, and to those of folders that they were added to.

    `ready` comes first; `happened` says what (`event`, as in the audit) happened to which `document` or `folder`;
    `reset` says that so much was missed that everything is to be read anew. The stream ends with the token, the
    person or a membership.
    """
    hub: Hub = request.app.state.events
    text = (last_event_id or "").strip()
    last = int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None
    stream, first = await hub.open(by, last)
    return _Events(hub, stream, first)
