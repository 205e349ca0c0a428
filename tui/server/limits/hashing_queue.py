"""The places in the queue for hashing a password: whose they are, and which are kept for whom.

Places are counted for a network and for the larger ones that it is part of, in which one owner can have as many
addresses as they like: for IPv4 /32 and /24, for IPv6 /64, /56 and /48.
"""

from __future__ import annotations

import asyncio
import ipaddress
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache

from ...rules.errors import Throttled
from ..base import pools
from ..base.pools import Pool, busy, holding

#: Places of a network in a queue, by its length.
_PLACES = {4: {32: 2, 24: 6}, 6: {64: 2, 56: 4, 48: 6}}
_ANYONES = 2
#: How many requests of one network, and of all, may wait for a place.
_MOST_OF_ONE, _MOST = 100, 2000
#: How long a wrong try is remembered, in seconds, and how many are.
_RECENT_SECONDS, _REMEMBERED = 3600.0, 10_000
_BUSY = "Too many passwords are being checked. Try again in a moment."


class Kind(Enum):
    """Who waits, and the number of places that are kept for them."""

    #: No wrong password has been tried lately from their network,
    CLEAN_NETWORK = 12
    #: or at least none for the name or link,
    CLEAN_NAME = 8
    #: or both.
    ANYONE = 11


@lru_cache(512)
def networks_of(network: str) -> tuple[tuple[str, int], ...]:
    """The networks that a place of ``network`` (``1.2.3.4/32``) counts for, with the places of each in a queue; what is
    no network, such as a person, stands for itself."""
    try:
        found = ipaddress.ip_network(network)
    except ValueError:
        return ((network, _ANYONES),)
    places = _PLACES[found.version]
    return tuple(
        (str(found.supernet(new_prefix=length)), most)
        for length, most in places.items()
        if length <= found.prefixlen
    )


class RecentlyWrong:
    """The names or networks for which a wrong password was tried lately, as one server process has seen it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._at: dict[str, float] = {}

    def add(self, what: str) -> None:
        """A wrong password was tried for ``what``; beyond a fixed number, the oldest is forgotten."""
        self._at.pop(what, None)
        self._at[what] = self._clock()
        if len(self._at) > _REMEMBERED:
            del self._at[next(iter(self._at))]

    def __contains__(self, what: str) -> bool:
        at = self._at.get(what)
        return at is not None and self._clock() - at < _RECENT_SECONDS


@dataclass(eq=False)
class _Waiting:
    networks: Sequence[tuple[str, int]]
    has_place: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class Queue:
    """Places in the order in which they were asked for; whoever's networks have all of theirs is passed over."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._taken: Counter[str] = Counter()
        self._waiting: list[_Waiting] = []

    @asynccontextmanager
    async def place(self, network: str) -> AsyncIterator[None]:
        """Hold a place in the block. Raises :class:`Throttled` if too many wait for one, and :class:`Unavailable` if
        none was free in time."""
        networks = networks_of(network)
        with holding(Pool.HASHING_LINE):
            if self._has_room(networks):
                self._take(networks)
            else:
                await self._wait(networks)
            try:
                yield
            finally:
                self._give_back(networks)

    async def _wait(self, networks: Sequence[tuple[str, int]]) -> None:
        of_one = sum(each.networks[0] == networks[0] for each in self._waiting)
        if of_one >= _MOST_OF_ONE or len(self._waiting) >= _MOST:
            raise Throttled("busy", _BUSY, 2)
        waiting = _Waiting(networks)
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(pools.WAIT_SECONDS):
                await waiting.has_place
        except BaseException as error:
            if waiting.has_place.done() and not waiting.has_place.cancelled():
                # It was given the place at the same moment.
                self._give_back(networks)
            else:
                with suppress(ValueError):
                    self._waiting.remove(waiting)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def _has_room(self, networks: Sequence[tuple[str, int]]) -> bool:
        return self._free > 0 and all(self._taken[name] < most for name, most in networks)

    def _take(self, networks: Sequence[tuple[str, int]]) -> None:
        self._free -= 1
        self._taken.update(name for name, _ in networks)

    def _give_back(self, networks: Sequence[tuple[str, int]]) -> None:
        self._free += 1
        for name, _ in networks:
            self._taken[name] -= 1
            if not self._taken[name]:
                del self._taken[name]
        for waiting in list(self._waiting):
            # Whoever has just given up is still in the list, and removes itself.
            if not waiting.has_place.cancelled() and self._has_room(waiting.networks):
                self._waiting.remove(waiting)
                self._take(waiting.networks)
                waiting.has_place.set_result(None)


#: Of so many turns, those of each kind, as long as some of it wait.
_TURNS = (*[Kind.CLEAN_NETWORK] * 3, Kind.CLEAN_NAME, *[Kind.CLEAN_NETWORK] * 3, Kind.ANYONE)


class Turns:
    """One at a time: mostly those for whom places are kept, but never only they."""

    def __init__(self) -> None:
        self._is_taken = False
        self._given = 0
        self._waiting: dict[Kind, deque[asyncio.Future[None]]] = {kind: deque() for kind in Kind}

    @asynccontextmanager
    async def one(self, kind: Kind) -> AsyncIterator[None]:
        """Have the turn in the block. Raises :class:`Unavailable` if it did not come in time."""
        with holding(Pool.HASHING):
            if self._is_taken:
                await self._wait(kind)
            self._is_taken = True
            try:
                yield
            finally:
                self._pass_on()

    async def _wait(self, kind: Kind) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting[kind].append(turn)
        try:
            async with asyncio.timeout(pools.WAIT_SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._pass_on()
            else:
                with suppress(ValueError):
                    self._waiting[kind].remove(turn)
            if isinstance(error, TimeoutError):
                raise busy() from None
            raise

    def _pass_on(self) -> None:
        for _ in _TURNS:
            self._given += 1
            waiting = self._waiting[_TURNS[self._given % len(_TURNS)]]
            # Whoever has just given up is still among them, and removes itself.
            turn = next((each for each in waiting if not each.cancelled()), None)
            if turn is not None:
                # It stays taken, so that no one gets in between.
                waiting.remove(turn)
                turn.set_result(None)
                return
        self._is_taken = False
