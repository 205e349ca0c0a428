"""What is done with sent documents: unpublish, send again, delete, copy, fetch, and the trash."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from ..rules.errors import NotFound
from ..rules.text import printable
from ..widgets.tree import Place
from .copying import copy_links
from .errands import errand
from .part import ELSEWHERE, NOT_OPEN, ON_ITS_WAY, MainPart, one_of

if TYPE_CHECKING:
    from ..widgets.table import Row
    from ..wire.share import Document

_SENT = ("unpublish", "send_again", "delete", "copy_link", "show_code", "fetch", "unlock", "trash")
_TRASH = ("restore", "empty_trash", "leave_trash")
_OWNERS = ("unpublish", "send_again", "delete", "copy_link", "show_code", "unlock")


class FolderCommands(MainPart):
    """A part of the first screen."""

    _before_trash: list[Place] | None = None

    def why_not(self, action: str) -> str | None:
        if action == "trash" and self.kind in ("sent", "share"):
            return None if self.ready else NOT_OPEN
        if action in _SENT:
            return self._why_not_sent(action) if self.kind == "sent" else ELSEWHERE
        if action in _TRASH:
            return self._why_not_trash(action) if self.kind == "trash" else ELSEWHERE
        return super().why_not(action)

    def _why_not_sent(self, action: str) -> str | None:
        """Why a command of the Secure Sent Links folder cannot be had for what is chosen."""
        if not self.ready:
            return NOT_OPEN
        if self.awaited is not None:
            return ON_ITS_WAY
        folder = self.session.folder(self.place)
        if action in _OWNERS and folder is not None and folder.role != "owner":
            return f"Only {folder.owner} may do that; you were added to look."
        documents = self._documents()
        if action in ("show_code", "fetch"):
            return one_of(self.chosen, "a document")
        if not documents:
            return "Choose a document first."
        if action == "unpublish" and not any(d.published for d in documents):
            return "It is not published." if len(documents) == 1 else "None of them is published."
        if action == "unlock" and not any(d.locked for d in documents):
            return "Nothing is locked: a lock comes from too many wrong passwords."
        if action == "copy_link" and not any(d.url for d in documents):
            return "There is no link to copy."
        return None

    def _why_not_trash(self, action: str) -> str | None:
        if action == "leave_trash":
            return None
        if self.awaited is not None:
            return ON_ITS_WAY
        return None if self.table.rows else "The trash is empty."

    def _documents(self) -> list[Document]:
        return [row.data for row in self.chosen]

    async def _as_they_are(self, rows: list[Row]) -> list[Document]:
        """The documents of rows; those whose rows are not here, where nobody follows them, are asked for anew."""
        from ..sending.several import several

        here = {row.key for row in self.table.rows}

        async def now(row: Row) -> Document | None:
            with suppress(NotFound):
                return row.data if row.key in here else await self.session.share.document(row.key)
            return None

        return [document for document in await several(map(now, rows)) if document is not None]

    @errand(group="folder")
    async def action_unpublish(self) -> None:
        """Stops the links at once; it can be undone by sending again, so nothing is asked."""
        documents = [d for d in await self._as_they_are(self.chosen) if d.published]
        if documents:
            await self.each(documents, self.session.share.unpublish, "unpublished")

    @errand(group="folder")
    async def action_unlock(self) -> None:
        """Forgets the wrong passwords, so that the recipient can try again."""
        documents = [d for d in await self._as_they_are(self.chosen) if d.locked]
        if documents:
            await self.each(documents, self.session.share.unlock, "unlocked")

    @errand(group="folder", opens=True)
    async def action_delete(self) -> None:
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
        if await self.agreed(question, detail, yes="Delete", no="Keep"):
            await self.each(documents, self.session.share.delete, "moved to the trash")

    @errand(group="folder", opens=True)
    async def action_send_again(self) -> None:
        """New settings for documents that were sent before."""
        documents = self._documents()
        if not documents:
            return
        from .resend import ResendDialog

        policy = await self.session.policy()
        done = await self.answer_to(ResendDialog(self.session, documents, policy))
        if done is None:
            return
        self.table.forget({document.id for document in done})
        self.reload()
        if done:
            left = len(documents) - len(done)
            told = f"{len(done)} sent again; counters start at zero."
            self.say(f"{told} {left} not." if left else told, "warn" if left else "good")

    @errand(group="folder")
    async def action_copy_link(self) -> None:
        documents = self._documents()
        links = [d.url for d in documents if d.url]
        if links:
            result = await copy_links(self.app, self.session, links)
            stopped = sum(bool(d.url) and not d.published for d in documents)
            told, tone = result.sentence, "good" if result.sure else ""
            if stopped:
                which = "The link" if len(links) == 1 else f"{stopped} of {len(links)} links"
                is_not, it = ("is", "it") if stopped == 1 else ("are", "them")
                told, tone = f"{which} {is_not} not published: nobody can open {it}. {told}", "warn"
            self.say(told, tone)

    def action_show_code(self) -> None:
        documents = self._documents()
        if len(documents) == 1 and documents[0].url:
            from .code import CodeScreen

            self.open(CodeScreen(documents[0]))

    @errand(group="folder")
    async def action_fetch(self) -> None:
        """Fetches a copy into the folder that the program was started in; not counted."""
        from ..clients.fetch import fetch

        documents = self._documents()
        if len(documents) == 1:
            self.say(f"Fetching {printable(documents[0].name)} …")
            path = await fetch(self.session.share, documents[0], Path.cwd(), numbered=True)
            self.say(f"Fetched to {printable(str(path))}.", "good")

    # ------------------------------------------------------------ trash

    def action_trash(self) -> None:
        self._before_trash = self.path
        self.open_place(Place("trash", "Trash"), path=[Place("share", "Share"), Place("trash", "Trash")])

    def action_leave_trash(self) -> None:
        path = self._before_trash or [Place("share", "Share")]
        self.open_place(path[-1], path=path, back=True)

    @errand(group="folder")
    async def action_restore(self) -> None:
        documents = self._documents()
        if documents:
            await self.each(documents, self.session.share.restore, "restored, unpublished")

    @errand(group="folder", opens=True)
    async def action_empty_trash(self) -> None:
        """Removes for good, so it is asked twice."""
        first = await self.agreed(
            "Empty the trash?", "All documents in it are removed for good.", yes="Empty", no="Keep"
        )
        if first and await self.agreed(
            "This cannot be undone. Remove them for good?", yes="Remove", no="Keep"
        ):
            purged = await self.session.share.empty_trash()
            self.reload()
            self.say(f"{purged} removed for good.", "good")
