"""Following Share's event stream: what happens to the user's documents, as it happens.

A lost connection is restored: the same stream continues, beginning with the events that were missed.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

import httpx

from ..rules.errors import Busy, NotAllowed, NotFound, NotSignedIn, Problem, Throttled, Unreachable
from ..rules.told_settings import told_settings
from .bounded import UNENDING, bounded_by, bounded_lines, in_time, too_large
from .connection import problem_of, reaching
from .event_cursor import Cursor

#: Seconds between two heartbeats of the server.
HEARTBEAT = 15.0
#: The first and the longest wait before the next attempt, in seconds.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
#: The shortest wait before the next attempt, even if the server has responded to another request by then.
SHORTEST_WAIT = 0.5
#: The statuses of a gateway that can't reach its server.
_NOT_THERE = (502, 503, 504)
_TIMEOUT = httpx.Timeout(connect=10, read=2.5 * HEARTBEAT, write=10, pool=30)
#: A connection that lasted this many seconds counts as a good one.
_LASTING = 2 * HEARTBEAT
_LONGEST_EVENT = 256 * 1024
_LONGEST_IDENT = 256
#: Problems that a retry can't fix.
_FINAL = (NotSignedIn, NotAllowed, NotFound)


@dataclass(frozen=True, slots=True)
class Connected:
    """The stream is open. ``refresh``: events may have been missed, so everything must be reloaded. ``renumbered``: too
    many were missed, or the server numbers its events from the start."""

    refresh: bool
    renumbered: bool = False


@dataclass(frozen=True, slots=True)
class DocumentEvent:
    """An audit ``event`` happened to ``document`` in ``folder``, or to the folder itself. ``at`` is by the server's
    clock; ``None`` if it doesn't say.

    Only the owner of the document gets its ``name``, who the ``actor`` was, or from which ``address`` it was, and of
    what the audit has the numbers (``counts``) and the link's ``settings``. ``ident`` is the stream's number of the
    event."""

    event: str
    document: str | None
    folder: str | None
    at: datetime | None = None
    ident: str = ""
    name: str | None = None
    actor: str | None = None
    address: str | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    #: The program that it was done with.
    agent: str | None = None
    settings: Mapping[str, str | bool | None] = field(default_factory=dict)
    #: When the download began that this is the end of: the time of its own event.
    begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is lost; the next attempt is in ``wait`` seconds."""

    problem: Problem
    wait: float


StreamEvent = Connected | DocumentEvent | Lost


@contextmanager
def hearing(http: httpx.AsyncClient, heard: Callable[[], None]) -> Iterator[None]:
    """Within the block, call ``heard`` whenever the server responds to any request over ``http``."""

    async def on_response(response: httpx.Response) -> None:
        if response.status_code not in _NOT_THERE:
            heard()

    hooks = http.event_hooks["response"]
    hooks.append(on_response)
    try:
        yield
    finally:
        hooks.remove(on_response)


async def follow(
    http: httpx.AsyncClient,
    answered: asyncio.Event | None = None,
    cursor: Cursor | None = None,
    *,
    complete: bool = False,
) -> AsyncIterator[StreamEvent]:
    """Yield events endlessly, each once, beginning after the ``cursor`` if it has been moved before. While the
    connection is lost, setting ``answered`` makes it retry early. With ``complete``, however many were missed are
    yielded; else there is a limit, at which everything must be reloaded.

    Raises :class:`NotSignedIn`, :class:`NotAllowed`, and :class:`NotFound` if the server has no event stream.
    """
    answered, cursor = answered or asyncio.Event(), cursor or Cursor()
    # The number of connections in a row that didn't last, and whether the previous one broke.
    tries, broken = 0, cursor.last is not None
    while True:
        problem: Problem | None = None
        began = monotonic()
        try:
            async for ident, event, data in _stream(http, cursor.settled, complete=complete):
                began_anew, was_broken, broken = cursor.last is None, broken, False
                # "ready" has the newest number of all, and what was missed comes after it, unless the line breaks.
                if event == "reset" or (event == "ready" and began_anew):
                    cursor.begin(ident or cursor.last)
                if event == "ready" and not was_broken and not began_anew:
                    # The server closed the stream properly: the user's memberships may have changed.
                    yield Connected(refresh=True)
                elif event in ("ready", "reset"):
                    missed = event == "reset"
                    yield Connected(refresh=missed or began_anew, renumbered=missed)
                elif event == "more":
                    # The server ends the stream, which goes on with the next part of what was missed.
                    tries = 0
                    cursor.skip(ident)
                elif event == "happened":
                    tries = 0
                    # Noted before it is handed out: whoever has it may ask for no more.
                    if cursor.receive(ident):
                        yield _happened(ident, data)
        except _FINAL:
            raise
        except Problem as error:
            problem, broken = error, True
        if monotonic() - began >= _LASTING:
            tries = 0
        wait = _wait(tries, problem)
        tries += 1
        answered.clear()
        if problem is not None:
            yield Lost(problem, wait)
        await _sleep(wait, answered if isinstance(problem, Unreachable) else None)


