"""Unpublishing and deleting sent documents, and the undo of what was done last."""

from __future__ import annotations

from asyncio import Lock
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...commands.declared import spelled
from ...override import override
from ...rules.display import counted, documents_text, first_names, is_and_it
from ...rules.errors import Conflict, NotFound, Problem
from ...rules.text import printable
from ..base.screen_commands import HIDDEN, CommandGroup
from ..base.workers import worker_action
from .chosen_documents import NOT_PUBLISHED, ChosenDocuments
from .document_changes import name_or_count
from .trash import way_to_trash

if TYPE_CHECKING:
    from ...wire.share import Document
    from ..main.main import MainScreen
    from .undo import Undo


class UnpublishCommands(CommandGroup):
    """Unpublish, delete, and the undo of the last of them: any other change to documents withdraws it."""

    IDS = ("unpublish", "delete", "undo_unpublish")

    def __init__(self, main: MainScreen) -> None:
        super().__init__(main)
        self._chosen = ChosenDocuments(main)
        #: What was done last, while it can be undone.
        self._undo: Undo | None = None
        #: The documents that the user is being asked about, and the question.
        self._asked: set[str] = set()
        self._question = ""
        #: Makes changes and undo wait for each other, if pressed faster than the server responds.
        self._one_by_one = Lock()

    @override
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
        if undo is None or len(self._chosen.listed) != 1 or not undo.is_about(self._chosen.listed):
            return ""
        return spelled(f"{NOT_PUBLISHED} {{folder.undo_unpublish}} undoes that.", self.main.app)

    # ------------------------------------------------------------ unpublishing

    def unpublish(self) -> None:
        """Stop the link at once, with undo; for several links, ask first."""
        documents = self._chosen.listed
        if len(documents) > 1:
            self._unpublish_many()
        elif documents and documents[0].published:
            from .undo import UnpublishUndo

            self._undo = UnpublishUndo(documents)
            self._unpublish_one(documents[0], self._undo)

    @worker_action(group="folder", opens=True)
    async def _unpublish_many(self) -> None:
        from .undo import UnpublishUndo

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
        if await self._confirm(documents, f"Unpublish {count}?", detail, "Unpublish"):
            self._undo = undo = UnpublishUndo(documents)
            selected = [row.key for row in rows]
            if await self._change(undo, documents, "Unpublished {}", selected):
                self._offer(undo, f"Unpublished {count}.")

    @worker_action(group="folder")
    async def _unpublish_one(self, document: Document, undo: Undo) -> None:
        if not await self._change(undo, [document], "Unpublished {}", [document.id]):
            return
        name = f"“{printable(document.name)}”"
        if undo.was_off:
            from ...rules.sent_text import reason_text

            self.main.say(f"The link of {name} was already off ({reason_text(undo.was_off)}).")
            return
        self._offer(undo, f"Unpublished {name}.")

    # ------------------------------------------------------------ deleting

    @worker_action(group="folder", opens=True, command="delete")
    async def delete(self) -> None:
        """Move documents to the trash, with undo; always ask first."""
        from .undo import DeleteUndo

        documents = self._chosen.listed
        if not documents:
            return
        if not await self._confirm(documents, *self._about_deleting(documents), "Delete"):
            return
        self._undo = undo = DeleteUndo(documents)
        ids = [document.id for document in documents]
        if await self._change(undo, documents, "Moved {} to the trash", ids):
            self._offer(undo, f"Moved {name_or_count(documents)} to the trash.", way_to_trash(self.main))

    def _about_deleting(self, documents: Sequence[Document]) -> tuple[str, str]:
        """The question whether to delete documents, and its detail."""
        published = sum(d.published for d in documents)
        many = len(documents) > 1
        question = documents_text(len(documents)) if many else self._chosen.name_of(documents[0])
        detail = "They go to the trash." if many else "It goes to the trash."
        if published:
            stop = counted(published, "published link stops", "published links stop")
            detail += f" {stop}." if many else " Its link stops."
        if many:
            detail += f"\n{first_names(self._chosen.names_of(documents))}"
        return f"Delete {question}?", detail

    # ------------------------------------------------------------ both, and their undo

    async def _confirm(self, documents: Sequence[Document], question: str, detail: str, yes: str) -> bool:
        """Ask about documents. If all of them are deleted meanwhile, the question is closed, and that is said."""
        self._asked, self._question = {document.id for document in documents}, question
        try:
            agreed = await self.main.confirm(question, detail, yes=yes, no="Keep")
            gone = not self._asked
        finally:
            self._asked = set()
        if gone:
            self.main.reload()
            what, them = ("They were", "them") if len(documents) > 1 else ("It was", "it")
            self.main.say(f"{what} deleted elsewhere, so nothing was done to {them}.", "warn")
        return agreed and not gone

    def _deleted_elsewhere(self, document: str) -> None:
        """Close the question about documents as soon as none of them is left."""
        self._asked.discard(document)
        if not self._asked:
            from ..base.question import Question

            for screen in self.main.app.screen_stack:
                if isinstance(screen, Question) and screen.text[0] == self._question:
                    screen.dismiss(False)
                    break

    async def _change(
        self,
        undo: Undo,
        documents: Sequence[Document],
        done: str,
        selected: Iterable[str],
    ) -> bool:
        """Do to the documents what ``undo`` undoes; that ends the selection of the rows ``selected``, except of those
        that failed. Returns whether all of them succeeded."""
        windows: list[float] = []

        async def act(ids: Sequence[str]) -> list[Document | Problem]:
            results = await undo.do(self.main.session.share, ids)
            documents = [result for result in results if not isinstance(result, Problem)]
            now = self.main.session.now()
            windows.extend(undo.answered(document, now).total_seconds() for document in documents)
            return results

        async with self._one_by_one:
            try:
                return await self.main.changes.together(documents, act, done, deselects=selected)
            finally:
                undo.drop_unanswered()
                self._begin_window(undo, max(windows, default=0.0))

    def _begin_window(self, undo: Undo, seconds: float) -> None:
        """Make it possible to undo for this long what is now known to be done."""
        if self._undo is undo and undo.documents:
            self.main.set_timer(seconds, lambda: self._undo_is_over(undo))
            self.main.refresh_bindings()
        elif self._undo is undo:
            self.forget_undo()

    def _offer(self, undo: Undo, done: str, otherwise: str = "") -> None:
        """Say what was ``done``, and the key that undoes it; as soon as it can't be undone, ``otherwise``."""
        undo.offer = undo.afterwards = f"{done}{otherwise}"
        if self._undo is undo and self._can_undo:
            undo.offer = f"{done}{spelled(' {folder.undo_unpublish} undoes it.', self.main.app)}"
        self.main.say(undo.offer, "good")

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

    def _undo_is_over(self, undo: Undo) -> None:
        undo.is_over = True
        if self._undo is undo:
            still_undoable, status = self._still_undoable, self.main.status
            self.forget_undo()
            if status.text == still_undoable:
                self.main.say(undo.afterwards, "good")
            elif undo.offer and status.text.startswith(undo.offer):
                # Something that failed since may be said behind it.
                self.main.say(undo.afterwards + status.text.removeprefix(undo.offer), status.tone)

    def happened_to(self, document: str, event: str, at: datetime | None) -> None:
        """Withdraw the undo, if with ``event`` nothing is left of what was done; ``at`` is the server's time."""
        if event in ("deleted", "purged") and document in self._asked:
            self._deleted_elsewhere(document)
        if self._undo is not None and self._undo.changed(document, event, at):
            self.forget_undo()

    @worker_action(group="folder", command="undo_unpublish")
    async def undo_unpublish(self) -> None:
        """Bring back, as they were, the documents that were unpublished or deleted last."""
        undo, self._undo = self._undo, None
        self.main.refresh_bindings()
        if undo is None:
            return
        async with self._one_by_one:
            # By now it's known whether it was done at all.
            if documents := undo.documents:
                try:
                    await self._bring_back(undo, documents)
                finally:
                    # It can be tried again for what is left, unless something else has been done since.
                    if undo.documents and not undo.is_over:
                        self._undo = self._undo or undo
                        self.main.refresh_bindings()

    async def _bring_back(self, undo: Undo, documents: Sequence[Document]) -> None:
        brought_back: list[Document] = []

        async def act(ids: Sequence[str]) -> list[Document | Problem]:
            results = await undo.bring_back(self.main.session.share, ids)
            for ident, result in zip(ids, results, strict=True):
                if not isinstance(result, Problem):
                    brought_back.append(result)
                if not isinstance(result, Problem) or isinstance(result, Conflict | NotFound):
                    undo.drop(ident)
            return results

        def tail() -> str:
            return undo.tail(brought_back)

        if len(documents) > 1:
            await self.main.changes.together(documents, act, undo.BROUGHT_BACK, what_next=tail)
            return
        (document,) = documents
        with self.main.changes.counted():
            (result,) = await act([document.id])
        if isinstance(result, Problem):
            if isinstance(result, Conflict | NotFound):
                self.main.reload()
            raise result
        self.main.reload()
        self.main.say(f"{undo.said(brought_back).format(name_or_count(documents))}.{tail()}", "good")

    async def change_each(
        self,
        documents: Sequence[Document],
        act: Callable[[str], Awaitable[object]],
        done: str,
        tone: str = "good",
        *,
        deselects: Iterable[str] = (),
    ) -> bool:
        """Apply ``act`` to each document as :meth:`DocumentChanges.each` does; what was done before can't be undone
        after that."""
        self.forget_undo()
        return await self.main.changes.each(documents, act, done, tone, deselects=deselects)
