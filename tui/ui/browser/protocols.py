"""What the browser needs from its surroundings: a session with servers, and a view. For types only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from ...locations.kind import Servers
from ...locations.location import Location
from ...locations.rows import Column, Row
from .list_jobs import Handle, Job


class BrowserSession(Servers, Protocol):
    """The session: what is known of the servers, and requests for single rows."""

    def now(self) -> datetime:
        """Return the present moment by the server's clock."""

    async def missing_rows(self, location: Location, rows: Sequence[Row]) -> list[bool]:
        """Return for each row whether it is no longer in its location. Raises :class:`Problem`."""


class ListRows(Protocol):
    """The model of the list's table."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of each row."""

    @property
    def order(self) -> str:
        """What the rows are sorted by."""

    @property
    def rows(self) -> list[Row]:
        """The loaded rows."""

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""

    @property
    def selected(self) -> set[str]:
        """The keys of the selected rows."""

    @property
    def chosen(self) -> list[Row]:
        """The selected rows, or else the one under the cursor."""

    @property
    def emptied(self) -> int:
        """How often the selection has become empty."""

    @property
    def above(self) -> int:
        """How many rows are above the loaded ones."""

    @property
    def cursor(self) -> int:
        """The index of the row under the cursor, among the loaded rows."""


class ListTable(Protocol):
    """The table that the rows are shown in."""

    @property
    def model(self) -> ListRows:
        """What it holds."""

    @property
    def cursor_line(self) -> int:
        """The line of the widget that the cursor is on."""

    def show(  # noqa: PLR0913
        self,
        rows: Sequence[Row],
        *,
        columns: Sequence[Column] | None = ...,
        empty: str | None = ...,
        order: str | None = ...,
        more: bool = ...,
        above: int = ...,
        below: int = ...,
        more_above: bool = ...,
        keep: bool = ...,
        part: bool = ...,
        others: Sequence[Row] = ...,
        at: int | None = ...,
    ) -> None:
        """Replace the rows."""

    def slide(
        self, rows: Sequence[Row], *, above: int, below: int, more: bool, more_above: bool, moved: int = ...
    ) -> None:
        """Replace the rows with others of the same list."""

    def forget(self, keys: set[str]) -> object:
        """Remove rows that no longer exist from the selection."""

    def select_only(self, rows: Iterable[Row]) -> None:
        """Select these rows, in this order, and no others."""

    def replace_row(self, row: Row) -> object:
        """Replace the row that has the same key."""

    def move_to(self, index: int, top: int | None = ...) -> None:
        """Put the cursor on a row; ``top`` is the first line of the list to show."""


class View(Protocol):
    """The view of the list."""

    @property
    def table(self) -> ListTable:
        """The list itself."""

    def spelled(self, text: str) -> str:
        """Return the text with the names of commands replaced by their keys."""

    def say(self, text: str, tone: str = "") -> None:
        """Show a message in the status line."""

    def say_for_a_while(self, text: str, tone: str = "") -> None:
        """Show a message about where the cursor is, until the next key."""

    def show_where(self) -> None:
        """Show the current location, and how much of it is loaded."""

    def commands_changed(self) -> None:
        """Note that other commands are available now."""

    def row_came(self, came: bool) -> None:
        """Note that the cursor is where it was about to be, or that it stays where it is."""

    def answered(self, location: Location) -> None:
        """Note that the server that holds a location has responded."""

    def selection_left(self, path: list[Location], rows: Sequence[Row]) -> None:
        """Note that another location is shown than that at the end of ``path``, in which rows were selected."""

    def way_to(self, location: Location) -> list[Location]:
        """Return the path to a location in the tree; empty if it isn't there."""

    def perform(self, job: Job) -> Handle:
        """Make the requests of a job, one after the other."""