async def _sleep(wait: float, responded: asyncio.Event | None) -> None:
    """Wait, less if ``responded`` is set meanwhile."""
    if responded is None:
        # The server was reachable, so its responding to other requests is no reason to retry earlier.
        await asyncio.sleep(wait)
        return
    await asyncio.sleep(min(wait, SHORTEST_WAIT))
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, wait - SHORTEST_WAIT)):
            await responded.wait()


def _wait(tries: int, problem: Problem | None) -> float:
    """The seconds to wait: longer after each attempt, with jitter so that not all clients return at the same time."""
    longest = min(FIRST_WAIT * 2.0 ** min(tries, 20), LONGEST_WAIT)
    least = float(problem.retry_after) if isinstance(problem, Throttled | Busy) else 0.0
    return max(least, longest * random.uniform(0.5, 1.0))  # noqa: S311


async def _stream(
    http: httpx.AsyncClient, last: str | None, *, complete: bool
) -> AsyncIterator[tuple[str, str, str]]:
    """Yield the id, name and data of each event until the server ends the connection. Raises :class:`Problem`."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with reaching(http):
        async with http.stream(
            "GET",
            "/share/v1/events",
            params={"complete": "true"} if complete else None,
            headers=headers,
            timeout=_TIMEOUT,
            extensions=bounded_by(UNENDING),
        ) as answer:
            if not answer.is_success:
                await answer.aread()
                raise problem_of(answer)
            arriving = bounded_lines(answer.aiter_bytes(), lambda: too_large(answer))
            ident, event, length = "", "message", 0
            data: list[str] = []
            async for line in _in_time(arriving, answer.request):
                name, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if any(data):
                        yield ident, event, "\n".join(data)
                    event, length = "message", 0
                    data.clear()
                elif name == "id" and value.isascii() and value.isprintable():
                    # It is sent back in a header.
                    ident = value[:_LONGEST_IDENT]
                elif name == "event":
                    event = value
                elif name == "data":
                    length += len(value) + 1
                    if length > _LONGEST_EVENT:
                        raise too_large(answer)
                    data.append(value)


async def _in_time(lines: AsyncIterator[list[str]], request: httpx.Request) -> AsyncIterator[str]:
    """Yield the lines. Raises :class:`httpx.ReadTimeout` if no whole one arrives in time: single bytes are no
    heartbeat."""
    while True:
        async with in_time(request, _TIMEOUT.read):
            some = await anext(lines, None)
        if some is None:
            return
        for line in some:
            yield line


def _happened(ident: str, text: str) -> DocumentEvent:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        data = None
    data = data if isinstance(data, dict) else {}
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    return DocumentEvent(
        texts.get("event", ""),
        texts.get("document"),
        texts.get("folder"),
        _moment(texts.get("at", "")),
        ident,
        texts.get("name"),
        texts.get("actor"),
        texts.get("address"),
        {name: value for name, value in data.items() if type(value) is int},
        texts.get("agent"),
        told_settings(data),
        _moment(texts.get("begun_at", "")),
    )


def _moment(text: str) -> datetime | None:
    with suppress(ValueError):
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is not None else None
    return None
