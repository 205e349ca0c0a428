"""A content: its key, and the ordered list of pieces that its bytes are stored as."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from .chunks import CHUNK, KEY_BYTES, STORED_CHUNK, derived, stored_length

_PURPOSE = b"sentlinks list of pieces HMAC-SHA-256"


class StoredPiece(NamedTuple):
    """A piece that is stored under ``name``: ``stored`` bytes, of whose text the first ``used`` count.

    ``stored`` is ``None`` as long as it is being written, and after the one who wrote it was killed. ``number`` orders
    the pieces of a content.
    """

    number: int
    name: str
    salt: bytes
    stored: int | None
    used: int


class Span(NamedTuple):
    """Consecutive chunks of a piece: ``length`` stored bytes from ``start`` on, which are the chunks from ``first`` on;
    of their text, the bytes from ``skip`` to ``end`` are wanted. The content goes on in the piece named ``then``."""

    piece: StoredPiece
    first: int
    start: int
    length: int
    skip: int
    end: int
    then: str | None


@dataclass(frozen=True, slots=True)
class SealedContent:
    """The bytes with the blob's ``key``. ``secret`` is their key, ``mac`` what fixes them once they are a document's
    (``None`` until then). Pieces that have no rows yet are in the stores ``written_to``."""

    key: str
    secret: bytes = field(repr=False)
    pieces: tuple[StoredPiece, ...] = ()
    mac: bytes | None = None
    written_to: frozenset[str] = field(default=frozenset(), compare=False)

    @classmethod
    def new(cls, key: str) -> SealedContent:
        """A content without bytes, with a new key."""
        return cls(key, secrets.token_bytes(KEY_BYTES))

    @property
    def size(self) -> int:
        """The number of bytes of text, without the piece that is being written."""
        return sum(piece.used for piece in self.pieces)

    @property
    def unfinished(self) -> StoredPiece | None:
        """The piece that is being written, or whose writer was killed."""
        last = self.pieces[-1] if self.pieces else None
        return last if last is not None and last.stored is None else None

    @property
    def next_number(self) -> int:
        """The number of the next piece."""
        return self.pieces[-1].number + 1 if self.pieces else 0

    @property
    def stamp(self) -> str:
        """What changes whenever the list does: no piece is ever written a second time."""
        return " ".join(f"{piece.name}:{piece.used}" for piece in self.pieces) or "empty"

    def with_pieces(self, pieces: Sequence[StoredPiece]) -> SealedContent:
        """The same with other pieces."""
        return replace(self, pieces=tuple(pieces))

    def written(self, store: str) -> SealedContent:
        """The same with one more of these stores."""
        return replace(self, written_to=self.written_to | {store})

    def noted(self) -> SealedContent:
        """The same, of which all pieces have rows."""
        return replace(self, written_to=frozenset())

    def cut(self, length: int) -> SealedContent:
        """The same with its first ``length`` bytes only."""
        pieces: list[StoredPiece] = []
        for piece in self.pieces:
            if length > 0:
                pieces.append(piece._replace(used=min(piece.used, length)))
            length -= piece.used
        return self.with_pieces(pieces)

    def mac_of(self, size: int, sha256: str) -> bytes:
        """What fixes the content as a document's: order, number, place and end of all pieces, and what they are."""
        fields: list[bytes] = [self.key.encode(), b"%d" % size, sha256.encode(), b"%d" % len(self.pieces)]
        for piece in self.pieces:
            fields += [
                piece.name.encode(),
                piece.salt,
                b"%d" % piece.used,
                b"" if piece.stored is None else b"%d" % piece.stored,
            ]
        text = b"".join([len(each).to_bytes(8, "big") + each for each in fields])
        return hmac.digest(derived(self.secret, b"", _PURPOSE), text, hashlib.sha256)

    def fixed(self, size: int, sha256: str) -> SealedContent:
        """The same as a document's content. Raises ``ValueError`` if it has another size."""
        if self.size != size or self.unfinished is not None:
            raise ValueError(f"the content has {self.size} bytes, not {size}")
        return replace(self, mac=self.mac_of(size, sha256))

    def is_fixed_as(self, size: int, sha256: str) -> bool:
        """Whether it is what was once fixed as a document's content with this size and digest."""
        if self.mac is None or self.size != size or self.unfinished is not None:
            return False
        return hmac.compare_digest(self.mac, self.mac_of(size, sha256))

    def spans(self, start: int, length: int) -> Iterator[Span]:
        """Where the ``length`` bytes from ``start`` on are. Raises ``EOFError`` if there are fewer."""
        if start + length > self.size:
            raise EOFError(f"the content ends at {self.size}")
        for number, piece in enumerate(self.pieces, 1):
            if length and start < piece.used and piece.stored is not None:
                wanted = min(length, piece.used - start)
                then = self.pieces[number].name if number < len(self.pieces) else None
                yield _span(piece, piece.stored, start, wanted, then)
                start, length = 0, length - wanted
            else:
                start = max(start - piece.used, 0)


def _span(piece: StoredPiece, stored: int, start: int, length: int, then: str | None) -> Span:
    first, last = start // CHUNK, (start + length - 1) // CHUNK
    begin = first * STORED_CHUNK
    end = min((last + 1) * STORED_CHUNK, stored)
    skip = start - first * CHUNK
    return Span(piece, first, begin, end - begin, skip, skip + length, then)


def whole_piece(number: int, name: str, salt: bytes, used: int) -> StoredPiece:
    """A piece that was written to its end."""
    return StoredPiece(number, name, salt, stored_length(used), used)
