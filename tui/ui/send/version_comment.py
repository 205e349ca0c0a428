"""The comment of the chosen version, below the table of the versions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from textual.widgets import Static

from ...locations.rows import Column, column_widths
from ...rules.text import printable
from ...rules.versions import Version
from ..widgets.fit import cut_to_lines


class VersionComment(Static):
    """Shows a comment that its column cuts. Its height doesn't depend on the chosen version, so that nothing moves."""

    DEFAULT_CSS = """
    VersionComment { padding: 0 1; color: $quiet; text-style: $quiet-style; }
    """

    def __init__(self, columns: Sequence[Column], comment: Column) -> None:
        """``comment``: the one of the table's ``columns`` that has the comments."""
        super().__init__(markup=False)
        self._columns = columns
        self._column = columns.index(comment)
        self._width = 0
        self._line_count = 0

    def fit(self, versions: Iterable[Version], width: int, most: int) -> int:
        """Make it as high as the longest of the comments needs, below a table of that width; return the lines."""
        self._width = width
        self._line_count = max((len(self._lines(version, most)) for version in versions), default=0)
        self.styles.height = self._line_count
        self.display = self._line_count > 0
        return self._line_count

    def show(self, version: Version) -> None:
        """Show the comment of another version, in the same number of lines."""
        self.update("\n".join(self._lines(version, self._line_count)))

    def _lines(self, version: Version, most: int) -> list[str]:
        comment = printable(version.comment)
        column = column_widths(self._columns, self._width, 1)[self._column]
        return cut_to_lines(comment, max(self._width - 2, 1), most) if cell_len(comment) > column else []
