"""The first screen: the tree of places beside the list of what is in one."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Tree

from ..commands import bindings
from ..rules.errors import Problem
from ..widgets.keybar import KeyBar
from ..widgets.table import Row, Table
from ..widgets.tree import Place, PlaceTree
from . import listing
from .base import Say
from .errands import errand
from .facts import facts_of
from .folder import FolderCommands
from .menu import Menu, offered
from .picker import PickerCommands

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from ..session import Listing, Session

_SENT = ("sent", "trash")
#: A filter looks at what is loaded; so many rows are loaded for it.
_FILTER_ROWS = 5000


class MainScreen(PickerCommands, FolderCommands):
    """Which commands hold depends on the place that the list shows."""

    BINDINGS = bindings("picker", "folder", "trash")
    DEFAULT_CSS = """
    MainScreen #heading { height: 1; background: $primary; color: $text; text-style: bold; padding: 0 1; }
    MainScreen #tree { width: 24; min-width: 24; border-right: vkey $panel; }
    MainScreen.-wide #tree { width: 32; }
    MainScreen #where { background: $surface; color: $text-accent; padding: 0 1; }
    MainScreen #filter { display: none; height: 1; border: none; }
    MainScreen #filter.-on { display: block; }
    MainScreen #status { padding: 0 1; background: $surface; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]
        self._pages: AsyncIterator[Listing] | None = None
        self._all: list[Row] = []
        self._total: int | None = None
        self._more = False
        self._trail: list[Place] = []

    def compose(self) -> ComposeResult:
        yield Say(" Secure Sent Links", id="heading")
        with Horizontal():
            yield PlaceTree(id="tree")
            with Vertical():
                yield Say("", id="where")
                yield Input(placeholder="filter: type a part of the name", id="filter", compact=True)
                yield Table(listing.DOCUMENT_COLUMNS, id="list")
        yield Say("Connecting…", id="status", tone="dim", lines=3)
        yield KeyBar()

    def on_mount(self) -> None:
        self.table.focus()
        self.connect()

    @errand(exclusive=True, group="connect")
    async def connect(self) -> None:
        """Opens the session and shows the first place."""
        early = await self._show_first_page()
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()
        collect_from_now_on()
        await self.session.open()
        me = self.session.me
        where = "demo" if self.session.demo else self.session.target.url
        self.query_one("#heading", Say).say(f" Secure Sent Links · {me.user} · {where}")
        self.say("")
        self.open_place(early or await self.session.first_place(), keep=early is not None)
        for kind in ("favorites", "workspaces", "share"):
            node = self.places.find(kind)
            if node is not None and not node.is_expanded:
                node.expand()

    async def _show_first_page(self) -> Place | None:
        """Shows the page that was asked for early; its rows can be looked at, and more once the session is open."""
        page = await self.session.first_page()
        if page is None:
            return None
        place = Place(page.kind, page.name, page.id)
        rows = [listing.document_row(document) for document in page.documents]
        self._show_place(place, False, rows, False)
        return place

    # ------------------------------------------------------------ the tree

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Place]) -> None:
        if event.node.data is not None and self.session.opened:
            self.fill_node(event.node)

    @errand(group="tree")
    async def fill_node(self, node: TreeNode[Place]) -> None:
        """Asks for the places below a node."""
        if node.data is not None:
            self.places.fill(node, await self.session.places(node.data))

    def refill(self, *kinds: str) -> None:
        """Asks again for the branches of some roots that are open."""
        for kind in kinds:
            node = self.places.find(kind)
            if node is not None and node.is_expanded:
                self.fill_node(node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Place]) -> None:
        place = event.node.data
        if place is not None and self.session.opened:
            self.open_place(listing.local_place(place) if place.kind == "local" else place)
            if not place.opens:
                self.table.focus()

    # ------------------------------------------------------------ the list

    def open_place(self, place: Place, *, keep: bool = False, back: bool = False) -> None:
        """Shows what is in a place; ``keep`` leaves cursor and selection where they are, ``back`` is the way back."""
        if not keep:
            self.hide_filter()
        self._load(place, keep, back)

    @errand(exclusive=True, group="list")
    async def _load(self, place: Place, keep: bool, back: bool) -> None:
        self.query_one("#where", Say).say(f"{place.name} …")
        pages = self.session.listing(place)
        wanted = len(self._all) if keep else 0
        rows: list[Row] = []
        more, total = True, None
        try:
            while more and (not rows or len(rows) < wanted):
                page = await anext(pages, None)
                rows += self._rows_of(page, place) if page else []
                more, total = (page.more, page.total) if page else (False, total)
        except Problem:
            self._show_place(place, back, [], False)
            self.table.show([], empty="This could not be loaded; f5 tries again.")
            raise
        self._pages, self._total = pages, total
        self._show_place(place, back, rows, more, keep)

    def _show_place(self, place: Place, back: bool, rows: list[Row], more: bool, keep: bool = False) -> None:
        # The commands that can be had depend on the place: it changes when its rows are shown, not before.
        if not back and self.place is not None and place != self.place:
            self._trail = [*self._trail, self.place][-100:]
        self.place = place
        self._all, self._more = rows, more
        self.table.show(
            self._filtered(),
            columns=listing.columns_for(place.kind),
            empty=listing.EMPTY.get(place.kind, "This folder is empty."),
            more=more,
            keep=keep,
        )
        self._say_where()
        self.refresh_bindings()

    def _rows_of(self, page: Listing, place: Place) -> list[Row]:
        now = self.session.now()
        found = (listing.row_of(place.kind, item, now) for item in page.items)
        return [row for row in found if row is not None]

    @on(Table.Wanted)
    def _wanted(self) -> None:
        self._load_more()

    @errand(group="more", exclusive=True)
    async def _load_more(self) -> None:
        place, pages = self.place, self._pages
        if place is None or pages is None or not self._more:
            return
        page = await anext(pages, None)
        if pages is not self._pages:
            return
        rows = self._rows_of(page, place) if page else []
        self._all += rows
        self._more = bool(page and page.more)
        needle = self._needle()
        self.table.append([r for r in rows if _holds(r, needle)], more=self._more)
        self._say_where()
        if needle and self._more and len(self._all) < _FILTER_ROWS:
            self.post_message(Table.Wanted(self.table))

    def _say_where(self) -> None:
        if self.place is None:
            return
        count = len(self._all)
        total = self._total if self._total is not None else count
        amount = f"{count:,} of {max(total, count):,}+" if self._more else f"{count:,}"
        shown = len(self.table.rows)
        text = f"{self.place.name}  ({f'{shown:,} of ' if shown != count else ''}{amount})"
        selected = len(self.table.selected)
        if selected:
            text += f"  · {selected} selected"
        self.query_one("#where", Say).say(text)

    def action_reload(self) -> None:
        if not self.session.opened:
            self.connect()
        elif self.place is not None:
            self.open_place(self.place, keep=True)
            self.refill("favorites", "workspaces", "share")

    def action_parent(self) -> None:
        """Back to where one came from; from a folder of this machine, to the one that it is in."""
        place = self.place
        if place is not None and place.kind == "local":
            from pathlib import Path

            here = Path(place.id)
            self.open_place(Place("local", here.parent.name or "/", str(here.parent)))
        elif self._trail:
            self.open_place(self._trail.pop(), back=True)

    @on(Table.SelectionChanged)
    def _selection(self) -> None:
        self._say_where()
        self.refresh_bindings()

    @on(Table.Moved)
    def _moved(self) -> None:
        self.refresh_bindings()

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        row = event.row
        if row is None:
            return
        place = listing.place_of(row.data)
        if place is not None:
            self.open_place(place)
        elif row.selectable:
            self.action_facts()

    @on(Table.MenuWanted)
    def _menu_wanted(self, event: Table.MenuWanted) -> None:
        row = event.row
        cell = row.cells[0] if row else "Nothing selected"
        self._menu(cell if isinstance(cell, str) else cell[0])

    @work
    async def _menu(self, heading: str) -> None:
        chosen = await self.app.push_screen_wait(Menu(heading, offered(self, menu_only=True)))
        if chosen:
            await self.run_action(chosen)

    # ------------------------------------------------------------ filter

    def action_filter(self) -> None:
        field = self.query_one("#filter", Input)
        field.add_class("-on")
        field.focus()

    def hide_filter(self) -> None:
        """Takes the filter away."""
        field = self.query_one("#filter", Input)
        with field.prevent(Input.Changed):
            field.value = ""
        field.remove_class("-on")
        if field.has_focus:
            self.table.focus()

    def _needle(self) -> str:
        return self.query_one("#filter", Input).value.strip().casefold()

    def _filtered(self) -> list[Row]:
        needle = self._needle()
        return [row for row in self._all if _holds(row, needle)]

    @on(Input.Changed, "#filter")
    def _filter_typed(self) -> None:
        self.table.show(self._filtered(), more=self._more, keep=True)
        self._say_where()

    @on(Input.Submitted, "#filter")
    def _filter_done(self) -> None:
        self.table.focus()

    def key_escape(self) -> None:
        field = self.query_one("#filter", Input)
        if field.has_class("-on"):
            self.hide_filter()
            self.table.show(self._filtered(), more=self._more, keep=True)
            self._say_where()
        elif self.table.selected:
            self.table.clear_selection()

    # ------------------------------------------------------------ commands

    @errand(exclusive=True, group="facts")
    async def action_facts(self) -> None:
        rows = self.table.chosen
        if rows and self.place is not None:
            found = await facts_of(self.session, self.place.kind, self.table.current or rows[0])
            self.app.push_screen(found)

    def action_local_files(self) -> None:
        place = Place("local", "Local Files")
        self.open_place(listing.local_place(place))
        self.table.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        kind = self.place.kind if self.place is not None else ""
        if action in ("send", "versions"):
            return self.session.opened and kind not in _SENT and self.can_pick(action)
        if action in ("restore", "empty_trash", "leave_trash"):
            return kind == "trash" and (action == "leave_trash" or bool(self.table.rows))
        if action in ("unpublish", "send_again", "delete", "copy_link", "show_code", "fetch", "trash"):
            return kind == "sent" and self.can_in_folder(action)
        if action == "facts":
            return self.session.opened and bool(self.table.chosen)
        if action == "parent":
            return bool(self._trail) or kind == "local"
        return True


def collect_from_now_on() -> None:
    """Garbage is collected again, which the start had put off; what is there by now stays."""
    gc.freeze()
    gc.enable()


def _holds(row: Row, needle: str) -> bool:
    """Whether a cell of the row holds what was typed."""
    if not needle:
        return True
    return any(needle in (c if isinstance(c, str) else c[0]).casefold() for c in row.cells)
