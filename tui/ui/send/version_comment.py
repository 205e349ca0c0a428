"""The columns for the versions of a document, and the comment of the chosen one below them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from textual.widgets import Static

from ...locations.rows import Column, Row, column_widths, measured, moment_column
from ...rules.text import printable
from ...rules.versions import Version
from ..widgets.fit import cells, cut_to_lines

_COMMENT = Column("Comment", 12, flex=1)
#: The most cells of a name beside a comment.
_MOST_AUTHOR, _MOST_OUT = 10, 13


def details_columns(versions: Sequence[Version]) -> tuple[Column, ...]:
    """The columns for the versions of a document: as all of those need that are asked about, so that nothing moves from
    one document to the next."""
    out = [cells(printable(version.checked_out_by or "")) for version in versions]
    author = max([len("Author"), *(cells(printable(version.author)) for version in versions)])
    return (
        Column("Ver", 5, align="right", fixed=True),
        moment_column("Edited", rank=2),
        Column("Author", min(author, _MOST_AUTHOR), rank=3, fixed=True),
        _COMMENT,
        *([Column("Checked out", min(max(*out, 11), _MOST_OUT), rank=1, fixed=True)] if any(out) else []),
    )


class VersionComment(Static):
    """Shows a comment that its column cuts. Its height doesn't depend on the chosen version, so that nothing moves."""

    DEFAULT_CSS = """
    VersionComment { padding: 0 1; color: $quiet; text-style: $quiet-style; }
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        """``columns``: those of the table, by :func:`details_columns`."""
        super().__init__(markup=False)
        self._columns = columns
        self._column = columns.index(_COMMENT)
        self._width = 0
        self._line_count = 0
        #: The versions whose comments their column cuts.
        self._cut: set[str] = set()

    def fit(self, documents: Iterable[Sequence[Row]], now: datetime, width: int, most: int) -> int:
        """Make it as high as the longest of the comments needs, below a table of that width; return the lines.
        ``documents`` are the rows of the versions of each."""
        self._width = width
        rows = [(row, room) for each in documents for row, room in self._rooms(each, now)]
        self._cut = {row.key for row, room in rows if cells(_comment_of(row.data)) > room}
        self._line_count = max((len(self._lines(row.data, most)) for row, _ in rows), default=0)
        self.styles.height = self._line_count
        self.display = self._line_count > 0
        return self._line_count

    def _rooms(self, rows: Sequence[Row], now: datetime) -> Iterator[tuple[Row, int]]:
        """Yield each row with the cells that its comment has: also those of the column beside it if that is empty."""
        needs = measured(self._columns, rows, lambda text: cells(printable(text)), now)
        widths = column_widths(self._columns, self._width, 1, needs)
        for row in rows:
            beside = range(self._column + 1, len(widths))
            yield row, widths[self._column] + sum(widths[at] + 1 for at in beside if not row.cells[at])

    def show(self, version: Version) -> None:
        """Show the comment of another version, in the same number of lines."""
        self.update("\n".join(self._lines(version, self._line_count)))

    def _lines(self, version: Version, most: int) -> list[str]:
        if version.id not in self._cut:
            return []
        return cut_to_lines(_comment_of(version), max(self._width - 2, 1), most)


def _comment_of(version: Version) -> str:
    return printable(version.comment)
