"""The rows that a table holds: some of a list or all of it, with a selection that outlasts them."""

from __future__ import annotations

from collections.abc import Sequence

from textual.geometry import Size

from .drawing import Drawn
from .rows import Column, Row


class Holding(Drawn):
    """A part of :class:`Table`."""

    class Moved(Drawn.OfRow, namespace="table"):
        """The cursor stands on another row."""

    class SelectionChanged(Drawn.OfTable, namespace="table"):
        """Other rows are selected."""

    def __init__(self, *, id: str | None = None) -> None:
        self._tones = {}
        super().__init__(id=id)
        self.rows: list[Row] = []
        self._picked: dict[str, Row] = {}
        #: The selected rows in their order, where that was asked for since they changed.
        self._chosen: list[Row] | None = None
        #: Whether there are rows below those that are here.
        self.more = False
        #: How many rows are known to be above and below those that are here: they can be had again.
        self.above = self.below = 0
        #: Whether there are rows above the first one that is known.
        self.more_above = False
        #: Whether the selected rows are kept in the order of the list.
        self._in_order = False
        #: How often nothing was selected any more.
        self.emptied = 0

    def _follow(self) -> None:
        """Scrolls so that the cursor can be seen."""
        raise NotImplementedError

    def _see(self, top: int) -> None:
        """Scrolls so that a line of the list is the first to be seen."""
        raise NotImplementedError

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, also of those that are not shown just now."""
        return set(self._picked)

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in their order, those not shown just now last; else the one under the cursor."""
        if not self._picked:
            current = self.current
            return [current] if current is not None and current.selectable else []
        # Every command asks for them at every move of the cursor, and there may be many.
        if self._chosen is None:
            shown = {row.key: row for row in self.rows if row.key in self._picked}
            if self._in_order:
                self._chosen = [shown.get(key, row) for key, row in self._picked.items()]
            else:
                self._chosen = list({**shown, **self._picked, **shown}.values())
        return self._chosen

    @property
    def partial(self) -> bool:
        """Whether the list has more rows than those that are here."""
        return bool(self.above or self.below or self.more or self.more_above)

    def _pick(self, rows: dict[str, Row], *, in_order: bool = False) -> None:
        """``in_order``: they are in the order of the list."""
        self._picked, self._in_order = rows, in_order
        self._chosen = None
        self.emptied += not rows
        self.post_message(self.SelectionChanged(self._self))

    def _turn(self, index: int) -> None:
        """Selects a row, or takes it out of the selection."""
        row = self.rows[index]
        others = {key: picked for key, picked in self._picked.items() if key != row.key}
        if row.key in self._picked:
            self._pick(others, in_order=self._in_order)
        else:
            self._pick({**self._picked, row.key: row})
        self.refresh_row(index)

    def show(
        self,
        rows: Sequence[Row],
        *,
        columns: Sequence[Column] | None = None,
        empty: str | None = None,
        more: bool = False,
        above: int = 0,
        below: int = 0,
        more_above: bool = False,
        keep: bool = False,
        part: bool = False,
        others: Sequence[Row] = (),
        at: int | None = None,
    ) -> None:
        """Shows other rows. ``above`` and ``below``: so many more are known on either side. ``keep`` leaves cursor,
        selection and view where they were, by the rows' keys. ``others`` are rows of the list that are not shown, as
        a filter has it; with ``part`` there may be more, and what is selected of those stays so. ``at`` is where the
        cursor is put then."""
        here = self.current.key if keep and self.current else None
        self.end_edit()
        if columns is not None:
            self.columns = tuple(columns)
        if empty is not None:
            self.empty = empty
        self.rows = list(rows)
        self.more, self.above, self.below, self.more_above = more, above, below, more_above
        picked = {row.key: row for row in (*self.rows, *others) if row.key in self._picked} if keep else {}
        self._pick(
            {**self._picked, **picked} if keep and part else picked, in_order=self._in_order and keep and part
        )
        place = (
            at if at is not None else next((i for i, row in enumerate(self.rows) if row.key == here), None)
        )
        if place is None:
            place = min(self.cursor, max(len(self.rows) - 1, 0)) if keep else 0
        self._measure()
        self.set_reactive(type(self).cursor, place)
        if not keep:
            self._see(self.above)
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self._self, self.current))

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = 0
    ) -> None:
        """Other rows of the same list are here now, some of those that were still among them.

        ``moved``: so many rows that nobody knew of came before all others.
        """
        here, first, seen = self.current, self.above + moved, self._seen
        self.rows = list(rows)
        self._chosen = None
        self.more, self.above, self.below, self.more_above = more, above, below, more_above
        self._measure()
        place = self.cursor + first - above
        if here is not None and not (0 <= place < len(rows) and rows[place].key == here.key):
            place = next((i for i, row in enumerate(rows) if row.key == here.key), place)
        self.set_reactive(type(self).cursor, max(0, min(place, len(rows) - 1)))
        if moved:
            self._see(self.scroll_offset.y + moved)
        # Where a line shows no row, its painting asks for the next ones.
        if self._seen != seen or None in seen:
            self.refresh()
        if here is None or self.current is None or self.current.key != here.key:
            self.post_message(self.Moved(self._self, self.current))

    def update_row(self, index: int, row: Row) -> None:
        """Replaces one row and repaints its line."""
        self.rows[index] = row
        self._renew_picked(row)
        self.refresh_row(index)

    def replace_row(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, whether that is shown or only selected."""
        self._renew_picked(row)
        for index, old in enumerate(self.rows):
            if old.key == row.key:
                self.update_row(index, row)

    def _renew_picked(self, row: Row) -> None:
        if row.key in self._picked:
            self._picked[row.key] = row
        self._chosen = None

    @property
    def _seen(self) -> list[Row | None]:
        """What the lines show that can be seen; ``None`` where that is no row."""
        shown = range(self._row_at(1), self._row_at(self.size.height))
        return [self.rows[index] if 0 <= index < len(self.rows) else None for index in shown]

    def _measure(self) -> None:
        # Its width is that of the table whatever it is: told here, each change of it would be laid out twice.
        size = Size(0, self._line(len(self.rows)) + self.below + (1 if self.more else 0))
        if self.size.height < self.virtual_size.height <= size.height:
            # The scrollbar is there already, and only its length changes: nothing has to be laid out anew.
            self.set_reactive(type(self).virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size
