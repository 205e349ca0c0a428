"""The interface for storing documents' bytes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Unavailable

T = TypeVar("T")

#: Number of bytes read or written at once: larger pieces gain nothing, smaller ones take twice the time.
PIECE = 1024 * 1024

#: When a request is worth being repeated that found the store of documents away.
_RETRY_SECONDS = 5

Bytes = bytes | memoryview
#: Consecutive bytes. Each part but the last is some whole chunks, and may only be used until the next is asked for.
Parts = Iterable[Bytes]
#: What the data folder is known by, as a store; S3 stores are known by what they are marked with.
FOLDER = "folder"


class Discard(Exception):
    """Raised by the ``data`` of :meth:`Blobs.append` so that none of it is stored."""


class Damaged(OSError):
    """The bytes differ from those that were stored."""


#: What reading raises for bytes that aren't there as they were stored, where they can be looked for.
NOT_AS_STORED = (Damaged, FileNotFoundError, EOFError)


class StoreAway(Unavailable, OSError):
    """The store of documents is on another machine, and can't be reached, or (``refuses``) doesn't take the server's
    settings. ``why`` says so to its administrators. One that is ``gone`` isn't there any more, with all that was in
    it: someone has deleted or emptied it, or it is looked for at another place."""

    def __init__(self, why: str, *, refuses: bool = False, gone: bool = False) -> None:
        super().__init__(
            "store.away", "The server's documents can't be reached now; try again shortly.", _RETRY_SECONDS
        )
        self.why = why
        self.refuses = refuses or gone
        self.gone = gone


class WholeBlob(Protocol):
    """All bytes stored under a key, read once from the first to the last."""

    async def next(self, length: int) -> bytes:
        """The next ``length`` bytes. Raises :class:`Damaged` instead of returning the last ones if any of them aren't
        those that were stored; otherwise like :meth:`Blobs.piece`."""


class ProvenBytes(Protocol):
    """Bytes stored under a key, each part of which proves itself when it is read."""

    @property
    def is_far(self) -> bool:
        """As :attr:`PieceReader.is_far`."""

    async def read(self, start: int, length: int) -> Bytes:
        """The ``length`` bytes from ``start`` on. Raises :class:`Damaged` instead of returning any that aren't those
        that were stored; ``FileNotFoundError``, and ``EOFError`` if there are fewer."""

    def reuse(self, text: Bytes) -> None:
        """What :meth:`read` has returned is needed no more: the next text may be written to the same memory."""

    def give_back(self) -> None:
        """Drop what was read beyond what was asked for, and the memory for what comes next."""


class PieceStore(Protocol):
    """What a sealed content's pieces are read from."""

    async def opened(self, name: str, start: int, length: int, use: Callable[[Parts], T]) -> T:
        """What ``use`` makes, in a thread, of the ``length`` bytes from ``start`` on, where a chunk begins. It may be
        asked a second time, from the beginning. Raises ``FileNotFoundError``, and ``EOFError`` if there are fewer."""

    def reader(self) -> PieceReader:
        """For someone who reads part after part."""
        return PieceReader(self)


class PieceReader:
    """Reads from ``store`` for one who asks for one part at a time, of which most follow the one before."""

    def __init__(self, store: PieceStore) -> None:
        self._store = store

    @property
    def is_far(self) -> bool:
        """Whether what is read comes over a network, so that few large parts are read sooner than many small ones."""
        return False

    async def opened(
        self, name: str, start: int, length: int, use: Callable[[Parts], T], then: str | None = None
    ) -> T:
        """As :meth:`PieceStore.opened`. Whoever reads on behind the piece wants the one that comes ``then``."""
        return await self._store.opened(name, start, length, use)

    def give_back(self) -> None:
        """Let go of what has been prepared for the part that comes next."""


class Fault(StrEnum):
    """Why bytes can't be delivered."""

    MISSING = "missing"
    WRONG_SIZE = "wrong size"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    #: What the database says of them was changed by hand.
    CHANGED = "changed"


