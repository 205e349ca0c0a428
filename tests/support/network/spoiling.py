"""What a network or a server can do to a request or to its answer, for a proxy that misbehaves."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: How long a request waits for others, or for an event.
TOGETHER_SECONDS = 20


@dataclass(frozen=True)
class Cut:
    """The connection is reset after ``after`` bytes of the request's body. With ``arrive``, all of these reach the
    server; without, the reset may discard what it has not read yet."""

    after: int
    arrive: bool = False


@dataclass(frozen=True)
class LoseAnswer:
    """The server gets the request and answers it; the connection is reset before the answer comes back."""


@dataclass(frozen=True)
class HoldAnswer:
    """The server gets the request and answers it; the answer never comes back, and the connection stays open."""


@dataclass(frozen=True)
class Hold:
    """The request waits until the event is set; with ``answer``, it is passed on, and the server's answer waits
    instead."""

    go_on: threading.Event
    answer: bool = False

    async def wait(self) -> None:
        await asyncio.to_thread(self.go_on.wait, TOGETHER_SECONDS)


@dataclass(frozen=True)
class CutAnswer:
    """The connection is reset after ``after`` bytes of the answer, including its head."""

    after: int


@dataclass(frozen=True)
class Say:
    """The proxy answers in the server's place; ``missing`` is how many bytes are announced but never sent."""

    status: int
    body: bytes = b""
    type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    missing: int = 0

    def written(self) -> bytes:
        """The answer as it goes over the line."""
        lines = [
            f"HTTP/1.1 {self.status} Spoiled",
            f"Content-Length: {len(self.body) + self.missing}",
            f"Content-Type: {self.type}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in self.headers),
            "",
            "",
        ]
        return "\r\n".join(lines).encode("latin-1") + self.body


def refusal(status: int, code: str, detail: str) -> Say:
    """Share's refusal of a request."""
    body = {"title": "Refused", "status": status, "code": code, "detail": detail}
    return Say(status, json.dumps(body).encode(), "application/problem+json")


@dataclass(frozen=True)
class Hang:
    """No answer ever comes."""


@dataclass(frozen=True)
class Slow:
    """The body reaches the server at ``rate`` bytes per second."""

    rate: int


@dataclass(frozen=True)
class Flip:
    """One in ``every`` bytes of the request's body, after the first ``skip``, is changed on the way to the server, at
    most ``most`` in all."""

    every: int
    skip: int = 0
    most: int = 1_000_000

    def damaged(self, piece: bytes, begins: int) -> bytes:
        """A piece of the body that begins at this byte, with its share of the changes."""
        found = bytearray(piece)
        places = range(self.skip, self.skip + self.every * self.most, self.every)
        for place in places[max(0, -(-(begins - self.skip) // self.every)) :]:
            if place >= begins + len(piece):
                break
            found[place - begins] ^= 1
        return bytes(found)


@dataclass(frozen=True)
class Call:
    """``what`` is called (in the proxy's thread) before the request is passed on."""

    what: Callable[[], Any]


class Together:
    """The requests are passed on as soon as ``count`` of them are waiting; if that never happens, they get a 500."""

    def __init__(self, count: int) -> None:
        self.barrier = asyncio.Barrier(count)


Action = Cut | Flip | CutAnswer | HoldAnswer | Hold | LoseAnswer | Say | Hang | Slow | Call | Together
