"""The lines of a table: what it holds is drawn line by line, and scrolled so that the cursor is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar, Self, TypeAlias

from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.strip import Strip

from ...locations.rows import Column, Row
from ..row_line import RowLine
from ..thin_scroll_bar import ThinScrollBar
from . import messages
from .editing import CellEditing
from .model import RowModel
from .renderer import RowRenderer


class RowsView(ScrollView):
    """Rows under a line of titles, with a cursor, a selection, and a cell that can be edited. Filling it costs nothing
    a row; a change of a row repaints its line and no other."""

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
    RowsView { height: 1fr; background: $surface; color: $foreground; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RowsView > .table--title { color: $text-muted; text-style: $title-style; background: $panel; }
    RowsView > .table--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $cursor-style;
    }
    RowsView > .table--cursor-blurred { background: $boost; text-style: $cursor-blurred-style; }
    RowsView > .table--selected { color: $text-accent; text-style: bold; }
    RowsView > .table--good { color: $text-success; }
    RowsView > .table--bad { color: $text-error; }
    RowsView > .table--warn { color: $text-warning; }
    RowsView > .table--dim { color: $text-muted; text-style: $muted-style; }
    RowsView > .table--accent { color: $text-accent; }
    RowsView > .table--editor { background: $background; color: $foreground; text-style: $field-style; }
    RowsView > .table--editor-selected {
        background: $input-selection-background; color: $input-selection-foreground; text-style: $selection-style;
    }
    RowsView > .table--caret { text-style: reverse; }
    """

    Wanted: TypeAlias = messages.Wanted
    WantedAbove: TypeAlias = messages.WantedAbove
    Jump: TypeAlias = messages.Jump
    SelectionChanged: TypeAlias = messages.SelectionChanged
    AllWanted: TypeAlias = messages.AllWanted
    TitlePressed: TypeAlias = messages.TitlePressed
    Moved: TypeAlias = messages.Moved
    Opened: TypeAlias = messages.Opened
    Hovered: TypeAlias = messages.Hovered
    MenuWanted: TypeAlias = messages.MenuWanted
    Editing: TypeAlias = messages.Editing

    def __init__(
        self,
        columns: Sequence[Column] = (),
        *,
        id: str | None = None,
        markers: bool = True,
        empty: str = "",
    ) -> None:
        """``markers``: rows can be selected. ``empty`` is what an empty table says."""
        super().__init__(id=id)
        self.model = RowModel(columns, empty)
        self.renderer = RowRenderer(self.model, lambda: self.rich_style, self._style_of, markers=markers)
        #: Tells what the columns leave out.
        self.row_line: RowLine | None = None
        self._edit = CellEditing(self._edit_turned, self._tell_edit)
        self._markers = markers

    # ------------------------------------------------------------ what it holds

    @property
    def rows(self) -> list[Row]:
        """The rows that are here."""
        return self.model.rows

    @property
    def cursor(self) -> int:
        """Which of the rows that are here the cursor stands on."""
        return self.model.cursor

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.model.current

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows, also of those that are not shown just now."""
        return self.model.selected

    @property
    def chosen(self) -> list[Row]:
        """The selected rows in their order, those not shown just now last; else the one under the cursor."""
        return self.model.chosen

    def show(self, rows: Sequence[Row], *, keep: bool = False, **how: Any) -> None:
        """Shows other rows, in the ways of :meth:`RowModel.show`; ``keep`` leaves the view where it was too."""
        self._edit.end()
        self.model.show(rows, keep=keep, **how)
        self._selection_changed()
        self._measure()
        if not keep:
            self._see(self.model.above)
        self._follow()
        self.refresh()
        self.post_message(self.Moved(self, self.current))

    def slide(self, rows: Sequence[Row], *, moved: int = 0, **around: Any) -> None:
        """Other rows of the same list are here now, in the way of :meth:`RowModel.slide`."""
        here, seen = self.current, self._seen
        self.model.slide(rows, moved=moved, **around)
        self._measure()
        if moved:
            self._see(self.scroll_offset.y + moved)
        # Where a line shows no row, its painting asks for the next ones.
        if self._seen != seen or None in seen:
            self.refresh()
        if here is None or self.current is None or self.current.key != here.key:
            self.post_message(self.Moved(self, self.current))

    def update_row(self, index: int, row: Row) -> None:
        """Replaces one row and repaints its line."""
        self.model.update_row(index, row)
        self.refresh_row(index)

    def replace_row(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, whether that is shown or only selected."""
        for index in self.model.replace_row(row):
            self.refresh_row(index)

    def _selection_changed(self) -> None:
        self.post_message(self.SelectionChanged(self))

    @property
    def editing(self) -> bool:
        """Whether a cell is being edited."""
        return self._edit.editor is not None

    def _edit_turned(self) -> None:
        self.refresh_row(self.cursor)
        self.refresh_bindings()

    def _tell_edit(self, error: str | None) -> None:
        self.refresh_row(self.cursor)
        if self.current is not None:
            self.post_message(self.Editing(self, self.current, error))

    # ------------------------------------------------------------ drawing

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        bar = super().vertical_scrollbar
        if type(bar) is ScrollBar:
            # Textual makes it, of a kind that it has written down.
            bar.__class__ = ThinScrollBar
        return bar

    @property
    def widths(self) -> list[int]:
        """How wide each column is, in cells; 0 for those that are left out."""
        return self.renderer.widths(self.size.width)

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

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.renderer.styles_changed()

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Self:
        if repaint and self.row_line is not None:
            self.row_line.look_at(self)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def refresh_row(self, index: int) -> None:
        """Paints the line of a row anew, where it can be seen."""
        y = self._line(index) - self.scroll_offset.y
        if 1 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def on_focus(self) -> None:
        self.refresh_row(self.cursor)

    def on_blur(self) -> None:
        self.refresh_row(self.cursor)

    def on_mount(self) -> None:
        self._wait_for_midnight()

    def _wait_for_midnight(self) -> None:
        """What is of today is another day's from then on."""
        now = self.renderer.now().astimezone()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        self.set_timer((midnight - now).total_seconds() + 1, self._begin_day)

    def _begin_day(self) -> None:
        self.refresh()
        self._wait_for_midnight()

    # ------------------------------------------------------------ lines

    def _line(self, index: int) -> int:
        """In which line of the whole list, titles and all, the ``index``-th row stands that is here."""
        return index + self.model.above + 1

    def _row_at(self, y: int) -> int:
        """Which of the rows that are here a line of the screen shows; beyond them where it shows none."""
        return y - 1 + self.scroll_offset.y - self.model.above

    @property
    def cursor_line(self) -> int:
        """In which line that can be seen the cursor stands."""
        line: int = self.model.above + self.cursor - self.scroll_offset.y
        return line

    @property
    def _seen(self) -> list[Row | None]:
        """What the lines show that can be seen; ``None`` where that is no row."""
        shown = range(self._row_at(1), self._row_at(self.size.height))
        return [self.rows[index] if 0 <= index < len(self.rows) else None for index in shown]

    def _measure(self) -> None:
        # Its width is that of the table whatever it is: told here, each change of it would be laid out twice.
        size = Size(0, self._line(len(self.rows)) + self.model.below + (1 if self.model.more else 0))
        if self.size.height < self.virtual_size.height <= size.height:
            # The scrollbar is there already, and only its length changes: nothing has to be laid out anew.
            self.set_reactive(type(self).virtual_size, size)
            self.vertical_scrollbar.window_virtual_size = size.height
        else:
            self.virtual_size = size

    def _follow(self) -> None:
        """Scrolls so that the cursor can be seen."""
        height = self.size.height - 1
        if height <= 0:
            return
        model, top = self.model, self.scroll_offset.y
        line = model.above + model.cursor
        if line < top:
            self._see(line)
        elif line >= top + height:
            self._see(line - height + 1)
        if model.more and model.cursor + height >= len(model.rows):
            self.post_message(self.Wanted(self))
        if (model.above or model.more_above) and model.cursor < height:
            self.post_message(self.WantedAbove(self))

    def _see(self, top: int) -> None:
        # At once, and also where the scrollbar that longer lists have is still to come.
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    # ------------------------------------------------------------ moving

    def on_resize(self) -> None:
        self._follow()
        if self.row_line is not None:
            self.row_line.look_at(self)

    def move_to(self, index: int, top: int | None = None) -> None:
        """Puts the cursor on a row of those that are here, the nearest one that there is; ``top`` is the first line
        of the list to be seen."""
        if top is not None:
            self._see(top)
        before = self.cursor
        self.model.move_to(index)
        if self.cursor != before:
            self.refresh_row(before)
            self._follow()
            self.refresh_row(self.cursor)
            self.post_message(self.Moved(self, self.current))