class StoredBytes(NamedTuple):
    """Something that is stored, whether or not the database knows it. ``key`` is ``None`` if no key could be so."""

    key: str | None
    place: str
    size: int
    changed_at: datetime


class Store(PieceStore, Protocol):
    """What the pieces of sealed contents are kept in, under names that are used once. All raise :class:`StoreAway` if
    it is somewhere else and can't be reached."""

    def new_keys(self, count: int) -> list[str]:
        """Return ``count`` unused names for bytes that are stored together, with :meth:`put`."""

    def writing(self) -> OwnStore:
        """The store that what is new is put into: this one, or the one of several that it is now."""

    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        """As :meth:`Blobs.put`."""

    async def stored_lengths(self, names: Sequence[str]) -> list[int]:
        """How many bytes are stored under each name; 0 if there are none."""

    async def fault_of(self, pieces: Sequence[tuple[str, int]]) -> Fault | None:
        """Why one of the pieces, each with its length, can't be read, as far as that is known without reading them."""

    async def stamp(self, name: str) -> str:
        """A string that changes when the bytes are changed or replaced. Raises ``FileNotFoundError``."""

    async def signs(self, names: Sequence[str]) -> str:
        """The same of several, as far as it can be known at once: what is stored far away is known by its names only.
        Raises ``FileNotFoundError``."""

    async def place(self, name: str) -> str:
        """Where the bytes are, for people."""

    def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        """All that is stored, in batches."""

    async def drop_from_memory(self, name: str) -> None:
        """Have what is stored under the name read from where it lies, not from memory."""

    def room(self) -> int:
        """How many more bytes can be stored. Fast."""

    def lacks_files(self) -> bool:
        """Whether no more names may be taken. Fast."""

    def takes_writes(self) -> bool:
        """Whether it isn't read-only, as far as is known. Fast."""

    async def trouble(self) -> str | None:
        """Why it can't be reached now, in a sentence for everyone; ``None`` if it can. Takes a few seconds at most."""

    async def delete(self, name: str) -> None:
        """Delete the bytes, if there are any."""


class OwnStore(Store, Protocol):
    """A single store, which can be marked as an installation's own."""

    @property
    def ident(self) -> str:
        """What it is known by: :data:`FOLDER`, or its mark."""

    async def receive(self, name: str, length: int, data: AsyncIterator[Bytes]) -> None:
        """Store ``length`` bytes of another store under the name that they have there, whole or not at all. What is
        there already is replaced. Raises ``Failed("disk_full")``, and whatever ``data`` raises."""

    async def marker(self) -> str | None:
        """What :meth:`mark` has written; ``None`` if nothing."""

    async def mark(self, ident: str) -> None:
        """Write whose store it is."""

    async def unmark(self) -> None:
        """Take that back."""

    async def drop_half_received(self) -> None:
        """Delete what one who was killed has only half received."""


