"""What a table holds: all or some rows of a list, a cursor, and a selection that outlasts the loaded rows. No
Textual."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ....locations.rows import Column, Row, cell_text


class Range:
    """Rows that are being selected: from the one with the key ``anchor`` to the cursor. ``before`` is what was selected
    earlier; with ``stays``, every motion moves its end until it is ended."""

    # Not a dataclass: defining one takes a millisecond of the start-up time.
    __slots__ = ("anchor", "before", "stays")

    def __init__(self, anchor: str, before: dict[str, Row], stays: bool) -> None:
        self.anchor = anchor
        self.before = before
        self.stays = stays


class RowModel:
    """Holds the loaded rows, what is known of the rows around them, the cursor, and the selected rows, loaded or
    not."""

    def __init__(self, columns: Sequence[Column] = (), empty: str = "") -> None:
        self.columns = tuple(columns)
        #: What an empty table shows.
        self.empty = empty
        #: What the rows are sorted by, in the terms of the columns; empty if that isn't known.
        self.order = ""
        self.rows: list[Row] = []
        #: The index of the row under the cursor, among the loaded rows.
        self.cursor = 0
        #: Whether there are rows below the loaded ones.
        self.more = False
        #: How many rows are known above and below the loaded ones; these can be loaded again.
        self.above = self.below = 0
        #: Whether there are rows above the first known one.
        self.more_above = False
        #: How often the selection has become empty.
        self.emptied = 0
        #: The rows that have come since their widths were last measured, and whether all those before are gone.
        self.unmeasured: list[Row] = []
        self.is_replaced = True
        self.picked: dict[str, Row] = {}
        #: The selected rows in order, if computed since the selection last changed.
        self._chosen: list[Row] | None = None
        #: Whether the selected rows are in the order of the list.
        self._in_order = False
        #: Whether a row is marked, as one that was sought.
        self.is_marked: Callable[[Row], bool] = lambda row: False
        #: The rows that are being selected up to the cursor, if any are.
        self.range: Range | None = None

    @property
    def partial(self) -> bool:
        """Whether the list has rows that aren't loaded."""
        return bool(self.above or self.below or self.more or self.more_above)

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, including those that aren't shown at the moment."""
        return set(self.picked)

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in order, those not shown at the moment last; if there are none, the one under the
        cursor."""
        if not self.picked:
            current = self.current
            return [current] if current is not None and current.selectable else []
        # Every command asks for these at every move of the cursor, and there may be many.
        if self._chosen is None:
            shown = {row.key: row for row in self.rows if row.key in self.picked}
            if self._in_order:
                self._chosen = [shown.get(key, row) for key, row in self.picked.items()]
            else:
                self._chosen = list({**shown, **self.picked, **shown}.values())
        return self._chosen

    def target_text(self, column: int = 0) -> str:
        """What commands act on, in a few words: the name of the one row, which is in that column, or how many are
        selected, and how many of these a filter hides; empty if there is no row."""
        rows = self.chosen if self.picked else [self.current] if self.current is not None else []
        if len(rows) < 2:
            return "".join(cell_text(row.cells[column]) for row in rows)
        hidden = 0 if self.partial else len(self.picked.keys() - {row.key for row in self.rows})
        return f"{len(rows):,} selected" + (f", {hidden:,} not shown" if hidden else "")

    # ------------------------------------------------------------ selection

    def pick(self, rows: dict[str, Row], *, in_order: bool = False) -> None:
        """Select these rows and no others; ``in_order``: they are in the order of the list."""
        self.picked, self._in_order = rows, in_order
        self._chosen = self.range = None
        self.emptied += not rows

    def begin_range(self, *, stays: bool) -> None:
        """Begin to select rows at the cursor; see :class:`Range`."""
        current = self.current
        if current is not None:
            self.range = Range(current.key, self.picked, stays)
            self.extend_range()

    def extend_range(self) -> bool:
        """Select the rows from the beginning of the range to the cursor, and those from before it. Returns whether
        that was possible; if its beginning isn't loaded any more, the range ends, and what is selected stays."""
        found = self.range
        index = next(
            (i for i, row in enumerate(self.rows) if found is not None and row.key == found.anchor), None
        )
        if found is None or index is None:
            self.range = None
            return False
        first, last = sorted((index, self.cursor))
        between = {row.key: row for row in self.rows[first : last + 1] if row.selectable}
        self.pick({**found.before, **between})
        self.range = found
        return True

    def select_only(self, rows: Iterable[Row]) -> None:
        """Select these rows, in this order, and no others; they needn't be loaded."""
        self.pick({row.key: row for row in rows}, in_order=True)

    def toggle(self, row: Row) -> None:
        """Toggle the selection of a row."""
        others = {key: picked for key, picked in self.picked.items() if key != row.key}
        if row.key in self.picked:
            self.pick(others, in_order=self._in_order)
        else:
            self.pick({**self.picked, row.key: row})

    def toggle_all(self) -> set[str] | None:
        """Select all loaded rows, or none if all are selected already.

        Return the keys selected before, or ``None`` if the selection was cleared.
        """
        selectable_rows = {row.key: row for row in self.rows if row.selectable}
        if self.picked and self.picked.keys() >= selectable_rows.keys():
            self.pick({})
            return None
        before = set(self.picked)
        self.pick({**self.picked, **selectable_rows})
        return before

    def forget(self, keys: set[str]) -> bool:
        """Remove rows that no longer exist from the selection; return whether any of them were selected."""
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
        """Replace the rows. ``above`` and ``below`` are how many more are known on either side. ``keep`` preserves the
        cursor and the selection, by the rows' keys. ``others`` are rows of the list that a filter hides; with ``part``
        there may be further ones, and those selected among them stay so. ``at`` is where the cursor goes."""
        self.columns = self.columns if columns is None else tuple(columns)
        self.empty = self.empty if empty is None else empty
        self.order = self.order if order is None else order
        current = self.current
        self.rows = list(rows)
        self.unmeasured, self.is_replaced = [*self.rows], True
        picked = {row.key: row for row in (*self.rows, *others) if row.key in self.picked} if keep else {}
        found = self.range if keep else None
        self.pick(
            {**self.picked, **picked} if keep and part else picked, in_order=self._in_order and keep and part
        )
        self.range = found
        self._surround(above=above, below=below, more=more, more_above=more_above)
        self.cursor = self._index_of(current, keep) if at is None else at

    def _index_of(self, row: Row | None, keep: bool) -> int:
        """Return where the row that was under the cursor is now; if it is gone, the cursor stays as near as it can."""
        if not keep:
            return 0
        index = next((i for i, each in enumerate(self.rows) if row is not None and each.key == row.key), None)
        return min(self.cursor, max(len(self.rows) - 1, 0)) if index is None else index

    def _surround(self, *, above: int, below: int, more: bool, more_above: bool) -> None:
        self.above, self.below, self.more, self.more_above = above, below, more, more_above

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = 0
    ) -> None:
        """Replace the rows with others of the same list, some of which were loaded before.

        ``moved`` is how many previously unknown rows were inserted before all others.
        """
        current, first = self.current, self.above + moved
        self._surround(above=above, below=below, more=more, more_above=more_above)
        known = set(map(id, self.rows))
        self.rows = list(rows)
        self.unmeasured += [row for row in self.rows if id(row) not in known]
        self._chosen = None
        position = self.cursor + first - above
        if current is not None and not (0 <= position < len(rows) and rows[position].key == current.key):
            position = next((index for index, row in enumerate(rows) if row.key == current.key), position)
        self.move_to(position)

    def move_to(self, index: int) -> None:
        """Put the cursor on a loaded row, or on the nearest one if there is no such row."""
        self.cursor = max(0, min(index, len(self.rows) - 1))

    def replace_row(self, row: Row) -> list[int]:
        """Replace the row that has the same key, whether it is loaded or only selected.

        Return the indexes at which it was loaded.
        """
        indexes = [index for index, old in enumerate(self.rows) if old.key == row.key]
        for index in indexes:
            self.rows[index] = row
            self.unmeasured.append(row)
        self._replace_selected(row)
        return indexes

    def update_row(self, index: int, row: Row) -> None:
        """Replace a loaded row."""
        self.rows[index] = row
        self.unmeasured.append(row)
        self._replace_selected(row)

    def _replace_selected(self, row: Row) -> None:
        if row.key in self.picked:
            self.picked[row.key] = row
        self._chosen = None
