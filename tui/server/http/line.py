"""What becomes of bytes that were handed over to a connection: whether its reader takes them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from starlette.types import Receive, Scope, Send

from ..blobs.outgoing import Outgoing

#: The extension of a request's scope that is its connection's :class:`Line` (``front_door``).
LINE = "sentlinks.line"
#: So often, in seconds, it is looked whether the bytes may still go out.
CHECK_SECONDS = 1.0
#: A reader that takes nothing for so long is let go.
STALL_SECONDS = 600.0


class Line(Protocol):
    """A connection, as who answers a request sees it."""

    def is_taken(self) -> bool:
        """Whether the system has taken all that was handed over, so that none of it is in the server's memory."""

    async def taken(self) -> None:
        """Waits until it has."""

    def in_system(self) -> int:
        """How many bytes it has taken that the other end has not confirmed."""


class Ended(Exception):
    """The reader has gone, or the bytes may no longer go out."""


class _Everything:
    """A connection that nothing is known of: it takes whatever it is given."""

    def is_taken(self) -> bool:
        return True

    async def taken(self) -> None: ...

    def in_system(self) -> int:
        return 0


class Giving:
    """``outgoing``, which has ``length`` bytes, on its way as the body of an answer that has begun.

    ``look`` is asked every :data:`CHECK_SECONDS` whether it may go on.
    """

    def __init__(self, outgoing: Outgoing, length: int, look: Callable[[], Awaitable[bool]]) -> None:
        self._outgoing = outgoing
        self._length = length
        self._look = look
        self._looked = 0.0
        #: How many bytes were handed over.
        self.sent = 0

    async def give(
        self,
        scope: Scope,
        send: Send,
        gone: asyncio.Future[None],
        before_last: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Hands over all of it, and calls ``before_last`` before the last part.

        Raises :class:`Ended` where it may not go on, where ``gone`` is done, and where the reader takes nothing for too
        long; and what reading raises.
        """
        line: Line = scope.get("extensions", {}).get(LINE) or _Everything()
        self._looked = asyncio.get_running_loop().time()
        more = True
        while more:
            part = await self._outgoing.next()
            more = self.sent + len(part) < self._length
            if not more and before_last is not None:
                await before_last()
            if gone.done():
                # Sending would do nothing, and say nothing.
                raise Ended
            await send({"type": "http.response.body", "body": part, "more_body": more})
            if more:
                size = len(part)
                del part
                await self._wait(line, gone)
                self.sent += size
                self._outgoing.on_the_way = line.in_system()
                self._outgoing.taken = self.sent - self._outgoing.on_the_way
        self.sent = self._length

    async def _wait(self, line: Line, gone: asyncio.Future[None]) -> None:
        begun = asyncio.get_running_loop().time()
        if line.is_taken():
            await self._check(begun)
            return
        taken = asyncio.ensure_future(line.taken())
        try:
            while not taken.done():
                await asyncio.wait((taken, gone), timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                now = asyncio.get_running_loop().time()
                if not taken.done():
                    self._outgoing.give_back()
                    if gone.done() or now - begun > STALL_SECONDS:
                        raise Ended
                await self._check(now)
        finally:
            taken.cancel()

    async def _check(self, now: float) -> None:
        if now - self._looked >= CHECK_SECONDS:
            if not await self._look():
                raise Ended
            self._looked = now


async def disconnected(receive: Receive) -> None:
    """Waits until whoever is answered has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
