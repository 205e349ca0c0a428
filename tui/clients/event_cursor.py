"""Where an event stream goes on after a lost connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from time import monotonic

#: Seconds after an event during which one with a lower number may still arrive: some databases number rows before they
#: commit.
SETTLING = 10.0
#: The most events that are known by their numbers.
MOST_KNOWN = 8192


class Cursor:
    """The events of a stream that were received. It can be kept for another call of :func:`~tui.clients.events.follow`.

    A stream is resumed after a number that all lower ones have arrived with, a little before the newest: what comes
    twice because of that is known. ``settled`` and ``received`` are those of an earlier cursor.
    """

    def __init__(
        self,
        settled: str | None = None,
        received: Iterable[str] = (),
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._clock = clock
        self._settled = self.last = settled
        self._known: set[str] = set()
        self._received: deque[tuple[float, str]] = deque()
        for ident in received:
            self.receive(ident)

    @property
    def settled(self) -> str | None:
        """The number after which the stream is resumed; ``None`` if nothing was received."""
        self._settle()
        return self._settled

    @property
    def received(self) -> list[str]:
        """The events that will be sent again."""
        self._settle()
        return [ident for _, ident in self._received]

    def begin(self, ident: str | None) -> None:
        """Go on after that number, whatever was received before."""
        self._settled = self.last = ident
        self._received.clear()
        self._known.clear()

    def skip(self, ident: str) -> None:
        """Nothing up to that number is still to come."""
        self._settled = _later(self._settled, ident)
        self.last = _later(self.last, ident)

    def receive(self, ident: str) -> bool:
        """Note an event; returns whether it is new. One without a number always is: of another server's ids, only the
        last one is known to be sent back."""
        if not ident.isdecimal():
            if ident:
                self._settled = self.last = ident
            return True
        if ident in self._known:
            return False
        self._known.add(ident)
        self._received.append((self._clock(), ident))
        if self._settled is None:
            # Nothing is known of what was before.
            self._settled = ident
        self.last = _later(self.last, ident)
        return True

    def _settle(self) -> None:
        until = self._clock() - SETTLING
        while self._received and (self._received[0][0] < until or len(self._received) > MOST_KNOWN):
            _, ident = self._received.popleft()
            self._known.discard(ident)
            self._settled = _later(self._settled, ident)


def _later(one: str | None, other: str) -> str:
    """The higher number of both; the ``other`` if they can't be compared."""
    return one if one and one.isdecimal() and other.isdecimal() and int(one) > int(other) else other
