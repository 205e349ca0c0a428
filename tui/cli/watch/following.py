"""Following the server's events until something ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Literal, TypeVar

from ...rules.errors import Failed, NotFound
from ..base.output import tell

if TYPE_CHECKING:
    import httpx

    from ...clients.event_cursor import Cursor
    from ...clients.events import Connected, DocumentEvent, StreamEvent
    from ...clients.retries import RetryPolicy

T = TypeVar("T")
#: What ends it: by the number of a signal, or because nobody reads standard output any more.
READER_GONE = 0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop:
    """Asks the watch to end when what is under way is done; ``reason`` is a signal's number or :data:`READER_GONE`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.reason = READER_GONE
        #: What it waits for, in words, if something is under way.
        self.busy = ""

    def ask(self, reason: int) -> None:
        """End at the next opportunity."""
        if self.busy and not self.asked.is_set():
            tell(f"Ending when {self.busy} has ended. Once more ends it at once.")
        self.reason = reason
        self.asked.set()

    async def unless_asked(self, awaitable: Awaitable[T], seconds: float | None = None) -> T | None:
        """The result of ``awaitable``; ``None`` if it isn't there in time, or before it is asked to end."""
        task = asyncio.ensure_future(awaitable)
        asked = asyncio.ensure_future(self.asked.wait())
        try:
            await asyncio.wait((task, asked), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            asked.cancel()
            if not task.done():
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    @contextmanager
    def watching(self, *, reader: bool) -> Iterator[None]:
        """Within it, the first signal is such a request, and so is, with ``reader``, the end of whoever reads standard
        output. The next signal cancels the task, which ends the block."""
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        fd = _pipe() if reader else None

        def signalled(number: int) -> None:
            if self.asked.is_set():
                # Not by an exception at any moment, which asyncio may not survive.
                task.cancel()
            else:
                self.ask(number)

        for number in _SIGNALS:
            loop.add_signal_handler(number, signalled, number)
        if fd is not None:
            # Nothing can be read from its writing end: it is reported when the other end is closed.
            loop.add_reader(fd, self.ask, READER_GONE)
        try:
            yield
        except asyncio.CancelledError:
            if not self.asked.is_set():
                raise
            task.uncancel()
        finally:
            if fd is not None:
                loop.remove_reader(fd)
            for number in _SIGNALS:
                loop.remove_signal_handler(number)


def _pipe() -> int | None:
    """Standard output, if it is a pipe."""
    with suppress(OSError, ValueError):
        fd = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(fd).st_mode):
            return fd
    return None


async def stream_of(http: httpx.AsyncClient, cursor: Cursor) -> AsyncGenerator[StreamEvent, None]:
    """All events after the cursor. Raises :class:`Failed` if the server has no stream of them."""
    from ...clients.events import follow

    try:
        async for event in follow(http, cursor=cursor, complete=True):
            yield event
    except NotFound as problem:
        raise Failed("events.none", "This server doesn't say what happens; update it.") from problem


async def until_stopped(
    stream: AsyncIterator[StreamEvent],
    stop: Stop,
    deadline: Callable[[], float | None],
    clock: Callable[[], float] = time.monotonic,
) -> AsyncGenerator[StreamEvent, None]:
    """Yield the events of ``stream`` until ``stop`` asks for its end, or the ``deadline`` has passed, which may change
    with each event."""
    asked = asyncio.ensure_future(stop.asked.wait())
    coming: asyncio.Future[StreamEvent] | None = None
    try:
        while not asked.done():
            coming = asyncio.ensure_future(_next(stream))
            await _first_of(coming, asked, deadline, clock)
            if not coming.done():
                return
            yield coming.result()
            # A stream with many events at once would leave no time to notice anything else.
            await asyncio.sleep(0)
    finally:
        asked.cancel()
        if coming is not None and not coming.done():
            # Whoever closes the stream must not find it running.
            coming.cancel()
            await asyncio.wait((coming,))


async def _next(stream: AsyncIterator[StreamEvent]) -> StreamEvent:
    return await anext(stream)


async def _first_of(
    coming: asyncio.Future[StreamEvent],
    asked: asyncio.Future[Literal[True]],
    deadline: Callable[[], float | None],
    clock: Callable[[], float],
) -> None:
    until = deadline()
    left = None if until is None else max(0.0, until - clock())
    await asyncio.wait((coming, asked), timeout=left, return_when=asyncio.FIRST_COMPLETED)


class Outages:
    """Tells of a lost connection and of its return, once each."""

    def __init__(self) -> None:
        self._is_lost = False

    def lost(self, message: str) -> None:
        """The server can't be reached."""
        if not self._is_lost:
            tell(f"{message} Waiting for the server.")
        self._is_lost = True

    def connected(self, event: Connected) -> None:
        """The connection is there."""
        if self._is_lost:
            tell("Connected again.")
        self._is_lost = False
        if event.renumbered:
            tell("The server numbers its events anew; what happened since the last one may be missing.")

    @property
    def patience(self) -> RetryPolicy:
        """For other requests: the server is waited for, however long it is away."""
        from ...clients.retries import RetryPolicy

        async def sleep(seconds: float) -> None:
            self.lost("The server can't be reached.")
            await asyncio.sleep(seconds)

        return RetryPolicy(float("inf"), sleep=sleep)


def is_about_something(event: DocumentEvent) -> bool:
    """Whether an event says what happened, and to what: a server may send others."""
    return bool(event.event and event.ident and (event.document or event.folder))
