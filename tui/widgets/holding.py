"""What a table holds, and in which of its lines: those of the whole list, of which some are here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView

from ..locations.rows import Row
from .row_model import RowModel

if TYPE_CHECKING:
    from .table import Table


class Holding(ScrollView):
    """A part of :class:`Table`."""

    class OfRow(Message, namespace="table"):
        """A message about the row under the cursor (``row`` is ``None`` in an empty table)."""

        def __init__(self, table: Table, row: Row | None) -> None:
            super().__init__()
            self.table = table
            self.row = row

        @property
        def control(self) -> Table:
            return self.table

    class OfTable(Message, namespace="table"):
        """A message about the table as a whole; of several of a kind that wait, one is enough."""

        def __init__(self, table: Table) -> None:
            super().__init__()
            self.table = table

        def can_replace(self, message: Message) -> bool:
            return type(message) is type(self)

        @property
        def control(self) -> Table:
            return self.table

    class Wanted(OfTable, namespace="table"):
        """More rows are wanted: the view is near the end of those that are here."""

    class WantedAbove(OfTable, namespace="table"):
        """More rows are wanted: the view is near the beginning of those that are here."""

    class Moved(OfRow, namespace="table"):
        """The cursor stands on another row."""

    class SelectionChanged(OfTable, namespace="table"):
        """Other rows are selected."""

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.model = RowModel()

    @property
    def _self(self) -> Table:
        return cast("Table", self)

    @property
    def rows(self) -> list[Row]:
        """The rows that are here."""
        return self.model.rows

    @property
    def more(self) -> bool:
        """Whether there are rows below those that are here."""
        return self.model.more

    @property
    def above(self) -> int:
        """How many rows are known to be above those that are here."""
        return self.model.above

    @property
    def below(self) -> int:
        """How many rows are known to be below those that are here."""
        return self.model.below

    @property
    def more_above(self) -> bool:
        """Whether there are rows above the first one that is known."""
        return self.model.more_above

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, also of those that are not shown just now."""
        return set(self.model.picked)

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in their order, those not shown just now last; else the one under the cursor."""
        return self.model.chosen(self.current)

    @property
    def emptied(self) -> int:
        """How often nothing was selected any more."""
        return self.model.emptied

    @property
    def partial(self) -> bool:
        """Whether the list has more rows than those that are here."""
        return self.model.partial

    @property
    def cursor_line(self) -> int:
        """In which line that can be seen the cursor stands."""
        line: int = self.above + self.cursor - self.scroll_offset.y
        return line

    def _selection_changed(self) -> None:
        self.post_message(self.SelectionChanged(self._self))

    def _turn(self, index: int) -> None:
        """Selects a row, or takes it out of the selection."""
        self.model.turn(self.rows[index])
        self._selection_changed()
        self.refresh_row(index)

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = 0
    ) -> None:
        """Other rows of the same list are here now, some of those that were still among them.

        ``moved``: so many rows that nobody knew of came before all others.
        """
        here, first, seen = self.current, self.above + moved, self._seen
        self.model.surround(above=above, below=below, more=more, more_above=more_above)
        place = self.model.slide(rows, self.cursor, first)
        self._measure()
        self.set_reactive(type(self).cursor, place)
        if moved:
            self._see(self.scroll_offset.y + moved)
        # Where a line shows no row, its painting asks for the next ones.
        if self._seen != seen or None in seen:
            self.refresh()
        if here is None or self.current is None or self.current.key != here.key:
            self.post_message(self.Moved(self._self, self.current))

    def update_row(self, index: int, row: Row) -> None:
        """Replaces one row and repaints its line."""
        self.model.put(index, row)
        self.refresh_row(index)

    def replace_row(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, whether that is shown or only selected."""
        for index in self.model.replace(row):
            self.refresh_row(index)

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

    # ------------------------------------------------------------ lines

    def _line(self, index: int) -> int:
        """In which line of the whole list, titles and all, the ``index``-th row stands that is here."""
        return index + self.above + 1

    def _row_at(self, y: int) -> int:
        """Which of the rows that are here a line of the screen shows; beyond them where it shows none."""
        return y - 1 + self.scroll_offset.y - self.above

    def refresh_row(self, index: int) -> None:
        y = self._line(index) - self.scroll_offset.y
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _follow(self) -> None:
        """Scrolls so that the cursor can be seen."""
        height = self.size.height - 1
        if height <= 0:
            return
        line, top = self.above + self.cursor, self.scroll_offset.y
        if line < top:
            self._see(line)
        elif line >= top + height:
            self._see(line - height + 1)
        if self.more and self.cursor + height >= len(self.rows):
            self.post_message(self.Wanted(self._self))
        if (self.above or self.more_above) and self.cursor < height:
            self.post_message(self.WantedAbove(self._self))

    def _see(self, top: int) -> None:
        # At once, and also where the scrollbar that longer lists have is still to come.
        self.scroll_to(y=top, animate=False, immediate=True, force=True)
