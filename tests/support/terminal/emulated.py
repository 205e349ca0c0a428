"""The screen of an emulated terminal."""

from __future__ import annotations

import copy
from functools import lru_cache

import pyte


class EmulatedScreen(pyte.Screen):
    """Like pyte's, but as real terminals are: what was saved (DECSC) can be restored any number of times, and
    ``CSI ? 4 m`` isn't taken for colours."""

    def restore_cursor(self) -> None:
        saved = copy.deepcopy(self.savepoints[-1:])
        super().restore_cursor()
        self.savepoints += saved

    def save_cursor(self) -> None:
        self.savepoints.clear()
        super().save_cursor()

    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        if not private:
            super().select_graphic_rendition(*attributes)

    def report_device_status(self, mode: int, private: bool = False) -> None:
        if not private:
            super().report_device_status(mode)

    def row(self, y: int) -> str:
        """The characters of a row. A wide one has an empty one after it, so nothing has to be measured, unlike in
        :attr:`pyte.Screen.display`."""
        cells = self.buffer[y]
        return "".join([cells[x].data for x in range(self.columns)])

    def visible(self) -> list[list[object]]:
        """The cells of all rows, without what can't be seen of blanks: their foreground, bold and italic."""
        columns = range(self.columns)
        rows = [self.buffer[y] for y in range(self.lines)]
        return [[cell if (cell := row[x]).data != " " else _blank(cell) for x in columns] for row in rows]


@lru_cache(maxsize=1024)
def _blank(cell: pyte.screens.Char) -> pyte.screens.Char:
    if cell.reverse or cell.underscore or cell.strikethrough:
        return cell
    return cell._replace(fg="default", bold=False, italics=False)
