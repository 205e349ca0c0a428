"""Encrypting a piece in chunks, in the manner of age's STREAM: AES-256-GCM, with a key of its own for each piece.

A piece's key is derived from the content's key and the piece's salt, and a chunk's nonce is its number. So a chunk that
was changed, moved, repeated, or taken from another piece doesn't open. Where a piece ends isn't said in it: the list of
a content's pieces says so (:mod:`.contents`).

A nonce must never be used twice with the same key: who has both ciphertexts would have the XOR of both texts. So a
:class:`PieceSealer` makes its salt itself, and counts its chunks itself; nothing can make another one with that salt,
and what is sealed again, for whatever reason, is sealed by another one.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

from ..base import Bytes, Damaged, Parts

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

#: Bytes of text in a chunk (the last one of a piece may have fewer), of its tag, and of both as they are stored.
CHUNK, TAG = 64 * 1024, 16
STORED_CHUNK = CHUNK + TAG
KEY_BYTES = SALT_BYTES = 32
_NONCE_BYTES = 12
_PURPOSE = b"sentlinks piece AES-256-GCM 65536"


def stored_length(used: int) -> int:
    """How many bytes are stored for ``used`` bytes of text."""
    whole, rest = divmod(used, CHUNK)
    return whole * STORED_CHUNK + (rest + TAG if rest else 0)


def used_length(stored: int) -> int:
    """How many bytes of text there are in ``stored`` bytes, as far as their number tells."""
    whole, rest = divmod(stored, STORED_CHUNK)
    return whole * CHUNK + max(rest - TAG, 0)


def derived(key: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Another key of 32 bytes, from which neither ``key`` nor any other can be found."""
    # The library takes 7 MB, which a server doesn't need before its first document.
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt, purpose).derive(key)


def _cipher(key: bytes, salt: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(derived(key, salt, _PURPOSE))


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


class PieceSealer:
    """Seals one piece of the content with ``key``, from its first byte to its last. For one thread at a time."""

    def __init__(self, key: bytes) -> None:
        self.salt = secrets.token_bytes(SALT_BYTES)
        self._cipher = _cipher(key, self.salt)
        self._numbers = count()
        #: What belongs to the next chunk.
        self._rest: list[bytes] = []
        self._rest_bytes = 0
        self._is_over = False
        #: Bytes of text in what was returned, and its own.
        self.used = self.stored = 0

    def take(self, texts: Sequence[Bytes]) -> list[bytes]:
        """The chunks that ``texts`` complete; what is over is kept for the next call."""
        chunks: list[bytes] = []
        for text in texts:
            view, start = memoryview(text), 0
            if self._rest_bytes:
                start = min(CHUNK - self._rest_bytes, len(view))
                self._keep(view[:start])
                if self._rest_bytes < CHUNK:
                    continue
                chunks.append(self._seal(self._take_rest()))
            # As they lie: to put them together first would take half as long as to seal them.
            end = len(view) - (len(view) - start) % CHUNK
            chunks += [self._seal(view[at : at + CHUNK]) for at in range(start, end, CHUNK)]
            self._keep(view[end:])
        return chunks

    def finish(self) -> list[bytes]:
        """The last chunk, if anything is left for it. Nothing more can be sealed afterwards."""
        chunks = [self._seal(self._take_rest())] if self._rest_bytes else []
        self._is_over = True
        return chunks

    def _keep(self, text: memoryview) -> None:
        if text:
            self._rest.append(bytes(text))
            self._rest_bytes += len(text)

    def _take_rest(self) -> bytes:
        rest = b"".join(self._rest)
        self._rest, self._rest_bytes = [], 0
        return rest

    def _seal(self, text: Bytes) -> bytes:
        if self._is_over:
            raise ValueError("the piece has ended")
        # Counted before it is used: whatever fails, no number comes a second time.
        sealed = self._cipher.encrypt(_nonce(next(self._numbers)), text, None)
        self.used += len(text)
        self.stored += len(sealed)
        return sealed


class PieceOpener:
    """Opens chunks of the piece with ``salt``, of the content with ``key``."""

    def __init__(self, key: bytes, salt: bytes) -> None:
        self._cipher = _cipher(key, salt)

    def open(self, number: int, sealed: Bytes) -> bytes:
        """The text of a chunk. Raises :class:`Damaged` unless it is exactly what was sealed as that chunk."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(_nonce(number), sealed, None)
        except InvalidTag:
            raise Damaged(f"chunk {number} isn't what was stored") from None

    def check_all(self, first: int, sealed: Bytes) -> None:
        """Raise :class:`Damaged` unless these are consecutive chunks; only the last may be shorter than the others."""
        view = memoryview(sealed)
        for number, start in enumerate(range(0, len(view), STORED_CHUNK), first):
            self.open(number, view[start : start + STORED_CHUNK])

    def open_into(self, first: int, sealed: Parts, into: memoryview) -> None:
        """Write the texts of consecutive chunks, of which only the last may be shorter than the others, one behind the
        other to ``into``, which has just their length. If this raises :class:`Damaged`, nothing there may be used."""
        from cryptography.exceptions import InvalidTag

        number = first
        try:
            for part in sealed:
                view = memoryview(part)
                for start in range(0, len(view), STORED_CHUNK):
                    at, chunk = (number - first) * CHUNK, view[start : start + STORED_CHUNK]
                    self._cipher.decrypt_into(_nonce(number), chunk, None, into[at : at + CHUNK])
                    number += 1
            if (number - first) * CHUNK < len(into):
                raise ValueError("chunks are missing")
        except (InvalidTag, ValueError):
            raise Damaged(f"chunk {number} isn't what was stored") from None
