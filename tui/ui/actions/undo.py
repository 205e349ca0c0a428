"""Undo of the last unpublish or deletion of documents, for half a minute."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from ...clients.changes import change_documents
from ...override import override
from ...rules.display import counted
from ...rules.state import UNDO_GRACE, UNDO_WINDOW, Reason
from ...wire.changes import Change

if TYPE_CHECKING:
    from ...clients.share import ShareClient
    from ...rules.errors import Problem
    from ...wire.share import Document


class Undo(ABC):
    """What was done to some documents of a folder, from the key press on. A subclass says what it was."""

    #: The events after which it can't be undone.
    MOOTED_BY: ClassVar[tuple[str, ...]]
    #: The change that leaves it to be undone, as soon as that itself is undone; and the events of both.
    WAITS_FOR: ClassVar[Change | None] = None
    WAITED_FOR: ClassVar[tuple[str, ...]] = ()
    #: The change, and the one that undoes it.
    CHANGE: ClassVar[Change]
    UNDONE_BY: ClassVar[Change]
    #: Whether its documents are in the trash until they are brought back.
    FROM_TRASH: ClassVar[bool] = False
    #: What is said when it is undone; ``{}`` stands for the documents.
    BROUGHT_BACK: ClassVar[str]

    def __init__(self, documents: Sequence[Document]) -> None:
        self.folder_id = documents[0].folder.id
        #: The documents that can still be brought back, or of which the server hasn't responded yet.
        self._left = {document.id: document for document in documents}
        #: When it was done to each, by the server's clock; not to those of which the server hasn't responded yet.
        self._done_at: dict[str, datetime] = {}
        #: How long the request took in which it was done to each. The report of it is made within that.
        self._took: dict[str, timedelta] = {}
        #: Why a document's link was off already, if that was so.
        self.was_off: str | None = None
        #: Whether the time is up.
        self.is_over = False
        #: What is said while it can be undone, and when it no longer can.
        self.offer = self.afterwards = ""
        #: When documents were last changed by others, if that is known before the server's response.
        self._changed_at: dict[str, datetime] = {}
        #: The documents to which :attr:`WAITS_FOR` was done since.
        self._waited: set[str] = set()
        #: The documents that others have changed since: bringing them back is refused.
        self._moot: set[str] = set()

    @abstractmethod
    def moment_of(self, document: Document) -> datetime | None:
        """When it was done to a document; ``None`` if something else was."""

    async def do(self, share: ShareClient, ids: Sequence[str]) -> list[Document | Problem]:
        """Do it to documents, as :meth:`bring_back` undoes it."""
        return await change_documents(share, self.CHANGE, dict.fromkeys(ids))

    async def bring_back(self, share: ShareClient, ids: Sequence[str]) -> list[Document | Problem]:
        """Undo it for documents. Returns the result of each, and raises :class:`Problem` if there are none."""
        return await change_documents(share, self.UNDONE_BY, {ident: self._done_at[ident] for ident in ids})

    def said(self, brought_back: Sequence[Document]) -> str:
        """What is said when it is undone for ``brought_back``; ``{}`` stands for them."""
        return self.BROUGHT_BACK

    def time_left(self, document: Document, done_at: datetime, now: datetime) -> timedelta:
        """For how long from ``now`` it can be undone. The server allows some time more, which is needed if there were
        many documents."""
        return min(UNDO_WINDOW, done_at + UNDO_WINDOW + UNDO_GRACE - now)

    def tail(self, brought_back: Sequence[Document]) -> str:
        """What is said behind :attr:`BROUGHT_BACK`."""
        return ""

    @property
    def documents(self) -> list[Document]:
        """The documents to bring back, in order; none as long as the server hasn't responded."""
        return [document for ident, document in self._left.items() if ident in self._done_at]

    def reported_until(self, ident: str) -> datetime | None:
        """Until when, by the server's clock, it was noted for reports that it was done to a document; ``None`` if the
        server hasn't responded yet."""
        at = self._done_at.get(ident)
        return None if at is None else at + self._took.get(ident, timedelta(0))

    @property
    def ids(self) -> set[str]:
        """The ids of the documents that are left, also of those of which the server hasn't responded yet."""
        return set(self._left)

    @property
    def is_moot(self) -> bool:
        """Whether others have changed all that is left, so that nothing can be brought back."""
        return self._moot >= self._left.keys()

    def is_about(self, documents: Sequence[Document]) -> bool:
        """Whether it was done to all of ``documents``."""
        return bool(documents) and all(document.id in self._left for document in documents)

    def answered(self, document: Document, now: datetime, took: timedelta = timedelta(0)) -> timedelta:
        """Note the server's response, after the time that it ``took``. Returns for how long from ``now`` it can be
        undone for the document."""
        at = self.moment_of(document)
        changed_at = self._changed_at.get(document.id)
        left = timedelta(0) if at is None else self.time_left(document, at, now)
        if at is None:
            self.was_off = document.why_off
        if at is None or left <= timedelta(0) or (changed_at is not None and changed_at >= at):
            self.drop(document.id)
            return timedelta(0)
        self._done_at[document.id], self._took[document.id] = at, took
        return left

    def drop(self, ident: str) -> None:
        """Note that a document is no longer to be brought back."""
        self._left.pop(ident, None)

    def precede(self, later: Undo) -> None:
        """Note that something else is done to the documents of ``later``, which is undone before this, or instead."""
        both = self._left.keys() & later.ids
        if later.CHANGE == self.WAITS_FOR:
            self._waited |= both
            return
        for ident in both:
            self.drop(ident)

    def later_undone(self, document: Document) -> None:
        """Note that what was done later to a document is undone, which the server may not have kept this through."""
        if document.id in self._left and self.moment_of(document) != self._done_at.get(document.id):
            self.drop(document.id)

    def drop_unanswered(self) -> None:
        """Note that what has no response by now failed."""
        self._left = {ident: document for ident, document in self._left.items() if ident in self._done_at}

    def changed(self, ident: str, event: str, at: datetime | None) -> None:
        """Note what happened to a document, ``at`` by the server's clock.

        A change that came before, such as the undo of an earlier one, may be reported late. If others are left, the
        document stays among them, so that it is named when it can't be brought back.
        """
        if event not in self.MOOTED_BY or ident not in self._left:
            return
        if ident in self._waited and event in self.WAITED_FOR:
            # The server knows whether it is someone else's.
            return
        done_at = self._done_at.get(ident)
        if at is not None and done_at is None:
            self._changed_at[ident] = max(at, self._changed_at.get(ident) or at)
        elif at is None or done_at is None or at >= done_at:
            self._moot.add(ident)


