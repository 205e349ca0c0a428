"""Copying a piece from one store to another, as it lies: no byte is sealed anew, so no nonce is used again.

Each chunk is opened with its content's key, in the one store and afterwards in the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from ..base import Bytes, Damaged, OwnStore, Parts, Store, StoreAway
from .chunks import STORED_CHUNK, PieceOpener
from .contents import StoredPiece

#: Bytes that are read at once.
_AT_ONCE = 64 * STORED_CHUNK


async def copy_piece(piece: StoredPiece, secret: bytes, source: Store, target: OwnStore) -> None:
    """Copy a piece of the content with the key ``secret``. Raises ``FileNotFoundError`` and :class:`Damaged` if it
    isn't in ``source`` as it was stored, and :class:`StoreAway`; also if it isn't so in ``target`` afterwards."""
    await target.receive(piece.name, piece.stored or 0, _authentic(piece, secret, source))
    try:
        await check_piece(piece, secret, target)
    except (Damaged, FileNotFoundError) as error:
        await target.delete(piece.name)
        why = "missing" if isinstance(error, FileNotFoundError) else "damaged"
        raise StoreAway(f"What was stored just now is {why} when it is read", refuses=True) from error


async def check_piece(piece: StoredPiece, secret: bytes, store: Store) -> None:
    """Raise ``FileNotFoundError`` or :class:`Damaged` unless a piece is as it was stored."""
    async for _ in _authentic(piece, secret, store):
        pass


async def _authentic(piece: StoredPiece, secret: bytes, store: Store) -> AsyncIterator[Bytes]:
    """What is stored of a piece, each part after all its chunks have been opened."""
    opener = await asyncio.to_thread(PieceOpener, secret, piece.salt)
    stored = piece.stored or 0
    for start in range(0, stored, _AT_ONCE):
        first, length = start // STORED_CHUNK, min(_AT_ONCE, stored - start)

        def checked(parts: Parts, first: int = first) -> Bytes:
            # Each of them is gone with the next.
            sealed = b"".join(bytes(part) for part in parts)
            opener.check_all(first, sealed)
            return sealed

        try:
            part = await store.opened(piece.name, start, length, checked)
        except StoreAway as away:
            if away.gone:
                raise FileNotFoundError(away.why) from away
            raise
        except (Damaged, FileNotFoundError):
            raise
        except (OSError, EOFError) as error:
            raise Damaged(str(error)) from error
        yield part
