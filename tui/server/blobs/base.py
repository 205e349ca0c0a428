"""What keeps documents' bytes can do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import Protocol

#: Bytes read or written at once: larger pieces gain nothing, smaller ones cost twice the time.
PIECE = 1024 * 1024


class Discard(Exception):
    """Raised by the data of an :meth:`Blobs.append`, so that nothing of it is kept."""


class Damaged(OSError):
    """The bytes are not those that were kept."""


class Digest(Protocol):
    """A digest of ``hashlib``."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


class Fault(StrEnum):
    """Why bytes cannot be given out."""

    MISSING = "missing"
    WRONG_SIZE = "wrong size"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"


class Blobs(Protocol):
    """Bytes under random keys. A key says nothing about the document; facts are in the database."""

    def new_key(self) -> str:
        """A key that nothing is kept under yet."""

    def new_keys(self, count: int) -> list[str]:
        """So many of them, for what is kept in one go: they lie together."""

    async def append(
        self, key: str, offset: int, data: AsyncIterator[bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        """Writes ``data`` at ``offset``, which must be where the kept bytes end or before; later bytes are lost.

        With ``digest`` it is seen to that :meth:`prefix` can tell the digest quickly afterwards.

        When it returns (the new length), the bytes are durable. Where ``data`` breaks off by an exception, what
        came until then is kept, except by :class:`Discard`, and the exception goes on. Raises
        ``Failed("disk_full")`` on a full disk and before
        a reserve is taken, ``Conflict("upload.locked")`` while another request writes, and
        ``Conflict("upload.offset")`` where ``offset`` is behind the end, or with ``exact`` before it.
        """

    async def length(self, key: str) -> int:
        """How many bytes are durable under ``key``; 0 where there are none."""

    async def lengths(self, keys: Sequence[str]) -> list[int]:
        """The :meth:`length` of each."""

    async def sha256(self, key: str) -> str:
        """The digest of all bytes under ``key``, in hexadecimal, read from where they are kept."""

    async def received(self, key: str) -> str:
        """The digest of all bytes under ``key`` as they came, in hexadecimal; they are read where that is not known."""

    async def prefix(self, key: str) -> tuple[int, bytes | None]:
        """How many bytes there are, and their digest where that is quickly told."""

    async def fault(self, key: str, size: int, damaged: str | None = None) -> Fault | None:
        """Why ``size`` bytes under ``key`` cannot be given out; ``None`` where they can, as far as can be told without
        reading them. ``damaged`` is the :meth:`stamp` of those that were read and found wrong."""

    async def stamp(self, key: str) -> str:
        """What becomes another where the bytes are changed or replaced, in 128 characters at most."""

    async def piece(self, key: str, start: int, length: int, digest: Digest | None = None) -> bytes:
        """``length`` bytes from ``start`` on, as many as are to be in memory; ``digest`` has had them before they are
        given. Raises ``FileNotFoundError``, and ``EOFError`` where there are fewer."""

    def room(self) -> int:
        """How many bytes more can be kept; quickly told."""

    async def put(self, contents: Mapping[str, bytes]) -> None:
        """Keeps each under its key, which is a new one, in one go. All are durable when it returns."""

    async def delete(self, key: str) -> None:
        """Forgets the bytes; nothing happens where there are none."""
