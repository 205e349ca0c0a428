"""The lines of a table: rows are drawn line by line, and scrolled so that the cursor is visible."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeAlias

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from ....locations.rows import Column, Row
from ....override import override
from ...textual_patches.compositor import draw_bare
from ..row_line import RowLine
from ..thin_scroll_bar import ThinScrollBar
from . import messages
from .editing import CellEditing
from .model import RowModel
from .renderer import RowRenderer

_CSS = """
RowsView { height: 1fr; background: $ground; color: $text; overflow-x: hidden; scrollbar-size-vertical: 1; }
RowsView > .table--title { color: $quiet; text-style: $quiet-style; }
RowsView > .table--cursor { background: $cursor; color: $text; text-style: $cursor-style; }
RowsView > .table--cursor-blurred { text-style: underline; }
RowsView > .table--selected { text-style: bold; }
RowsView > .table--good { color: $accent; text-style: $accent-style; }
RowsView > .table--bad { color: $bad; text-style: $bad-style; }
RowsView > .table--warn { color: $warn; text-style: $warn-style; }
RowsView > .table--dim { color: $quiet; text-style: $quiet-style; }
RowsView > .table--editor { background: $panel; color: $text; text-style: $field-style; }
RowsView > .table--editor-selected { background: $cursor; color: $text; text-style: $cursor-style; }
RowsView > .table--caret { text-style: reverse; }
"""


class RowsView(ScrollView, inherit_bindings=False):
    """Rows below a line of titles, with a cursor, a selection, and a cell that can be edited. Filling it takes no time
    per row; a change of a row repaints only its line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--title",
        "table--cursor",
        "table--cursor-blurred",
        "table--selected",
        "table--good",
        "table--bad",
        "table--warn",
        "table--dim",
        "table--editor",
        "table--editor-selected",
        "table--caret",
    }
    DEFAULT_CSS = _CSS

    Wanted: TypeAlias = messages.Wanted
    WantedAbove: TypeAlias = messages.WantedAbove
    SelectionChanged: TypeAlias = messages.SelectionChanged
    Deselected: TypeAlias = messages.Deselected
    AllWanted: TypeAlias = messages.AllWanted
    TitlePressed: TypeAlias = messages.TitlePressed
    Moved: TypeAlias = messages.Moved
    Opened: TypeAlias = messages.Opened
    Hovered: TypeAlias = messages.Hovered
    MenuWanted: TypeAlias = messages.MenuWanted
    Editing: TypeAlias = messages.Editing

    def __init__(
        self, columns: Sequence[Column] = (), *, id: str | None = None, markers: bool = True, empty: str = ""
    ) -> None:
        """``markers``: rows can be selected. ``empty`` is what an empty table shows."""
        super().__init__(id=id)
        draw_bare(self)
        self.model = RowModel(columns, empty)
        self.renderer = RowRenderer(self.model, lambda: self.rich_style, self._style_of, markers=markers)
        #: Shows what the columns leave out.
        self.row_line: RowLine | None = None
        self._edit = CellEditing(self._edit_toggled, self._report_edit)
        self._markers = markers

    # ------------------------------------------------------------ what it holds

    @property
    def rows(self) -> list[Row]:
        """The loaded rows."""
        return self.model.rows

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor, among the loaded rows."""
        return self.model.cursor

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.model.current

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, including those that aren't shown at the moment."""
        return self.model.selected

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in order, those not shown at the moment last; if there are none, the one under the
        cursor."""
        return self.model.chosen

    def show(self, rows: Sequence[Row], *, keep: bool = False, **options: Any) -> None:
        """Replace the rows; takes the options of :meth:`RowModel.show`. ``keep`` preserves the scroll position too."""
        self._edit.end()
        self.model.show(rows, keep=keep, **options)
        self.selection_changed()
        self._measure()
        if not keep:
            self._scroll_to_line(self.model.above)
        self._scroll_to_cursor()
        self.refresh()
        self.post_message(self.Moved(self, self.current))

    def slide(self, rows: Sequence[Row], *, moved: int = 0, **around: Any) -> None:
        """Replace the rows with others of the same list, as :meth:`RowModel.slide` does."""
        previous, visible_before, widths = self.current, self._visible_rows, self.widths
        self.model.slide(rows, moved=moved, **around)
        self._measure()
        if moved:
            self._scroll_to_line(self.scroll_offset.y + moved)
        # Painting a line that has no row requests the next rows.
        if self._visible_rows != visible_before or None in visible_before or self.widths != widths:
            self.refresh()
        if previous is None or self.current is None or self.current.key != previous.key:
            self.post_message(self.Moved(self, self.current))

    def update_row(self, index: int, row: Row) -> None:
        """Replace one row and repaint its line."""
        before = self.widths
        self.model.update_row(index, row)
        self._refresh_rows([index], before)

    def replace_row(self, row: Row) -> None:
        """Replace the row that has the same key, whether it is shown or only selected."""
        before = self.widths
        self._refresh_rows(self.model.replace_row(row), before)

    def _refresh_rows(self, indexes: Iterable[int], widths: list[int]) -> None:
        """Repaint the lines of rows that were replaced, or everything if columns had other ``widths`` before."""
        if self.widths != widths:
            self.refresh()
        for index in indexes:
            self.refresh_row(index)

    def selection_changed(self) -> None:
        """Post that other rows are selected than before."""
        self.post_message(self.SelectionChanged(self))

    @property
    def free_lines(self) -> int:
        """How many of its lines are blank, below the rows; below 0 if it has more rows than lines."""
        model = self.model
        rows = len(model.rows) + model.above + model.below
        return -rows if model.more or model.more_above else self.size.height - 1 - rows

    @property
    def editing(self) -> bool:
        """Whether a cell is being edited."""
        return self._edit.editor is not None

    def _edit_toggled(self) -> None:
        self.refresh_row(self.cursor)
        self.refresh_bindings()

    def _report_edit(self, error: str | None) -> None:
        self.refresh_row(self.cursor)
        if self.current is not None:
            self.post_message(self.Editing(self, self.current, error))

    # ------------------------------------------------------------ drawing

    @property
    @override
    def vertical_scrollbar(self) -> ScrollBar:
        bar = super().vertical_scrollbar
        if type(bar) is ScrollBar:
            # Textual creates the scrollbar, and its class can't be configured.
            bar.__class__ = ThinScrollBar
        return bar

    @property
    def widths(self) -> list[int]:
        """The width of each column, in cells; 0 for those that are left out."""
        return self.renderer.widths(self.size.width)

    @override
    def render_line(self, y: int) -> Strip:
        width, model = self.size.width, self.model
        if y == 0:
            return self.renderer.titles(width)
        index = self._row_at(y)
        if 0 <= index < len(model.rows):
            return self.renderer.row(index, width, focused=self.has_focus, editor=self._edit.editor)
        if index < 0 or (model.more and index <= len(model.rows) + model.below):
            self.post_message(self.WantedAbove(self) if index < 0 else self.Wanted(self))
            return self.renderer.loading(width)
        return self.renderer.empty(y - 2, width)

    def _style_of(self, tone: str) -> Style:
        return self.get_component_rich_style(f"table--{tone}", partial=True)

    @override
    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.renderer.styles_changed()

    @override
    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        if repaint and self.row_line is not None:
            self.row_line.update_from(self)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_row(self, index: int) -> None:
        """Repaint the line of a row, if it is visible."""
        y = self._line(index) - self.scroll_offset.y
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def on_focus(self) -> None:
        """Draw the cursor as that of the focused widget."""
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        """Draw the cursor as that of a widget without the focus."""
        self.refresh_row(self.cursor)

    @override
    def on_mount(self) -> None:
        self._wait_for_midnight()

    def _wait_for_midnight(self) -> None:
        """Repaint at midnight: today's moments are then yesterday's, and shown with a date."""
        now = self.renderer.now().astimezone()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.set_timer((midnight - now).total_seconds() + 1, self._begin_day)

    def _begin_day(self) -> None:
        self.refresh()
        self._wait_for_midnight()

    # ------------------------------------------------------------ lines

    def _line(self, index: int) -> int:
        """Return the line of a loaded row within the whole list, the title line included."""
        return index + self.model.above + 1

    def _row_at(self, y: int) -> int:
        """Return the index of the loaded row at line ``y`` of the widget; out of range if there is none."""
        return y - 1 + self.scroll_offset.y - self.model.above

    @property
    def cursor_line(self) -> int:
        """The line of the widget that the cursor is on, not counting the title line."""
        line: int = self.model.above + self.cursor - self.scroll_offset.y
        return line

    @property
    def _visible_rows(self) -> list[Row | None]:
        """What the visible lines show; ``None`` for a line without a row."""
        shown = range(self._row_at(1), self._row_at(self.size.height))
        return [self.rows[index] if 0 <= index < len(self.rows) else None for index in shown]

    def _measure(self) -> None:
        # The width is always that of the table. If it were set here, each change of it would be laid out twice.
        size = Size(0, self._line(len(self.rows)) + self.model.below + (1 if self.model.more else 0))
        if self.size.height < self.virtual_size.height <= size.height:
            # The scrollbar is there already and only its length changes: no new layout is needed.
            self.set_reactive(type(self).virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def _scroll_to_cursor(self) -> None:
        """Scroll so that the cursor is visible."""
        height = self.size.height - 1
        if height <= 0:
            return
        model, top = self.model, self.scroll_offset.y
        line = model.above + model.cursor
        if line < top:
            self._scroll_to_line(line)
        elif line >= top + height:
            self._scroll_to_line(line - height + 1)
        if model.more and model.cursor + height >= len(model.rows):
            self.post_message(self.Wanted(self))
        if (model.above or model.more_above) and model.cursor < height:
            self.post_message(self.WantedAbove(self))

    def _scroll_to_line(self, top: int) -> None:
        # Immediately, and even if the scrollbar that a longer list gets isn't there yet.
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    # ------------------------------------------------------------ moving

    def on_resize(self) -> None:
        """Keep the cursor in view, and the line about its row in step with what fits."""
        self._scroll_to_cursor()
        if self.row_line is not None:
            self.row_line.update_from(self)

    def move_to(self, index: int, top: int | None = None) -> None:
        """Put the cursor on a loaded row, or on the nearest one; ``top`` is the first line of the list to show."""
        if top is not None:
            self._scroll_to_line(top)
        before = self.cursor
        self.model.move_to(index)
        if self.cursor != before:
            if self.row_line is not None:
                self.row_line.update_from(self, moving=True)
            self.refresh_row(before)
            self._scroll_to_cursor()
            self.refresh_row(self.cursor)
            self.post_message(self.Moved(self, self.current))
