"""The list of the first screen: the events it handles, and the requests that are needed then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...locations.kinds import kind_of, way_below_root
from .browser_state import BrowserState
from .list_jobs import CANCELLED_BY_RELOAD
from .loading import load, refresh
from .more_rows import change_filter, jump, more
from .selection import are_too_many, select_again, select_rest, sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...locations.location import Location
    from ...locations.rows import Row
    from .protocols import BrowserSession, View


class Browser(BrowserState):
    """``session`` has the servers, ``view`` shows the list. When another user signs in, call :meth:`forget`: responses
    to earlier requests are ignored from then on."""

    def __init__(self, session: BrowserSession, view: View) -> None:
        super().__init__(session, view, self._job_ended)

    def _job_ended(self) -> None:
        if self.list.stale and self.can_be_refreshed:
            self.refresh()

    # ------------------------------------------------------------ navigating

    def way_to(self, location: Location) -> list[Location]:
        """Return the path to a location: its own, or else the one in the tree."""
        own = kind_of(location).own_way(location)
        return own or self.view.way_to(location) or way_below_root(location)

    def open(self, path: list[Location], back: bool = False, row: str = "") -> None:
        """Show the location at the end of ``path`` as soon as its first rows are loaded; ``back`` puts the cursor
        where it was when the location was left, ``row`` on the row with that key, if it is among the first."""
        self.stop_seeking()
        self.end_filter()
        self.navigator.begin(path, back, row)
        self._load()

    def go_back(self, path: list[Location]) -> bool:
        """Return ``True`` if it was enough to cancel leaving the location that is shown; otherwise ``path`` must be
        opened with ``back``."""
        if self.navigator.is_leaving and path == self.navigator.path:
            self.jobs.cancel("load")
            self.navigator.return_here()
            self.show_rows()
            self.view.commands_changed()
            self.reload()
            return True
        pending = self.navigator.pending
        if self.navigator.is_leaving and pending is not None and not pending.back:
            self.navigator.remember()
        return False

    def _load(self) -> None:
        pending = self.navigator.pending
        assert pending is not None
        self.jobs.start("load", lambda: load(self, pending))

    def show_preview(self, path: list[Location], rows: list[Row]) -> None:
        """Show rows that were loaded before the session was open: they can be looked at, but not acted on."""
        self.navigator.path = path
        self.list.show_preview(rows)
        self.show_rows(columns=self.kind.columns, keep=False)

    # ------------------------------------------------------------ what has changed

    def reload(self, row: str = "") -> None:
        """Refresh the list because something has changed, without cancelling what the user is waiting for: another
        location, another order, the end of the list. If the row with the key ``row`` is in it then, the cursor goes
        there."""
        self.list.stale = True
        self.list.wanted_row = row or self.list.wanted_row
        self._job_ended()

    def refresh(self) -> None:
        """Show the location as it is now; cursor and selection are kept."""
        self.list.stale = True
        self.jobs.start("refresh", lambda: refresh(self))

    def load_again(self) -> None:
        """Request again what is shown or under way; responses to earlier requests are no longer awaited."""
        if self.navigator.pending is not None:
            self._load()
        elif self.navigator.path:
            self.jobs.cancel(*CANCELLED_BY_RELOAD)
            if self.list.search_window is None and self.list.needle:
                self.type(self.list.needle)
            self.refresh()

    def replace_row(self, row: Row) -> None:
        """Replace the row that has the same key, wherever it is."""
        self.mark_stale_if_loading()
        self.list.replace(row)
        self.view.table.replace_row(row)
        if self.list.searches_here:
            # It may match the filter now, or no longer.
            self.show_rows()

    def choose_version(self, row: Row) -> None:
        """Let a row stand for another version from now on."""
        self.list.choose_version(row)
        self.replace_row(row)

    def drop_rows(self, keys: set[str]) -> None:
        """Remove rows that are no longer in the location."""
        self.mark_stale_if_loading()
        self.list.drop(keys)
        self.view.table.forget(keys)
        self.show_rows()

    # ------------------------------------------------------------ more of the list

    def want_more(self, above: bool) -> None:
        """Load more rows: the cursor, or a line being painted, is near the end of the loaded rows."""
        self.jobs.start("more", lambda: more(self, above))

    def go_to_end(self, last: bool) -> None:
        """Go to the first or the last rows, which aren't loaded."""
        self.jobs.start("jump", lambda: jump(self, last))

    # ------------------------------------------------------------ order and selection

    @property
    def order(self) -> str:
        """What the list is sorted by now, or is about to be."""
        wanted = ""
        if self.location is not None and self.jobs.under_way("sort"):
            wanted = self.list.order_of(self.location)
        return wanted or self.view.table.model.order or self.kind.usual_order

    def sort(self, order: str) -> None:
        """Sort the list."""
        self.jobs.start("sort", lambda: sort(self, order))

    def select_rest(self, before: set[str], selected: set[str], emptied: int) -> None:
        """Select the rows that aren't loaded, too, or fewer if there are too many. ``before`` are the keys selected
        before that, ``selected`` those selected since, and ``emptied`` is what the table's was at that moment."""
        is_right = self.list.shown_window.whole and not are_too_many(selected)
        if not is_right and self.view.table.model.emptied == emptied:
            self.jobs.start("select", lambda: select_rest(self, before, selected))

    # ------------------------------------------------------------ the filter

    def type(self, needle: str) -> None:
        """Filter by another text."""
        self.list.ended_needle = ""
        change_filter(self, needle)

    def end_filter(self, *, keep_marks: bool = False) -> None:
        """Remove the filter; the caller then has to show the rows again. With ``keep_marks``, its matches are
        marked."""
        self.cancel_search()
        self.list.ended_needle = self.list.needle if keep_marks else ""
        self.list.needle = ""

    def select_again(self, rows: Sequence[Row]) -> None:
        """Select rows again, besides those that are selected now, except those that no longer exist: in the location
        that is shown, or in the pending one as soon as it is."""
        if self.navigator.pending is not None:
            self.navigator.pending.selected = rows
        else:
            select_again(self, rows)
