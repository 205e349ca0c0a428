"""What the list shows of a location, and what is known to be old of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..locations.kinds import kind_of
from ..locations.page_window import PageWindow
from ..locations.rows import Cell, Row, cell_text

if TYPE_CHECKING:
    from ..locations.location import Location

#: Where the server does not look itself, so many rows are loaded to be looked through.
MOST_LOOKED_AT = 5000


class ListState:
    """The window on the pages, the search, the order, and which rows are not to be trusted."""

    def __init__(self) -> None:
        self.window = PageWindow()
        #: What is looked for; empty without a filter.
        self.needle = ""
        #: What the server found of it, while it is the one to look.
        self.search_window: PageWindow | None = None
        #: What was chosen last to sort by, of each server's locations.
        self._orders: dict[str, str] = {}
        #: Whether the rows are those that came before the session was open: to be looked at, and no more.
        self.is_preview = False
        #: Whether something has changed since the list was asked for.
        self.stale = False
        #: The keys of rows that may be gone though they are selected, as far as they are.
        self.unverified: set[str] = set()
        #: What is said where there are no rows. It may name commands, whose keys are then said.
        self.empty = ""
        #: The rows that stand for another version than the server lists, by their keys.
        self._chosen_versions: dict[str, Row] = {}
        #: Which look at a document is the latest, of all looks.
        self._looking: dict[str, int] = {}
        self._looks = 0

    # ------------------------------------------------------------ windows

    @property
    def shown_window(self) -> PageWindow:
        return self.search_window or self.window

    @property
    def windows(self) -> list[PageWindow]:
        return [window for window in (self.window, self.search_window) if window is not None]

    @property
    def seen(self) -> list[tuple[PageWindow, int, int, int]]:
        """Which rows are here, as far as the pages go that they come in."""
        return [(window, *window.window) for window in self.windows]

    @property
    def known_keys(self) -> set[str]:
        """The rows that are here, found or not."""
        return {row.key for window in self.windows for row in window.rows}

    @property
    def looks_through(self) -> bool:
        """Whether the rows that are here are looked through for what is typed."""
        return bool(self.needle) and self.search_window is None

    def show(self, window: PageWindow) -> None:
        """Rows that the servers told are shown."""
        self.window, self.is_preview = window, False

    def show_preview(self, rows: list[Row]) -> None:
        """Shows rows that came before the session was open."""
        self.window.put(rows)
        self.is_preview = True

    def change_location(self) -> None:
        """What is known of single rows is of the location that is left."""
        self.unverified.clear()
        self._chosen_versions.clear()

    def forget(self) -> None:
        """Nothing is shown: what was, was another person's."""
        self.window, self.search_window, self.needle = PageWindow(), None, ""
        self.is_preview = self.stale = False
        self.change_location()

    # ------------------------------------------------------------ order

    def order_of(self, location: Location) -> str:
        """What somebody wants a location to be sorted by; empty where nobody has said so."""
        kind = kind_of(location)
        order = self._orders.get(kind.server, "")
        return order if order in kind.orders else ""

    def set_order(self, location: Location, order: str) -> None:
        """What all locations of its server are sorted by from now on."""
        self._orders[kind_of(location).server] = order

    # ------------------------------------------------------------ rows

    def replace(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, wherever that is."""
        for window in self.windows:
            window.replace(row)

    def drop(self, keys: set[str]) -> None:
        """Takes rows away that are no longer in the location."""
        for window in self.windows:
            window.drop(keys)

    def choose_version(self, row: Row) -> None:
        """From now on, a row stands for another version than the server lists."""
        self._chosen_versions[row.key] = row
        self.replace(row)

    def is_chosen_version(self, row: Row) -> bool:
        return row.key in self._chosen_versions

    def with_chosen_versions(self, rows: list[Row]) -> list[Row]:
        return [self._chosen_versions.get(row.key, row) for row in rows] if self._chosen_versions else rows

    # ------------------------------------------------------------ looks at single documents

    def begin_look(self, ident: str) -> int:
        """A document is asked for; the number tells whether it has been asked for once more since."""
        self._looks += 1
        self._looking[ident] = self._looks
        return self._looks

    def is_latest_look(self, ident: str, number: int) -> bool:
        return self._looking.get(ident) == number

    def forget_looks(self) -> None:
        self._looking.clear()


def holding(rows: list[Row], needle: str, columns: int) -> list[Row]:
    """The rows that hold what is typed in one of their first ``columns`` cells, as they are shown."""
    from ..rules.names import key

    # As for the server, a star stands for anything.
    parts = [part for part in key(needle).split("*") if part]
    return [row for row in rows if _holds(row.cells[:columns], parts, key)] if parts else list(rows)


def _holds(cells: tuple[Cell, ...], parts: list[str], key: Callable[[str], str]) -> bool:
    """Whether one of the cells holds all parts of what was typed."""
    texts = (key(cell_text(cell)) for cell in cells)
    return any(all(part in text for part in parts) for text in texts)


def edges(window: PageWindow) -> dict[str, Any]:
    """What a table is told of what is around the rows that are here."""
    return {
        "above": window.above,
        "below": window.below,
        "more": window.more,
        "more_above": window.more_above,
    }
