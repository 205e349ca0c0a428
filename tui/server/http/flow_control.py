"""Sending the body of a response no faster than the client reads it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.types import Receive, Scope, Send

from ...rules.errors import Unavailable
from ..blobs.outgoing import PART, Outgoing
from ..database.outages import PATIENCE, DatabaseAway
from .arrival import ARRIVAL, TAIL, Arrival, Watch

log = logging.getLogger("sentlinks")

#: The extension of a request's scope that holds its connection's :class:`Line` (``http_protocol``).
LINE = "sentlinks.line"
#: Seconds between checks whether the bytes may still be sent.
CHECK_SECONDS = 1.0
#: Seconds after which a client that reads nothing is disconnected.
STALL_SECONDS = 600.0


class Line(Protocol):
    """A connection, as the code that responds to a request sees it."""

    def is_closed(self) -> bool:
        """Whether nothing more can be sent."""

    def is_drained(self) -> bool:
        """Whether the system has taken all bytes handed over, so that none are in the server's memory."""

    async def drained(self) -> None:
        """Wait until :meth:`is_drained`, or until the connection closes."""

    def unacknowledged_bytes(self) -> int:
        """Number of bytes in the system's send buffer that the other end hasn't acknowledged."""

    def room(self) -> int:
        """Number of bytes that the system takes at once, so that none of them are kept in the server's memory."""

    def acknowledged_bytes(self) -> int | None:
        """Number of bytes that the other end has acknowledged since the connection was opened, also if it is closed by
        now; ``None`` if that isn't known."""

    def written_bytes(self) -> int | None:
        """Number of bytes that were to be sent since the connection was opened, if the above is known."""


class Ended(Exception):
    """The client has disconnected or stalled, or the bytes may no longer be sent."""


class _UnknownLine:
    """Stands in for a connection that isn't known, and takes everything at once."""

    def is_closed(self) -> bool:
        return False

    def is_drained(self) -> bool:
        return True

    async def drained(self) -> None: ...

    def unacknowledged_bytes(self) -> int:
        return 0

    def room(self) -> int:
        return PART

    def acknowledged_bytes(self) -> int | None:
        return None

    def written_bytes(self) -> int | None:
        return None


class BodySender:
    """Sends ``outgoing``, which has ``length`` bytes, as the body of a response that has been started.

    ``may_continue`` is called at least every :data:`CHECK_SECONDS` and returns whether to continue.
    """

    def __init__(self, outgoing: Outgoing, length: int, may_continue: Callable[[], Awaitable[bool]]) -> None:
        self._outgoing = outgoing
        self._length = length
        self._may_continue = may_continue
        self._next_check = self._last_answer = 0.0
        self._line: Line = _UnknownLine()
        #: Number of bytes of the connection before the body.
        self._before: int | None = None
        #: When all but the last bytes had been acknowledged (:data:`~.arrival.TAIL`).
        self._tail_since: float | None = None
        self._arrival: Arrival | None = None
        #: Number of bytes sent; and of those that were handed over to the connection, and may be on their way.
        self.sent = self.handed_over = 0

    @property
    def taken(self) -> int:
        """How many bytes the client's system has acknowledged; also after the connection was closed."""
        acknowledged = self._line.acknowledged_bytes()
        if acknowledged is None or self._before is None:
            # Among those may be the head's, and an earlier response's.
            return max(self.sent - self._line.unacknowledged_bytes(), 0)
        return min(max(acknowledged - self._before, 0), self.handed_over)

    async def send_all(
        self,
        scope: Scope,
        send: Send,
        disconnect: asyncio.Future[None],
        before_last: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Send all bytes, calling ``before_last`` before the last part.

        Raises :class:`Ended` if it may not continue, when ``disconnect`` is done, or if the client reads nothing for
        too long; also whatever reading the bytes raises.
        """
        try:
            await self._send_all(scope, send, disconnect, before_last)
        finally:
            # The response may stay in memory until the next garbage collection, but not its bytes.
            self._outgoing.close()

    async def arrived(self, late: Callable[[], None]) -> bool:
        """Wait until it is known whether all bytes, which have been sent, arrived at the client.

        ``late`` is called when its system has the last of them, if that took long.
        """
        if self._arrival is None:
            return True
        since = self._tail_since or asyncio.get_running_loop().time()
        return await self._arrival.wait(lambda: self.taken == self._length, since, late)

    async def _send_all(
        self,
        scope: Scope,
        send: Send,
        disconnect: asyncio.Future[None],
        before_last: Callable[[], Awaitable[None]] | None,
    ) -> None:
        extensions = scope.get("extensions", {})
        known: Line | None = extensions.get(LINE)
        line = self._line = known or self._line
        watch: Watch | None = extensions.get(ARRIVAL)
        self._before = line.written_bytes()
        self._last_answer = asyncio.get_running_loop().time()
        self._next_check = self._last_answer + CHECK_SECONDS
        self._note_tail()
        more = True
        while more:
            part = await self._outgoing.next()
            more = self.sent + len(part) < self._length
            if not more and before_last is not None:
                await before_last()
            # Sending would silently do nothing.
            _ensure_open(line, disconnect)
            self.handed_over = self.sent + len(part)
            if not more and watch is not None:
                self._arrival = watch()
            await send({"type": "http.response.body", "body": part, "more_body": more})
            if more:
                size = len(part)
                del part
                await self._wait(line, disconnect)
                # Nothing is read for a client that is gone, and how much of this it has is no longer known.
                _ensure_open(line, disconnect)
                if known is not None:
                    self._outgoing.left()
                self.sent += size
                self._outgoing.on_the_way, self._outgoing.room = line.unacknowledged_bytes(), line.room()
                self._outgoing.taken = self.taken
                self._note_tail()
        self.sent = self._length

    def _note_tail(self) -> None:
        if self._tail_since is None and self._outgoing.taken >= self._length - TAIL:
            self._tail_since = asyncio.get_running_loop().time()

    async def _wait(self, line: Line, disconnect: asyncio.Future[None]) -> None:
        wait_started = now = asyncio.get_running_loop().time()
        if line.is_drained():
            await self._check(now)
            return
        drained = asyncio.ensure_future(line.drained())
        try:
            while not drained.done():
                await asyncio.wait(
                    (drained, disconnect),
                    timeout=self._next_check - now,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                _ensure_open(line, disconnect)
                now = asyncio.get_running_loop().time()
                if not drained.done() and now - wait_started >= CHECK_SECONDS:
                    self._outgoing.give_back()
                    if now - wait_started > STALL_SECONDS:
                        raise Ended
                await self._check(now)
        finally:
            drained.cancel()

    async def _check(self, now: float) -> None:
        if now < self._next_check:
            return
        # All at the same moments, so that they are answered together.
        self._next_check = (now // CHECK_SECONDS + 1) * CHECK_SECONDS
        try:
            allowed = await self._may_continue()
        except DatabaseAway:
            # No one can revoke anything in the meantime, so the download goes on if it is back soon.
            if now - self._last_answer > PATIENCE:
                raise
            return
        except Unavailable:
            # Too much else is under way. Someone may have ended this, and it can be gone on with from where it is.
            log.warning("a download was broken off: the server is too busy to ask whether it may go on")
            raise Ended from None
        if not allowed:
            raise Ended
        self._last_answer = now


def _ensure_open(line: Line, disconnect: asyncio.Future[None]) -> None:
    if disconnect.done() or line.is_closed():
        raise Ended


async def disconnected(receive: Receive) -> None:
    """Wait until the client has disconnected."""
    while (await receive())["type"] != "http.disconnect":
        pass
