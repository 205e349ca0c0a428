"""What can be undone: the last unpublishing, for half a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..rules.state import UNDO_WINDOW

if TYPE_CHECKING:
    from ..wire.share import Document

#: What has happened to a document that its unpublishing cannot be undone after.
MOOTS_UNDO = ("published", "resent", "deleted", "restored", "purged")


class UnpublishUndo:
    """The unpublishing of one document, from the press of the key on."""

    def __init__(self, document: Document) -> None:
        self.document_id = document.id
        self.folder_id = document.folder.id
        self.name = document.name
        #: When it was unpublished by the server's clock, once that has answered; ``None``: there is nothing to undo.
        self.unpublished_at: datetime | None = None
        #: Whether the time is up.
        self.is_over = False

    def answered(self, document: Document, now: datetime) -> timedelta:
        """Takes what the server has made of the document. Answers for how long from ``now`` it can be undone."""
        if document.published or document.unpublished_at is None:
            return timedelta(0)
        self.unpublished_at = document.unpublished_at
        left = UNDO_WINDOW if document.expires_at is None else min(UNDO_WINDOW, document.expires_at - now)
        return max(left, timedelta(0))
