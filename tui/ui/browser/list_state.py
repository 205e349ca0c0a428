"""What the list shows of a location, and which of it is known to be out of date."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from ...locations.kinds import kind_of
from ...locations.page_window import PageWindow
from ...locations.rows import Row

if TYPE_CHECKING:
    from ...locations.location import Location

#: If the server can't search, this many rows are loaded to search them here.
MOST_SEARCHED = 5000


class ListState:
    """The window on the pages, the search, the order, and which rows are stale or unverified."""

    def __init__(self) -> None:
        self.window = PageWindow()
        #: The text of the filter; empty without one.
        self.needle = ""
        #: The text of the last filter, whose matches are marked since it was ended; empty without one.
        self.ended_needle = ""
        #: What the server found for it, if the server does the searching.
        self.search_window: PageWindow | None = None
        #: The last chosen order, for the locations of each server.
        self._orders: dict[str, str] = {}
        #: Whether the rows were loaded before the session was open: they can be looked at, but not acted on.
        self.is_preview = False
        #: Whether something has changed since the list was requested.
        self.stale = False
        #: The key of the row that the cursor goes to once that was loaded again.
        self.wanted_row = ""
        #: The keys of rows that may no longer exist; those that are selected must be checked.
        self.unverified: set[str] = set()
        #: What an empty list shows. It may contain names of commands, which are replaced by their keys.
        self.empty = ""
        #: The rows that stand for another version than the one the server lists, by key.
        self._chosen_versions: dict[str, Row] = {}
        #: The number of the latest request for each single document.
        self._looking: dict[str, int] = {}
        self._numbers = count()

    # ------------------------------------------------------------ windows

    @property
    def sought(self) -> str:
        """The text of the filter, or else of the one whose matches are marked."""
        return self.needle or self.ended_needle

    @property
    def shown_window(self) -> PageWindow:
        """The window on what was searched for, or else on the whole location."""
        return self.search_window or self.window

    @property
    def windows(self) -> list[PageWindow]:
        """Both windows, of which a change of a row has to reach each."""
        return [window for window in (self.window, self.search_window) if window is not None]

    @property
    def seen(self) -> list[tuple[PageWindow, int, list[int]]]:
        """Which rows are loaded, in terms of the pages they come in."""
        return [(window, *window.window) for window in self.windows]

    @property
    def known_keys(self) -> set[str]:
        """The keys of the loaded rows, of the list and of the search."""
        return {row.key for window in self.windows for row in window.rows}

    @property
    def is_empty(self) -> bool:
        """Whether there is known to be nothing in the location. Where loading failed, that isn't known."""
        return self.window.was_requested and not self.window.seen

    def amount(self, shown: int) -> str:
        """Return how much of the location is shown, in short, with ``shown`` rows; empty if nothing is known of it."""
        loaded, total = self.window.seen, self.window.total
        if not self.window.was_requested and not loaded:
            # Loading failed: it isn't known to be empty.
            return ""
        if self.search_window is not None:
            search = self.search_window
            return f"{search.seen:,}{'+' if search.more or search.more_above else ''} found"
        if self.needle:
            return f"{shown:,} of {loaded:,}{'' if self.window.whole else '+'}"
        if self.window.more or self.window.more_above:
            return f"{loaded:,} of {total:,}" if total is not None and total > loaded else f"{loaded:,}+"
        return f"{loaded:,}"

    @property
    def searches_here(self) -> bool:
        """Whether the loaded rows are searched here for the filter's text."""
        return bool(self.needle) and self.search_window is None

    def show(self, window: PageWindow) -> None:
        """Show rows that came from the servers."""
        self.window, self.is_preview = window, False

    def show_preview(self, rows: list[Row]) -> None:
        """Show rows that were loaded before the session was open."""
        self.window.put(rows)
        self.is_preview = True

    def change_location(self) -> None:
        """Forget what is known of single rows of the location that is left."""
        self.ended_needle = ""
        self.unverified.clear()
        self._chosen_versions.clear()

    def forget(self) -> None:
        """Show nothing: what was shown belonged to another user."""
        self.window, self.search_window, self.needle = PageWindow(), None, ""
        self.is_preview = self.stale = False
        self.change_location()

    # ------------------------------------------------------------ order

    def order_of(self, location: Location) -> str:
        """Return the order that the user chose for a location; empty if none was chosen."""
        kind = kind_of(location)
        order = self._orders.get(kind.server, "")
        return order if order in kind.orders else ""

    def set_order(self, location: Location, order: str) -> None:
        """Set the order for all locations of the same server."""
        self._orders[kind_of(location).server] = order

    # ------------------------------------------------------------ rows

    def replace(self, row: Row) -> None:
        """Replace the row that has the same key, wherever it is."""
        for window in self.windows:
            window.replace(row)

    def drop(self, keys: set[str]) -> None:
        """Remove rows that are no longer in the location."""
        for window in self.windows:
            window.drop(keys)

    def choose_version(self, row: Row) -> None:
        """Let a row stand for another version than the one the server lists."""
        self._chosen_versions[row.key] = row
        self.replace(row)

    def is_chosen_version(self, row: Row) -> bool:
        """Whether the row shows a version that the user chose instead of the latest."""
        return row.key in self._chosen_versions

    def with_chosen_versions(self, rows: list[Row]) -> list[Row]:
        """The rows, with the versions that the user chose in place of the latest."""
        return [self._chosen_versions.get(row.key, row) for row in rows] if self._chosen_versions else rows

    # ------------------------------------------------------------ requests for single documents

    def begin_look(self, ident: str) -> int:
        """Record that a document is requested, and return the request's number for :meth:`is_latest_look`."""
        self._looking[ident] = number = next(self._numbers)
        return number

    def is_latest_look(self, ident: str, number: int) -> bool:
        """Whether no later request about the document was made than the one of that number."""
        return self._looking.get(ident) == number

    def forget_looks(self) -> None:
        """Have all answers to earlier requests about single documents ignored."""
        self._looking.clear()


def edges(window: PageWindow) -> dict[str, Any]:
    """Return what a table needs to know of the rows around the loaded ones."""
    return {
        "above": window.above,
        "below": window.below,
        "more": window.more,
        "more_above": window.more_above,
    }
