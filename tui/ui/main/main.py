"""The main screen: the tree of locations next to the list of what is in one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Tree

from ...commands.lookup import spelled
from ...locations.kinds import NOWHERE, kind_of
from ...locations.location import Location
from ...override import override
from ..actions.app import AppCommands
from ..actions.document_changes import DocumentChanges
from ..actions.documents import DocumentCommands
from ..actions.folders import FolderCommands
from ..actions.last_acts import LastActs
from ..actions.lists import ListCommands
from ..actions.places import PlaceCommands
from ..actions.send import SendCommands
from ..actions.sent_documents import SentDocumentCommands
from ..actions.trash import TrashCommands
from ..actions.unpublish_and_delete import UnpublishAndDeleteCommands
from ..base.app_screen import Page
from ..base.command_group import TOO_EARLY, TREE_HAS_FOCUS
from ..base.screen_commands import NOT_OPEN, ScreenCommand
from ..base.workers import BUSY_DELAY, lines_of_failure
from ..textual_patches.keys import CANCEL_KEY, is_over
from ..widgets.footer import Footer
from ..widgets.heading import Heading
from ..widgets.pane_heading import PaneHeading
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine, unsay
from ..widgets.table import Row, Table
from ..widgets.tree import LocationTree
from .list_pane import LASTING, ListPane
from .live import Live
from .live_feed import FeedStopped, ServerAnswered, ServerEvent
from .main_look import MainLook
from .start_up import StartUp
from .tree_loader import Branches
from .typed_early import kept_for_later

if TYPE_CHECKING:
    from textual.command import Provider
    from textual.worker import Worker

    from ...locations.kind import LocationKind
    from ...session import Session
    from ...session.notices import NoticeLine


def _places() -> type[Provider]:
    # Imported late: only the palette needs it.
    from .finder import PlacesProvider

    return PlacesProvider


def _documents() -> type[Provider]:
    from .finder import DocumentsProvider

    return DocumentsProvider


_CSS = """
MainScreen #places { border-right: solid $quiet; }
MainScreen #details { border-left: solid $quiet; }
MainScreen.-list-only #places { border-right: none; }
MainScreen.-framed #places, MainScreen.-framed #details { border: none; }
MainScreen.-framed .body, MainScreen.-framed #tree { border: round $quiet; border-top: none; }
MainScreen.-framed .-active .body, MainScreen.-framed .-active #tree { border: round $text; border-top: none; }
MainScreen #filter { display: none; height: 1; border: none; }
MainScreen #filter.-on { display: block; }
MainScreen #status { padding: 0 1; }
MainScreen #link { display: none; padding: 0 1; }
MainScreen #link.-on { display: block; }
"""


class MainScreen(Page):
    """Composed of list pane, tree, live feed and commands. Which commands there are depends on the location."""

    PLACES = ("picker", "found", "folder", "trash", "places", "main")
    COMMANDS: ClassVar[set[type[Provider] | Callable[[], type[Provider]]]] = {_places, _documents}
    AUTO_FOCUS = "#list"
    DEFAULT_CSS = _CSS

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        acts = LastActs(self)
        self.pane = ListPane(session, self, acts)
        self.browser = self.pane.browser
        self.branches = Branches(self)
        self.changes = DocumentChanges(self, acts)
        self.live = Live(self, self.branches, self.changes, connect=self._connect, sign_in=self.sign_in)
        self.start = StartUp(self, self.pane, self.branches, self.live, self.changes, self._offer_unfinished)
        self.place_commands = FolderCommands(self, self.branches, self.changes)
        self.picker_commands = SendCommands(self, self.branches, self.changes, self.start)
        self.going = PlaceCommands(self, self.start)
        self.other_commands = AppCommands(
            self, self.changes, self.start, self.picker_commands, lambda: self.live.notices
        )
        self._offered: tuple[object, ...] = ()
        self.look = MainLook(self, self.pane, self.live.looked_at)

    @override
    def own_commands(self) -> dict[str, ScreenCommand]:
        groups = (
            self.picker_commands,
            UnpublishAndDeleteCommands(self, self.changes),
            SentDocumentCommands(self, self.changes),
            TrashCommands(self, self.changes),
            self.place_commands,
            self.other_commands,
            DocumentCommands(self),
            ListCommands(self, self.pane, self.start, self.look),
            self.going,
        )
        return {ident: command for group in groups for ident, command in group.commands().items()}

    @property
    @override
    def about(self) -> str:
        return spelled(self.location_kind.about or NOWHERE.about, self.app)

    @override
    def compose(self) -> ComposeResult:
        self.look.begin()
        yield Heading(id="heading")
        with Horizontal(id="panes"):
            with self.look.made_places():
                yield PaneHeading("Places", id="places-heading")
                yield LocationTree(id="tree")
            yield self.pane
            if self.look.has_room:
                yield self.look.made_details()
        yield RowLine(id="row")
        yield StatusLine("Connecting…", id="status", tone="dim", lines=3, marked=True)
        yield Footer()

    @override
    def on_mount(self) -> None:
        self.table.renderer.now, self.table.row_line = self.session.now, self.query_one(RowLine)
        self.look.follow(self.table.row_line, self.places)
        self.start.begin()

    @override
    def on_unmount(self) -> None:
        super().on_unmount()
        self.live.end()

    @override
    def on_resize(self) -> None:
        self.look.fit()

    @on(events.DescendantFocus)
    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _focus_moved(self) -> None:
        unsay(self, TREE_HAS_FOCUS)
        self.look.fit()

    # ------------------------------------------------------------ what is shown

    @property
    def table(self) -> Table:
        """The list of what is in the location."""
        return self.pane.table

    @property
    def places(self) -> LocationTree:
        """The tree of locations."""
        return self.query_one("#tree", LocationTree)

    @property
    def ready(self) -> bool:
        """Whether the session is open, and the list is more than a preview."""
        return self.session.opened and not self.browser.list.is_preview

    @property
    def path(self) -> list[Location]:
        """The path to the location that is shown, which is its last item."""
        return self.browser.navigator.path

    @property
    def place(self) -> Location | None:
        """The location that the list shows."""
        return self.browser.location

    @property
    def pending(self) -> Location | None:
        """The location that is loading, while the list still shows another one."""
        return self.browser.navigator.pending_location

    @property
    def kind(self) -> str:
        """The name of the kind of location that the list shows; empty before there is one."""
        return self.place.kind if self.place is not None else ""

    @property
    def location_kind(self) -> LocationKind:
        """The kind of location that the list shows."""
        return self.browser.kind

    @property
    @override
    def location_key(self) -> tuple[str, str] | None:
        location = self.pending or self.place
        return location.key if location is not None else None

    @property
    def current(self) -> Row | None:
        """The row under the cursor; ``None`` while the tree has the focus, since the user looks at that."""
        return None if isinstance(self.focused, LocationTree) else self.table.current

    @property
    def chosen(self) -> list[Row]:
        """The rows that a command acts on: the selected ones, else the one under the cursor."""
        return self.table.chosen if self.table.selected or self.current is not None else []

    def target_snapshot(self) -> object:
        """What a command would act on now, to be compared later."""
        row = self.table.current
        return self.location_key, self.places.place, row and row.key, [chosen.key for chosen in self.chosen]

    @property
    @override
    def is_changing(self) -> bool:
        return self.changes.under_way

    # ------------------------------------------------------------ navigation

    def open_place(
        self, place: Location, *, path: list[Location] | None = None, back: bool = False, row: str = ""
    ) -> None:
        """Show a location. ``path`` is the way to it, if that isn't clear from the tree; ``back`` puts the cursor where
        it was when the user left the location, ``row`` on the row with that key."""
        self.cancel_type_ahead()
        self.pane.close_filter()
        self._clear_status()
        self.browser.open(path or self.browser.way_to(place), back, row)

    def go_back(self, path: list[Location]) -> None:
        """Show an earlier location again. If the list still shows it, just cancel the one that is loading."""
        if not self.browser.go_back(path):
            self.open_place(path[-1], path=path, back=True)

    def reload(self, row: str = "") -> None:
        """Reload what has changed; cursor and selection stay, but the cursor goes to the row with the key ``row``."""
        self.browser.reload(row)

    def _connect(self) -> None:
        self.start.connect()

    def _offer_unfinished(self) -> Worker[None]:
        return self.other_commands.interrupted.offer()

    def sign_in(self) -> None:
        """Ask for name and password."""
        self.other_commands.sign_in()

    @override
    async def action_command(self, ident: str) -> None:
        if not kept_for_later(self, (self.table.held, self.places.held), ident):
            await super().action_command(ident)

    # ------------------------------------------------------------ status line

    @property
    def status(self) -> StatusLine:
        """The status line."""
        return self.query_one("#status", StatusLine)

    def say(self, text: str, tone: str = "") -> None:
        """Show text in the status line."""
        self.status.say(text, tone)

    @override
    def show_notice(self, notice: NoticeLine | None) -> None:
        if self._is_complete:
            self.status.show_notice(notice, spelled("{main.show_notices} lists", self.app) if notice else "")

    def _clear_status(self) -> None:
        """Clear the status line, but for failures that last, and why a key did nothing on the way."""
        if self.status.text not in TOO_EARLY.values() and not lines_of_failure(self, *LASTING):
            self.say("")

    @override
    def begin_type_ahead(self, opener: Worker[None]) -> None:
        super().begin_type_ahead(opener)
        self.set_timer(BUSY_DELAY, lambda: self._show_loading(opener))

    def _show_loading(self, opener: Worker[None]) -> None:
        app: Any = self.app
        # A screen over this one is what was loading, even if it isn't complete yet.
        if self.is_attached and app.screen is self and app.keeps_keys and not is_over(opener):
            key = app.get_key_display(Binding(CANCEL_KEY, ""))
            self.status.cover(f"Loading… ({key} cancels)")

    @override
    def type_ahead_is_over(self) -> None:
        if self.is_attached:
            self.status.uncover()

    # ------------------------------------------------------------ the tree

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Location]) -> None:
        if event.node.data is not None and self.session.opened:
            self.branches.fill(event.node)

    @on(Tree.NodeSelected)
    @on(LocationTree.Entered)
    def _selected(self, event: Tree.NodeSelected[Location] | LocationTree.Entered) -> None:
        place, enters = event.node.data, isinstance(event, LocationTree.Entered)
        if place is None or not self.session.opened:
            return
        place = kind_of(place).resolved(place)
        if not enters or place != (self.pending or self.place):
            self.open_place(place, path=kind_of(place).own_way(place) or self.places.path_of(event.node))
        if enters or not place.opens:
            self.table.focus()

    @on(Tree.NodeHighlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(LocationTree.MenuWanted)
    def _tree_menu_wanted(self) -> None:
        if (place := self.places.place) is not None:
            self.place_commands.open_menu(place.name, tree=True)

    # ------------------------------------------------------------ the list

    @on(Table.Moved, "#list")
    def _moved(self) -> None:
        # Most rows of a location offer the same commands; the footer is rebuilt only if they don't.
        row = self.table.current
        where = (self.place.key if self.place is not None else None, self.browser.list.is_empty)
        offered = (where, type(row.data) if row else None, *_matters(row.data if row else None))
        if offered != self._offered:
            if offered[:1] != self._offered[:1]:
                self.look.place_changed()
            self._offered = offered
            self.refresh_bindings()

    @on(Table.Opened, "#list")
    async def _opened(self, event: Table.Opened) -> None:
        if (row := event.row) is None:
            return
        if not self.ready and self.location_kind.server:
            self.say(NOT_OPEN)
            return
        if (place := self.location_kind.location_of(row.data)) is not None:
            self.open_place(place, path=kind_of(place).own_way(place) or [*self.path, place])
        elif copy := self.location_kind.sent_copy_of(row.data):
            self.going.show_copy(row.name, copy)
        elif row.selectable:
            await super().action_command("facts")

    @on(Table.MenuWanted, "#list")
    def _menu_wanted(self, event: Table.MenuWanted) -> None:
        self.place_commands.open_menu(event.target_text() or (self.place.name if self.place else ""))

    # ------------------------------------------------------------ server events

    @on(ServerEvent)
    def _server_event(self, message: ServerEvent) -> None:
        self.live.handle(message.event)

    @on(ServerAnswered)
    def _server_answered(self) -> None:
        self.live.server_answered()

    @on(FeedStopped)
    def _feed_stopped(self, message: FeedStopped) -> None:
        self.live.stopped(message.problem)


def _matters(data: object) -> tuple[object, ...]:
    """What decides which commands a row offers."""
    return tuple(
        getattr(data, name, None)
        for name in ("published", "locked", "throttled", "is_folder", "shortcut", "role")
    )
