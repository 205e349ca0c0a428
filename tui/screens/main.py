"""The first screen: the tree of places beside the list of what is in one."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Tree

from ..commands import spelled
from ..rules.errors import Unreachable
from ..rules.text import printable
from ..widgets.crumbs import Crumbs
from ..widgets.heading import Heading
from ..widgets.keybar import KeyBar
from ..widgets.table import Table
from ..widgets.tree import Place, PlaceTree
from . import listing
from .admin import OtherCommands
from .base import Say
from .errands import errand
from .folder import FolderCommands
from .hints import ABOUT, first_hint
from .live import Live
from .part import ELSEWHERE, NOT_OPEN, one_of
from .picker import PickerCommands
from .places import PlaceCommands

if TYPE_CHECKING:
    from textual.widgets.tree import TreeNode

    from ..first import FirstPage
    from ..session import Session

_HISTORY = ("sent", "trash", "workspace", "folder", "worklist", "checked_out", "found", "document")


class MainScreen(PickerCommands, FolderCommands, PlaceCommands, OtherCommands, Live):
    """Which commands hold depends on the place that the list shows."""

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
        super().__init__(session)
        self._offered: tuple[object, ...] = ()
        #: How often it was asked what is below a node, and which of these answers a node has.
        self._asked = 0
        self._filled: dict[int, int] = {}

    @property
    def about(self) -> str:
        return spelled(ABOUT.get(self.kind, ABOUT[""]), self.app)

    def compose(self) -> ComposeResult:
        yield Heading(id="heading")
        with Horizontal():
            yield PlaceTree(id="tree")
            with Vertical(id="right"):
                yield Crumbs(id="where")
                yield Table(listing.DOCUMENT_COLUMNS, id="list", jumps=True)
        yield Say("Connecting…", id="status", tone="dim", lines=3, marked=True)
        yield Say("", id="link", tone="warn", marked=True)
        yield KeyBar()

    def on_mount(self) -> None:
        # What has come by now is there at the first painting.
        self.connect(self._shown_early(self.session.early_page()))

    @errand(exclusive=True, group="connect")
    async def connect(self, early: Place | None = None) -> None:
        """Opens the session and shows the first place; ``early`` is the one that is shown already."""
        early = early or self._shown_early(await self.session.first_page())
        if early is None and self.early:
            early = self.place
        painted = asyncio.Event()
        self.call_after_refresh(painted.set)
        await painted.wait()
        collect_from_now_on()
        try:
            await self.session.open()
        except Unreachable:
            # It is told when the server is there.
            self.follow()
            raise
        hint = spelled(await first_hint(self.session), self.app)
        self._begin(early or await self.session.first_place(), early is not None)
        self.say(hint, "dim")

    def _begin(self, place: Place, keep: bool) -> None:
        self._show_user()
        # Whoever has gone to the files of this machine meanwhile stays there.
        if keep:
            self.reload()
        elif self.awaited is None and (not self.path or self.early or self.place == place):
            self.open_place(place)
        for kind in ("favorites", "workspaces", "share"):
            node = self.places.find(kind)
            if node is not None and node.is_expanded:
                self.fill_node(node)
            elif node is not None:
                node.expand()
        self.follow()

    def _show_user(self) -> None:
        self.query_one(Heading).show(self.session.me.user, *self._servers())

    def _servers(self) -> list[str]:
        """The servers that are spoken with, in words."""
        share, work = self.session.target.url, self.session.work_target
        if self.session.demo:
            return ["demo"]
        return [share] if work is None else [_host(share), f"Work at {_host(work.target.url)}"]

    def _shown_early(self, page: FirstPage | None) -> Place | None:
        """Shows the page that was asked for early; its rows can be looked at, and more once the session is open."""
        if page is None or self.path or self.awaited is not None:
            return None
        place = Place(page.kind, page.name, page.id)
        self.view.put([listing.document_row(document) for document in page.documents])
        self.path, self.early = [place], True
        self.show_rows(columns=listing.columns_for(place.kind), keep=False)
        return place

    @errand(exclusive=True, group="connect")
    async def signed_in(self, more: str = "") -> None:
        """Shows what is this person's; ``more`` is to be said beside."""
        for kind in ("favorites", "workspaces", "share"):
            node = self.places.find(kind)
            if node is not None:
                node.collapse()
                self.places.fill(node, [])
        self.begin_anew()
        self._show_user()
        self._begin(await self.session.first_place(), False)
        self.say(f"You are signed in as {printable(self.session.me.user)}.{more}", "good")

    # ------------------------------------------------------------ the tree

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Place]) -> None:
        if event.node.data is not None and self.session.opened:
            self.fill_node(event.node)

    @errand(group="tree")
    async def fill_node(self, node: TreeNode[Place]) -> None:
        """Asks for the places below a node."""
        if node.data is None:
            return
        # Of two answers the one that was asked for last counts, whichever is here first.
        self._asked += 1
        number = self._asked
        found = await self.session.places(node.data)
        if number < self._filled.get(node.id, 0):
            return
        self._filled[node.id] = number
        self.places.fill(node, found)
        self.complete_way()
        self.refresh_bindings()

    def refill(self, *kinds: str) -> None:
        for kind in kinds:
            node = self.places.find(kind)
            if node is not None and node.is_expanded:
                self.fill_node(node)

    @on(Tree.NodeSelected)
    def _selected(self, event: Tree.NodeSelected[Place]) -> None:
        place = event.node.data
        if place is None or not self.session.opened:
            return
        if place.kind == "local":
            self.open_place(listing.local_place(place))
        else:
            self.open_place(place, path=self.places.path_of(event.node))
        if not place.opens:
            self.table.focus()

    @on(Tree.NodeHighlighted)
    def _highlighted(self) -> None:
        self.refresh_bindings()

    # ------------------------------------------------------------ the list

    @on(Table.SelectionChanged, "#list")
    def _selection(self) -> None:
        self.say_where()
        self.refresh_bindings()

    @on(Table.Moved, "#list")
    def _moved(self) -> None:
        # Most rows of a place offer the same: only where they do not, the footer is made anew.
        row = self.table.current
        offered = (self.kind, type(row.data) if row else None, *_matters(row.data if row else None))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @errand(exclusive=True, group="reload")
    async def action_reload(self) -> None:
        """Asks for everything anew; a local server that has ended is started first."""
        shown = self.awaited or self.place
        # The files of this machine are there, whatever becomes of the server.
        if shown is not None and shown.kind == "local":
            self.load_again()
        await self.session.start_server()
        if self.session.opened:
            self._show_user()
        if not self.session.opened or shown is None:
            self.connect()
        else:
            if shown.kind != "local":
                self.load_again()
            self.listen_again()
            self.refill("favorites", "workspaces", "share")

    def action_local_files(self) -> None:
        """Shows the files of this machine."""
        self.open_place(listing.local_place(Place("local", "")))
        self.table.focus()

    @errand(exclusive=True, group="find_documents", opens=True)
    async def action_find(self) -> None:
        """Asks for words, and shows the documents of the library that have them."""
        from ..rules.search import MOST, checked
        from .ask import Ask

        before = self.place.id if self.place is not None and self.place.kind == "found" else ""
        asked = "Words of a name, a number, an author or a class; beginnings of words will do."
        text = await self.answer_to(
            Ask("Find in the library", asked, before, keep="Find", most=MOST, loses=False, check=checked)
        )
        if text:
            self.open_place(Place("found", f"Found: {printable(text)}", text, opens=False))
            self.table.focus()

    # ------------------------------------------------------------ facts and audit

    @errand(exclusive=True, group="facts", opens=True)
    async def action_facts(self) -> None:
        """Shows what is known of the document under the cursor."""
        row = self.current
        if row is not None and row.selectable:
            from .facts import facts_of

            await self.answer_to(await facts_of(self.session, self.kind, row))

    @errand(exclusive=True, group="facts", opens=True)
    async def action_audit_document(self) -> None:
        """What happened to the document under the cursor, on both sides."""
        row = self.current
        if row is None or not row.selectable:
            return
        from ..clients.timeline import timeline
        from .timeline import TimelineScreen

        session, data, sent = self.session, row.data, self.kind in ("sent", "trash")

        await self.answer_to(
            TimelineScreen(
                f"Audit of {row.name}",
                lambda: timeline(
                    session.share,
                    session.work,
                    document=data.id if sent else None,
                    source=data.source if sent else data.id,
                ),
                one=True,
            )
        )

    # ------------------------------------------------------------ what can be done

    def why_not(self, action: str) -> str | None:
        if action in ("facts", "audit_document"):
            return self._why_no_facts(action)
        if action == "find" and not self.ready:
            return NOT_OPEN
        if action == "local_files" and self.kind == "local":
            return "The list shows the files of this machine already."
        return super().why_not(action)

    def _why_no_facts(self, action: str) -> str | None:
        if not self.ready:
            return NOT_OPEN
        if action == "audit_document" and self.kind not in _HISTORY:
            return ELSEWHERE
        row = self.current
        return one_of([row] if row is not None and row.selectable else [], "a document")


def _matters(data: object) -> tuple[object, ...]:
    """What decides which commands a row offers."""
    return tuple(
        getattr(data, name, None) for name in ("published", "locked", "is_folder", "shortcut", "role")
    )


def _host(url: str) -> str:
    """An address without its scheme."""
    return url.partition("://")[2]


def collect_from_now_on() -> None:
    """Garbage is collected again, which the start had put off; what is there by now stays."""
    gc.freeze()
    gc.enable()
