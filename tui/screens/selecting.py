"""Selecting all rows of the first screen's list: also those of its pages that are not here."""

from __future__ import annotations

from textual import on

from ..widgets.table import Row, Table
from ..widgets.tree import Place
from .errands import errand
from .filtering import MOST_LOOKED_AT, Filtering

#: So many rows can be selected by one key; what is done with them is done one by one.
MOST_SELECTED = 2000


class Selecting(Filtering):
    """A part of the first screen."""

    @on(Table.AllWanted, "#list")
    def _all_wanted(self, event: Table.AllWanted) -> None:
        if not (self.found or self.view).whole:
            self._select_rest(event.before, event.emptied)

    @errand(exclusive=True, group="select")
    async def _select_rest(self, before: set[str], emptied: int) -> None:
        """Selects what is beyond the rows that are here, and are selected; ``before``: they were so before."""
        place, needle, at_first = self.place, self.needle, self.table.selected
        if place is None or self.table.emptied != emptied:
            return
        order, rows = None, list[Row]()
        # Sorted meanwhile, they are had in that order.
        while order != self.order_of(place):
            order = self.order_of(place)
            rows = await self._rows_from_start(place, needle)
        selected = self.table.selected
        if (place, needle) != (self.place, self.needle) or self.table.emptied != emptied:
            # Somebody has gone on, or taken it back, meanwhile.
            return
        taken_back = at_first - selected
        held = {row.key: row for row in rows if row.key not in taken_back}
        # What a filter leaves out stays selected, where it was.
        others = [r for r in self.table.chosen if r.key in before - held.keys()] if needle else []
        self.table.select_only([*list(held.values())[: max(MOST_SELECTED - len(others), 0)], *others])
        if len(held) + len(others) > MOST_SELECTED:
            self.say(f"Only {MOST_SELECTED:,} are selected, which is the most at once.", "warn")
        self.look_for_doubtful()

    @errand(exclusive=True, group="order")
    async def put_in_order(self) -> None:
        """What is selected, where that is more than is here, follows the order of the list."""
        place, emptied, selected = self.place, self.table.emptied, self.table.selected
        here = {row.key for row in self.table.rows}
        if place is None or len(selected) < 2 or selected <= here or self.under_way("select"):
            return
        rows = await self._rows_from_start(place, "", selected)
        if place == self.place and emptied == self.table.emptied:
            selected = self.table.selected
            ordered = {row.key: row for row in rows if row.key in selected}
            # As they are known here, which may be newer.
            known = {row.key: row for row in self.table.chosen}
            self.table.select_only({**ordered, **known}.values())

    async def _rows_from_start(self, place: Place, needle: str, wanted: set[str] | None = None) -> list[Row]:
        """The rows of a place that hold what is typed, as far as those that are ``wanted``; of all, no more than one
        page more than can be selected."""
        by_server = self.server_looks_for(place, needle)
        view = self.view_of(place, needle if by_server else "")
        rows: dict[str, Row] = {}
        while view.more and len(rows) <= MOST_SELECTED and (wanted is None or not wanted <= rows.keys()):
            if not by_server and needle and view.seen >= MOST_LOOKED_AT:
                break
            await view.down()
            held = view.rows if by_server else self.holding(view.rows, needle)
            rows |= {row.key: row for row in held if row.selectable}
        return list(rows.values())
