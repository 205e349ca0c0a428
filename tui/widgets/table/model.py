"""What a table holds: the rows of a list, all or some of them, with a cursor, and a selection that outlasts them. No
Textual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...locations.rows import Column, Row


class RowModel:
    """Which rows are here, what is known to be around them, where the cursor is, and which rows are selected, here or
    not."""

    def __init__(self, columns: Sequence[Column] = (), empty: str = "") -> None:
        self.columns = tuple(columns)
        #: What an empty table says.
        self.empty = empty
        #: What the rows are sorted by, as the columns call it; empty where that is not said.
        self.order = ""
        self.rows: list[Row] = []
        #: Which of the rows that are here the cursor stands on.
        self.cursor = 0
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

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, also of those that are not shown just now."""
        return set(self.picked)

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in their order, those not shown just now last; else the one under the cursor."""
        if not self.picked:
            current = self.current
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

    def select_only(self, rows: Iterable[Row]) -> None:
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

    def show(  # noqa: PLR0913
        self,
        rows: Sequence[Row],
        *,
        columns: Sequence[Column] | None = None,
        empty: str | None = None,
        order: str | None = None,
        more: bool = False,
        above: int = 0,
        below: int = 0,
        more_above: bool = False,
        keep: bool = False,
        part: bool = False,
        others: Sequence[Row] = (),
        at: int | None = None,
    ) -> None:
        """Holds other rows. ``above`` and ``below``: so many more are known on either side. ``keep`` leaves cursor and
        selection where they were, by the rows' keys. ``others`` are rows of the list that are not shown, as a filter
        has it; with ``part`` there may be more, and what is selected of those stays so. ``at`` is where the cursor is
        put then."""
        self.columns = self.columns if columns is None else tuple(columns)
        self.empty = self.empty if empty is None else empty
        self.order = self.order if order is None else order
        here = self.current
        self.rows = list(rows)
        picked = {row.key: row for row in (*self.rows, *others) if row.key in self.picked} if keep else {}
        self.pick(
            {**self.picked, **picked} if keep and part else picked, in_order=self._in_order and keep and part
        )
        self._surround(above=above, below=below, more=more, more_above=more_above)
        self.cursor = self._place_of(here, keep) if at is None else at

    def _place_of(self, row: Row | None, keep: bool) -> int:
        """Where a row that was under the cursor is now; where it is not, the cursor stays as it was."""
        if not keep:
            return 0
        found = next((i for i, each in enumerate(self.rows) if row is not None and each.key == row.key), None)
        return min(self.cursor, max(len(self.rows) - 1, 0)) if found is None else found

    def _surround(self, *, above: int, below: int, more: bool, more_above: bool) -> None:
        self.above, self.below, self.more, self.more_above = above, below, more, more_above

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = 0
    ) -> None:
        """Holds other rows of the same list, some of those that were here still among them.

        ``moved``: so many rows that nobody knew of came before all others.
        """
        here, first = self.current, self.above + moved
        self._surround(above=above, below=below, more=more, more_above=more_above)
        self.rows = list(rows)
        self._chosen = None
        place = self.cursor + first - above
        if here is not None and not (0 <= place < len(rows) and rows[place].key == here.key):
            place = next((index for index, row in enumerate(rows) if row.key == here.key), place)
        self.move_to(place)

    def move_to(self, index: int) -> None:
        """Puts the cursor on a row of those that are here, the nearest one that there is."""
        self.cursor = max(0, min(index, len(self.rows) - 1))

    def replace_row(self, row: Row) -> list[int]:
        """Puts another row in the place of the one with its key, whether that is here or only selected; answers where
        it was here."""
        places = [index for index, old in enumerate(self.rows) if old.key == row.key]
        for index in places:
            self.rows[index] = row
        self._replace_selected(row)
        return places

    def update_row(self, index: int, row: Row) -> None:
        """Puts another row in the place of one that is here."""
        self.rows[index] = row
        self._replace_selected(row)

    def _replace_selected(self, row: Row) -> None:
        if row.key in self.picked:
            self.picked[row.key] = row
        self._chosen = None
