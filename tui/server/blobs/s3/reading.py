"""Reading objects part after part: for one who keeps up, by few requests that go on. Each takes the store longer than
the bytes of a part do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Executor
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, Protocol

from ....override import override
from ...base.concurrency import take_note
from ..base import Bytes, Parts, PieceReader, PieceStore, StoreAway, T
from ..scratch import Scratch

if TYPE_CHECKING:
    from obstore.store import S3Store

#: Who has stalled, and doesn't read as many bytes at once since, has them sent for each part alone.
_KEEPS_UP = 256 * 1024
#: What one request asks for at most, and what is taken from it at once, at least.
_RUN, _TAKEN = 16 * 1024 * 1024, 128 * 1024
#: With no more to come of a piece, the next one is asked for: the store's answer takes as long as several parts do.
_SOON_OVER = 4 * 1024 * 1024


class _Lost(Exception):
    """A request has ended before its time."""


class _OpenRequest:
    """The bytes of an object from ``start`` on, as they arrive. For one thread at a time."""

    def __init__(self, store: S3Store, path: str, start: int) -> None:
        import obstore

        found = obstore.get(store, path, options={"range": (start, start + _RUN)})
        self.left = found.range[1] - found.range[0]
        #: Whether the object ends with it.
        self.is_last = found.range[1] == found.meta["size"]
        self._parts = iter(found.stream(min_chunk_size=_TAKEN))
        #: What was taken and not asked for yet.
        self._rest = memoryview(b"")

    def has(self, length: int) -> bool:
        """Whether that many bytes are still to come."""
        return length <= self.left

    def parts(self, length: int, into: memoryview) -> Iterator[Bytes]:
        """The next ``length`` bytes, as many at once as there is room for in ``into``. Raises :class:`_Lost`."""
        for at in range(0, length, len(into)):
            part = into[: length - at]
            self._fill(part)
            yield part

    def _fill(self, into: memoryview) -> None:
        have = 0
        while have < len(into):
            if not self._rest:
                self._rest = self._taken()
            count = min(len(self._rest), len(into) - have)
            into[have : have + count] = self._rest[:count]
            self._rest = self._rest[count:]
            have += count
        self.left -= have

    def _taken(self) -> memoryview:
        try:
            return memoryview(next(self._parts))
        except Exception as error:
            raise _Lost from error


class Asking(Protocol):
    """How a store is asked."""

    def __call__(self, request: Callable[[S3Store], T], /) -> Awaitable[T]:
        """The answer, in a thread. Raises as :meth:`PieceStore.opened` does."""


class _Ahead(NamedTuple):
    """A request for what is at a place, of which nobody has asked for a part yet."""

    place: tuple[str, int]
    request: asyncio.Task[_OpenRequest | None]


class S3Reader(PieceReader):
    """Reads on in what a request has begun; whenever that ends early, ``store`` is asked for the part alone, which says
    why."""

    def __init__(self, store: PieceStore, ask: Asking, threads: Executor, scratch: Scratch) -> None:
        super().__init__(store)
        self._ask = ask
        self._threads = threads
        self._scratch = scratch
        self._run: _OpenRequest | None = None
        #: The request that goes on where that one ends.
        self._ahead: _Ahead | None = None
        #: Where the part read last ended.
        self._end: tuple[str, int] | None = None
        self._has_stalled = False

    @property
    @override
    def is_far(self) -> bool:
        return True

    @override
    async def opened(
        self, name: str, start: int, length: int, use: Callable[[Parts], T], then: str | None = None
    ) -> T:
        keeps_up = length >= _KEEPS_UP or not self._has_stalled
        run = await self._going_on(name, start, length, keeps_up=keeps_up)
        if run is not None and keeps_up:
            self._look_ahead(run, name, start + length, length, then)
        opened = await self._opened(run, name, start, length, use)
        self._end = name, start + length
        return opened

    async def _going_on(self, name: str, start: int, length: int, *, keeps_up: bool) -> _OpenRequest | None:
        """The request that brings this part, for one who reads on; ``None`` if it is to be asked for alone."""
        # Taken out as long as a thread uses it, which goes on when this is cancelled.
        run, self._run = self._run, None
        follows, self._end = self._end == (name, start), None
        if self._ahead is not None and self._ahead.place == (name, start):
            ahead, self._ahead = self._ahead, None
            with suppress(StoreAway):
                run = await ahead.request
                return run if run is not None and run.has(length) else None
            return None
        if not follows:
            self._drop_ahead()
        if run is None:
            return await self._begun(name, start, length) if follows and keeps_up else None
        if follows and run.has(length):
            return run
        return await self._begun(name, start, length)

    async def _begun(self, name: str, start: int, length: int) -> _OpenRequest | None:
        """A request for what begins there; ``None`` if there aren't so many bytes."""
        with suppress(FileNotFoundError, EOFError):
            run = await self._ask(lambda store: _OpenRequest(store, name, start))
            return run if run.has(length) else None
        return None

    def _look_ahead(self, run: _OpenRequest, name: str, end: int, length: int, then: str | None) -> None:
        """Ask for what follows ``run``, which brings a part that ends there, if that is soon: for more of the same
        object, or for the beginning of the one that comes ``then``."""
        left = run.left - length
        if run.is_last:
            place = (then, 0) if then is not None and left <= _SOON_OVER else None
        else:
            place = (name, end) if left < length else None
        if place is not None and (self._ahead is None or self._ahead.place != place):
            self._drop_ahead()
            request = asyncio.create_task(self._begun(*place, 1))
            request.add_done_callback(take_note)
            self._ahead = _Ahead(place, request)

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.request.cancel()
            self._ahead = None

    async def _opened(
        self, run: _OpenRequest | None, name: str, start: int, length: int, use: Callable[[Parts], T]
    ) -> T:
        if run is not None:
            going_on = run

            def used() -> T:
                with self._scratch.lent(length) as into:
                    return use(going_on.parts(length, into))

            with suppress(_Lost):
                opened = await asyncio.get_running_loop().run_in_executor(self._threads, used)
                self._run = run
                return opened
        return await super().opened(name, start, length, use)

    @override
    def give_back(self) -> None:
        self._run = self._end = None
        self._drop_ahead()
        self._has_stalled = True
