"""What the details of a row are: its columns, the latest events, how often it was downloaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...locations.rows import Column, cell_text
from ...rules.display import moment_text

if TYPE_CHECKING:
    from ...locations.kind import LocationKind
    from ...session import Session
    from ..widgets.table import Row

#: A line of a tab: its label, quiet, and its value; a heading has a label alone, and a name a value alone.
Line = tuple[str, str]
#: The least and the most room for labels.
LEAST_LABEL, _MOST_LABEL = 8, 11
#: How many parts of a value have a line each, and the label of all but the first.
_MOST_PARTS, NO_LABEL = 4, " "
#: Longer values have no room in two lines.
_AMPLE = 40
#: How many events are shown, and of how many days the downloads.
_EVENTS, _DAYS = 12, 21


class DetailsTab:
    """The columns of the row, also those that the list has no room for, and the latest events."""

    title = "Details"

    def at_once(self, kind: LocationKind, row: Row) -> list[Line]:
        """The row's name and its other values. Those that few rows have come last: so little moves with the cursor."""
        cells = sorted(
            zip(kind.columns[1:], row.cells[1:], strict=False), key=lambda each: each[0].narrow > 0
        )
        values = [
            line for column, cell in cells for line in _lines(column, cell_text(cell).strip(), row.data)
        ]
        return [("", row.name), *values]

    def label_width(self, kind: LocationKind) -> int:
        """Return the room for labels: the same for all rows of a list, so that nothing moves with the cursor."""
        return min(max(LEAST_LABEL, *(len(column.title) for column in kind.columns[1:])), _MOST_LABEL)

    async def more(self, session: Session, kind: LocationKind, row: Row) -> list[Line]:
        """The latest events of a document."""
        from ..dialogs.details import history_of

        if not (row.selectable and kind.server):
            return []
        history, _ = await history_of(session, kind, row)
        now = session.now()
        events = [(moment_text(at, now, 6), what) for at, what in history]
        latest = [("", ""), ("Latest", ""), *events[:_EVENTS]] if events else []
        return [*await self._downloads(session, kind, row), *latest]

    async def _downloads(self, session: Session, kind: LocationKind, row: Row) -> list[Line]:
        """How often what was sent was downloaded on each of the last days; nothing if it wasn't."""
        if not kind.is_share_folder:
            return []
        days = (await session.share.downloads_by_day(row.key, _DAYS)).days
        most = max((day.downloads for day in days), default=0)
        if not most:
            return []
        from ...rules.sparkline import sparkline

        line = sparkline([day.downloads for day in days])
        return [
            ("", ""),
            (f"Downloads a day, {_DAYS} days", ""),
            ("to today", line),
            ("at most", f"{most:,}"),
        ]


def _lines(column: Column, text: str, data: object) -> list[Line]:
    """The lines for a value: one, or one for each of its parts, the first ones; none if it is empty."""
    if not text:
        return []
    if column.parts is None:
        return [(column.title, _brief(column, text))]
    parts = [*column.parts(data)]
    if len(parts) > _MOST_PARTS:
        parts[_MOST_PARTS - 1 :] = [f"and {len(parts) - _MOST_PARTS + 1:,} more"]
    return [(NO_LABEL if index else column.title, part) for index, part in enumerate(parts)]


def _brief(column: Column, text: str) -> str:
    """A value, in few words if it is long and there are such."""
    return column.brief(text) if column.brief is not None and len(text) > _AMPLE else text
