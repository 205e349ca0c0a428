"""Which pieces of a content aren't as they were stored: for whoever has to put them back."""

from __future__ import annotations

import asyncio
from time import monotonic

from ..base import NOT_AS_STORED, Store
from .contents import SealedContent, StoredPiece
from .copying import check_piece


async def faulty_pieces(content: SealedContent, store: Store) -> list[StoredPiece]:
    """The pieces that are missing or damaged, in order. Reads them all, with as many rests as leave others half of the
    disk's time. Raises :class:`StoreAway`."""
    found: list[StoredPiece] = []
    for piece in content.pieces:
        began = monotonic()
        if await store.fault_of([(piece.name, piece.stored or 0)]) is not None:
            found.append(piece)
            continue
        try:
            await check_piece(piece, content.secret, store)
        except NOT_AS_STORED:
            found.append(piece)
        await asyncio.sleep(monotonic() - began)
    return found
