"""A connection, and what it may use up before any of its requests is handled.

A request's head is limited in length and time, and a request body and a client reading a response may not stall. A body
or download that makes progress may take any length of time. A connection that exceeds its budget is refused with one
line and closed.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any

import httptools
from starlette.types import Message, Receive
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from ...override import override
from ..blobs.base import PIECE
from .arrival import ARRIVAL, Arrival
from .disconnects import BREAK_OFF
from .flow_control import LINE
from .front_door import FrontDoor
from .long_body import TAKE_OVER, LongBody
from .tcp import acknowledged_bytes, room, unacknowledged_bytes, unanswered

#: Maximum number of requests waiting behind one another on a connection.
_MAX_PIPELINED = 32
#: How long a refused connection stays open, so that the client can read the reason.
_LINGER_SECONDS = 1.0
#: Maximum number of refused connections that linger at the same time; further ones are closed immediately.
_MAX_LINGERING = 32
#: What a client's system may leave unanswered in a row: packets are lost.
_MOST_UNANSWERED = 2


async def _receive(cycle: RequestResponseCycle, receive: Receive) -> Message:
    """The next message of a request. uvicorn itself drops what has arrived of a body if the client disconnects before
    it is read, and a client that resumes an upload would have to send that again."""
    message = await receive()
    if message["type"] == "http.disconnect" and cycle.body and not cycle.response_complete:
        body, cycle.body = bytes(cycle.body), bytearray()
        # Never as the end: the client is gone, even if it has sent everything.
        return {"type": "http.request", "body": body, "more_body": True}
    return message


def _declared_length(headers: Iterable[tuple[bytes, bytes]]) -> int:
    """The declared length of a body; 0 if there is none."""
    # The parser has refused whatever isn't a number.
    return next((int(value) for name, value in headers if name == b"content-length"), 0)


class Guarded(HttpToolsProtocol):
    """A connection within its budgets."""

    def __init__(self, door: FrontDoor, **options: Any) -> None:
        super().__init__(**options)
        self._door = door
        self._budgets = door.budgets
        #: Since when a request's head has been awaited (``None`` if it isn't).
        self.head_awaited_since: float | None = None
        #: Bytes received since the parser last made progress.
        self._unparsed_bytes = 0
        self._in_body = self._refused = self._is_lingering = False
        self._last_received = self._last_drained = 0.0
        self._last_unsent = 0
        self._small_buffer = False
        #: Requests that aren't answered yet: the first one is being handled, the others wait for it.
        self._cycles: deque[RequestResponseCycle] = deque()
        #: Of responses of which it isn't known yet whether they have arrived; whether the connection is to be closed
        #: when that is known, and whether it no longer reads and writes.
        self._arrivals: set[Arrival] = set()
        self._closes_then = self._is_half_closed = False
        #: How many bytes were acknowledged when the connection was lost.
        self._acknowledged: int | None = None
        #: What receives the rest of a long body, and how many bytes of a body are still to come, if that is known.
        self._long_body: LongBody | None = None
        self._body_left = 0

    # ------------------------------------------------------------ opening and closing

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.head_awaited_since = self._last_received = self._last_drained = time.monotonic()
        if not self._door.admit(self, self.client[0] if self.client else None):
            self._is_lingering = True
            self._door.lingering += 1
            self._refuse(503, "Too many connections; close some, or try again later.")
            if self._door.lingering > _MAX_LINGERING:
                self.transport.abort()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._door.remove(self)
        self._door.lingering -= self._is_lingering
        self._acknowledged = self.acknowledged_bytes()
        for arrival in self._arrivals:
            arrival.closed(is_reset=exc is not None)
        # Its memory isn't kept until the next garbage collection.
        self._long_body = None
        self._tell_disconnected()
        super().connection_lost(exc)

    def _tell_disconnected(self) -> None:
        """Tell the application that the client has disconnected. uvicorn tells only what handles the last request that
        arrived, and not the one before it that is being handled."""
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()

    def drop(self) -> None:
        """Close the connection immediately to make room."""
        self._door.remove(self)
        self.transport.abort()

    @property
    def idle_since(self) -> float | None:
        """Since when the server has had nothing to do for the client; ``None`` while a request is handled."""
        if self._in_body or self._answering or self._arrivals:
            return None
        return self._last_received if self.head_awaited_since is None else self.head_awaited_since

    @property
    def _answering(self) -> bool:
        return bool(self._cycles)

    # ------------------------------------------------------------ receiving

    @override
    def data_received(self, data: bytes) -> None:
        for arrival in self._arrivals:
            arrival.requested()
        if self._is_half_closed:
            return
        self._last_received = time.monotonic()
        if not self._in_body and self.head_awaited_since is None:
            self.head_awaited_since = self._last_received
        max_bytes = self._budgets.head_bytes
        while data and not self._refused and not self.transport.is_closing():
            # A head is parsed only up to its limit; a body is parsed whole, since little can be between its chunks.
            room = len(data) if self._in_body else max_bytes - self._unparsed_bytes
            piece, data = data[:room], data[room:]
            self._unparsed_bytes += len(piece)
            super().data_received(piece)
            if self._unparsed_bytes >= max_bytes:
                self._refuse(431, f"Request headers are limited to {max_bytes:,} bytes.")

    @override
    def on_message_begin(self) -> None:
        if self.head_awaited_since is None:
            self.head_awaited_since = time.monotonic()
        super().on_message_begin()

    @override
    def on_headers_complete(self) -> None:
        self._unparsed_bytes, self._in_body, self.head_awaited_since = 0, True, None
        if self._refused:
            return
        if len(self.pipeline) >= _MAX_PIPELINED:
            self._refuse(503, "Too many pipelined requests.")
            return
        if self._get_upgrade() == b"websocket":
            self._refuse(400, "WebSockets aren't supported; events come as a stream (text/event-stream).")
            return
        super().on_headers_complete()
        self._cycles.append(self.cycle)
        self._body_left = _declared_length(self.headers)
        extensions: dict[str, Any] = {
            BREAK_OFF: partial(self._break_off, self.cycle),
            LINE: self,
            TAKE_OVER: partial(self._take_over, self.cycle),
            ARRIVAL: partial(self._watch_arrival, self.cycle),
        }
        self.scope["extensions"] = extensions
        cycle: Any = self.cycle
        cycle.receive = partial(_receive, cycle, cycle.receive)

    def _unsupported_upgrade_warning(self) -> None:
        """Log nothing: a client that asks for another protocol is answered in HTTP."""

    def _break_off(self, cycle: Any) -> None:
        # As if the client had disconnected, so that the incomplete response isn't reported as the application's error.
        cycle.disconnected = True
        cycle.message_event.set()
        self.transport.close()

    @override
    def on_body(self, body: bytes) -> None:
        self._unparsed_bytes = 0
        self._body_left -= len(body)
        if not self._refused:
            super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._unparsed_bytes, self._in_body = 0, False
        if not self._refused:
            super().on_message_complete()

    # ------------------------------------------------------------ long bodies

    def _take_over(self, cycle: RequestResponseCycle, first: bytes) -> LongBody | None:
        """Receive the rest of a body past the parser, if it is long. ``first`` is what has just been received of it."""
        unread = cycle.body or self._refused or self.transport.is_closing()
        if unread or cycle is not self.cycle or self._body_left < PIECE or len(first) > PIECE:
            return None
        self._long_body = LongBody(self, first, self._body_left, self._body_arrived)
        self.transport.set_protocol(self._long_body)
        return self._long_body

    def _body_arrived(self, left: int) -> None:
        """Note that bytes of a long body have arrived; ``left`` more are to come."""
        self._last_received = time.monotonic()
        self._unset_keepalive_if_required()
        if left:
            return
        # The parser has seen only the beginning of the body, so the next request needs another one.
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._long_body = None
        self.transport.set_protocol(self)
        self.on_message_complete()

    # ------------------------------------------------------------ stalling

    def check_stalled(self, now: float) -> None:
        """Close the connection if it has stalled for too long."""
        if self._refused or self.transport.is_closing():
            return
        if self.head_awaited_since is not None:
            if self._answering:
                # The previous request has to be answered first.
                self.head_awaited_since = now
            elif now - self.head_awaited_since > self._budgets.head_seconds:
                self._refuse(408, "The request headers did not arrive in time.")
        elif self._in_body and self.flow.read_paused:
            # The server itself has paused reading.
            self._last_received = now
        elif self._in_body and now - self._last_received > self._budgets.body_seconds:
            self._refuse(408, "The request body did not arrive in time.")
        unsent = self.transport.get_write_buffer_size()
        if unsent or self._arrivals:
            unsent += self.unacknowledged_bytes()
        if not unsent or unsent != self._last_unsent:
            self._last_unsent, self._last_drained = unsent, now
            return
        waited = now - self._last_drained
        vanished = waited > self._budgets.vanished_seconds and unanswered(self._socket) > _MOST_UNANSWERED
        if vanished or waited > self._budgets.reading_seconds:
            self.transport.abort()

    def is_closed(self) -> bool:
        """Whether nothing can be written any more."""
        return self.transport.is_closing()

    def is_drained(self) -> bool:
        """See :class:`~.line.Line`. From the first call until the response ends, sending waits for an empty buffer."""
        if not self._small_buffer:
            self._small_buffer = True
            self.transport.set_write_buffer_limits(high=0)
        return not self.transport.get_write_buffer_size()

    async def drained(self) -> None:
        """Wait until what was written has left this process, or the connection is closed."""
        while not self.is_drained() and not self.transport.is_closing():
            await self.flow.drain()

    @override
    def on_response_complete(self) -> None:
        if self._small_buffer:
            self._small_buffer = False
            self.transport.set_write_buffer_limits()
        if self._long_body is not None:
            self._long_body.drop()
        # What the application has not read of the body would stay in memory until the next request.
        self._cycles.popleft().body = bytearray()
        super().on_response_complete()
        if self._closes_then and not self.transport.is_closing():
            self._is_half_closed = True
            self.transport.write_eof()

    # ------------------------------------------------------------ arriving

    @property
    def _socket(self) -> Any:
        return self.transport.get_extra_info("socket")

    def unacknowledged_bytes(self) -> int:
        """See :class:`~.line.Line`."""
        return unacknowledged_bytes(self._socket)

    def room(self) -> int:
        """See :class:`~.line.Line`."""
        return room(self._socket)

    def acknowledged_bytes(self) -> int | None:
        """See :class:`~.line.Line`."""
        return acknowledged_bytes(self._socket) if self._acknowledged is None else self._acknowledged

    def written_bytes(self) -> int | None:
        """See :class:`~.line.Line`."""
        acknowledged = self.acknowledged_bytes()
        if acknowledged is None:
            return None
        return acknowledged + self.unacknowledged_bytes() + self.transport.get_write_buffer_size()

    def _watch_arrival(self, cycle: RequestResponseCycle) -> Arrival:
        """See :data:`~.arrival.Watch`."""
        arrival = Arrival(self._arrival_known)
        self._arrivals.add(arrival)
        if not cycle.keep_alive:
            # uvicorn would close the connection with the last part, and how much of it arrives couldn't be known.
            cycle.keep_alive = self._closes_then = True
        return arrival

    def _arrival_known(self, arrival: Arrival) -> None:
        self._arrivals.discard(arrival)
        if self._is_half_closed:
            self.transport.close()

    @override
    def timeout_keep_alive_handler(self) -> None:
        if self._arrivals:
            self.timeout_keep_alive_task = self.loop.call_later(
                _LINGER_SECONDS, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _refuse(self, status: int, reason: str) -> None:
        if self._refused:
            return
        self._refused = True
        self.head_awaited_since = None
        has_started = any(cycle.response_started for cycle in self._cycles)
        self._tell_disconnected()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if not has_started:
            phrase = HTTPStatus(status).phrase
            head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            head += f"Content-Length: {len(reason)}\r\nConnection: close\r\n\r\n"
            self.transport.write((head + reason).encode())
            with suppress(OSError, NotImplementedError):
                self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