class UnpublishUndo(Undo):
    """Documents were unpublished."""

    MOOTED_BY = ("published", "resent", "deleted", "restored", "purged")
    CHANGE, UNDONE_BY = Change.UNPUBLISH, Change.UNDO_UNPUBLISH
    WAITS_FOR, WAITED_FOR = Change.DELETE, ("deleted", "restored")
    BROUGHT_BACK = "Published {} again"

    @override
    def moment_of(self, document: Document) -> datetime | None:
        return None if document.published else document.unpublished_at

    @override
    def time_left(self, document: Document, done_at: datetime, now: datetime) -> timedelta:
        left = super().time_left(document, done_at, now)
        return left if document.expires_at is None else min(left, document.expires_at - now)

    @override
    def said(self, brought_back: Sequence[Document]) -> str:
        off = all(document.reason == Reason.LIMIT for document in brought_back)
        return "Downloads of {} go on" if brought_back and off else self.BROUGHT_BACK

    @override
    def tail(self, brought_back: Sequence[Document]) -> str:
        off = sum(document.reason == Reason.LIMIT for document in brought_back)
        if not off:
            return ""
        if off == len(brought_back):
            return (
                " Its limit is reached, as before." if off == 1 else " Their limits are reached, as before."
            )
        return (
            f" Of {counted(off, 'link', 'links')} the limit is reached, as before: downloads under way go on."
        )


class DeleteUndo(Undo):
    """Documents were moved to the trash."""

    MOOTED_BY = ("published", "resent", "restored", "purged")
    CHANGE, UNDONE_BY = Change.DELETE, Change.UNDO_DELETE
    FROM_TRASH = True
    BROUGHT_BACK = "Restored {}"

    @override
    def moment_of(self, document: Document) -> datetime | None:
        return document.deleted_at

    @override
    def tail(self, brought_back: Sequence[Document]) -> str:
        published = [document for document in brought_back if document.published]
        if len(published) == len(brought_back):
            return " Its link works again." if len(published) == 1 else " Their links work again."
        if len(brought_back) > 1:
            return f" {counted(len(published), 'link works', 'links work')} again."
        if brought_back[0].reason == Reason.EXPIRED:
            return " Its link has expired meanwhile."
        return " It is unpublished, as before."
