"""Commands for folders and shortcuts: My Favorites, members, deleting a folder."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.kinds import SHARE_ROOT, kind_of
from ...locations.location import Location
from ...locations.share_kinds import share_folder_location
from ...override import override
from ...rules.display import counted, documents_text
from ...rules.text import printable
from ..base.command_group import CommandGroup, still_loading
from ..base.screen_commands import HIDDEN, NOT_OPEN
from ..base.workers import worker_action
from .trash import way_to_trash

if TYPE_CHECKING:
    from ..base.host import Host
    from ..main.tree_loader import Branches
    from .document_changes import DocumentChanges


class FolderCommands(CommandGroup):
    """They act on the folder under the cursor, else on the one that is shown."""

    IDS = ("add_favorite", "rename_favorite", "remove_favorite", "members", "delete_folder")

    def __init__(self, main: Host, branches: Branches, changes: DocumentChanges) -> None:
        super().__init__(main)
        self._branches = branches
        self._changes = changes

    def subject(self) -> Location | None:
        """The folder or shortcut that a command acts on."""
        if self.screen.focused is self.main.places:
            return self.main.places.place
        row = self.main.table.current
        place = self.main.browser.kind.location_of(row.data) if row is not None else None
        if place is None and row is not None and self.main.browser.kind.lists_library_documents:
            place = Location("document", row.name, row.data.id, opens=False)
        return place or self.main.browser.location

    @override
    def disabled_reason(self, ident: str) -> str | None:
        # Checked first: the types of the rows are only imported with the session.
        if not self.main.ready:
            return NOT_OPEN
        if self.screen.focused is not self.main.places and (why := still_loading(self.main)):
            return why
        place = self.subject()
        if place is None:
            return HIDDEN
        return (
            self._shortcut_disabled_reason(ident, place)
            if "favorite" in ident
            else self._folder_disabled_reason(ident, place)
        )

    def _shortcut_disabled_reason(self, ident: str, place: Location) -> str | None:
        if not kind_of(place).offers(f"places.{ident}") and not place.shortcut:
            return HIDDEN
        shortcut = self.main.session.favorites.shortcut_of(place)
        if ident == "add_favorite":
            return "It is already in My Favorites." if shortcut else None
        return None if shortcut else "It is not in My Favorites."

    def _folder_disabled_reason(self, ident: str, place: Location) -> str | None:
        if not kind_of(place).offers(f"places.{ident}"):
            return HIDDEN
        folder = self.main.session.folder(place)
        if ident == "delete_folder" and folder is not None and folder.role != "owner":
            return f"Only the owner ({folder.owner}) can delete this folder. You have read access."
        return None

    # ------------------------------------------------------------ My Favorites

    @worker_action(group="favorites", command="add_favorite")
    async def add_favorite(self) -> None:
        """Add a shortcut to the folder; there may be one already, which stays."""
        place = self.subject()
        if place is not None:
            await self._add(place)

    async def _add(self, place: Location) -> None:
        """Add a shortcut, which can be undone."""
        added = await self.main.session.favorites.add(place)

        async def undo() -> None:
            name = self.main.session.favorites.name_of(added) or place.name
            await self.main.session.favorites.remove(added)
            self._undone(f"{printable(name)} is no longer in My Favorites.")

        self._did(f"Added {printable(place.name)} to My Favorites.", undo)

    def _did(self, said: str, undo: Callable[[], Awaitable[None]], tone: str = "good") -> None:
        """Show what was done to My Favorites, and note what undoes it."""
        self._favorites_changed()
        self._changes.acts.did(said + spelled(" {main.undo} undoes it.", self.screen.app), undo, tone=tone)

    def _undone(self, said: str) -> None:
        """Show how something in My Favorites was undone."""
        self._favorites_changed()
        self.main.say(said, "good")

    @worker_action(group="favorites", opens=True, command="rename_favorite")
    async def rename_favorite(self) -> None:
        """Rename the shortcut; the folder keeps its own name."""
        place = self.subject()
        shortcut = self.main.session.favorites.shortcut_of(place) if place is not None else ""
        if place is None or not shortcut:
            return
        from ...rules.names import extension, retyped, stem
        from ..base.prompt import Prompt

        ext = extension(place.name) if kind_of(place).is_document else ""
        selected = len(stem(place.name, ext)) if ext else len(place.name)
        hint = "Only the shortcut is renamed."
        typed = await self.main.show_dialog(
            Prompt("Rename the shortcut", hint, place.name, keep="Rename", selected=selected)
        )
        name = retyped(typed or "", place.name, ext)
        if name and name != place.name:
            await self._rename(shortcut, self.main.session.favorites.name_of(shortcut) or place.name, name)

    async def _rename(self, shortcut: str, before: str, name: str) -> None:
        await self.main.session.favorites.rename(shortcut, name)

        async def undo() -> None:
            await self.main.session.favorites.rename(shortcut, before)
            self._undone(f"The shortcut is called {printable(before)} again.")

        self._did(f"Renamed the shortcut to {printable(name)}.", undo)

    @worker_action(group="favorites", command="remove_favorite")
    async def remove_favorite(self) -> None:
        """Remove the shortcut without asking, since it can be added again."""
        place = self.subject()
        shortcut = self.main.session.favorites.shortcut_of(place) if place is not None else ""
        if place is not None and shortcut:
            await self._remove(place, shortcut)

    async def _remove(self, place: Location, shortcut: str) -> None:
        named = replace(place, name=self.main.session.favorites.name_of(shortcut) or place.name)
        await self.main.session.favorites.remove(shortcut)
        folder = self.main.session.folder(place)
        again = ""
        if folder is not None and folder.current:
            again = " The next send makes a new folder, unless you add it again."
        said = f"{printable(named.name)} is no longer in My Favorites.{again}"

        async def undo() -> None:
            await self.main.session.favorites.add(named, again=shortcut)
            self._undone(f"{printable(named.name)} is in My Favorites again.")

        self._did(said, undo, "warn" if again else "good")

    def _favorites_changed(self) -> None:
        self._branches.refill("favorites")
        if self.main.browser.shows("favorites"):
            self.main.reload()
        self.screen.refresh_bindings()

    # ------------------------------------------------------------ folders in Share

    @worker_action(group="members", opens=True, command="members")
    async def members(self) -> None:
        """Show whom the owner has added to a Secure Sent Links folder."""
        place = self.subject()
        if place is None:
            return
        from ..dialogs.members import Members

        await self.main.session.load_folders()
        folder = self.main.session.folder(place)
        if folder is not None:
            members = await self.main.session.share.members(folder.id)
            outcome = await self.main.show_dialog(Members(self.main.session, folder, members))
            if outcome:
                self.main.say(outcome, "good")

    @worker_action(group="folder", opens=True, command="delete_folder")
    async def delete_folder(self) -> None:
        """Delete the folder. Asks twice, with the number of links that stop."""
        place = self.subject()
        if place is None:
            return
        await self.main.session.load_folders()
        folder = self.main.session.folder(place)
        if folder is None:
            return
        name = printable(folder.name)
        holds = f"It has {counted(folder.published, 'published link')}."
        detail = f"{holds} {counted(folder.documents, 'document goes', 'documents go')} to the trash."
        if not await self.main.confirm(f"Delete the folder {name}?", detail, yes="Delete", no="Keep"):
            return
        its = "Its " if folder.published == 1 else ""
        stop = its + counted(folder.published, "published link stops", "published links stop")
        question = f"{stop} at once. Delete the folder anyway?" if folder.published else "Really delete it?"
        if await self.main.confirm(question, name, yes="Delete the folder", no="Keep"):
            deleted = await self.main.session.share.delete_folder(folder.id)
            self._changes.is_final()
            self._branches.refill("favorites", "share")
            shown = self.main.browser.pending or self.main.browser.location
            if shown is not None and shown.key == share_folder_location(folder).key:
                self.main.open_place(SHARE_ROOT)
            elif self.main.browser.shows("folders"):
                self.main.reload()
            moved = f"Deleted {name}; {documents_text(deleted)} moved to the trash."
            self.main.say(moved + way_to_trash(self.main), "good")

    # ------------------------------------------------------------ the context menu

    @worker_action(group="menu", exclusive=True, opens=True)
    async def open_menu(self, heading: str, tree: bool = False) -> None:
        """Show the commands for a row, or a node of the tree, and run the chosen one."""
        from ..base.menu import Menu, offered, row_of, run_if_unchanged

        offers = offered(self.screen, menu_only=True)
        if tree:
            offers = [offer for offer in offers if offer.command.place == "places"]
        snapshot = self.screen.target_snapshot()
        row, titles = self.main.table.current, []
        subject = self.subject()
        if not tree and row is not None and subject is not None:
            place = self.main.browser.kind.location_of(row.data)
            name = place.name if place is not None else row.name
            if not self.main.table.selected:
                heading = name
            elif [each.key for each in self.main.chosen] != [row.key]:
                # The heading is of the selected rows.
                titles = [name, subject.name]
        chosen = await self.main.show_dialog(Menu(heading, offers, row_of(self.screen), titles))
        if chosen:
            await run_if_unchanged(self.screen, chosen, snapshot)
