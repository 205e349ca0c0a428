"""Unpublishing and deleting sent documents, and undoing what was done last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...override import override
from ...rules.display import counted, documents_text, first_names, is_and_it
from ...rules.text import printable
from ..base.command_group import CommandGroup
from ..base.screen_commands import HIDDEN
from ..base.workers import worker_action
from .chosen_documents import ALL_OFF, ALREADY_OFF, ChosenDocuments
from .document_changes import STILL_UNDOABLE, name_or_count
from .trash import way_to_trash

if TYPE_CHECKING:
    from ...wire.share import Document
    from ..base.host import Host
    from .document_changes import DocumentChanges
    from .undo import Undo


class UnpublishAndDeleteCommands(CommandGroup):
    """Unpublish, delete, and the undo of each of them, from the last on, which any other change to documents withdraws;
    and the undo of what was done last besides."""

    IDS = ("unpublish", "delete", "undo_unpublish", "undo")

    def __init__(self, main: Host, changes: DocumentChanges) -> None:
        super().__init__(main)
        self._changes = changes
        self._chosen = ChosenDocuments(main)

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if ident == "undo_unpublish":
            if not self.main.browser.kind.offers("folder.undo_unpublish"):
                return HIDDEN
            if self._changes.acts.can_undo:
                # That was done after it.
                return HIDDEN
            return None if self._changes.can_undo else self._changes.why_not_undone
        if ident == "undo":
            return self._undo_disabled_reason
        why = self._chosen.disabled_reason(ident)
        is_off = ident == "unpublish" and why is not None and why.endswith(ALREADY_OFF)
        return (self._still_undoable or why) if is_off else why

    @property
    def _undo_disabled_reason(self) -> str | None:
        """Why the last act that is no change to documents can't be undone."""
        if self._changes.acts.can_undo:
            return None
        if self._changes.can_undo:
            # The command for that has the same key.
            return HIDDEN
        return self._changes.why_not_undone

    @property
    def _still_undoable(self) -> str:
        """Why the document under the cursor can't be unpublished, if it just was and that can be undone."""
        documents = self._chosen.listed
        if len(documents) != 1 or not self._changes.can_undo_for(documents):
            return ""
        return spelled(STILL_UNDOABLE, self.screen.app)

    # ------------------------------------------------------------ unpublishing

    def unpublish(self) -> None:
        """Stop the link at once, with undo; for several links, ask first."""
        documents = self._chosen.listed
        if len(documents) > 1:
            self._unpublish_many()
        elif documents and documents[0].published:
            from .undo import UnpublishUndo

            undo = UnpublishUndo(documents)
            self._changes.begin(undo)
            self._unpublish_one(documents[0], undo)

    @worker_action(group="folder", opens=True)
    async def _unpublish_many(self) -> None:
        from .undo import UnpublishUndo

        rows = self.main.chosen
        documents = [d for d in await self._chosen.current(rows) if d.published]
        if not documents:
            self.main.say(ALL_OFF)
            return
        count = counted(len(documents), "link")
        stops = "Its link stops" if len(documents) == 1 else "Their links stop"
        are, _ = is_and_it(len(documents))
        which = f"{len(documents):,} of the {len(rows):,} selected documents {are} published. "
        detail = f"{which if len(documents) < len(rows) else ''}{stops} at once; the documents stay."
        detail += f"\n{first_names(self._chosen.names_of(documents))}"
        if await self._changes.confirm(documents, f"Unpublish {count}?", detail, "Unpublish"):
            undo = UnpublishUndo(documents)
            self._changes.begin(undo)
            selected = [row.key for row in rows]
            if await self._changes.with_undo(undo, documents, "Unpublished {}", deselects=selected):
                self._changes.offer(undo, f"Unpublished {count}.")

    @worker_action(group="folder")
    async def _unpublish_one(self, document: Document, undo: Undo) -> None:
        if not await self._changes.with_undo(undo, [document], "Unpublished {}", deselects=[document.id]):
            return
        name = f"“{printable(document.name)}”"
        if undo.was_off:
            from ...rules.sent_text import reason_text

            self.main.say(f"The link of {name} was already off ({reason_text(undo.was_off)}).")
            return
        self._changes.offer(undo, f"Unpublished {name}.")

    # ------------------------------------------------------------ deleting

    @worker_action(group="folder", opens=True, command="delete")
    async def delete(self) -> None:
        """Move documents to the trash, with undo; always ask first."""
        from .undo import DeleteUndo

        documents = self._chosen.listed
        if not documents:
            return
        if not await self._changes.confirm(documents, *self._about_deleting(documents), "Delete"):
            return
        undo = DeleteUndo(documents)
        self._changes.begin(undo)
        ids = [document.id for document in documents]
        if await self._changes.with_undo(undo, documents, "Moved {} to the trash", deselects=ids):
            moved = f"Moved {name_or_count(documents)} to the trash."
            self._changes.offer(undo, moved, way_to_trash(self.main))

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

    def undo(self) -> None:
        """Undo the last act, which was no change to documents."""
        self._changes.acts.undo()

    @worker_action(group="folder", command="undo_unpublish")
    async def undo_unpublish(self) -> None:
        """Bring back, as they were, the documents that were unpublished or deleted last."""
        await self._changes.undo_last()
