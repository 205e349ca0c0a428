"""What a connection may take before anything that it sends is understood.

A head has a length and a time, a body may not stand still, and neither may a reader who is sent something; each
address has so many connections, and all of them leave descriptors for the server's own work. There is no limit to how
long a body or a download takes that moves. What is over a budget is told so in one line, and let go.
"""

from __future__ import annotations

import asyncio
import fcntl
import resource
import sys
import termios
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from operator import itemgetter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..settings import Budgets, Network
from .leaving import BREAK_OFF
from .line import LINE
from .proxies import is_trusted
from .visitor import network_of

#: Descriptors that are kept for the database and the documents, beside one for each connection.
_RESERVE = 128
#: Connections at most, whatever the descriptors.
_MOST = 8192
#: Requests that may wait behind one another on a connection.
_PIPELINED = 32
#: So long is listened to who was refused something, so that they read why before the connection is gone.
_LINGER_SECONDS = 1.0
#: Beside these of them, others are let go at once.
_LINGERING = 32


def raise_limit() -> int:
    """Lets the process have as many descriptors as it may, and answers how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Some systems say that there is no limit, and have one.
    for wanted in (hard, 10240):
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            return wanted if wanted != resource.RLIM_INFINITY else 10240
    return soft


class FrontDoor:
    """Who is inside: the connections of a server process."""

    def __init__(self, budgets: Budgets, proxies: tuple[Network, ...], descriptors: int) -> None:
        self.budgets = budgets
        self._proxies = proxies
        # An upload or a download takes a descriptor of its own.
        self._most = max(16, min((descriptors - _RESERVE) // 2, _MOST))
        #: Connections that were refused as they came, and are not gone yet.
        self.lingering = 0
        self._inside: dict[Guarded, str | None] = {}
        self._counts: dict[str, int] = {}

    def protocol(self, **more: Any) -> Guarded:
        """What uvicorn makes for each connection."""
        return Guarded(self, **more)

    def enter(self, connection: Guarded, address: str | None) -> bool:
        """Whether there is room for a connection: where an address has all of its own, or all are taken, whoever of
        them has been there longest with half a request, or with none, makes room."""
        network = None if not address or is_trusted(address, self._proxies) else network_of(address)
        if network is not None and self._counts.get(network, 0) >= self.budgets.connections_per_address:
            if not self._makes_room(one for one, whose in self._inside.items() if whose == network):
                return False
        elif len(self._inside) >= self._most and not self._makes_room(self._inside):
            return False
        self._inside[connection] = network
        if network is not None:
            self._counts[network] = self._counts.get(network, 0) + 1
        return True

    def _makes_room(self, among: Iterable[Guarded]) -> bool:
        spare = [(since, one) for one in among if (since := one.spare_since) is not None]
        if not spare:
            return False
        min(spare, key=itemgetter(0))[1].drop()
        return True

    def leave(self, connection: Guarded) -> None:
        network = self._inside.pop(connection, None)
        if network is not None:
            self._counts[network] -= 1
            if not self._counts[network]:
                del self._counts[network]

    async def watch(self) -> None:
        """Lets those go who have stood still for too long, for ever."""
        while True:
            await asyncio.sleep(min(1.0, self.budgets.head_seconds / 4))
            for connection in list(self._inside):
                connection.look(time.monotonic())


class Guarded(HttpToolsProtocol):
    """A connection within its budgets."""

    def __init__(self, door: FrontDoor, **more: Any) -> None:
        super().__init__(**more)
        self._door = door
        self._budgets = door.budgets
        #: Since when a head is waited for that has not come as a whole.
        self.waits_since: float | None = None
        #: Bytes that came since anything came of them.
        self._silent = 0
        self._in_body = self._refused = self._lingers = False
        self._moved = self._taken = 0.0
        self._unsent = 0
        self._narrow = False

    # ------------------------------------------------------------ coming and going

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waits_since = self._moved = self._taken = time.monotonic()
        if not self._door.enter(self, self.client[0] if self.client else None):
            self._lingers = True
            self._door.lingering += 1
            self._refuse(503, "Too many connections; close some, or try again later.")
            if self._door.lingering > _LINGERING:
                self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._door.leave(self)
        self._door.lingering -= self._lingers
        super().connection_lost(exc)

    def drop(self) -> None:
        """Makes room at once."""
        self._door.leave(self)
        self.transport.abort()

    @property
    def spare_since(self) -> float | None:
        """Since when nothing is done for the client; ``None`` where something is."""
        if self._in_body or self._answering:
            return None
        return self._moved if self.waits_since is None else self.waits_since

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    # ------------------------------------------------------------ what comes

    def data_received(self, data: bytes) -> None:
        self._moved = time.monotonic()
        if not self._in_body and self.waits_since is None:
            self.waits_since = self._moved
        most = self._budgets.head_bytes
        while data and not self._refused and not self.transport.is_closing():
            # Of a head no more than may be in vain; of a body all, since what stands between its pieces is little.
            room = len(data) if self._in_body else most - self._silent
            piece, data = data[:room], data[room:]
            self._silent += len(piece)
            super().data_received(piece)
            if self._silent >= most:
                self._refuse(431, f"The head of a request has {most:,} bytes at most.")

    def on_message_begin(self) -> None:
        if self.waits_since is None:
            self.waits_since = time.monotonic()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._silent, self._in_body, self.waits_since = 0, True, None
        if self._refused:
            return
        if len(self.pipeline) >= _PIPELINED:
            self._refuse(503, "Too many requests wait behind one another.")
            return
        if self._get_upgrade() == b"websocket":
            self._refuse(400, "There are no WebSockets here; events come as a stream (text/event-stream).")
            return
        super().on_headers_complete()
        extensions: dict[str, Any] = {BREAK_OFF: partial(self._break_off, self.cycle), LINE: self}
        self.scope["extensions"] = extensions

    def _unsupported_upgrade_warning(self) -> None:
        """Who would rather speak another protocol is answered in this one, and nothing is said of it."""

    def _break_off(self, cycle: Any) -> None:
        # As if the client had gone: what is not whole is no fault of whoever answers.
        cycle.disconnected = True
        cycle.message_event.set()
        self.transport.close()

    def on_body(self, body: bytes) -> None:
        self._silent = 0
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        self._silent, self._in_body = 0, False
        if not self._refused:
            super().on_message_complete()

    # ------------------------------------------------------------ what stands still

    def look(self, now: float) -> None:
        """Lets go what has stood still for too long."""
        if self._refused or self.transport.is_closing():
            return
        if self.waits_since is not None:
            if self._answering:
                # The one before has to be answered first.
                self.waits_since = now
            elif now - self.waits_since > self._budgets.head_seconds:
                self._refuse(408, "The head of the request did not come in time.")
        elif self._in_body and self.flow.read_paused:
            # It is the server that does not read.
            self._moved = now
        elif self._in_body and now - self._moved > self._budgets.body_seconds:
            self._refuse(408, "The body of the request did not come in time.")
        unsent = self.transport.get_write_buffer_size()
        if unsent:
            unsent += self.in_system()
        if not unsent or unsent != self._unsent:
            self._unsent, self._taken = unsent, now
        elif now - self._taken > self._budgets.reading_seconds:
            self.transport.abort()

    def is_taken(self) -> bool:
        """See :class:`~.line.Line`. Until the answer is whole, whoever hands over more waits for what waits here."""
        if not self._narrow:
            self._narrow = True
            self.transport.set_write_buffer_limits(high=0)
        return not self.transport.get_write_buffer_size()

    async def taken(self) -> None:
        while not self.is_taken() and not self.transport.is_closing():
            await self.flow.drain()

    def on_response_complete(self) -> None:
        if self._narrow:
            self._narrow = False
            self.transport.set_write_buffer_limits()
        super().on_response_complete()

    def in_system(self) -> int:
        """Bytes that were handed to the system and the other end has not confirmed: megabytes may move there before
        it takes more of ours."""
        connection = self.transport.get_extra_info("socket")
        try:
            told = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
        except (OSError, AttributeError, ValueError):
            return 0
        return int.from_bytes(told, sys.byteorder, signed=True)

    def _refuse(self, status: int, why: str) -> None:
        if self._refused:
            return
        self._refused = True
        self.waits_since = None
        began = self._answering and self.cycle.response_started
        if self._answering:
            # Whoever answers it is told that the client has gone.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        if not began:
            phrase = HTTPStatus(status).phrase
            head = f"HTTP/1.1 {status} {phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
            head += f"Content-Length: {len(why)}\r\nConnection: close\r\n\r\n"
            self.transport.write((head + why).encode())
            with suppress(OSError, NotImplementedError):
                self.transport.write_eof()
        self.flow.resume_reading()
        self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
