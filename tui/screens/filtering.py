"""The filter of the first screen: what is typed is looked for in the rows; in a large place, by the server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from textual import on
from textual.timer import Timer
from textual.widgets import Input

from ..commands import spelled
from ..widgets.crumbs import Crumbs
from ..widgets.table import Column, Row, Table
from .browse import Browse, View
from .errands import errand

if TYPE_CHECKING:
    from ..session import Session
    from ..widgets.field import Field

#: Where the server does not look itself, so many rows are loaded to be looked through.
_MOST_LOOKED_AT = 5000
#: Seconds without a key after which the server is asked.
_PAUSE = 0.2


class Filtering(Browse):
    """A part of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        #: What the server found, while it is the one to look.
        self.found: View | None = None
        self._asking: Timer | None = None
        self._field: Field | None = None

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
            from ..widgets.field import Field

            field = self._field = Field(
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
        self._stop_asking()
        field = self._field
        if field is None:
            return
        with field.prevent(Input.Changed):
            field.value = ""
        field.remove_class("-on")
        if field.has_focus:
            self.table.focus()
        self.refresh_bindings()

    def _stop_asking(self) -> None:
        self.found = None
        self.workers.cancel_group(self, "find")
        if self._asking is not None:
            self._asking.stop()
            self._asking = None

    @on(Input.Changed, "#filter")
    def _typed(self) -> None:
        self._stop_asking()
        self.show_rows()
        if self.needle and self.view.more and self._server_looks:
            self._asking = self.set_timer(_PAUSE, self._find)

    @property
    def _server_looks(self) -> bool:
        return self.place is not None and self.session.finds_names(self.place)

    @on(Input.Submitted, "#filter")
    def _done(self) -> None:
        self.table.focus()

    @errand(exclusive=True, group="find")
    async def _find(self) -> None:
        place, needle = self.place, self.needle
        if place is None or not needle:
            return
        found = View(self.session.listing(place, needle))
        while found.more and not found.rows:
            await self.extend(found, place)
        if (place, needle) == (self.place, self.needle):
            self.found = found
            self.show_rows()

    # ------------------------------------------------------------ what is shown

    def show_rows(self, *, columns: Any = None, empty: str | None = None, keep: bool = True) -> None:
        view = self.found or self.view
        rows = view.rows if self.found else self._holding(view.rows)
        shown: Sequence[Column] | None = columns
        if self.needle:
            empty = f"Nothing here holds {self.needle}; {spelled('{main.clear}', self.app)} ends the filter."
        elif empty is None:
            empty = self._empty
        else:
            self._empty = empty
        # Where the server is about to look itself, nothing is loaded to be looked through.
        more = view.more and (self.found is not None or not self.needle or not self._server_looks)
        self.table.show(
            rows, columns=shown, empty=empty, more=more, keep=keep, part=bool(self.needle) or view.more
        )
        self.say_where()

    _empty = ""

    def _holding(self, rows: list[Row]) -> list[Row]:
        needle = self.needle.casefold()
        return [row for row in rows if _holds(row, needle)] if needle else list(rows)

    @on(Table.Wanted, "#list")
    def _wanted(self) -> None:
        self._load_more()

    @errand(group="more")
    async def _load_more(self) -> None:
        place, view = self.place, self.found or self.view
        # A page that is under way is waited for: one that is given up would be lost.
        if place is None or not view.more or view.loading:
            return
        view.loading = True
        try:
            rows = await self.extend(view, place)
        finally:
            view.loading = False
        if view is not (self.found or self.view):
            return
        self.table.append(rows if self.found else self._holding(rows), more=view.more)
        self.say_where()
        if self.needle and not self.found and view.more and len(view.rows) < _MOST_LOOKED_AT:
            self.post_message(Table.Wanted(self.table))

    def say_where(self) -> None:
        """The way to the place, and how much of it is shown and selected."""
        if self.place is None:
            return
        view, shown = self.view, len(self.table.rows)
        loaded, total = len(view.rows), view.total
        if self.found is not None:
            amount = f"{shown:,}{'+' if self.found.more else ''} found"
        elif self.needle:
            amount = f"{shown:,} of {loaded:,}{'+' if view.more else ''}"
        elif view.more:
            amount = f"{loaded:,} of {total:,}" if total is not None and total > loaded else f"{loaded:,}+"
        else:
            amount = f"{loaded:,}"
        selected = len(self.table.selected)
        note = f"({amount})" + (f" · {selected:,} selected" if selected else "") + self.remark()
        self.query_one(Crumbs).show([place.name for place in self.path], note)

    def remark(self) -> str:
        """What else is said of the place."""
        folder = self.session.folder(self.place)
        return " · read only" if folder is not None and folder.role != "owner" else ""


def _holds(row: Row, needle: str) -> bool:
    """Whether a cell of the row holds what was typed."""
    return any(needle in (c if isinstance(c, str) else c[0]).casefold() for c in row.cells)
