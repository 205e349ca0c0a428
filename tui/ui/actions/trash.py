"""The trash of Secure Sent Links: opening and leaving it, restoring from it, and emptying it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.kinds import SHARE_ROOT, TRASH_LOCATION, kind_of
from ...locations.location import Location
from ...override import override
from ...rules.display import counted, documents_text
from ...rules.errors import NotSignedIn, Problem
from ..base.command_group import CommandGroup, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN
from ..base.workers import failed, tell, worker_action

if TYPE_CHECKING:
    from ..base.host import Host
    from .document_changes import DocumentChanges


def way_to_trash(main: Host) -> str:
    """The end of a sentence about something deleted: the key that shows the trash, if it works where the user is."""
    if not kind_of(main.browser.pending or main.browser.location).offers("folder.trash"):
        return ""
    return spelled(" {folder.trash} shows the trash.", main.screen.app)


class TrashCommands(CommandGroup):
    """Commands of the trash, and the way there and back."""

    IDS = ("trash", "restore", "empty_trash", "leave_trash")

    def __init__(self, main: Host, changes: DocumentChanges) -> None:
        super().__init__(main)
        self._changes = changes
        self._before_trash: list[Location] | None = None

    @override
    def disabled_reason(self, ident: str) -> str | None:
        if ident == "trash":
            if not self.main.browser.kind.offers("folder.trash"):
                return HIDDEN
            return None if self.main.ready else NOT_OPEN
        if not self.main.browser.kind.offers(f"trash.{ident}"):
            return HIDDEN
        if ident == "leave_trash":
            return None
        if why := still_loading(self.main):
            return why
        return None if self.main.table.rows else "The trash is empty."

    def trash(self) -> None:
        """Show the trash, and remember the way back."""
        self._before_trash = self.main.browser.navigator.path
        self.main.open_place(TRASH_LOCATION, path=[SHARE_ROOT, TRASH_LOCATION])

    def leave_trash(self) -> None:
        """Go back to where the trash was opened, or to the folders if that isn't known."""
        path = self._before_trash or [SHARE_ROOT]
        self.main.open_place(path[-1], path=path, back=True)

    @worker_action(group="folder", command="restore")
    async def restore(self) -> None:
        """Put the chosen documents back into their folders; they stay unpublished."""
        documents = [row.data for row in self.main.chosen]
        if documents:
            await self._changes.each(
                documents,
                self.main.session.share.restore,
                "Restored {}, unpublished",
                deselects=[document.id for document in documents],
            )

    @worker_action(group="folder", opens=True, command="empty_trash")
    async def empty_trash(self) -> None:
        """Delete permanently, so ask twice."""
        # The list may have loaded only a part of it.
        count = (await self.main.session.share.trash(limit=1)).total or 0
        if not count:
            self.main.reload()
            self.main.say("The trash is empty.")
            return
        detail = f"{counted(count, 'document is', 'documents are')} deleted permanently."
        first = await self.main.confirm("Empty the trash?", detail, yes="Empty", no="Keep")
        if first and await self.main.confirm(
            f"This cannot be undone. Delete {documents_text(count)} permanently?",
            yes="Delete permanently",
            no="Keep",
        ):
            # Also where no events say so.
            self._changes.is_final()
            try:
                with self._changes.counted():
                    purged = await self.main.session.share.empty_trash()
            except NotSignedIn:
                raise
            except Problem as problem:
                await self._say_how_far(count, problem)
                return
            self.main.reload()
            self.main.say(f"Deleted {documents_text(purged)} permanently.", "good")

    async def _say_how_far(self, count: int, problem: Problem) -> None:
        """Show how many of ``count`` documents are deleted although the server couldn't say so."""
        share = self.main.session.share
        try:
            deleted = count - ((await share.trash(limit=1)).total or 0)
        except Problem:
            text = spelled(
                "Part of the trash may have been deleted; {main.reload} shows what is left.", self.screen.app
            )
            tell(self.screen, problem, f"{problem.message} {text}")
            return
        self.main.reload()
        if deleted >= count:
            self.main.say(f"Deleted {documents_text(count)} permanently.", "good")
        elif deleted > 0:
            done = f"Deleted {deleted:,} of {documents_text(count)} permanently."
            tell(self.screen, problem, f"{done} {problem.message}")
        else:
            failed(self.screen, problem)
