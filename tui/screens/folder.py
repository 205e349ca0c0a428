"""What is done with sent documents: unpublish, send again, delete, copy, fetch, and the trash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..rules.errors import Problem
from ..rules.text import printable
from ..widgets.tree import Place
from .code import CodeScreen
from .copying import copy_links
from .errands import errand
from .part import MainPart
from .question import Question
from .resend import ResendDialog

if TYPE_CHECKING:
    from ..wire.share import Document


class FolderCommands(MainPart):
    """A part of the first screen."""

    _before_trash: Place | None = None

    def can_in_folder(self, action: str) -> bool:
        """Whether a command of the Secure Sent Links folder can be had for what is selected."""
        documents = self._documents()
        if action == "trash":
            return True
        if action == "unpublish":
            return any(d.published for d in documents)
        if action in ("show_code", "fetch"):
            return len(documents) == 1
        if action == "copy_link":
            return any(d.url for d in documents)
        return bool(documents)

    def _documents(self) -> list[Document]:
        return [row.data for row in self.table.chosen]

    def _reload(self) -> None:
        if self.place is not None:
            self.open_place(self.place, keep=True)

    async def _each(
        self, documents: list[Document], act: Callable[[str], Awaitable[object]], done: str
    ) -> None:
        """Does something with each document, and says what became of it."""
        failed: list[str] = []
        for document in documents:
            try:
                await act(document.id)
            except Problem as problem:
                failed.append(f"{printable(document.name)}: {problem.message}")
        self.table.clear_selection()
        self._reload()
        count = len(documents) - len(failed)
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            self.say(f"{count} {done}; {failed[0]}{more}", "bad")
        else:
            self.say(f"{count} {done}.", "good")

    @errand(group="folder")
    async def action_unpublish(self) -> None:
        """Stops the links at once; it can be undone by sending again, so nothing is asked."""
        documents = [d for d in self._documents() if d.published]
        if documents:
            await self._each(documents, self.session.share.unpublish, "unpublished")

    @errand(group="folder")
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
            detail += " Its link stops." if len(documents) == 1 else f" {published} published links stop."
        if await self.app.push_screen_wait(Question(question, detail, yes="Delete", no="Keep")):
            await self._each(documents, self.session.share.delete, "moved to the trash")

    @errand(group="folder")
    async def action_send_again(self) -> None:
        """New settings for documents that were sent before."""
        documents = self._documents()
        if not documents:
            return
        policy = await self.session.policy()
        done = await self.app.push_screen_wait(ResendDialog(self.session, documents, policy))
        if done:
            self.table.clear_selection()
            self._reload()
            self.say(f"{len(done)} sent again; counters start at zero.", "good")

    @errand(group="folder")
    async def action_copy_link(self) -> None:
        links = [d.url for d in self._documents() if d.url]
        if links:
            result = await copy_links(self.app, self.session, links)
            self.say(result.sentence, "good" if result.sure else "")

    def action_show_code(self) -> None:
        documents = self._documents()
        if len(documents) == 1 and documents[0].url:
            self.app.push_screen(CodeScreen(documents[0]))

    @errand(group="folder")
    async def action_fetch(self) -> None:
        """Fetches a copy into the folder that the program was started in; not counted."""
        from ..clients.fetch import fetch

        documents = self._documents()
        if len(documents) == 1:
            self.say(f"Fetching {printable(documents[0].name)} …")
            path = await fetch(self.session.share, documents[0], Path.cwd())
            self.say(f"Fetched to {printable(str(path))}.", "good")

    # ------------------------------------------------------------ trash

    def action_trash(self) -> None:
        self._before_trash = self.place
        self.open_place(Place("trash", "Trash"))

    def action_leave_trash(self) -> None:
        if self._before_trash is not None:
            self.open_place(self._before_trash)

    @errand(group="folder")
    async def action_restore(self) -> None:
        documents = self._documents()
        if documents:
            await self._each(documents, self.session.share.restore, "restored, unpublished")

    @errand(group="folder")
    async def action_empty_trash(self) -> None:
        """Removes for good, so it is asked twice."""
        first = Question(
            "Empty the trash?", "All documents in it are removed for good.", yes="Empty", no="Keep"
        )
        if not await self.app.push_screen_wait(first):
            return
        second = Question("This cannot be undone. Remove them for good?", yes="Remove", no="Keep")
        if await self.app.push_screen_wait(second):
            purged = await self.session.share.empty_trash()
            self._reload()
            self.say(f"{purged} removed for good.", "good")
