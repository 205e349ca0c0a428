"""The list of the first screen: pages of a place, the way to it, and where the cursor was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on

from ..commands import spelled
from ..listings import pages_from_end, pages_of
from ..rules.errors import NotFound, Problem
from ..widgets.crumbs import Crumbs
from ..widgets.table import Row, Table
from ..widgets.tree import ROOTS, Place
from . import listing
from .base import Say
from .errands import errand
from .part import NOT_OPEN
from .renewing import ERRANDS, LASTING, Renewing
from .view import View

if TYPE_CHECKING:
    from ..session import Session

#: Of so many places it is known where the cursor was.
_MOST_LEFT = 200
#: So many places can be gone back to.
_MOST_BACK = 100
#: How a place was when it was left: the key of the row under the cursor, in which line it stood, the pages seen.
_Left = tuple[str, int, View]


class Browse(Renewing):
    """A part of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        #: The way to the place that is under way, and whether it is gone back to.
        self._going: tuple[list[Place], bool] | None = None
        self._trail: list[list[Place]] = []
        self._left: dict[tuple[str, str], _Left] = {}

    # ------------------------------------------------------------ the way

    def way_to(self, place: Place) -> list[Place]:
        """The way to a place: of folders of this machine by their path, else as the tree has it."""
        if place.kind == "local":
            here = Path(place.id)
            return [Place("local", part.name or "/", str(part)) for part in (*reversed(here.parents), here)]
        node = self.places.find_place(place)
        if node is not None:
            return self.places.path_of(node)
        kind = "favorites" if place.shortcut else {"sent": "share", "workspace": "workspaces"}.get(place.kind)
        return [*(root for root in ROOTS if root.kind == kind), place]

    def complete_way(self) -> None:
        """The way to the place that is shown, as far as the tree knows it by now."""
        if len(self.path) == 1:
            self.path = self.way_to(self.path[0])
            self.say_where()

    @on(Crumbs.Chosen)
    def _crumb_chosen(self, event: Crumbs.Chosen) -> None:
        path = self._way[: event.index + 1]
        if path and path != self._way:
            self._go_back(path)

    def why_not(self, action: str) -> str | None:
        if action == "parent" and len(self._way) < 2 and not self._trail and not self._leaving:
            return "There is nothing above this place."
        return super().why_not(action)

    def action_parent(self) -> None:
        """The place that this one is in; from a root of the tree, back to where one came from."""
        if len(self._way) > 1:
            above = self._way[:-1]
            if self._trail and self._trail[-1] == above:
                self._trail.pop()
            self._go_back(above)
        elif self._leaving:
            self._go_back(self.path)
        elif self._trail:
            self._go_back(self._trail.pop())

    def _go_back(self, path: list[Place]) -> None:
        """Shows a place where one was before. The one that the list still shows has only to be left no longer."""
        if self._leaving and path == self.path:
            self.workers.cancel_group(self, "list")
            self._going = None
            self.show_rows()
            self.refresh_bindings()
            self.reload()
        else:
            if self._leaving and not self._going_back:
                self._remember()
            self.open_place(path[-1], path=path, back=True)

    # ------------------------------------------------------------ loading

    def open_place(self, place: Place, *, path: list[Place] | None = None, back: bool = False) -> None:
        self.give_up_waiting()
        self.forget_filter()
        self._say_no_more()
        self._going = (path or self.way_to(place), back)
        self._load(*self._going)

    @property
    def awaited(self) -> Place | None:
        return self._going[0][-1] if self._going is not None else None

    @property
    def _leaving(self) -> bool:
        """Whether there is a place that is shown until the one that is under way is there."""
        return self._going is not None and bool(self.path)

    @property
    def _going_back(self) -> bool:
        return self._going is not None and self._going[1]

    @property
    def _way(self) -> list[Place]:
        """The way to the place where somebody takes himself to be."""
        return self._going[0] if self._going is not None else self.path

    def load_again(self) -> None:
        """Asks anew for what is shown or under way; what was asked for before is waited for no longer."""
        if self._going is not None:
            self._load(*self._going)
        elif self.path:
            for group in ("sort", "jump", "more"):
                self.workers.cancel_group(self, group)
            if self.found is None:
                self.find_again()
            self._renew()

    def begin_anew(self) -> None:
        """Nothing is shown and nothing waited for: what was, was another person's."""
        for group in (*ERRANDS, "find", "look", "look for", "tree", "select", "order"):
            self.workers.cancel_group(self, group)
        self.forget_filter()
        self._going, self.path, self._trail, self._left = None, [], [], {}
        self.view = View()
        self._chosen_versions.clear()
        self.doubtful.clear()
        self.show_rows(empty="", keep=False)
        self.query_one(Crumbs).show([])

    def _say_no_more(self) -> None:
        """What is said is of the place that one leaves, unless it is that the server is away, until it is there."""
        kind, told = self._told or (Problem, "")
        if not issubclass(kind, LASTING) or self.query_one("#status", Say).said != told:
            self.say("")

    def forget_filter(self) -> None:
        """Ends the filter, since another place is shown."""
        raise NotImplementedError

    def find_no_more(self) -> None:
        """Gives up what the server is asked for a filter, or has found."""
        raise NotImplementedError

    def find_again(self) -> None:
        """Looks for what is typed, in the rows that have come; nothing is done where nothing is typed."""
        raise NotImplementedError

    @errand(exclusive=True, group="list")
    async def _load(self, path: list[Place], back: bool) -> None:
        place = path[-1]
        self.stale = False
        for group in ("sort", "renew"):
            self.workers.cancel_group(self, group)
        self.query_one(Crumbs).show([p.name for p in path], "…")
        left = self._left.get((place.kind, place.id)) if back else None
        # The same pages, unless they are to be in another order by now.
        again = left is not None and left[2].asked and left[2].order == self.order_of(place)
        try:
            view = await (left[2].again() if left is not None and again else self._first_rows(place))
        except Problem as problem:
            # What is there already can still be looked at.
            failed = "This could not be loaded; {main.reload} tries again."
            if isinstance(problem, NotFound):
                failed = self.gone_text(place)
            self._arrive(path, View(), spelled(failed, self.app), back)
            raise
        with self.changing():
            self._answered(place)
            came_from = self.place
            self._arrive(path, view, self._emptiness(place), back)
            if back:
                self._put_back(left, came_from)

    def _arrive(self, path: list[Place], view: View, empty: str, back: bool) -> None:
        """The place that was waited for is shown; a filter that was typed meanwhile is for its rows."""
        self._going = None
        self.find_no_more()
        self._show(path, view, empty, back=back)
        self.find_again()

    async def _first_rows(self, place: Place) -> View:
        view = self.view_of(place)
        # Of a page there may be nothing that a list shows.
        while view.more and not view.rows:
            await view.down()
        return view

    def view_of(self, place: Place, name: str = "") -> View:
        """What is in a place (of which ``name`` is a part of the name); nothing of it is loaded yet."""
        order = self.order_of(place)
        return View(pages_of(self.session, place, name, order), self._maker(place), order=order)

    def view_from_end(self, place: Place, name: str, total: int | None) -> View | None:
        """The same from its end on; ``None`` where that cannot be had."""
        order = self.order_of(place)
        pages = pages_from_end(self.session, place, name, total, order)
        view = View(pages, self._maker(place), from_end=True, order=order) if pages is not None else None
        if view is not None:
            view.total = total
        return view

    def order_of(self, place: Place) -> str:
        """What somebody wants a place to be sorted by; empty where nobody has said so."""
        raise NotImplementedError

    def _maker(self, place: Place) -> Callable[[list[Any]], list[Row]]:
        def rows_of(items: list[Any]) -> list[Row]:
            rows = listing.rows_of(place.kind, items, self.session.now())
            return self.with_chosen_versions(rows) if place == self.place else rows

        return rows_of

    def _show(
        self, path: list[Place], view: View, empty: str, *, keep: bool = False, back: bool = False
    ) -> None:
        # The commands that can be had depend on the place: it changes when its rows are shown, not before.
        if self.place is not None and path[-1] != self.place:
            self._leave(back)
            self.doubtful.clear()
            self._chosen_versions.clear()
        if self.early:
            # What was selected of the early rows is no more than could be seen of it, unless it is here now.
            self.table.forget(self.table.selected - {row.key for row in view.rows})
        self.path, self.view, self.early = path, view, False
        self.show_rows(columns=listing.columns_for(path[-1].kind), empty=empty, keep=keep)
        self.refresh_bindings()

    def _leave(self, back: bool) -> None:
        assert self.place is not None
        row = self.table.current
        if row is not None:
            where = (self.place.kind, self.place.id)
            self._left.pop(where, None)
            line = self.table.above + self.table.cursor - self.table.scroll_offset.y
            self._left[where] = (row.key, line, self.view.left())
            if len(self._left) > _MOST_LEFT:
                self._left.pop(next(iter(self._left)))
        if not back:
            self._remember()

    def _remember(self) -> None:
        """The place that is left is one to come back to."""
        self._trail = [*self._trail, self.path][-_MOST_BACK:]

    def _put_back(self, left: _Left | None, came_from: Place | None) -> None:
        rows = self.table.rows
        if left is not None:
            key, line, _ = left
            here = next((i for i, row in enumerate(rows) if row.key == key), 0)
            self.table.move_to(here, top=self.table.above + here - line)
        elif came_from is not None:
            for index, row in enumerate(rows):
                place = listing.place_of(row.data)
                if place is not None and (place.kind, place.id) == (came_from.kind, came_from.id):
                    self.table.move_to(index)

    def say_where(self) -> None:
        """Says where one is, and how much of it is shown."""
        raise NotImplementedError

    @on(Table.Opened, "#list")
    def _opened(self, event: Table.Opened) -> None:
        row = event.row
        if row is None:
            return
        if not self.ready and self.kind != "local":
            self.say(NOT_OPEN)
            return
        place = listing.place_of(row.data)
        if place is not None and place.kind == "document":
            self.open_place(place)
        elif place is not None:
            self.open_place(place, path=None if place.kind == "local" else [*self.path, place])
        elif row.selectable:
            self.action_facts()

    def action_facts(self) -> object:
        """Shows what is known of the document under the cursor."""
        raise NotImplementedError
