"""What is done with sent documents: unpublish, send again, delete, copy, fetch, and the trash."""

from __future__ import annotations

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
from .copying import copy_links
from .screen_commands import HIDDEN, NOT_OPEN, ON_ITS_WAY, CommandGroup, one_of
from .workers import worker_action

if TYPE_CHECKING:
    from ..widgets.table import Row
    from ..wire.share import Document
    from .main import MainScreen
    from .undo import UnpublishUndo

_SENT = ("unpublish", "send_again", "delete", "copy_link", "show_code", "fetch", "unlock", "trash")
_TRASH = ("restore", "empty_trash", "leave_trash")
_OWNERS = ("unpublish", "send_again", "delete", "copy_link", "show_code", "unlock")


class FolderCommands(CommandGroup):
    """Of the Secure Sent Links folder and of the trash. They know the last unpublishing, while it can be undone."""

    IDS = (*_SENT, *_TRASH, "undo_unpublish")

    def __init__(self, main: MainScreen) -> None:
        super().__init__(main)
        self._before_trash: list[Location] | None = None
        #: The last unpublishing, while it can be undone.
        self._undo: UnpublishUndo | None = None
        #: Unpublishing and undoing it, pressed faster than the server answers, follow each other.
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
        """Why a command of the Secure Sent Links folder cannot be had for what is chosen."""
        if not self.main.ready:
            return NOT_OPEN
        if self.main.pending is not None:
            return ON_ITS_WAY
        folder = self.main.session.folder(self.main.place)
        if ident in _OWNERS and folder is not None and folder.role != "owner":
            return f"Only {folder.owner} may do that; you were added to look."
        documents = self._documents()
        if ident in ("show_code", "fetch"):
            return one_of(self.main.chosen, "a document")
        if not documents:
            return "Choose a document first."
        if ident == "unpublish" and not any(d.published for d in documents):
            return "It is not published." if len(documents) == 1 else "None of them is published."
        if ident == "unlock" and not any(d.locked or d.throttled for d in documents):
            return "No recipient has to wait: only wrong passwords slow them down."
        if ident == "copy_link" and not any(d.url for d in documents):
            return "There is no link to copy."
        return None

    def _trash_disabled_reason(self, ident: str) -> str | None:
        if ident == "leave_trash":
            return None
        if self.main.pending is not None:
            return ON_ITS_WAY
        return None if self.main.table.rows else "The trash is empty."

    def _documents(self) -> list[Document]:
        return [row.data for row in self.main.chosen]

    async def _as_they_are(self, rows: list[Row]) -> list[Document]:
        """The documents of rows; those whose rows are not here, where nobody follows them, are asked for anew."""
        from ..sending.several import several

        here = {row.key for row in self.main.table.rows}

        async def now(row: Row) -> Document | None:
            with suppress(NotFound):
                return row.data if row.key in here else await self.main.session.share.document(row.key)
            return None

        return [document for document in await several(map(now, rows)) if document is not None]

    # ------------------------------------------------------------ unpublishing

    def unpublish(self) -> None:
        """Stops the link at once, which can be undone; several links are asked about."""
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
        documents = [d for d in await self._as_they_are(rows) if d.published]
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
        ) and await self.change_each(documents, self.main.session.share.unpublish, "unpublished"):
            self.main.say(f"Unpublished {count}.", "good")

    @worker_action(group="folder")
    async def _unpublish_one(self, document: Document, undo: UnpublishUndo) -> None:
        answers: list[Document] = []
        window = 0.0

        async def act(ident: str) -> None:
            answers.append(await self.main.session.share.unpublish(ident))

        async with self._one_by_one:
            done = await self.main.changes.each([document], act, "unpublished", deselects=False)
            if answers:
                window = undo.answered(answers[0], self.main.session.now()).total_seconds()
        if self._undo is undo and not window:
            self.forget_undo()
        if not done:
            return
        name = f"“{printable(document.name)}”"
        if answers[0].unpublished_at is None:
            self.main.say(f"The link of {name} had stopped already ({answers[0].reason}).")
            return
        offered = told = f"Unpublished {name}."
        if self._undo is undo:
            self.main.set_timer(window, lambda: self._undo_is_over(undo, offered, told))
            if self._can_undo:
                offered += spelled(" {folder.undo_unpublish} undoes it.", self.main.app)
        self.main.say(offered, "good")
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
        """Something else was done, or is about to be: what was unpublished before stays so."""
        if self._undo is not None:
            self._undo = None
            self.main.refresh_bindings()

    def _undo_is_over(self, undo: UnpublishUndo, offered: str, told: str) -> None:
        undo.is_over = True
        if self._undo is undo:
            self.forget_undo()
            if self.main.query_one("#status", StatusLine).said == offered:
                self.main.say(told, "good")

    def happened_to(self, document: str, event: str) -> None:
        if self._undo is not None and self._undo.document_id == document:
            from .undo import MOOTS_UNDO

            if event in MOOTS_UNDO:
                self.forget_undo()

    @worker_action(group="folder", command="undo_unpublish")
    async def undo_unpublish(self) -> None:
        """Publishes the document again that was unpublished last, as it was."""
        undo, self._undo = self._undo, None
        self.main.refresh_bindings()
        if undo is None:
            return
        async with self._one_by_one:
            # By now it is known whether it was unpublished at all.
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
                # It can be tried again, unless something else was unpublished by now.
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
        """Does something with each of some documents; after that, nothing of before can be undone."""
        self.forget_undo()
        return await self.main.changes.each(documents, act, done, tone)

    # ------------------------------------------------------------ what else is done

    @worker_action(group="folder", command="unlock")
    async def unlock(self) -> None:
        """Forgets the wrong passwords, so that recipients can try again at once."""
        documents = [d for d in await self._as_they_are(self.main.chosen) if d.locked or d.throttled]
        if documents:
            await self.change_each(documents, self.main.session.share.unlock, "unlocked")

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
            await self.change_each(documents, self.main.session.share.delete, "moved to the trash")

    @worker_action(group="folder", opens=True, command="send_again")
    async def send_again(self) -> None:
        """New settings for documents that were sent before."""
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
            told = f"{len(done)} sent again; counters start at zero."
            self.main.say(f"{told} {left} not." if left else told, "warn" if left else "good")
        for sent, password in dialog.with_password:
            if sent:
                from .links import LinksScreen

                await self.main.show_dialog(LinksScreen(self.main.session, sent, password, copies=False))

    @worker_action(group="folder", command="copy_link")
    async def copy_link(self) -> None:
        documents = self._documents()
        links = [d.url for d in documents if d.url]
        if links:
            result = await copy_links(self.main.app, self.main.session, links)
            stopped = sum(bool(d.url) and not d.published for d in documents)
            told, tone = result.sentence, "good" if result.sure else ""
            if stopped:
                which = "The link" if len(links) == 1 else f"{stopped} of {len(links)} links"
                is_not, it = ("is", "it") if stopped == 1 else ("are", "them")
                told, tone = f"{which} {is_not} not published: nobody can open {it}. {told}", "warn"
            self.main.say(told, tone)

    def show_code(self) -> None:
        documents = self._documents()
        if len(documents) == 1 and documents[0].url:
            from .qr_code import QrCodeScreen

            self.main.open(QrCodeScreen(documents[0]))

    @worker_action(group="folder", command="fetch")
    async def fetch(self) -> None:
        """Fetches a copy into the folder that the program was started in; not counted."""
        from ..clients.fetch import fetch

        documents = self._documents()
        if len(documents) == 1:
            self.main.say(f"Fetching {printable(documents[0].name)} …")
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
            await self.change_each(documents, self.main.session.share.restore, "restored, unpublished")

    @worker_action(group="folder", opens=True, command="empty_trash")
    async def empty_trash(self) -> None:
        """Removes for good, so it is asked twice."""
        first = await self.main.confirm(
            "Empty the trash?", "All documents in it are removed for good.", yes="Empty", no="Keep"
        )
        if first and await self.main.confirm(
            "This cannot be undone. Remove them for good?", yes="Remove for good", no="Keep"
        ):
            purged = await self.main.session.share.empty_trash()
            self.main.reload()
            self.main.say(f"{purged} removed for good.", "good")
