"""Commands for sent documents: unpublish, send again, delete, copy, fetch, and the trash."""

from __future__ import annotations

import asyncio
from asyncio import Lock
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ..commands import spelled
from ..locations.kinds import SHARE_ROOT, TRASH_LOCATION
from ..locations.location import Location
from ..rules.errors import Conflict, NotFound, Problem
from ..rules.text import printable
from ..widgets.status_line import StatusLine
from .copying import copy_links, no_codes_reason
from .document_changes import name_or_count
from .screen_commands import HIDDEN, NOT_OPEN, STILL_LOADING, CommandGroup, one_of
from .workers import worker_action

if TYPE_CHECKING:
    from ..widgets.table import Row
    from ..wire.share import Document
    from .main import MainScreen
    from .undo import UnpublishUndo

_SENT = (
    "unpublish",
    "send_again",
    "delete",
    "copy_link",
    "plain_links",
    "write_mail",
    "show_code",
    "fetch",
    "unlock",
    "trash",
)
_TRASH = ("restore", "empty_trash", "leave_trash")
_OWNERS = (
    "unpublish",
    "send_again",
    "delete",
    "copy_link",
    "plain_links",
    "write_mail",
    "show_code",
    "unlock",
)


class FolderCommands(CommandGroup):
    """Commands of the Secure Sent Links folder and of the trash, and the undo of the last unpublish."""

    IDS = (*_SENT, *_TRASH, "undo_unpublish")

    def __init__(self, main: MainScreen) -> None:
        super().__init__(main)
        self._before_trash: list[Location] | None = None
        #: The last unpublish, while it can be undone.
        self._undo: UnpublishUndo | None = None
        #: Makes unpublish and undo wait for each other, if pressed faster than the server responds.
        self._one_by_one = Lock()

    def disabled_reason(self, ident: str) -> str | None:
        if ident == "undo_unpublish":
            return None if self._can_undo else HIDDEN
        if ident in _SENT and not self.main.location_kind.offers(f"folder.{ident}"):
            return HIDDEN
        if ident == "trash":
            return None if self.main.ready else NOT_OPEN
        if ident in _SENT:
            return self._sent_disabled_reason(ident)
        if ident in _TRASH:
            offered = self.main.location_kind.offers(f"trash.{ident}")
            return self._trash_disabled_reason(ident) if offered else HIDDEN
        return None

    def _sent_disabled_reason(self, ident: str) -> str | None:
        """Why a command of the Secure Sent Links folder is disabled for the chosen rows."""
        if not self.main.ready:
            return NOT_OPEN
        if self.main.pending is not None:
            return STILL_LOADING
        folder = self.main.session.folder(self.main.place)
        if ident in _OWNERS and folder is not None and folder.role != "owner":
            return f"Only the owner ({folder.owner}) can do that. You have read access."
        documents = self._documents()
        if ident == "show_code" and (why := no_codes_reason()):
            return why
        if ident == "fetch":
            return one_of(self.main.chosen, "a document")
        if not documents:
            return "Choose a document first."
        return self._documents_disabled_reason(ident, documents)

    def _documents_disabled_reason(self, ident: str, documents: list[Document]) -> str | None:
        """Why a command can't be used for these documents."""
        if ident in ("unpublish", "write_mail") and not any(d.published for d in documents):
            return "It is not published." if len(documents) == 1 else "None of them is published."
        if ident == "unlock" and not any(d.locked or d.throttled for d in documents):
            return "No recipient has to wait after wrong passwords."
        if ident in ("copy_link", "plain_links", "show_code") and not any(d.url for d in documents):
            return "There is no link."
        return None

    def _trash_disabled_reason(self, ident: str) -> str | None:
        if ident == "leave_trash":
            return None
        if self.main.pending is not None:
            return STILL_LOADING
        return None if self.main.table.rows else "The trash is empty."

    def _documents(self) -> list[Document]:
        return [row.data for row in self.main.chosen]

    async def _current_documents(self, rows: list[Row]) -> list[Document]:
        """Return the documents of rows. Rows that aren't in the list aren't kept current: theirs are reloaded."""
        from ..sending.gather_limited import gather_limited

        listed = {row.key for row in self.main.table.rows}

        async def current(row: Row) -> Document | None:
            with suppress(NotFound):
                return row.data if row.key in listed else await self.main.session.share.document(row.key)
            return None

        return [document for document in await gather_limited(map(current, rows)) if document is not None]

    # ------------------------------------------------------------ unpublishing

    def unpublish(self) -> None:
        """Stop the link at once, with undo; for several links, ask first."""
        documents = self._documents()
        if len(documents) > 1:
            self._unpublish_many()
        elif documents and documents[0].published:
            from .undo import UnpublishUndo

            self.forget_undo()
            self._undo = UnpublishUndo(documents[0])
            self._unpublish_one(documents[0], self._undo)

    @worker_action(group="folder", opens=True)
    async def _unpublish_many(self) -> None:
        rows = self.main.chosen
        documents = [d for d in await self._current_documents(rows) if d.published]
        if not documents:
            self.main.say("None of the selected documents is published.")
            return
        count = f"{len(documents):,} link{'s' if len(documents) > 1 else ''}"
        stops = "Its link stops" if len(documents) == 1 else "Their links stop"
        are = "is" if len(documents) == 1 else "are"
        which = f"{len(documents):,} of the {len(rows):,} selected documents {are} published. "
        detail = f"{which if len(documents) < len(rows) else ''}{stops} at once; the documents stay."
        if await self.main.confirm(
            f"Unpublish {count}?", detail, yes="Unpublish", no="Keep"
        ) and await self.change_each(documents, self.main.session.share.unpublish, "Unpublished {}"):
            self.main.say(f"Unpublished {count}.", "good")

    @worker_action(group="folder")
    async def _unpublish_one(self, document: Document, undo: UnpublishUndo) -> None:
        results: list[Document] = []
        window = 0.0

        async def act(ident: str) -> None:
            results.append(await self.main.session.share.unpublish(ident))

        async with self._one_by_one:
            done = await self.main.changes.each([document], act, "Unpublished {}", deselects=False)
            if results:
                window = undo.answered(results[0], self.main.session.now()).total_seconds()
        if self._undo is undo and not window:
            self.forget_undo()
        if not done:
            return
        name = f"“{printable(document.name)}”"
        if results[0].unpublished_at is None:
            self.main.say(f"The link of {name} was already off ({results[0].reason}).")
            return
        with_undo = without_undo = f"Unpublished {name}."
        if self._undo is undo:
            self.main.set_timer(window, lambda: self._undo_is_over(undo, with_undo, without_undo))
            if self._can_undo:
                with_undo += spelled(" {folder.undo_unpublish} undoes it.", self.main.app)
        self.main.say(with_undo, "good")
        self.main.refresh_bindings()

    @property
    def _can_undo(self) -> bool:
        if (
            self._undo is None
            or self.main.place is None
            or not self.main.ready
            or self.main.pending is not None
        ):
            return False
        return self.main.location_kind.is_share_folder and self.main.place.id == self._undo.folder_id

    def forget_undo(self) -> None:
        """Withdraw the undo, because something else was done or is about to be."""
        if self._undo is not None:
            self._undo = None
            self.main.refresh_bindings()

    def _undo_is_over(self, undo: UnpublishUndo, with_undo: str, without_undo: str) -> None:
        undo.is_over = True
        if self._undo is undo:
            self.forget_undo()
            if self.main.query_one("#status", StatusLine).text == with_undo:
                self.main.say(without_undo, "good")

    def happened_to(self, document: str, event: str) -> None:
        if self._undo is not None and self._undo.document_id == document:
            from .undo import MOOTS_UNDO

            if event in MOOTS_UNDO:
                self.forget_undo()

    @worker_action(group="folder", command="undo_unpublish")
    async def undo_unpublish(self) -> None:
        """Publish the last unpublished document again, as it was."""
        undo, self._undo = self._undo, None
        self.main.refresh_bindings()
        if undo is None:
            return
        async with self._one_by_one:
            # By now it's known whether it was unpublished at all.
            if undo.unpublished_at is not None:
                await self._undo_on_server(undo, undo.unpublished_at)

    async def _undo_on_server(self, undo: UnpublishUndo, unpublished_at: datetime) -> None:
        with self.main.changes.counted():
            try:
                await self.main.session.share.undo_unpublish(undo.document_id, unpublished_at)
            except (Conflict, NotFound):
                self.main.reload()
                raise
            except Problem:
                # It can be tried again, unless something else has been unpublished since.
                if not undo.is_over:
                    self._undo = self._undo or undo
                    self.main.refresh_bindings()
                raise
        self.main.reload()
        self.main.say(f"Published “{printable(undo.name)}” again.", "good")

    async def change_each(
        self,
        documents: Sequence[Document],
        act: Callable[[str], Awaitable[object]],
        done: str,
        tone: str = "good",
    ) -> bool:
        """Apply ``act`` to each document; what was done before can't be undone after that."""
        self.forget_undo()
        return await self.main.changes.each(documents, act, done, tone)

    # ------------------------------------------------------------ other commands

    @worker_action(group="folder", command="unlock")
    async def unlock(self) -> None:
        """Clear the wrong password attempts, so that recipients can try again at once."""
        documents = [d for d in await self._current_documents(self.main.chosen) if d.locked or d.throttled]
        if documents:
            await self.change_each(documents, self.main.session.share.unlock, "Unlocked {}")

    @worker_action(group="folder", opens=True, command="delete")
    async def delete(self) -> None:
        documents = self._documents()
        if not documents:
            return
        published = sum(d.published for d in documents)
        question = (
            f"Delete {printable(documents[0].name)}?"
            if len(documents) == 1
            else f"Delete {len(documents)} documents?"
        )
        detail = "They go to the trash." if len(documents) > 1 else "It goes to the trash."
        if published:
            stop = "1 published link stops" if published == 1 else f"{published} published links stop"
            detail += " Its link stops." if len(documents) == 1 else f" {stop}."
        if await self.main.confirm(question, detail, yes="Delete", no="Keep"):
            await self.change_each(documents, self.main.session.share.delete, "Moved {} to the trash")

    @worker_action(group="folder", opens=True, command="send_again")
    async def send_again(self) -> None:
        """Send documents again, with new settings."""
        documents = self._documents()
        if not documents:
            return
        from .resend import ResendDialog

        policy = await self.main.session.policy()
        dialog = ResendDialog(self.main.session, documents, policy)
        done = await self.main.show_dialog(dialog)
        if done is None:
            return
        self.forget_undo()
        self.main.table.forget({document.id for document in done})
        self.main.reload()
        if done:
            left = len(documents) - len(done)
            which = f"{len(done)} of {len(documents)} documents" if left else name_or_count(done)
            self.main.say(f"Sent {which} again; downloads reset to 0.", "warn" if left else "good")
        for sent, password in dialog.with_password:
            if sent:
                from .links import LinksScreen

                await self.main.show_dialog(LinksScreen(self.main.session, sent, password, copies=False))

    @worker_action(group="folder", command="copy_link")
    async def copy_link(self) -> None:
        documents = self._documents()
        count = sum(bool(d.url) for d in documents)
        if count:
            result = await copy_links(self.main.app, documents)
            stopped = sum(bool(d.url) and not d.published for d in documents)
            text, tone = result.sentence, "good" if result.sure else ""
            if not result.way:
                text = spelled(f"{text} {{folder.plain_links}} shows the links alone.", self.main.app)
            if stopped:
                which = "The link" if count == 1 else f"{stopped} of {count} links"
                is_not, it = ("is", "it") if stopped == 1 else ("are", "them")
                text, tone = f"{which} {is_not} not published: no one can open {it}. {text}", "warn"
            self.main.say(text, tone)

    def plain_links(self) -> None:
        from .plain_links import PlainLinks

        self.main.open(PlainLinks(self._documents()))

    @worker_action(group="folder", opens=True, command="write_mail")
    async def write_mail(self) -> None:
        """Open a draft with the published links of the chosen documents, in the order of the list."""
        rows = self.main.chosen
        chosen, _ = await asyncio.gather(
            self._current_documents(rows), self.main.session.load_mail_templates()
        )
        documents = [document for document in chosen if document.published and document.url]
        if not documents:
            self.main.say("None of the selected documents is published.", "warn")
            return
        from .draft import DraftScreen

        left_out = len(rows) - len(documents)
        draft = DraftScreen(self.main.session, documents, copies=False, left_out=left_out)
        await self.main.show_dialog(draft)
        if draft.documents != documents:
            # Their recipients were changed.
            self.main.reload()

    def show_code(self) -> None:
        documents = [document for document in self._documents() if document.url]
        if documents:
            from .qr_code import QrCodeScreen

            self.main.open(QrCodeScreen(documents))

    @worker_action(group="folder", command="fetch")
    async def fetch(self) -> None:
        """Download a copy into the folder where the program was started; it isn't counted."""
        from ..clients.fetch import fetch

        documents = self._documents()
        if len(documents) == 1:
            self.main.say(f"Fetching {printable(documents[0].name)}…")
            path = await fetch(self.main.session.share, documents[0], Path.cwd(), numbered=True)
            self.main.say(f"Fetched to {printable(str(path))}.", "good")

    # ------------------------------------------------------------ trash

    def trash(self) -> None:
        self._before_trash = self.main.path
        self.main.open_place(TRASH_LOCATION, path=[SHARE_ROOT, TRASH_LOCATION])

    def leave_trash(self) -> None:
        path = self._before_trash or [SHARE_ROOT]
        self.main.open_place(path[-1], path=path, back=True)

    @worker_action(group="folder", command="restore")
    async def restore(self) -> None:
        documents = self._documents()
        if documents:
            await self.change_each(documents, self.main.session.share.restore, "Restored {}, unpublished")

    @worker_action(group="folder", opens=True, command="empty_trash")
    async def empty_trash(self) -> None:
        """Delete permanently, so ask twice."""
        first = await self.main.confirm(
            "Empty the trash?", "All documents in it are deleted permanently.", yes="Empty", no="Keep"
        )
        if first and await self.main.confirm(
            "This cannot be undone. Delete them permanently?", yes="Delete permanently", no="Keep"
        ):
            purged = await self.main.session.share.empty_trash()
            self.main.reload()
            count = "1 document" if purged == 1 else f"{purged:,} documents"
            self.main.say(f"Deleted {count} permanently.", "good")
