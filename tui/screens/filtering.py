"""The filter of the first screen: what is typed is looked for in the rows; in a large place, by the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from ..commands import spelled
from ..listings import can_be_asked_for
from ..widgets.crumbs import Crumbs
from ..widgets.table import Cell, Column, Row, Table
from .browse import Browse
from .errands import errand
from .view import MOST, View

if TYPE_CHECKING:
    from ..session import Session
    from ..widgets.field import FilterField
    from ..widgets.tree import Place

#: Where the server does not look itself, so many rows are loaded to be looked through.
MOST_LOOKED_AT = 5000
#: Seconds without a key after which the server is asked.
_PAUSE = 0.2


class Filtering(Browse):
    """A part of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._asking: Timer | None = None
        self._field: FilterField | None = None

    @property
    def needle(self) -> str:
        """What is looked for; empty without a filter."""
        return self._field.value.strip() if self._field is not None else ""

    @property
    def filtering(self) -> bool:
        return self._field is not None and self._field.has_class("-on")

    def why_not(self, action: str) -> str | None:
        if action == "clear" and not self.filtering and not self.table.selected:
            return ""
        if action == "filter" and not self.path:
            return "There is no list yet."
        return super().why_not(action)

    async def action_filter(self) -> None:
        field = self._field
        if field is None:
            # Made when it is first wanted: the first painting is sooner without it.
            from ..widgets.field import FilterField

            field = self._field = FilterField(
                placeholder="filter: type a part of the name", id="filter", compact=True
            )
            await self.query_one("#right").mount(field, before=self.table)
        field.add_class("-on")
        self.set_focus(field)
        self.refresh_bindings()

    def action_clear(self) -> None:
        """Ends the filter; without one, nothing is selected any more."""
        if self.filtering:
            self.forget_filter()
            self.show_rows()
        else:
            self.table.clear_selection()

    def forget_filter(self) -> None:
        self.find_no_more()
        field = self._field
        if field is None:
            return
        with field.prevent(Input.Changed):
            field.value = ""
        field.remove_class("-on")
        if field.has_focus:
            self.table.focus()
        self.refresh_bindings()

    def find_again(self) -> None:
        if self.needle:
            self._typed()

    def find_no_more(self) -> None:
        self.found = None
        self.workers.cancel_group(self, "find")
        if self._asking is not None:
            self._asking.stop()
            self._asking = None

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        self.find_no_more()
        self.show_rows()
        self.look_further()

    def look_further(self) -> None:
        if not self.needle or self.view.whole or self._asking is not None or self.under_way("find"):
            return
        if self._server_looks:
            self._asking = self.set_timer(_PAUSE, self._find)
        elif not self.view.from_start:
            self._look_from_start()

    @errand(exclusive=True, group="find")
    async def _look_from_start(self) -> None:
        """Where the server does not look itself, what is looked through begins with the first row."""
        if self.place is not None:
            view = self.view_of(self.place)
            with self.changing():
                await view.down()
                self.view = view
                self.show_rows()

    @property
    def _looks_through_more(self) -> bool:
        """Whether more rows are loaded to be looked through here for what is typed."""
        return not self._server_looks and len(self.view.rows) < MOST_LOOKED_AT

    @property
    def _server_looks(self) -> bool:
        return self.place is not None and self.server_looks_for(self.place, self.needle)

    def server_looks_for(self, place: Place, needle: str) -> bool:
        """Whether the server itself finds what holds ``needle`` in a place."""
        return self.session.finds_names(place) and (place.kind == "sent" or can_be_asked_for(needle))

    @on(Input.Submitted, "#filter")
    def _done(self) -> None:
        self.table.focus()

    @errand(exclusive=True, group="find")
    async def _find(self) -> None:
        self._asking = None
        place, needle = self.place, self.needle
        if place is None or not needle:
            return
        found = self.view_of(place, needle)
        with self.changing():
            while found.more and not found.rows:
                await found.down()
            if (place, needle) == (self.place, self.needle):
                self.found = found
                self.show_rows()

    # ------------------------------------------------------------ what is shown

    def show_rows(
        self, *, columns: Any = None, empty: str | None = None, keep: bool = True, at: int | None = None
    ) -> None:
        view = self.found or self.view
        rows = view.rows if self.found else self.holding(view.rows, self.needle)
        shown: Sequence[Column] | None = columns
        if empty is not None:
            self._empty = empty
        empty = self._empty
        if self.needle:
            all_ = self.found is not None or view.whole
            none = "Nothing here" if all_ else f"None of the first {len(view.rows):,}"
            empty = f"{none} holds {self.needle}; {spelled('{main.clear}', self.app)} ends the filter."
        # Where the server is about to look itself, nothing is loaded to be looked through.
        more = view.more and (self.found is not None or not self.needle or self._looks_through_more)
        edges = self._edges(view) if self.found or not self.needle else {"more": more}
        self.table.order = view.order
        part = not self.view.whole
        others = self.view.rows if self.needle else ()
        self.table.show(rows, columns=shown, empty=empty, keep=keep, part=part, others=others, at=at, **edges)
        self.say_where()

    _empty = ""

    @staticmethod
    def _edges(view: View) -> dict[str, Any]:
        return {
            "above": view.above,
            "below": view.below,
            "more": view.more,
            "more_above": view.more_above,
        }

    def holding(self, rows: list[Row], needle: str) -> list[Row]:
        """The rows that hold what is typed, as they are shown."""
        from ..rules.names import key

        # As for the server, a star stands for anything.
        parts = [part for part in key(needle).split("*") if part]
        # What a list of this kind has no column for is not looked at.
        count = len(self.table.columns)
        return [row for row in rows if _holds(row.cells[:count], parts, key)] if parts else list(rows)

    @on(Table.Wanted, "#list")
    def _wanted(self) -> None:
        self._load_more(False)

    @on(Table.WantedAbove, "#list")
    def _wanted_above(self) -> None:
        self._load_more(True)

    @errand(group="more")
    async def _load_more(self, above: bool) -> None:
        view = self.found or self.view
        looking = bool(self.needle) and not self.found
        view.most = MOST_LOOKED_AT if looking else MOST
        with self.changing():
            # A page that is under way is waited for: one that is given up would be lost.
            if view.loading or not (view.more_above if above else view.more):
                return
            if looking and not self._looks_through_more:
                return
            moved = 0
            if above:
                moved = await view.up()
            else:
                await view.down()
            if view is not (self.found or self.view):
                return
            if not looking:
                self.table.slide(view.rows, moved=moved, **self._edges(view))
                self.say_where()
            else:
                self.show_rows()
        if looking and view.more and self._looks_through_more:
            self.post_message(Table.Wanted(self.table))

    @on(Table.Jump, "#list")
    def _jump_wanted(self, event: Table.Jump) -> None:
        self._jump(event.last)

    @errand(exclusive=True, group="jump")
    async def _jump(self, last: bool) -> None:
        """Shows the first or the last rows, without all that is between."""
        with self.changing():
            await self._show_end(last)

    async def _show_end(self, last: bool) -> None:
        place, before = self.place, self.found or self.view
        if place is None:
            return
        view = before
        if last and before.nearly_whole:
            while before.more:
                await before.down()
        else:
            needle = self.needle if self.found else ""
            found = self.view_from_end(place, needle, before.total) if last else self.view_of(place, needle)
            if found is not None:
                step = found.up if last else found.down
                await step()
                # A page of all may have none of those that are looked for.
                while not found.rows and (found.more_above if last else found.more):
                    await step()
                # A server that has no other order has no other rows: those that are here are the last to be had.
                view = found if not last or found.reverses(before) else before
        if (self.found or self.view) is not before:
            return
        view.total = view.total if view.total is not None else before.total
        if self.found:
            self.found = view
        else:
            self.view = view
        self.show_rows(at=len(view.rows) - 1 if last else 0)

    def say_where(self) -> None:
        """The way to the place, and how much of it is shown and selected."""
        if self.place is None or self.awaited is not None:
            return
        view, shown = self.view, len(self.table.rows)
        loaded, total = view.seen, view.total
        if self.found is not None:
            more = self.found.more or self.found.more_above
            amount = f"{self.found.seen:,}{'+' if more else ''} found"
        elif self.needle:
            amount = f"{shown:,} of {loaded:,}{'' if view.whole else '+'}"
        elif view.more or view.more_above:
            amount = f"{loaded:,} of {total:,}" if total is not None and total > loaded else f"{loaded:,}+"
        else:
            amount = f"{loaded:,}"
        if not view.asked and not loaded:
            # It could not be had: it is not known to be empty.
            self.query_one(Crumbs).show([place.name for place in self.path])
            return
        selected = len(self.table.selected)
        note = f"({amount})" + (f" · {selected:,} selected" if selected else "") + self.remark()
        self.query_one(Crumbs).show([place.name for place in self.path], note)

    def remark(self) -> str:
        """What else is said of the place."""
        folder = self.session.folder(self.place)
        return " · read only" if folder is not None and folder.role != "owner" else ""


def _holds(cells: tuple[Cell, ...], parts: list[str], key: Callable[[str], str]) -> bool:
    """Whether one of the cells holds all parts of what was typed."""
    texts = (key(cell if isinstance(cell, str) else cell[0]) for cell in cells)
    return any(all(part in text for part in parts) for text in texts)
