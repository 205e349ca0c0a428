"""Changing whom documents are for after they were sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ..clients.share import ShareClient

if TYPE_CHECKING:
    from ..wire.share import Document

#: Documents in one request.
_AT_ONCE = 500


async def set_recipients(
    share: ShareClient, documents: Iterable[Document], recipients: Sequence[str]
) -> None:
    """Replace whom these documents are for, as the sender's note. Raises :class:`Problem`.

    Those that have these recipients already, and those of a server that keeps none, are left alone.
    """
    by_send: dict[str, list[str]] = {}
    for document in documents:
        if document.send_id is not None and document.recipients != list(recipients):
            by_send.setdefault(document.send_id, []).append(document.id)
    for send_id, idents in by_send.items():
        for start in range(0, len(idents), _AT_ONCE):
            await share.sends.set_recipients(send_id, recipients, idents[start : start + _AT_ONCE])
