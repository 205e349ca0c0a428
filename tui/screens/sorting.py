"""The order of the first screen's list: the server sorts it, by the column that somebody chooses."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from textual import on

from ..listings import usual_order
from ..widgets.rows import flipped
from ..widgets.table import Row, Table
from ..widgets.tree import Place
from . import listing
from .errands import errand
from .part import ON_ITS_WAY
from .selecting import Selecting

if TYPE_CHECKING:
    from ..session import Session


class Sorting(Selecting):
    """A part of the first screen."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        #: What was chosen last, of Work's places and of Share's.
        self._orders: dict[bool, str] = {}

    def order_of(self, place: Place) -> str:
        order = self._orders.get(place.kind == "sent", "")
        return order if order in listing.orders_of(place.kind) else ""

    def why_not(self, action: str) -> str | None:
        if action == "sort" and not listing.orders_of(self.kind):
            return "This list has an order of its own."
        if action == "sort" and self.awaited is not None:
            return ON_ITS_WAY
        return super().why_not(action)

    @property
    def _order(self) -> str:
        """What the list is sorted by now."""
        wanted = self.order_of(self.place) if self.place is not None and self.under_way("sort") else ""
        return wanted or self.table.order or usual_order(self.kind)

    def action_sort(self) -> None:
        """Sorts by the next column and, after the last one, by each the other way round."""
        orders = listing.orders_of(self.kind)
        self._sort(orders[(orders.index(self._order) + 1) % len(orders)])

    @on(Table.TitlePressed, "#list")
    def _title_pressed(self, event: Table.TitlePressed) -> None:
        wanted = event.column.sort
        if self.ready and self.awaited is None and wanted in listing.orders_of(self.kind):
            same = self._order in (wanted, flipped(wanted))
            self._sort(flipped(self._order) if same else wanted)

    @errand(exclusive=True, group="sort")
    async def _sort(self, order: str) -> None:
        place = self.place
        if place is None:
            return
        which, before = place.kind == "sent", self.view.order
        self._orders[which] = order
        with self.changing():
            try:
                view = await self._first_rows(place)
            except BaseException:
                if self._orders[which] == order:
                    self._orders[which] = before
                raise
            if not _is_kept(order, view.rows):
                self._orders[which] = view.order = ""
                self.say("This server has an order of its own.", "warn")
            else:
                title = next(c.title for c in self.table.columns if c.sort in (order, flipped(order)))
                self.say(f"Sorted by {title}, {'descending' if order.startswith('-') else 'ascending'}.")
            self.view = view
            if self.needle:
                self._typed()
            self.show_rows(at=0)
        self.put_in_order()


def _is_kept(order: str, rows: list[Row]) -> bool:
    """Whether documents of Work came in the order that was asked for: not every server knows one."""
    if order.lstrip("-") != "edited":
        return True
    moments = [moment for row in rows if (moment := getattr(row.data, "edit_date", None))]
    if order.startswith("-"):
        moments.reverse()
    return all(one <= other for one, other in pairwise(moments))
