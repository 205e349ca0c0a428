"""The first screen: the tree of places beside the list of what is in one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Tree

from ..commands import spelled
from ..locations.kinds import NOWHERE, kind_of
from ..locations.location import Location
from ..rules.errors import Problem
from ..textual_patches.keys import GIVES_UP, is_over
from ..widgets.connection_line import ConnectionLine
from ..widgets.footer import Footer
from ..widgets.heading import Heading
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Row, Table
from ..widgets.tree import LocationTree
from .admin import OtherCommands
from .app_screen import Page
from .branches import Branches
from .document_changes import MOMENT, SOON, DocumentChanges
from .document_commands import DocumentCommands
from .folder import FolderCommands
from .list_commands import ListCommands
from .list_pane import LASTING, ListPane
from .live import Live
from .live_feed import FeedStopped, ServerAnswered, ServerEvent
from .picker import PickerCommands
from .places import PlaceCommands
from .screen_commands import NOT_OPEN, ScreenCommand
from .start_up import StartUp

if TYPE_CHECKING:
    from textual.worker import Worker

    from ..locations.kind import LocationKind
    from ..session import Session


class MainScreen(Page):
    """Put together from its parts: the pane of the list, the branches of the tree, the live feed, and the commands.
    Which of them hold depends on the place that the list shows."""

    PLACES = ("picker", "folder", "trash", "places", "main")
    AUTO_FOCUS = "#list"
    DEFAULT_CSS = """
    MainScreen #heading { background: $bar-background; color: $bar-foreground; text-style: $bar-style; }
    MainScreen #tree { width: 27%; min-width: 24; max-width: 44; border-right: vkey $border; }
    MainScreen #filter { display: none; height: 1; border: none; }
    MainScreen #filter.-on { display: block; }
    MainScreen #status { padding: 0 1; background: $surface; }
    MainScreen #link { display: none; padding: 0 1; background: $surface; }
    MainScreen #link.-on { display: block; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.pane = ListPane(session)
        self.browser = self.pane.browser
        self.branches = Branches(self)
        self.live = Live(self)
        self.start = StartUp(self)
        self.changes = DocumentChanges(self)
        self.folder_commands = FolderCommands(self)
        self.place_commands = PlaceCommands(self)
        self.other_commands = OtherCommands(self)
        self.picker_commands = PickerCommands(self)
        self._offered: tuple[object, ...] = ()

    def own_commands(self) -> dict[str, ScreenCommand]:
        groups = (
            self.picker_commands,
            self.folder_commands,
            self.place_commands,
            self.other_commands,
            DocumentCommands(self),
            ListCommands(self),
        )
        return {ident: command for group in groups for ident, command in group.commands().items()}

    @property
    def about(self) -> str:
        return spelled(self.location_kind.about or NOWHERE.about, self.app)

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        with Horizontal():
            yield LocationTree(id="tree")
            yield self.pane
        yield RowLine(id="row")
        yield StatusLine("Connecting…", id="status", tone="dim", lines=3, marked=True)
        yield ConnectionLine(id="link")
        yield Footer()

    def on_mount(self) -> None:
        self.table.renderer.now, self.table.row_line = self.session.now, self.query_one(RowLine)
        self.start.begin()

    # ------------------------------------------------------------ what is shown

    @property
    def table(self) -> Table:
        return self.pane.table

    @property
    def places(self) -> LocationTree:
        return self.query_one("#tree", LocationTree)

    @property
    def ready(self) -> bool:
        """Whether the server has answered, and told what the list shows."""
        return self.session.opened and not self.browser.list.is_preview

    @property
    def path(self) -> list[Location]:
        """The way to the place that is shown, which is its last one."""
        return self.browser.navigator.path

    @property
    def place(self) -> Location | None:
        """The place that the list shows."""
        return self.browser.location

    @property
    def pending(self) -> Location | None:
        """The place that is under way, while the list shows another one still."""
        return self.browser.navigator.pending_location

    @property
    def kind(self) -> str:
        """Of which kind the place is that the list shows; empty before there is one."""
        return self.place.kind if self.place is not None else ""

    @property
    def location_kind(self) -> LocationKind:
        """What is true of the place that the list shows."""
        return self.browser.kind

    @property
    def kinds(self) -> list[LocationKind]:
        """What is true of the place that the list shows, and of the one that is under way."""
        return [kind_of(place) for place in (self.place, self.pending) if place is not None]

    def shows(self, what: str) -> bool:
        """Whether ``what`` of the user's own is listed by the place that is shown, or by the one that is under way."""
        return any(what in kind.shows for kind in self.kinds)

    @property
    def location_key(self) -> tuple[str, str] | None:
        location = self.pending or self.place
        return location.key if location is not None else None

    @property
    def current(self) -> Row | None:
        """The row under the cursor. There is none while one goes about in the tree: keys would be for something else
        than what one looks at."""
        return None if isinstance(self.focused, LocationTree) else self.table.current

    @property
    def chosen(self) -> list[Row]:
        """The rows that a command is for: the selected ones, else the one under the cursor."""
        return self.table.chosen if self.table.selected or self.current is not None else []

    def target_snapshot(self) -> object:
        """What a command would be for now."""
        row, place = self.table.current, self.places.place
        key = row.key if row is not None else ""
        return self.location_key, place, key, [chosen.key for chosen in self.chosen]

    @property
    def changing_documents(self) -> bool:
        """Whether quitting would leave something half done."""
        return self.changes.under_way

    # ------------------------------------------------------------ going

    def open_place(self, place: Location, *, path: list[Location] | None = None, back: bool = False) -> None:
        """Shows what is in a place. ``path`` is the way to it, where that is not plain from the tree; ``back`` puts
        the cursor where it was when the place was left."""
        self.cancel_type_ahead()
        self.pane.close_filter()
        self._say_no_more()
        self.browser.open(path or self.browser.way_to(place), back)

    def go_back(self, path: list[Location]) -> None:
        """Shows a place where one was before. The one that the list still shows has only to be left no longer."""
        if not self.browser.go_back(path):
            self.open_place(path[-1], path=path, back=True)

    def reload(self) -> None:
        """Asks the server anew for what is shown, since something has changed; cursor and selection stay."""
        self.browser.reload()

    def begin_anew(self) -> None:
        """Nothing is shown and nothing waited for: what was, was another person's."""
        self.branches.forget()
        self.pane.close_filter()
        self.browser.forget()

    def sign_in(self) -> None:
        """Asks for name and password."""
        self.other_commands.sign_in()

    # ------------------------------------------------------------ what is said

    def say(self, text: str, tone: str = "") -> None:
        """Says something in the status line."""
        self.query_one("#status", StatusLine).say(text, tone)

    def _say_no_more(self) -> None:
        """What is said is of the place that one leaves, unless it is that the server is away, until it is there."""
        kind, told = self.told or (Problem, "")
        if not issubclass(kind, LASTING) or self.query_one("#status", StatusLine).said != told:
            self.say("")

    def begin_type_ahead(self, opener: Worker[None]) -> None:
        super().begin_type_ahead(opener)
        self.set_timer(SOON, lambda: self._say_moment(opener))

    def _say_moment(self, opener: Worker[None]) -> None:
        app: Any = self.app
        # What lies over this screen has come, though all of it may not be there yet.
        if self.is_attached and app.screen is self and app.keeps_keys and not is_over(opener):
            self.say(self._moment, "dim")

    def type_ahead_is_over(self) -> None:
        if self.is_attached and self.query_one("#status", StatusLine).said == self._moment:
            self.say("")

    @property
    def _moment(self) -> str:
        return f"{MOMENT} ({self.app.get_key_display(Binding(GIVES_UP, ''))} gives it up)"

    # ------------------------------------------------------------ the tree

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Location]) -> None:
        if event.node.data is not None and self.session.opened:
            self.branches.fill(event.node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Location]) -> None:
        place = event.node.data
        if place is None or not self.session.opened:
            return
        place = kind_of(place).resolved(place)
        self.open_place(place, path=kind_of(place).own_way(place) or self.places.path_of(event.node))
        if not place.opens:
            self.table.focus()

    @on(Tree.NodeHighlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    @on(LocationTree.MenuWanted)
    def _tree_menu_wanted(self) -> None:
        place = self.places.place
        if place is not None:
            self.place_commands.open_menu(place.name, tree=True)

    # ------------------------------------------------------------ the list

    @on(Table.Moved, "#list")
    def _moved(self) -> None:
        # Most rows of a place offer the same: only where they do not, the footer is made anew.
        row = self.table.current
        offered = (self.kind, type(row.data) if row else None, *_matters(row.data if row else None))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @on(Table.Opened, "#list")
    async def _opened(self, event: Table.Opened) -> None:
        row = event.row
        if row is None:
            return
        if not self.ready and self.location_kind.server:
            self.say(NOT_OPEN)
            return
        place = self.location_kind.location_of(row.data)
        if place is not None:
            self.open_place(place, path=kind_of(place).own_way(place) or [*self.path, place])
        elif row.selectable:
            await self.action_command("facts")

    @on(Table.MenuWanted, "#list")
    def _menu_wanted(self, event: Table.MenuWanted) -> None:
        self.place_commands.open_menu(event.row.name if event.row else self.place.name if self.place else "")

    # ------------------------------------------------------------ what the server tells

    @on(ServerEvent)
    def _server_told(self, message: ServerEvent) -> None:
        self.live.told(message.event)

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