class Blobs(Protocol):
    """Bytes stored under random keys. A key says nothing about the document, whose metadata is in the database."""

    def new_key(self) -> str:
        """Return an unused key."""

    def new_keys(self, count: int) -> list[str]:
        """Return ``count`` unused keys for bytes that are stored together, with :meth:`put`."""

    async def append(
        self, key: str, offset: int, data: AsyncIterator[Bytes], *, exact: bool = False, digest: bool = False
    ) -> int:
        """Write ``data`` at ``offset``, which can't be after the end of the stored bytes; bytes after it are dropped.

        A piece of :data:`PIECE` bytes or more may change as soon as the next but one is asked for.

        Returns the new length; the bytes are durable by then. ``digest`` makes sure that :meth:`prefix` can return the
        digest quickly afterwards.

        If ``data`` raises an exception, it propagates; what arrived before is stored, unless it is :class:`Discard`.
        Raises ``Failed("disk_full")`` if the disk is full or only the reserve is left, ``Conflict("upload.locked")``
        while another request writes, and ``Conflict("upload.offset")`` if ``offset`` is after the end or, with
        ``exact``, before it.
        """

    async def write(self, key: str, data: AsyncIterator[Bytes]) -> int:
        """:meth:`append` to a new key whose bytes are to become a document's, all at once: see :meth:`settle`."""

    async def settle(self, connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Make what is stored the contents of ``rows`` (of the table ``blobs``), which are written in the same
        transaction: whole, with this size, and unchangeable. Raises ``Conflict("upload.locked")`` for what isn't
        exactly what :meth:`received` was asked for."""

    async def seal(self, key: str, size: int, sha256: str) -> None:
        """Encrypt a document's bytes that lie plain, unless they no longer do. Raises :class:`Damaged`,
        ``FileNotFoundError``, ``EOFError``, and ``Failed("disk_full")``."""

    async def length(self, key: str) -> int:
        """The number of bytes stored under ``key``; 0 if there are none."""

    async def lengths(self, keys: Sequence[str], connection: AsyncConnection) -> list[int]:
        """The :meth:`length` of each key, for one who holds ``connection``."""

    async def sha256(self, key: str) -> str:
        """The digest of all bytes under ``key``, in hexadecimal, computed from what is stored."""

    async def scrub(self, key: str) -> str:
        """Like :meth:`sha256`, slowly: from where the bytes are rather than from what the system keeps of them in
        memory, with as many rests as leave others half of the disk's time."""

    async def place(self, key: str) -> str:
        """Where the bytes are, for people: paths in the data folder."""

    async def faulty_place(self, key: str) -> str:
        """The same of bytes that can't be delivered: only those pieces that are missing or damaged, which are found by
        reading them."""

    def stored(self) -> AsyncIterator[Sequence[StoredBytes]]:
        """All that is stored, in batches."""

    async def received(self, key: str) -> str:
        """The digest of all bytes under ``key`` as received, in hexadecimal; computed from storage if not known."""

    async def prefix(self, key: str) -> tuple[int, bytes | None]:
        """The number of stored bytes, and their digest if it is known without reading them."""

    async def fault(self, key: str, size: int, damaged: str | None = None) -> Fault | None:
        """Why ``size`` bytes under ``key`` can't be delivered; ``None`` if they can, as far as is known without reading
        them. ``damaged`` is the :meth:`stamp` of bytes that turned out to be damaged when they were read."""

    async def stamp(self, key: str) -> str:
        """A string that changes when the bytes are changed or replaced; at most 128 characters."""

    async def piece(self, key: str, start: int, length: int) -> bytes:
        """Read ``length`` bytes, beginning at ``start``, into memory.

        Raises ``FileNotFoundError``, and ``EOFError`` if there are fewer bytes.
        """

    async def proven(self, key: str, size: int, sha256: str) -> ProvenBytes | None:
        """The bytes of a document with this size and digest, if each part of them proves itself: then neither
        :meth:`whole` nor :meth:`prove` is needed. ``None`` for what lies plain. Raises :class:`Damaged`."""

    def whole(self, key: str, size: int, sha256: str) -> WholeBlob:
        """Read all ``size`` bytes, whose digest must be ``sha256``, in hexadecimal. Raises ``FileNotFoundError``."""

    async def prove(self, key: str, size: int, sha256: str) -> None:
        """Raise :class:`Damaged` unless all ``size`` bytes have the digest ``sha256``; they are read unless they were a
        short while ago. Raises ``FileNotFoundError`` and ``EOFError``, too."""

    def room(self) -> int:
        """How many more bytes can be stored. Fast."""

    def lacks_files(self) -> bool:
        """Whether there may be no more documents, however small. Fast."""

    def takes_writes(self) -> bool:
        """Whether what they are stored on isn't read-only. Fast."""

    async def trouble(self) -> str | None:
        """Why what they are stored in can't be reached now, in a sentence for everyone; ``None`` if it can."""

    async def put(self, contents: Mapping[str, Sequence[Bytes]]) -> None:
        """Store the pieces of each value under its key, which must be unused. All are durable when it returns."""

    async def delete(self, key: str) -> None:
        """Delete the bytes, if there are any, and whatever is known of them."""

    async def remove(self, name: str) -> None:
        """Delete what is stored under a key that was marked for that, if there is anything."""
