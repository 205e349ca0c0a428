"""What is done with folders and shortcuts: My Favorites, members, and the end of a folder."""

from __future__ import annotations

from ..rules.text import printable
from ..widgets.table import Table
from ..widgets.tree import Place, PlaceTree
from . import listing
from .errands import errand
from .part import ELSEWHERE, NOT_OPEN, ON_ITS_WAY, MainPart

_ACTIONS = ("add_favorite", "rename_favorite", "remove_favorite", "members", "delete_folder")
_FAVORITES = ("sent", "folder", "workspace", "document")


def links_text(count: int) -> str:
    """``1 published link``, ``7 published links``."""
    return "1 published link" if count == 1 else f"{count:,} published links"


def documents_text(count: int) -> str:
    """``1 document``, ``7 documents``."""
    return "1 document" if count == 1 else f"{count:,} documents"


class PlaceCommands(MainPart):
    """A part of the first screen. The commands are for the folder under the cursor, else for the one that is shown."""

    def subject(self) -> Place | None:
        """The folder or shortcut that a command is for."""
        if isinstance(self.focused, PlaceTree):
            return self.places.place
        row = self.table.current
        place = listing.place_of(row.data) if row is not None else None
        if place is None and row is not None and self.kind in listing.OF_WORK:
            place = Place("document", row.name, getattr(row.data, "id", ""), opens=False)
        return place or self.place

    def why_not(self, action: str) -> str | None:
        if action not in _ACTIONS:
            return super().why_not(action)
        # First: what the rows are is imported with the session, and no sooner.
        if not self.ready:
            return NOT_OPEN
        if self.awaited is not None and not isinstance(self.focused, PlaceTree):
            return ON_ITS_WAY
        place = self.subject()
        if place is None:
            return ELSEWHERE
        return (
            self._why_no_shortcut(action, place)
            if "favorite" in action
            else self._why_no_folder(action, place)
        )

    def _why_no_shortcut(self, action: str, place: Place) -> str | None:
        if place.kind not in _FAVORITES and not place.shortcut:
            return ELSEWHERE
        shortcut = self.session.shortcut_of(place)
        if action == "add_favorite":
            return "It is in My Favorites already." if shortcut else None
        return None if shortcut else "It is not in My Favorites."

    def _why_no_folder(self, action: str, place: Place) -> str | None:
        if place.kind != "sent":
            return ELSEWHERE
        folder = self.session.folder(place)
        if action == "delete_folder" and folder is not None and folder.role != "owner":
            return f"Only {folder.owner} may delete this folder; you were added to look."
        return None

    # ------------------------------------------------------------ My Favorites

    @errand(group="favorites")
    async def action_add_favorite(self) -> None:
        place = self.subject()
        if place is not None:
            await self.session.add_favorite(place)
            self._favorites_changed()
            self.say(f"{printable(place.name)} is in My Favorites.", "good")

    @errand(group="favorites", opens=True)
    async def action_rename_favorite(self) -> None:
        """Only the shortcut has another name then; the folder keeps its own."""
        place = self.subject()
        shortcut = self.session.shortcut_of(place) if place is not None else ""
        if place is None or not shortcut:
            return
        from .ask import Ask

        name = await self.answer_to(
            Ask("Rename the shortcut", "What it leads to keeps its own name.", place.name, keep="Rename")
        )
        if name and name != place.name:
            await self.session.rename_favorite(shortcut, name)
            self._favorites_changed()
            self.say(f"The shortcut is called {printable(name)} now.", "good")

    @errand(group="favorites")
    async def action_remove_favorite(self) -> None:
        """It can be added again, so nothing is asked."""
        place = self.subject()
        shortcut = self.session.shortcut_of(place) if place is not None else ""
        if place is None or not shortcut:
            return
        await self.session.remove_favorite(shortcut)
        self._favorites_changed()
        folder = self.session.folder(place)
        again = ""
        if folder is not None and folder.current:
            again = " The next send makes a new folder, unless you add it again."
        self.say(f"{printable(place.name)} is no longer in My Favorites.{again}", "warn" if again else "good")

    def _favorites_changed(self) -> None:
        self.refill("favorites")
        if "favorites" in self.kinds:
            self.reload()
        self.refresh_bindings()

    # ------------------------------------------------------------ folders in Share

    @errand(group="members", opens=True)
    async def action_members(self) -> None:
        place = self.subject()
        if place is None:
            return
        from .members import Members

        await self.session.load_folders()
        folder = self.session.folder(place)
        if folder is not None:
            members = await self.session.share.members(folder.id)
            told = await self.answer_to(Members(self.session, folder, members))
            if told:
                self.say(told, "good")

    @errand(group="folder", opens=True)
    async def action_delete_folder(self) -> None:
        """Asked twice, with the number of links that stop."""
        place = self.subject()
        if place is None:
            return
        await self.session.load_folders()
        folder = self.session.folder(place)
        if folder is None:
            return
        name = printable(folder.name)
        holds = f"It has {links_text(folder.published)}."
        detail = f"{holds} All of it, {documents_text(folder.documents)}, goes to the trash."
        if not await self.agreed(f"Delete the folder {name}?", detail, yes="Delete", no="Keep"):
            return
        stop = (
            "Its 1 published link stops" if folder.published == 1 else f"{links_text(folder.published)} stop"
        )
        question = (
            f"{stop} at once. Delete the folder all the same?" if folder.published else "Delete it for sure?"
        )
        if await self.agreed(question, name, yes="Delete it", no="Keep"):
            deleted = await self.session.share.delete_folder(folder.id)
            self.refill("favorites", "share")
            shown = self.awaited or self.place
            if shown is not None and (shown.kind, shown.id) == ("sent", folder.id):
                self.open_place(Place("share", "Share"))
            elif "share" in self.kinds:
                self.reload()
            self.say(f"{name} is deleted; {documents_text(deleted)} went to the trash.", "good")

    # ------------------------------------------------------------ the context menu

    def on_place_tree_menu_wanted(self) -> None:
        place = self.places.place
        if place is not None:
            self.open_menu(place.name, tree=True)

    def on_table_menu_wanted(self, event: Table.MenuWanted) -> None:
        self.open_menu(event.row.name if event.row else self.place.name if self.place else "")

    @errand(group="menu", exclusive=True, opens=True)
    async def open_menu(self, heading: str, tree: bool = False) -> None:
        """Asks what is to be done with a row, or a node of the tree, and does it."""
        from .menu import Menu, offered

        offers = offered(self, menu_only=True)
        if tree:
            offers = [offer for offer in offers if offer.command.place == "places"]
        meant = self.meant()
        chosen = await self.answer_to(Menu(heading, offers))
        if chosen:
            await self.run_meant(chosen, meant)
