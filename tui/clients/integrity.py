"""Verifying a document's bytes against its listed size and digest."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from ..rules.errors import Failed
from ..rules.text import printable


async def verified(
    pieces: AsyncIterator[bytes],
    document_id: str,
    start: int,
    skip: int,
    size: int | None,
    sha256: str | None,
) -> AsyncIterator[bytes]:
    """Yield ``pieces`` without the first ``skip`` bytes, verifying ``size`` and, if ``start`` is 0, ``sha256``.

    The last piece is yielded only if both match, so that no caller mistakes other bytes for the document.
    """
    digest = hashlib.sha256() if sha256 is not None and start == 0 else None
    position, pending = start - skip, b""
    async for piece in pieces:
        position += len(piece)
        if size is not None and position > size:
            raise _changed(document_id)
        if digest is not None:
            digest.update(piece)
        if skip:
            piece, skip = piece[skip:], max(0, skip - len(piece))
        if pending and piece:
            yield pending
        pending = piece or pending
    if (
        skip
        or (size is not None and position != size)
        or (digest is not None and digest.hexdigest() != sha256)
    ):
        raise _changed(document_id)
    if pending:
        yield pending


def _changed(document_id: str) -> Failed:
    return Failed(
        "document.changed",
        f"{printable(document_id)} differs from Work's list (size or checksum); "
        "reload the list and try again.",
    )
