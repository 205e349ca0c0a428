"""Parts of documents, as they are asked for with ``Range``."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

_PARTIAL = 206


@dataclass(frozen=True, slots=True)
class Block:
    """Some of a document's bytes, and the tag of the document that they are of; empty if the server has none."""

    content: bytes
    etag: str


def block_headers(start: int, length: int) -> dict[str, str]:
    """The headers of a request for ``length`` bytes from ``start`` on; at least one."""
    return {
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Range": f"bytes={start}-{start + max(length, 1) - 1}",
    }


async def block_of(response: httpx.Response, start: int, length: int) -> Block:
    """The bytes of a response to such a request; fewer at the end of the document."""
    # A server without range requests sends the document from its beginning.
    skip = start if response.status_code != _PARTIAL else 0
    found = bytearray()
    async for piece in response.aiter_bytes():
        found += piece[skip:]
        skip = max(0, skip - len(piece))
        if len(found) > length or (len(found) == length and response.status_code != _PARTIAL):
            # What is wanted of a part is all of it: read to its end, its connection can be used again.
            break
    return Block(bytes(found[:length]), response.headers.get("etag", ""))
