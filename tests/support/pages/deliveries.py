"""Deliveries of stored bytes, for tests."""

from __future__ import annotations

from tui.server.blobs.outgoing import Outgoing


async def rest_of(outgoing: Outgoing, into: bytearray | None = None) -> bytes:
    """What is handed over to a client that takes everything at once; as far as it comes in ``into``."""
    found = bytearray() if into is None else into
    while part := await outgoing.next():
        found += part
        outgoing.taken += len(part)
    return bytes(found)
