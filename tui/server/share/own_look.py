"""The server's own look into documents that are being published, where the policy refuses some of what they can carry.

It is taken in a process of its own. What a client says of its documents is believed for a warning only: the next
program would pass by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.carried_policy import needs_look, refused, unread_refusal
from ...rules.errors import PolicyBreach
from ...rules.policy import Policy
from ...rules.text import printable
from ..blobs.base import Bytes
from . import policy
from .caller import Caller

if TYPE_CHECKING:
    from ...rules.carried import Report

#: How many documents a server process has looked into at once.
_AT_ONCE = 2
_places = asyncio.Semaphore(_AT_ONCE)


async def refusing(connection: AsyncConnection) -> Policy | None:
    """The policy, if it refuses something that only a look into a document can tell."""
    rules = await policy.load(connection)
    return rules if needs_look(rules) else None


async def check_blob(by: Caller, rules: Policy | None, name: str, blob: str, size: int) -> None:
    """Look into stored bytes, if there are ``rules`` that ask for it. Raises :class:`PolicyBreach`."""

    async def fetch(place: int, length: int) -> bytes:
        return await by.context.blobs.piece(blob, place, max(min(length, size - place), 0))

    if rules is not None:
        _check(rules, name, await _look(name, size, fetch))


async def check_bytes(rules: Policy | None, name: str, content: Sequence[Bytes]) -> None:
    """The same for bytes that have just arrived."""

    async def fetch(place: int, length: int) -> bytes:
        return _span(content, place, length)

    if rules is not None:
        _check(rules, name, await _look(name, sum(map(len, content)), fetch))


def _span(pieces: Sequence[Bytes], place: int, length: int) -> bytes:
    """Some of the bytes that lie in memory in pieces, without a copy of all."""
    found = bytearray()
    for piece in pieces:
        if place < len(piece):
            found += piece[place : place + length - len(found)]
            if len(found) >= length:
                break
        place = max(0, place - len(piece))
    return bytes(found)


async def _look(name: str, size: int, fetch: Callable[[int, int], Awaitable[bytes]]) -> Report:
    # Few installations need it.
    from ...inspection.inspector import Inspector

    async with _places:
        return await Inspector().inspect(fetch, name, size)


def _check(rules: Policy, name: str, report: Report) -> None:
    shown = f"“{printable(name)}”"
    if unread := unread_refusal(shown, report, rules):
        raise PolicyBreach("policy.carries_unreadable", unread)
    if what := refused(report, rules):
        raise PolicyBreach(
            "policy.carries",
            f"{shown} carries what your firm's policy doesn't let out: {what}. Clean it in the program that made it, "
            "and send it again.",
        )
