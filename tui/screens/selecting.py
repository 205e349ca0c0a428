"""Selecting all rows of the first screen's list: also those of its pages that are not here."""

from __future__ import annotations

from textual import on

from ..widgets.table import Row, Table
from .errands import errand
from .filtering import Filtering

#: So many rows can be selected by one key; what is done with them is done one by one.
MOST_SELECTED = 2000


class Selecting(Filtering):
    """A part of the first screen."""

    @on(Table.AllWanted, "#list")
    def _all_wanted(self) -> None:
        self._select_rest()

    @errand(exclusive=True, group="select")
    async def _select_rest(self) -> None:
        """Selects what is beyond the rows that are here, and are selected."""
        place, needle, at_first = self.place, self.needle, self.table.selected
        if place is None or (needle and self.found is None):
            # There are no others, as far as is known, that hold what is typed.
            return
        view = self.view_of(place, needle)
        rows: dict[str, Row] = {}
        while view.more and len(rows) <= MOST_SELECTED:
            await view.down()
            rows |= {row.key: row for row in view.rows if row.selectable}
        selected = self.table.selected
        if (place, needle) != (self.place, self.needle) or not selected:
            # Somebody has gone on, or taken it back, meanwhile.
            return
        taken_back = at_first - selected
        first = [row for row in rows.values() if row.key not in taken_back][:MOST_SELECTED]
        self.table.select_only(first)
        if len(rows) > MOST_SELECTED:
            self.say(f"Only the first {MOST_SELECTED:,} are selected, which is the most at once.", "warn")
