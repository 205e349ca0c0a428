"""Listening to Share's events: what happens to the user's documents, as it happens, for as long as one wants.

A connection that is lost is mended: the same stream goes on, and what was missed meanwhile comes first.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

import httpx

from ..rules.errors import NotAllowed, NotFound, NotSignedIn, Problem, Throttled, Unreachable
from .connection import problem_of, reaching

#: Seconds between two signs of life of the server.
HEARTBEAT = 15.0
#: The first and the longest wait before the next try, in seconds.
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
#: The shortest wait before the next try where the server has answered something else meanwhile.
SHORTEST_WAIT = 0.5
#: What a gateway says of a server that it cannot reach.
_NOT_THERE = (502, 503, 504)
_TIMEOUT = httpx.Timeout(connect=10, read=2.5 * HEARTBEAT, write=10, pool=30)
#: A connection that was there for so many seconds was a good one.
_LASTING = 2 * HEARTBEAT
_LONGEST_LINE = 64 * 1024
#: Trying again leads nowhere.
_FINAL = (NotSignedIn, NotAllowed, NotFound)


@dataclass(frozen=True, slots=True)
class Connected:
    """The server is listened to. ``anew``: so much may have been missed that everything is to be read again."""

    anew: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """``event`` (as in the audit) happened to ``document``, which is in ``folder``, or to that folder itself."""

    event: str
    document: str | None
    folder: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is lost; in ``wait`` seconds the next try is made."""

    problem: Problem
    wait: float


Told = Connected | Happened | Lost


@contextmanager
def hearing(http: httpx.AsyncClient, heard: Callable[[], None]) -> Iterator[None]:
    """Within, calls ``heard`` whenever the server answers any request over ``http``."""

    async def answered(response: httpx.Response) -> None:
        if response.status_code not in _NOT_THERE:
            heard()

    hooks = http.event_hooks["response"]
    hooks.append(answered)
    try:
        yield
    finally:
        hooks.remove(answered)


async def follow(http: httpx.AsyncClient, answered: asyncio.Event | None = None) -> AsyncIterator[Told]:
    """What happens, without an end. A lost connection is tried again at once when ``answered`` is set.

    Raises :class:`NotSignedIn`, :class:`NotAllowed`, and :class:`NotFound` where the server tells no events.
    """
    answered = answered or asyncio.Event()
    last: str | None = None
    # Connections in a row that did not last, and whether the one before broke.
    tries, broken = 0, False
    while True:
        problem: Problem | None = None
        began = monotonic()
        try:
            async for ident, event, data in _stream(http, last):
                if event == "ready" and not broken and last is not None:
                    # The server ended the stream in good order: a membership may be another one now.
                    yield Connected(anew=True)
                elif event in ("ready", "reset"):
                    yield Connected(anew=event == "reset" or last is None)
                elif event == "happened":
                    tries = 0
                    yield _happened(data)
                broken = False
                last = ident or last
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
        if isinstance(problem, Unreachable):
            await _sleep(wait, answered)
        else:
            # The server was there: that it answers others too is no reason to ask it earlier.
            await asyncio.sleep(wait)


async def _sleep(wait: float, answered: asyncio.Event) -> None:
    await asyncio.sleep(min(wait, SHORTEST_WAIT))
    with suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, wait - SHORTEST_WAIT)):
            await answered.wait()


def _wait(tries: int, problem: Problem | None) -> float:
    """Longer after each try, and not the same for all who lost the server in one moment."""
    longest = min(FIRST_WAIT * 2.0 ** min(tries, 20), LONGEST_WAIT)
    least = float(problem.retry_after) if isinstance(problem, Throttled) else 0.0
    return max(least, longest * random.uniform(0.5, 1.0))  # noqa: S311


async def _stream(http: httpx.AsyncClient, last: str | None) -> AsyncIterator[tuple[str, str, str]]:
    """The id, name and data of each event of one connection, until the server ends it. Raises :class:`Problem`."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last} if last else {})
    with reaching(http):
        async with http.stream("GET", "/share/v1/events", headers=headers, timeout=_TIMEOUT) as answer:
            if not answer.is_success:
                await answer.aread()
                raise problem_of(answer)
            ident, event, data = "", "message", ""
            async for line in answer.aiter_lines():
                name, _, value = line[:_LONGEST_LINE].partition(":")
                value = value.removeprefix(" ")
                if not line:
                    if data:
                        yield ident, event, data
                    event, data = "message", ""
                elif name == "id":
                    ident = value
                elif name == "event":
                    event = value
                elif name == "data":
                    data = f"{data}\n{value}" if data else value


def _happened(text: str) -> Happened:
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    data = data if isinstance(data, dict) else {}
    texts = {name: value for name, value in data.items() if isinstance(value, str)}
    return Happened(texts.get("event", ""), texts.get("document"), texts.get("folder"))
