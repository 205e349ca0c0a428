"""Deliveries of stored bytes, for tests."""

from __future__ import annotations

import hashlib

from tui.server.blobs import Blobs
from tui.server.blobs.outgoing import Outgoing


def delivery_of(blobs: Blobs, key: str, text: bytes, start: int = 0, length: int | None = None) -> Outgoing:
    """A delivery of ``text``, which is stored under ``key``, or of a part of it."""
    wanted = len(text) - start if length is None else length
    return Outgoing(blobs, key, start, wanted, size=len(text), sha256=hashlib.sha256(text).hexdigest())


async def rest_of(outgoing: Outgoing, into: bytearray | None = None) -> bytes:
    """What is handed over to a client that takes everything at once; as far as it comes in ``into``."""
    found = bytearray() if into is None else into
    while part := await outgoing.next():
        found += part
        outgoing.taken += len(part)
    return bytes(found)
