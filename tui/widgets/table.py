"""The one table of the app: a window on rows that are drawn line by line.

Filling it costs nothing a row; a change of a row repaints its line and no other. A cell can be edited in
place. Rows that are not there yet are asked for with :class:`Table.Wanted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.scrollbar import ScrollBar

from ..commands import ELSEWHERE
from .bar import Bar
from .holding import Holding
from .keyed import Keyed
from .rows import Cell, Column, Row

__all__ = ["Cell", "Column", "Row", "Table"]


class Table(Keyed, Holding, can_focus=True):
    """Rows under a line of titles, with a cursor, a selection, and a cell that can be edited."""

    PLACES = ("lists", "editing")
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--title",
        "table--cursor",
        "table--cursor-blurred",
        "table--selected",
        "table--good",
        "table--bad",
        "table--warn",
        "table--dim",
        "table--accent",
        "table--editor",
        "table--caret",
    }
    DEFAULT_CSS = """
    Table { height: 1fr; background: $surface; color: $foreground; overflow-x: hidden; scrollbar-size-vertical: 1; }
    Table > .table--title { color: $text-muted; text-style: $title-style; background: $panel; }
    Table > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $cursor-style;
    }
    Table > .table--cursor-blurred { background: $boost; text-style: $cursor-blurred-style; }
    Table > .table--selected { color: $text-accent; text-style: bold; }
    Table > .table--good { color: $text-success; }
    Table > .table--bad { color: $text-error; }
    Table > .table--warn { color: $text-warning; }
    Table > .table--dim { color: $text-muted; text-style: $muted-style; }
    Table > .table--accent { color: $text-accent; }
    Table > .table--editor { background: $background; color: $foreground; text-style: $field-style; }
    Table > .table--caret { text-style: reverse; }
    """

    cursor: reactive[int] = reactive(0, repaint=False, init=False)

    class Opened(Holding.OfRow):
        """Enter, or a double click, on a row."""

    class Hovered(Holding.OfRow):
        """The mouse points at another row, or (``None``) at none. Nothing is painted for it."""

    class MenuWanted(Holding.OfRow):
        """The context menu is asked for."""

    class AllWanted(Holding.OfTable):
        """All rows are to be selected: also those, if there are any, that are not here."""

        def __init__(self, table: Table, before: set[str]) -> None:
            super().__init__(table)
            #: The keys of what was selected before.
            self.before = before
            #: What the table's ``emptied`` was: where it is more by now, the selection was taken back.
            self.emptied = table.emptied

    class Jump(Holding.OfTable):
        """The first or the last row is wanted, which is not here."""

        def __init__(self, table: Table, last: bool) -> None:
            super().__init__(table)
            self.last = last

    class TitlePressed(Message, namespace="table"):
        """The title of a column was clicked."""

        def __init__(self, table: Table, column: Column) -> None:
            super().__init__()
            self.table = table
            self.column = column

        @property
        def control(self) -> Table:
            return self.table

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        id: str | None = None,
        markers: bool = True,
        empty: str = "",
        jumps: bool = False,
    ) -> None:
        """``jumps``: whoever has the table is asked for its first and its last rows where they are not here."""
        super().__init__(id=id)
        self.columns = tuple(columns)
        #: What an empty table says.
        self.empty = empty
        self._jumps = jumps
        self._markers = markers
        self._pointed = -1

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        bar = super().vertical_scrollbar
        if type(bar) is ScrollBar:
            # Textual makes it, of a kind that it has written down.
            bar.__class__ = Bar
        return bar

    # ------------------------------------------------------------ moving

    def on_resize(self) -> None:
        self._follow()

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_row(old)
        self._follow()
        self.refresh_row(new)
        self.post_message(self.Moved(self, self.current))

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
            self.post_message(self.Wanted(self))
        if (self.above or self.more_above) and self.cursor < height:
            self.post_message(self.WantedAbove(self))

    def _see(self, top: int) -> None:
        # At once, and also where the scrollbar that longer lists have is still to come.
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def move_to(self, index: int, top: int | None = None) -> None:
        """Puts the cursor on a row of those that are here, the nearest one that there is; ``top`` is the first line
        of the list to be seen."""
        if top is not None:
            self._see(top)
        self.cursor = max(0, min(index, len(self.rows) - 1))

    def action_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_first(self) -> None:
        if self._jumps and (self.above or self.more_above):
            self.post_message(self.Jump(self, last=False))
        else:
            self.move_to(0)

    def action_last(self) -> None:
        if self._jumps and self.more:
            self.post_message(self.Jump(self, last=True))
        else:
            self.move_to(len(self.rows) - 1)

    def action_next_page(self) -> None:
        self.move_to(self.cursor + max(self.size.height - 2, 1))

    def action_previous_page(self) -> None:
        self.move_to(self.cursor - max(self.size.height - 2, 1))

    # ------------------------------------------------------------ choosing

    def why_not(self, action: str) -> str | None:
        if action in ("keep_edit", "give_up_edit"):
            return None if self.editing else ELSEWHERE
        if action in ("select", "select_all"):
            if not self._markers:
                return ELSEWHERE
            if not (self.partial or any(row.selectable for row in self.rows)):
                return "There is nothing to select in this list."
        if action == "open" and self.current is None:
            return "The list is empty."
        return None

    def action_select(self) -> None:
        """Selects the row under the cursor, or takes it out of the selection, and moves on."""
        row = self.current
        if row is None:
            return
        if row.selectable and self._markers:
            self._turn(self.cursor)
        self.action_down()

    def action_select_all(self) -> None:
        if not self._markers:
            return
        every = {row.key: row for row in self.rows if row.selectable}
        if self._picked and self._picked.keys() >= every.keys():
            self._pick({})
        else:
            before = self.selected
            self._pick({**self._picked, **every})
            self.post_message(self.AllWanted(self, before))
        self.refresh()

    def select_only(self, rows: Iterable[Row]) -> None:
        """Selects rows, in this order, and no others; they need not be here."""
        self._pick({row.key: row for row in rows}, in_order=True)
        self.refresh()

    def forget(self, keys: set[str]) -> None:
        """Takes rows that are gone out of the selection."""
        if keys & self._picked.keys():
            self._pick(
                {key: row for key, row in self._picked.items() if key not in keys}, in_order=self._in_order
            )

    def clear_selection(self) -> None:
        """Nothing is selected any more."""
        self._pick({})
        self.refresh()

    def action_open(self) -> None:
        if self.current is not None:
            self.post_message(self.Opened(self, self.current))

    def action_menu(self) -> None:
        self.post_message(self.MenuWanted(self, self.current))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self._point_at(self._row_at(event.y) if event.y > 0 else -1)

    def on_leave(self) -> None:
        self._point_at(-1)

    def _point_at(self, index: int) -> None:
        index = index if 0 <= index < len(self.rows) else -1
        if index != self._pointed:
            self._pointed = index
            self.post_message(self.Hovered(self, self.rows[index] if index >= 0 else None))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = self._row_at(event.y)
        if event.y == 0 or not 0 <= index < len(self.rows):
            if event.button == 3:
                self.action_menu()
            elif event.y == 0 and (column := self._column_at(event.x)) is not None:
                self.post_message(self.TitlePressed(self, column))
            return
        if self._editor is not None and index != self.cursor and not self.keep_edit():
            return
        self.move_to(index)
        if event.button == 3 or event.ctrl:
            self.action_menu()
        elif self._markers and event.x < 2 and self.rows[index].selectable:
            self._turn(index)
        elif event.chain == 2:
            self.action_open()
