"""The rows that a table holds: some of a list or all of it, with a selection that outlasts them. No Textual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..locations.rows import Row


class RowModel:
    """Which rows are here, what is known to be around them, and which rows are selected, here or not."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        #: Whether there are rows below those that are here.
        self.more = False
        #: How many rows are known to be above and below those that are here: they can be had again.
        self.above = self.below = 0
        #: Whether there are rows above the first one that is known.
        self.more_above = False
        #: How often nothing was selected any more.
        self.emptied = 0
        self.picked: dict[str, Row] = {}
        #: The selected rows in their order, where that was asked for since they changed.
        self._chosen: list[Row] | None = None
        #: Whether the selected rows are kept in the order of the list.
        self._in_order = False

    @property
    def partial(self) -> bool:
        """Whether the list has more rows than those that are here."""
        return bool(self.above or self.below or self.more or self.more_above)

    def chosen(self, current: Row | None) -> list[Row]:
        """The selected rows in their order, those not shown just now last; else ``current``."""
        if not self.picked:
            return [current] if current is not None and current.selectable else []
        # Every command asks for them at every move of the cursor, and there may be many.
        if self._chosen is None:
            shown = {row.key: row for row in self.rows if row.key in self.picked}
            if self._in_order:
                self._chosen = [shown.get(key, row) for key, row in self.picked.items()]
            else:
                self._chosen = list({**shown, **self.picked, **shown}.values())
        return self._chosen

    # ------------------------------------------------------------ selection

    def pick(self, rows: dict[str, Row], *, in_order: bool = False) -> None:
        """Selects these rows and no others; ``in_order``: they are in the order of the list."""
        self.picked, self._in_order = rows, in_order
        self._chosen = None
        self.emptied += not rows

    def pick_only(self, rows: Iterable[Row]) -> None:
        """Selects rows, in this order, and no others; they need not be here."""
        self.pick({row.key: row for row in rows}, in_order=True)

    def turn(self, row: Row) -> None:
        """Selects a row, or takes it out of the selection."""
        others = {key: picked for key, picked in self.picked.items() if key != row.key}
        if row.key in self.picked:
            self.pick(others, in_order=self._in_order)
        else:
            self.pick({**self.picked, row.key: row})

    def turn_all(self) -> set[str] | None:
        """Selects all rows that are here; where they are, none. Answers what was selected before they were."""
        every = {row.key: row for row in self.rows if row.selectable}
        if self.picked and self.picked.keys() >= every.keys():
            self.pick({})
            return None
        before = set(self.picked)
        self.pick({**self.picked, **every})
        return before

    def forget(self, keys: set[str]) -> bool:
        """Takes rows that are gone out of the selection; whether any were in it."""
        if not keys & self.picked.keys():
            return False
        self.pick({key: row for key, row in self.picked.items() if key not in keys}, in_order=self._in_order)
        return True

    # ------------------------------------------------------------ rows

    def show(
        self,
        rows: Sequence[Row],
        cursor: int,
        *,
        keep: bool = False,
        part: bool = False,
        others: Sequence[Row] = (),
        at: int | None = None,
    ) -> int:
        """Holds other rows, and answers where the cursor is then. The other arguments are those of the table's."""
        here = self.rows[cursor].key if keep and 0 <= cursor < len(self.rows) else None
        self.rows = list(rows)
        picked = {row.key: row for row in (*self.rows, *others) if row.key in self.picked} if keep else {}
        self.pick(
            {**self.picked, **picked} if keep and part else picked, in_order=self._in_order and keep and part
        )
        if at is not None:
            return at
        place = next((index for index, row in enumerate(self.rows) if row.key == here), None)
        if place is None:
            place = min(cursor, max(len(self.rows) - 1, 0)) if keep else 0
        return place

    def surround(self, *, above: int, below: int, more: bool, more_above: bool) -> None:
        """What is known to be around the rows that are here."""
        self.above, self.below, self.more, self.more_above = above, below, more, more_above

    def slide(self, rows: Sequence[Row], cursor: int, first: int) -> int:
        """Holds other rows of the same list, and answers where the cursor is then; ``first`` is the line of the whole
        list in which the first row stood that was here, by today's count."""
        here = self.rows[cursor] if 0 <= cursor < len(self.rows) else None
        self.rows = list(rows)
        self._chosen = None
        place = cursor + first - self.above
        if here is not None and not (0 <= place < len(rows) and rows[place].key == here.key):
            place = next((index for index, row in enumerate(rows) if row.key == here.key), place)
        return max(0, min(place, len(rows) - 1))

    def replace(self, row: Row) -> list[int]:
        """Puts another row in the place of the one with its key, whether that is here or only selected; answers where
        it was here."""
        if row.key in self.picked:
            self.picked[row.key] = row
        self._chosen = None
        places = [index for index, old in enumerate(self.rows) if old.key == row.key]
        for index in places:
            self.rows[index] = row
        return places

    def put(self, index: int, row: Row) -> None:
        """Puts another row in the place of one that is here."""
        self.rows[index] = row
        if row.key in self.picked:
            self.picked[row.key] = row
        self._chosen = None
