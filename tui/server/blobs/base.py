"""What keeps documents' bytes can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Protocol

#: Bytes read or written at once: larger pieces gain nothing, smaller ones cost twice the time.
PIECE = 1024 * 1024


class Discard(Exception):
    """Raised by the data of an :meth:`Blobs.append`, so that nothing of it is kept."""


class Blobs(Protocol):
    """Bytes under random keys. A key says nothing about the document; facts are in the database."""

    def new_key(self) -> str:
        """A key that nothing is kept under yet."""

    async def append(self, key: str, offset: int, data: AsyncIterator[bytes], *, exact: bool = False) -> int:
        """Writes ``data`` at ``offset``, which must be where the kept bytes end or before; later bytes are lost.

        When it returns (the new length), the bytes are durable. Where ``data`` breaks off by an exception, what
        came until then is kept, except by :class:`Discard`, and the exception goes on. Raises
        ``Failed("disk_full")`` on a full disk, ``Conflict("upload.locked")`` while another request writes, and
        with ``exact`` ``Conflict("upload.offset")`` unless ``offset`` is where the kept bytes end.
        """

    async def length(self, key: str) -> int:
        """How many bytes are durable under ``key``; 0 where there are none."""

    async def sha256(self, key: str) -> str:
        """The digest of all bytes under ``key``, in hexadecimal, read from where they are kept."""

    def read(self, key: str, start: int, length: int) -> AsyncIterator[bytes]:
        """``length`` bytes from ``start`` on, in pieces. Raises ``FileNotFoundError`` at the first piece."""

    async def put(self, contents: Sequence[bytes]) -> list[str]:
        """Keeps each under a new key, in one go; answers the keys. All are durable when it returns."""

    async def delete(self, key: str) -> None:
        """Forgets the bytes; nothing happens where there are none."""
