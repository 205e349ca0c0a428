"""Whether a response arrives at its client, after its last byte was handed over to the system.

Megabytes of it may still be in the system's buffers then, at either end, and are lost if the connection breaks. The
client's system acknowledges what it has; whether the client itself has read that is shown by what it does next. A
client that closes a connection without having read all of it resets it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

#: The extension of a request's scope with which its response is watched: see :data:`Watch`.
ARRIVAL = "sentlinks.arrival"
#: Seconds for which a client that has acknowledged everything must keep the connection: the minimum, the maximum, and
#: how many times as long as it took for the last bytes, which its system's buffer holds.
_QUIET, _LONGEST_QUIET, _FACTOR = 1.0, 10.0, 2.0
#: As many bytes as a buffer of a client's system holds.
TAIL = 8 * 1024 * 1024
#: Seconds between two looks at what is acknowledged, of which nothing informs: at first, and at most.
_FIRST_LOOK, _LONGEST_LOOK = 0.002, 0.25


class Arrival:
    """Watches the connection of one response.

    It is told when the client sends something after the response (:meth:`requested`) and when the connection is closed
    (:meth:`closed`). ``is_known`` is called with it when its result is.
    """

    def __init__(self, is_known: Callable[[Arrival], None]) -> None:
        self._is_known = is_known
        self._changed = asyncio.Event()
        self._has_requested = self._is_closed = self._is_reset = False

    def requested(self) -> None:
        """Note that the client has sent another request."""
        self._has_requested = True
        self._changed.set()

    def closed(self, *, is_reset: bool) -> None:
        """Note that the connection is closed."""
        self._is_closed, self._is_reset = True, is_reset
        self._changed.set()

    async def wait(
        self, is_acknowledged: Callable[[], bool], tail_since: float, late: Callable[[], None]
    ) -> bool:
        """Wait until it is known whether the response has arrived, and return that. It was handed over entirely.

        ``tail_since`` is the loop's time at which all but :data:`TAIL` bytes had been acknowledged: a client that reads
        slowly is given the more time. ``late`` is called when the last bytes are acknowledged if that took long.
        """
        try:
            return await self._wait(is_acknowledged, tail_since, late)
        finally:
            self._is_known(self)

    async def _wait(
        self, is_acknowledged: Callable[[], bool], tail_since: float, late: Callable[[], None]
    ) -> bool:
        loop = asyncio.get_running_loop()
        handed_over_at = loop.time()
        look, quiet_until = _FIRST_LOOK, 0.0
        while not self._is_closed:
            now = loop.time()
            if is_acknowledged():
                if not quiet_until:
                    if now - handed_over_at > _QUIET:
                        late()
                    quiet_until = now + min(max(_QUIET, _FACTOR * (now - tail_since)), _LONGEST_QUIET)
                if self._has_requested or now >= quiet_until:
                    return True
                timeout = quiet_until - now
            else:
                timeout, look = look, min(2 * look, _LONGEST_LOOK)
            self._changed.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), timeout)
        return is_acknowledged() and not self._is_reset


#: Called before the last part of a response is sent: the :class:`Arrival` of that response.
Watch = Callable[[], Arrival]
