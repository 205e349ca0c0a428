"""Undo of the last unpublish, for half a minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ..rules.state import UNDO_WINDOW

if TYPE_CHECKING:
    from ..wire.share import Document

#: The events after which a document's unpublish can't be undone.
MOOTS_UNDO = ("published", "resent", "deleted", "restored", "purged")


class UnpublishUndo:
    """The unpublish of one document, from the key press on."""

    def __init__(self, document: Document) -> None:
        self.document_id = document.id
        self.folder_id = document.folder.id
        self.name = document.name
        #: When it was unpublished, by the server's clock; ``None`` until the server has responded, or if nothing can be
        #: undone.
        self.unpublished_at: datetime | None = None
        #: Whether the time is up.
        self.is_over = False
        #: When the document was last changed by others, if that is known before the server's response.
        self._changed_at: datetime | None = None

    def answered(self, document: Document, now: datetime) -> timedelta:
        """Note the server's response. Returns for how long from ``now`` the unpublish can be undone."""
        if document.published or document.unpublished_at is None:
            return timedelta(0)
        if self._changed_at is not None and self._changed_at >= document.unpublished_at:
            return timedelta(0)
        self.unpublished_at = document.unpublished_at
        left = UNDO_WINDOW if document.expires_at is None else min(UNDO_WINDOW, document.expires_at - now)
        return max(left, timedelta(0))

    def changed(self, event: str, at: datetime | None) -> bool:
        """Note what happened to the document, ``at`` by the server's clock. Returns whether that rules out the undo.

        A change that came before the unpublish, such as the undo of an earlier one, may be reported late.
        """
        if event not in MOOTS_UNDO:
            return False
        if at is None:
            return True
        if self.unpublished_at is None:
            self._changed_at = max(at, self._changed_at or at)
            return False
        return at >= self.unpublished_at
