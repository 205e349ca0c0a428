"""The one table of the app: a window on rows that are drawn line by line.

Filling it costs nothing a row; a change of a row repaints its line and no other. A cell can be edited in
place. Rows that are not there yet are asked for with :class:`Table.Wanted`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.scrollbar import ScrollBar

from ..commands import HIDDEN
from ..locations.rows import Cell, Column, Row
from .bar import Bar
from .drawing import Drawn
from .keyed import Keyed
from .row_line import RowLine

__all__ = ["Cell", "Column", "Row", "Table"]


class Table(Keyed, Drawn, can_focus=True):
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
        "table--editor-selected",
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
    Table > .table--editor-selected {
        background: $input-selection-background; color: $input-selection-foreground; text-style: $selection-style;
    }
    Table > .table--caret { text-style: reverse; }
    """

    class Opened(Drawn.OfRow):
        """Enter, or a double click, on a row."""

    class Hovered(Drawn.OfRow):
        """The mouse points at another row, or (``None``) at none. Nothing is painted for it."""

    class MenuWanted(Drawn.OfRow):
        """The context menu is asked for."""

    class AllWanted(Drawn.OfTable):
        """All rows are to be selected: also those, if there are any, that are not here."""

        def __init__(self, table: Table, before: set[str]) -> None:
            super().__init__(table)
            #: The keys of what was selected before.
            self.before = before
            #: The keys of what has been since.
            self.selected = table.selected
            #: What the table's ``emptied`` was: where it is more by now, the selection was taken back.
            self.emptied = table.emptied

    class Jump(Drawn.OfTable):
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
        self.now = lambda: datetime.now(UTC)
        #: Tells what the columns leave out.
        self.row_line: RowLine | None = None
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

    def on_mount(self) -> None:
        self._wait_for_midnight()

    def _wait_for_midnight(self) -> None:
        """What is of today is another day's from then on."""
        now = self.now().astimezone()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.set_timer((midnight - now).total_seconds() + 1, self._begin_day)

    def _begin_day(self) -> None:
        self.refresh()
        self._wait_for_midnight()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        if repaint and self.row_line is not None:
            self.row_line.look_at(self)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    # ------------------------------------------------------------ moving

    def on_resize(self) -> None:
        self._follow()
        if self.row_line is not None:
            self.row_line.look_at(self)

    def watch_cursor(self, old: int, new: int) -> None:
        self.refresh_row(old)
        self._follow()
        self.refresh_row(new)
        self.post_message(self.Moved(self, self.current))

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

    def disabled_reason(self, action: str) -> str | None:
        if action in ("keep_edit", "give_up_edit"):
            return None if self.editing else HIDDEN
        if action in ("select", "select_all"):
            if not self._markers:
                return HIDDEN
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
        before = self.model.turn_all()
        self._selection_changed()
        if before is not None:
            self.post_message(self.AllWanted(self, before))
        self.refresh()

    def select_only(self, rows: Iterable[Row]) -> None:
        """Selects rows, in this order, and no others; they need not be here."""
        self.model.pick_only(rows)
        self._selection_changed()
        self.refresh()

    def forget(self, keys: set[str]) -> None:
        """Takes rows that are gone out of the selection."""
        if self.model.forget(keys):
            self._selection_changed()

    def clear_selection(self) -> None:
        """Nothing is selected any more."""
        self.model.pick({})
        self._selection_changed()
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
