"""What the browser needs around it: servers that are asked, and something that shows what there is. For types only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ..locations.kind import Servers
from ..locations.location import Location
from ..locations.rows import Column, Row
from .list_jobs import Handle, Job


class BrowserSession(Servers, Protocol):
    """What is known of the servers, and asked of them for single rows."""

    def now(self) -> datetime:
        """The present moment by the server's clock."""

    async def missing_rows(self, location: Location, rows: Sequence[Row]) -> list[bool]:
        """Of each row, whether it is not in its location any more. Raises :class:`Problem`."""


class ListRows(Protocol):
    """What the table of the list holds."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of each row."""

    @property
    def order(self) -> str:
        """What the rows are sorted by."""

    @property
    def rows(self) -> list[Row]:
        """The rows that are here."""

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows."""

    @property
    def chosen(self) -> list[Row]:
        """The selected rows, else the one under the cursor."""

    @property
    def emptied(self) -> int:
        """How often nothing was selected any more."""

    @property
    def above(self) -> int:
        """How many rows are above those that are here."""


class ListTable(Protocol):
    """The table that the rows are shown in."""

    @property
    def model(self) -> ListRows:
        """What it holds."""

    @property
    def cursor_line(self) -> int:
        """In which line that can be seen the cursor stands."""

    def show(  # noqa: PLR0913
        self,
        rows: Sequence[Row],
        *,
        columns: Sequence[Column] | None = None,
        empty: str | None = None,
        order: str | None = None,
        more: bool = False,
        above: int = 0,
        below: int = 0,
        more_above: bool = False,
        keep: bool = False,
        part: bool = False,
        others: Sequence[Row] = (),
        at: int | None = None,
    ) -> None:
        """Shows other rows."""

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = 0
    ) -> None:
        """Other rows of the same list are here now."""

    def forget(self, keys: set[str]) -> object:
        """Takes rows that are gone out of the selection."""

    def select_only(self, rows: Iterable[Row]) -> None:
        """Selects rows, in this order, and no others."""

    def replace_row(self, row: Row) -> object:
        """Puts another row in the place of the one with its key."""

    def move_to(self, index: int, top: int | None = None) -> None:
        """Puts the cursor on a row; ``top`` is the first line of the list to be seen."""


class View(Protocol):
    """What shows it."""

    @property
    def table(self) -> ListTable:
        """The list itself."""

    def spelled(self, text: str) -> str:
        """A text with the keys that commands have in place of their names."""

    def say(self, text: str, tone: str = "") -> None:
        """Says something in the status line."""

    def show_where(self) -> None:
        """Shows where one is, and how much of it is shown."""

    def commands_changed(self) -> None:
        """Other commands can be had."""

    def answered(self, location: Location) -> None:
        """The server that tells what is in a location has answered."""

    def way_to(self, location: Location) -> list[Location]:
        """The path to a location in the tree; empty where it is not there."""

    def perform(self, job: Job) -> Handle:
        """Makes the requests of a job, one after the other."""
