"""Unpublishing sent documents, and the undo of the last one."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..commands import spelled
from ..rules.display import counted, first_names, is_and_it
from ..rules.errors import Conflict, NotFound, Problem
from ..rules.text import printable
from .chosen_documents import NOT_PUBLISHED, ChosenDocuments
from .screen_commands import HIDDEN, CommandGroup
from .workers import worker_action

if TYPE_CHECKING:
    from ..wire.share import Document
    from .main import MainScreen
    from .undo import UnpublishUndo


class UnpublishCommands(CommandGroup):
    """Unpublish, and the undo of the last unpublish: any other change to documents withdraws it."""

    IDS = ("unpublish", "undo_unpublish")

    def __init__(self, main: MainScreen) -> None:
        super().__init__(main)
        self._chosen = ChosenDocuments(main)
        #: The last unpublish, while it can be undone.
        self._undo: UnpublishUndo | None = None
        #: Makes unpublish and undo wait for each other, if pressed faster than the server responds.
        self._one_by_one = Lock()

    def disabled_reason(self, ident: str) -> str | None:
        if ident == "undo_unpublish":
            if not self.main.location_kind.offers("folder.undo_unpublish"):
                return HIDDEN
            return None if self._can_undo else "Nothing to undo."
        why = self._chosen.disabled_reason(ident)
        return self._still_undoable or why if why == NOT_PUBLISHED else why

    @property
    def _still_undoable(self) -> str:
        """Why the document under the cursor can't be unpublished, if it just was and that can be undone."""
        undo = self._undo if self._can_undo else None
        if undo is None or [document.id for document in self._chosen.listed] != [undo.document_id]:
            return ""
        return spelled(f"{NOT_PUBLISHED} {{folder.undo_unpublish}} undoes that.", self.main.app)

    def unpublish(self) -> None:
        """Stop the link at once, with undo; for several links, ask first."""
        documents = self._chosen.listed
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
        documents = [d for d in await self._chosen.current(rows) if d.published]
        if not documents:
            self.main.say("None of the selected documents is published.")
            return
        count = counted(len(documents), "link")
        stops = "Its link stops" if len(documents) == 1 else "Their links stop"
        are, _ = is_and_it(len(documents))
        which = f"{len(documents):,} of the {len(rows):,} selected documents {are} published. "
        detail = f"{which if len(documents) < len(rows) else ''}{stops} at once; the documents stay."
        detail += f"\n{first_names(self._chosen.names_of(documents))}"
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
            done = await self.main.changes.each([document], act, "Unpublished {}")
            if results:
                window = undo.answered(results[0], self.main.session.now()).total_seconds()
        if self._undo is undo and not window:
            self.forget_undo()
        if not done:
            return
        name = f"“{printable(document.name)}”"
        if results[0].unpublished_at is None:
            from ..rules.sent_text import reason_text

            self.main.say(f"The link of {name} was already off ({reason_text(results[0].reason)}).")
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
            still_undoable, status = self._still_undoable, self.main.status
            self.forget_undo()
            if status.text == still_undoable:
                self.main.say(without_undo, "good")
            elif status.text.startswith(with_undo):
                # Something that failed since may be said behind it.
                self.main.say(without_undo + status.text.removeprefix(with_undo), status.tone)

    def happened_to(self, document: str, event: str, at: datetime | None) -> None:
        """Withdraw the undo, if ``event`` is a change that came after the unpublish; ``at`` is the server's time."""
        if self._undo is not None and self._undo.document_id == document and self._undo.changed(event, at):
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
        *,
        leave_list: bool = False,
        what_next: Callable[[], str] = str,
    ) -> bool:
        """Apply ``act`` to each document as :meth:`DocumentChanges.each` does; what was done before can't be undone
        after that."""
        self.forget_undo()
        return await self.main.changes.each(
            documents, act, done, tone, leave_list=leave_list, what_next=what_next
        )
