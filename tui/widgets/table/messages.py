"""What a table tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from ...locations.rows import Column, Row

if TYPE_CHECKING:
    from .rows_view import RowsView


class OfTable(Message, namespace="table"):
    """A message about the table as a whole; of several of a kind that wait, one is enough."""

    def __init__(self, table: RowsView) -> None:
        super().__init__()
        self.table = table

    def can_replace(self, message: Message) -> bool:
        return type(message) is type(self)

    @property
    def control(self) -> RowsView:
        return self.table


class OfRow(Message, namespace="table"):
    """A message about a row: the one under the cursor, mostly (``None`` in an empty table)."""

    def __init__(self, table: RowsView, row: Row | None) -> None:
        super().__init__()
        self.table = table
        self.row = row

    @property
    def control(self) -> RowsView:
        return self.table


class Wanted(OfTable, namespace="table"):
    """More rows are wanted: the view is near the end of those that are here."""


class WantedAbove(OfTable, namespace="table"):
    """More rows are wanted: the view is near the beginning of those that are here."""


class Jump(OfTable, namespace="table"):
    """The first or the last row is wanted, which is not here."""

    def __init__(self, table: RowsView, last: bool) -> None:
        super().__init__(table)
        self.last = last


class SelectionChanged(OfTable, namespace="table"):
    """Other rows are selected."""


class AllWanted(OfTable, namespace="table"):
    """All rows are to be selected: also those, if there are any, that are not here."""

    def __init__(self, table: RowsView, before: set[str]) -> None:
        super().__init__(table)
        #: The keys of what was selected before.
        self.before = before
        #: The keys of what has been since.
        self.selected = table.selected
        #: What the model's ``emptied`` was: where it is more by now, the selection was taken back.
        self.emptied = table.model.emptied


class TitlePressed(Message, namespace="table"):
    """The title of a column was clicked."""

    def __init__(self, table: RowsView, column: Column) -> None:
        super().__init__()
        self.table = table
        self.column = column

    @property
    def control(self) -> RowsView:
        return self.table


class Moved(OfRow, namespace="table"):
    """The cursor stands on another row."""


class Opened(OfRow, namespace="table"):
    """Enter, or a double click, on a row."""


class Hovered(OfRow, namespace="table"):
    """The mouse points at another row, or (``None``) at none. Nothing is painted for it."""


class MenuWanted(OfRow, namespace="table"):
    """The context menu is asked for."""


class Editing(OfRow, namespace="table"):
    """A cell is being edited, or no longer; ``error`` says what is wrong with its present text."""

    def __init__(self, table: RowsView, row: Row, error: str | None) -> None:
        super().__init__(table, row)
        self.error = error
