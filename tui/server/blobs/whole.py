"""Reading a whole file, and making sure that its bytes are those that were stored."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
from pathlib import Path

from .base import PIECE, Damaged
from .verified import Signature, Verified


class WholeFile:
    """Reads the ``size`` bytes of a file once, from the first to the last. They must have the digest ``sha256``.

    They are digested while they are read, unless the file was verified a short while ago and is unchanged. Its
    signature is looked at after each piece was read, on the same descriptor: if it is still that of the verified file,
    the piece was read from the verified file, whatever was done before and is done afterwards. As soon as it isn't,
    because the file changed or too much time has passed, the bytes are digested after all, including those before.
    """

    def __init__(self, path: Path, size: int, sha256: str, verified: Verified) -> None:
        self._path = path
        self._size = size
        self._sha256 = sha256
        self._verified = verified
        self._position = 0
        #: Of all bytes before the position; ``None`` as long as these needn't be digested.
        self._digest: hashlib._Hash | None = None
        #: When the bytes that were digested began to be read, by the clock of ``verified`` and by the system's.
        self._since, self._begun = 0.0, 0
        #: What the file had then. If it has that later, it wasn't changed while it was read either.
        self._signature: Signature | None = None

    async def next(self, length: int) -> bytes:
        """The next ``length`` bytes. Raises :class:`Damaged` instead of returning the last ones if the digest differs;
        also ``FileNotFoundError`` and ``EOFError``."""
        return await asyncio.to_thread(self._next, length)

    def _next(self, length: int) -> bytes:
        handle = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if self._digest is None:
                self._since, self._begun = self._verified.clock(), self._verified.wall_clock()
            piece = read(handle, length, self._position)
            signature = Signature.of(os.fstat(handle))
            if self._digest is None and not self._verified.has(self._path.name, signature, self._sha256):
                # What was returned so far was right then; it must still be, for the digest to be.
                self._digest, self._signature = digest_of(handle, self._position), signature
        finally:
            os.close(handle)
        self._position += length
        if self._digest is not None:
            self._digest.update(piece)
            if self._position == self._size:
                self._settle(self._digest.hexdigest())
        return piece

    def _settle(self, digest: str) -> None:
        key = self._path.name
        if digest != self._sha256:
            self._verified.forget(key)
            raise Damaged("the digest isn't that of the original bytes")
        if self._signature is not None and self._signature.changed_before(self._begun):
            self._verified.remember(key, self._signature, digest, self._since)


def read(handle: int, length: int, start: int) -> bytes:
    """Read ``length`` bytes from ``start`` on. Raises ``EOFError`` if there are fewer."""
    piece = os.pread(handle, length, start)
    if len(piece) < length:
        raise EOFError(f"the file ends at {start + len(piece)}")
    return piece


def digest_of(handle: int, length: int) -> hashlib._Hash:
    """The digest of the first ``length`` bytes."""
    digest = hashlib.sha256()
    position = 0
    while position < length:
        piece = os.pread(handle, min(PIECE, length - position), position)
        if not piece:
            raise OSError(errno.EIO, "the file was truncated")
        digest.update(piece)
        position += len(piece)
    return digest
