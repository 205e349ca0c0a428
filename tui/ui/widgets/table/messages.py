"""The messages that a table posts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

from ....locations.rows import Column, Row
from ....override import override

if TYPE_CHECKING:
    from .model import RowModel


class OfTable(Message, namespace="table"):
    """A message about the table as a whole; if several of a kind are queued, one is enough."""

    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.table = table

    @override
    def can_replace(self, message: Message) -> bool:
        return type(message) is type(self)

    @property
    @override
    def control(self) -> Widget:
        return self.table


class OfRow(Message, namespace="table"):
    """A message about a row, usually the one under the cursor (``None`` in an empty table)."""

    def __init__(self, table: Widget, row: Row | None) -> None:
        super().__init__()
        self.table = table
        self.row = row

    @property
    @override
    def control(self) -> Widget:
        return self.table


class Wanted(OfTable, namespace="table"):
    """More rows are needed: the view is near the end of the loaded rows."""


class WantedAbove(OfTable, namespace="table"):
    """More rows are needed: the view is near the beginning of the loaded rows."""


class SelectionChanged(OfTable, namespace="table"):
    """Other rows are selected than before, or none."""


class Deselected(OfTable, namespace="table"):
    """The user has deselected ``rows``."""

    def __init__(self, table: Widget, rows: list[Row]) -> None:
        super().__init__(table)
        self.rows = rows


class AllWanted(OfTable, namespace="table"):
    """All rows are to be selected, including any that aren't loaded."""

    def __init__(self, table: Widget, model: RowModel, before: set[str]) -> None:
        super().__init__(table)
        #: The keys of the rows selected before.
        self.before = before
        #: The keys of the rows selected now.
        self.selected = model.selected
        #: The model's ``emptied`` at this moment: if it is higher later, the selection has been cleared since.
        self.emptied = model.emptied


class TitlePressed(Message, namespace="table"):
    """A column title was clicked."""

    def __init__(self, table: Widget, column: Column) -> None:
        super().__init__()
        self.table = table
        self.column = column

    @property
    @override
    def control(self) -> Widget:
        return self.table


class Moved(OfRow, namespace="table"):
    """The cursor moved to another row."""


class Opened(OfRow, namespace="table"):
    """Enter, or a double click, on a row."""


class Hovered(OfRow, namespace="table"):
    """The mouse points at another row, or at none (``None``). Nothing is repainted for it."""


class MenuWanted(OfRow, namespace="table"):
    """The context menu was requested."""

    def __init__(self, table: Widget, row: Row | None, model: RowModel) -> None:
        super().__init__(table, row)
        #: What commands act on, in a few words, if names are in that column: :meth:`RowModel.target_text`.
        self.target_text = model.target_text


class Editing(OfRow, namespace="table"):
    """A cell is being edited, or no longer; ``error`` tells what is wrong with its present text."""

    def __init__(self, table: Widget, row: Row, error: str | None) -> None:
        super().__init__(table, row)
        self.error = error
