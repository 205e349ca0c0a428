"""Whose turn it is to look through a library.

A list is first looked for in the *light* lane: there a person has some places, and a look may go through so many
documents. What takes more is begun anew in the *dear* lane, where a person has one place and all have two: who opens
a folder never waits for those who look through the library, whatever they look for and however many they are. Nobody
who waits holds a connection to the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar

from .places import Places

#: Rows that a light look may go through.
LIGHT_ROWS = 3000
_LIGHT, _DEAR = 4, 2
#: So many of a person's looks may wait for a lane.
_WAITING = 64
_TOO_MANY = "Too many of your searches are under way; try again in a moment."


class TooDear(Exception):
    """More is looked through than a light look may."""


_left: ContextVar[int | None] = ContextVar("rows left of a light look", default=None)


@contextmanager
def few_rows() -> Iterator[None]:
    """Within it :func:`look_at` raises :class:`TooDear` once all is over :data:`LIGHT_ROWS`."""
    before = _left.set(LIGHT_ROWS)
    try:
        yield
    finally:
        _left.reset(before)


def look_at(rows: int) -> None:
    """Told of the rows that are gone through. Raises :class:`TooDear`."""
    left = _left.get()
    if left is not None:
        if rows > left:
            raise TooDear
        _left.set(left - rows)


class Lanes:
    """The lanes of a server process."""

    def __init__(self) -> None:
        self._light = Places(_LIGHT, _WAITING, _TOO_MANY)
        self._dear = Places(1, _WAITING, _TOO_MANY)
        self._all = asyncio.Semaphore(_DEAR)

    @asynccontextmanager
    async def light(self, person: str) -> AsyncIterator[None]:
        """A place for a look at few rows."""
        async with self._light.place(person):
            with few_rows():
                yield

    @asynccontextmanager
    async def dear(self, person: str) -> AsyncIterator[asyncio.Semaphore]:
        """The person's one place for a dear look, and for what comes of it; while looking, what is given has to be
        held: one of all people's places."""
        async with self._dear.place(person):
            yield self._all
