"""A document's bytes held against what was listed."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator

from ..rules.errors import Failed
from ..rules.text import printable


async def checked(
    pieces: AsyncIterator[bytes],
    document_id: str,
    start: int,
    skip: int,
    size: int | None,
    sha256: str | None,
) -> AsyncIterator[bytes]:
    """``pieces`` without the first ``skip`` bytes, held against ``size`` and (from the beginning) ``sha256``.

    The last piece is given out only when both are right, so that nobody takes other bytes for the document.
    """
    digest = hashlib.sha256() if sha256 is not None and start == 0 else None
    position, held = start - skip, b""
    async for piece in pieces:
        position += len(piece)
        if size is not None and position > size:
            raise _changed(document_id)
        if digest is not None:
            digest.update(piece)
        if skip:
            piece, skip = piece[skip:], max(0, skip - len(piece))
        if held and piece:
            yield held
        held = piece or held
    if (
        skip
        or (size is not None and position != size)
        or (digest is not None and digest.hexdigest() != sha256)
    ):
        raise _changed(document_id)
    if held:
        yield held


def _changed(document_id: str) -> Failed:
    return Failed(
        "document.changed",
        f"{printable(document_id)} differs from Work's list (size or checksum); "
        "reload the list and try again.",
    )
