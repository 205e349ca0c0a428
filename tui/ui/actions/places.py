"""Commands that go somewhere: to the places with a key of their own, into what the cursor is on, and up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...commands.lookup import spelled
from ...locations.kinds import CHECKED_OUT_ROOT, WORKLIST_ROOT
from ...locations.local_files import LOCAL
from ...locations.location import Location
from ...locations.share_kinds import share_folder_location
from ...override import override
from ..base.command_group import CommandGroup
from ..base.screen_commands import NOT_OPEN
from ..base.workers import worker_action

if TYPE_CHECKING:
    from ...wire.folders import Folder
    from ..base.host import Host
    from ..main.start_up import StartUp

_NOTHING_SENT = "Nothing sent yet. Pick documents in a workspace and press {picker.send}."
_FOLDER_DELETED = "Your Sent folder was deleted; the next send makes one."


class PlaceCommands(CommandGroup):
    """They show another location in the list, which gets the focus."""

    IDS = ("go_sent", "go_worklist", "go_checked_out", "local_files", "go_home", "enter", "ascend")

    def __init__(self, main: Host, start: StartUp) -> None:
        super().__init__(main)
        self._start = start

    @override
    def disabled_reason(self, ident: str) -> str | None:
        main = self.main
        if ident == "enter":
            return None if main.table.current is not None else "The list is empty."
        if ident == "ascend":
            return None
        if ident == "local_files":
            shown = main.browser.pending or main.browser.location
            is_there = shown is not None and shown == LOCAL.resolved(Location(LOCAL.name, ""))
            return "The list already shows local files." if is_there else None
        if not main.session.opened:
            return NOT_OPEN
        return None

    def _go(self, place: Location) -> None:
        """Show a place that is at the top of the tree, or has a way of its own."""
        self.main.open_place(place)
        self.main.table.focus()

    def go_sent(self) -> None:
        """Show the folder that is sent to: at once, if it is known."""
        folder = _current(list(self.main.session.folders.values()))
        if folder is not None:
            self._go(share_folder_location(folder))
        else:
            self._look_for_sent()

    @worker_action(exclusive=True, group="go", command="go_sent")
    async def _look_for_sent(self) -> None:
        with self.main.browser.seeking() as found:
            folder = _current(await self.main.session.load_folders())
            if folder is not None:
                if found():
                    self._go(share_folder_location(folder))
            elif await self.main.session.share.audit.has_events():
                self.main.say(_FOLDER_DELETED)
            else:
                self.main.say(spelled(_NOTHING_SENT, self.screen.app))

    @worker_action(exclusive=True, group="go")
    async def show_copy(self, name: str, work_id: str) -> None:
        """Show in its folder what a copy in Work was kept of: its name and its id there are given."""
        session = self.main.session
        # In quotation marks it is the name, whatever it looks like.
        wanted = '"' + name.replace('"', "*") + '"'
        with self.main.browser.seeking() as found:
            for folder in await session.load_folders():
                page = await session.share.documents(folder.id, wanted=wanted)
                sent = next((each for each in page.documents if each.work_id == work_id), None)
                if sent is not None:
                    if found():
                        self.main.open_place(share_folder_location(folder), row=sent.id)
                        self.main.table.focus()
                    return
        self.main.say("It is in no Sent folder that you can see.", "warn")

    def go_worklist(self) -> None:
        """Show the documents that were used last."""
        self._go(WORKLIST_ROOT)

    def go_checked_out(self) -> None:
        """Show the documents that the user has checked out."""
        self._go(CHECKED_OUT_ROOT)

    def local_files(self) -> None:
        """Show the files of this machine."""
        self._go(LOCAL.resolved(Location(LOCAL.name, "")))

    @worker_action(exclusive=True, group="go", command="go_home")
    async def _look_for_home(self) -> None:
        with self.main.browser.seeking() as found:
            place = await self.main.session.first_place()
            if found():
                self._go(place)

    def go_home(self) -> None:
        """Show the place that the program began with."""
        if self._start.home is not None:
            self._go(self._start.home)
        else:
            self._look_for_home()

    def enter(self) -> None:
        """Open what the cursor is on."""
        self.main.table.action_open()

    def ascend(self) -> None:
        """Go up to the parent location, or from a top one to the tree."""
        navigator = self.main.browser.navigator
        path = navigator.up() if len(navigator.way) > 1 else None
        if path is not None:
            self.main.go_back(path)
        else:
            self.main.places.focus()


def _current(folders: list[Folder]) -> Folder | None:
    """The folder that is sent to."""
    return next((folder for folder in folders if folder.current and folder.role == "owner"), None)
