"""The line below a list: what it has no room for of the row under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from ..locations.rows import cell_text
from ..rules.text import printable
from .fit import shorten

if TYPE_CHECKING:
    from .table.rows_view import RowsView

_BETWEEN = " · "


class RowLine(Static):
    """Shows what columns of a table leave out or cut, the most important first: in two lines, or in one where the
    screen is wide. That depends on no row and no place, so that nothing moves while one goes about."""

    DEFAULT_CSS = """
    RowLine { height: 2; width: 1fr; padding: 0 1; background: $panel; color: $text-muted; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__("", id=id, markup=False)
        self._pieces: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """All of it as one text, whatever the room."""
        return _BETWEEN.join(self._pieces)

    def look_at(self, table: RowsView) -> None:
        """Shows what is to be said of the table as it is now; nothing is painted where it is the same."""
        if not self.is_attached or not table.size.width:
            return
        pieces = tuple(_pieces(table))
        if pieces != self._pieces:
            self._pieces = pieces
            self.refresh()

    def render(self) -> Content:
        room = max(self.content_size.width, 1)
        lines = [""]
        for piece in self._pieces:
            longer = lines[-1] + (_BETWEEN if lines[-1] else "") + piece
            if cell_len(longer) <= room or not lines[-1] or len(lines) == self.size.height:
                lines[-1] = longer
            else:
                lines.append(piece)
        return Content("\n".join(shorten(line, room) for line in lines))


def _pieces(table: RowsView) -> list[str]:
    columns = list(zip(table.model.columns, table.widths, strict=True))
    order = table.model.order.lstrip("-")
    sign = "▼" if table.model.order.startswith("-") else "▲"
    found = [
        f"Sorted by {column.title} {sign}"
        for column, wide in columns
        if order and not wide and column.sort.lstrip("-") == order
    ]
    row = table.current
    if row is None:
        return found
    by_rank = sorted(enumerate(columns), key=lambda entry: entry[1][0].rank)
    for place, (column, wide) in by_rank:
        text = printable(cell_text(row.cells[place]) if place < len(row.cells) else "").strip()
        if not text:
            continue
        shown = printable(table.renderer.shown_text(row, place, column, wide)[0]) if wide else ""
        if shown.strip() != text or cell_len(shown) > wide:
            found.append(f"{column.told_as} {text}".strip())
    return found
