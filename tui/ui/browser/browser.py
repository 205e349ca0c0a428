"""The list of the first screen: the events it handles, the state that results, and the requests that are needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ...locations.kinds import kind_of, way_below_root
from ...locations.page_window import PageWindow
from .list_jobs import CANCELLED_BY_RELOAD, CHANGE_THE_LIST, ListJobs
from .list_state import MOST_SEARCHED, ListState, edges, holding
from .loading import load, refresh, verify
from .more_rows import find, jump, more, search_from_start
from .navigator import Navigator, SavedPosition
from .selection import are_too_many, select_rest, sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...locations.kind import LocationKind
    from ...locations.location import Location
    from ...locations.rows import Column, Row
    from .protocols import BrowserSession, View


class Browser:
    """``session`` has the servers, ``view`` shows the list. When another user signs in, call :meth:`forget`: responses
    to earlier requests are ignored from then on."""

    def __init__(self, session: BrowserSession, view: View) -> None:
        self.session = session
        self.view = view
        self.navigator = Navigator()
        self.list = ListState()
        self.jobs = ListJobs(self._token, view.perform, self._job_ended)
        #: Another object for each user.
        self._user = object()

    def _token(self, words: Iterable[str]) -> tuple[Any, ...]:
        """Return the present values of what the words in the jobs' rules stand for."""
        stand_for: dict[str, Callable[[], Any]] = {
            "pending": lambda: self.navigator.pending,
            "location": lambda: self.location,
            "seen": lambda: self.list.seen,
            "shown": lambda: self.list.shown_window,
            "window": lambda: self.list.window,
            "needle": lambda: self.list.needle,
            "emptied": lambda: self.view.table.model.emptied,
        }
        return (self._user, *(stand_for[word]() for word in words))

    def _job_ended(self) -> None:
        if self.list.stale and self.navigator.path and not self.jobs.under_way(*CHANGE_THE_LIST):
            self.refresh()

    @property
    def location(self) -> Location | None:
        """The location shown in the list."""
        return self.navigator.location

    @property
    def kind(self) -> LocationKind:
        """The kind of the location shown."""
        return kind_of(self.location)

    # ------------------------------------------------------------ navigating

    def way_to(self, location: Location) -> list[Location]:
        """Return the path to a location: its own, or else the one in the tree."""
        own = kind_of(location).own_way(location)
        return own or self.view.way_to(location) or way_below_root(location)

    def open(self, path: list[Location], back: bool = False) -> None:
        """Show the location at the end of ``path`` as soon as its first rows are loaded; ``back`` puts the cursor
        where it was when the location was left."""
        self.end_filter()
        self.navigator.begin(path, back)
        self._load()

    def go_back(self, path: list[Location]) -> bool:
        """Return ``True`` if it was enough to cancel leaving the location that is shown; otherwise ``path`` must be
        opened with ``back``."""
        if self.navigator.is_leaving and path == self.navigator.path:
            self.jobs.cancel("load")
            self.navigator.stay()
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

    def arrive(self, path: list[Location], window: PageWindow, empty: str, *, back: bool) -> None:
        """Show the pending location; a filter typed in the meantime applies to its rows."""
        self.navigator.stay()
        self.cancel_search()
        self.show(path, window, empty, back=back)
        if self.list.needle:
            self.type(self.list.needle)

    def show(
        self,
        path: list[Location],
        window: PageWindow,
        empty: str,
        *,
        keep: bool = False,
        back: bool = False,
    ) -> None:
        """Show rows as those of the location at the end of ``path``."""
        # Which commands are available depends on the location: it changes when its rows are shown, not before.
        table = self.view.table
        position = None
        if self.location is not None and path[-1] != self.location:
            position = self._position()
            self.list.change_location()
        if self.list.is_preview:
            # Preview rows may be out of date: only those that are loaded now stay selected.
            table.forget(table.model.selected - {row.key for row in window.rows})
        self.navigator.arrive(path, position, back=back)
        self.list.show(window)
        self.list.empty = empty
        self.show_rows(columns=self.kind.columns, keep=keep)
        self.view.commands_changed()

    def _position(self) -> SavedPosition | None:
        """Return the position to save if the location were left now."""
        table = self.view.table
        row = table.model.current
        return (
            SavedPosition(row.key, table.cursor_line, self.list.window.without_rows())
            if row is not None
            else None
        )

    def restore_position(self, saved: SavedPosition | None, came_from: Location | None) -> None:
        """Put the cursor where it was, or on the row of the location that the user comes from."""
        table = self.view.table
        if saved is not None:
            index = next((i for i, row in enumerate(table.model.rows) if row.key == saved.key), 0)
            table.move_to(index, top=table.model.above + index - saved.line)
        elif came_from is not None:
            for index, row in enumerate(table.model.rows):
                location = self.kind.location_of(row.data)
                if location is not None and location.key == came_from.key:
                    table.move_to(index)

    def show_preview(self, path: list[Location], rows: list[Row]) -> None:
        """Show rows that were loaded before the session was open: they can be looked at, but not acted on."""
        self.navigator.path = path
        self.list.show_preview(rows)
        self.show_rows(columns=self.kind.columns, keep=False)

    def forget(self) -> None:
        """Show nothing and cancel everything: all of it belonged to another user."""
        self._user = object()
        self.jobs.cancel_all()
        self.navigator.forget()
        self.list.forget()
        self.show_nothing()

    def show_nothing(self) -> None:
        self.list.empty = ""
        self.show_rows(keep=False)

    # ------------------------------------------------------------ what has changed

    def reload(self) -> None:
        """Refresh the list because something has changed, without cancelling what the user is waiting for: another
        location, another order, the end of the list."""
        self.list.stale = True
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

    def mark_stale_if_loading(self) -> None:
        """Mark the list as stale if responses under way may not include a change that has just happened."""
        self.list.stale = self.list.stale or self.jobs.under_way(*CHANGE_THE_LIST, "find")

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

    def verify_selection(self) -> None:
        """Check the selected rows that may no longer exist, and deselect those that don't."""
        # While "select all" is under way, some of them may not be selected yet.
        if not self.jobs.under_way("select"):
            self.list.unverified &= self.view.table.model.selected
        if self.list.unverified & self.view.table.model.selected:
            self.jobs.start("verify", lambda: verify(self))

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
        self.list.needle = needle
        self.cancel_search()
        self.show_rows()
        self.search_further()

    def end_filter(self) -> None:
        """Remove the filter; the caller then has to show the rows again."""
        self.cancel_search()
        self.list.needle = ""

    def cancel_search(self) -> None:
        """Cancel the search for the filter's text, and discard what it found."""
        self.list.search_window = None
        self.jobs.cancel("find")

    def search_further(self) -> None:
        """Search for the filter's text if not all rows are loaded, unless a search is under way already."""
        if not self.list.needle or self.list.window.whole or self.jobs.under_way("find"):
            return
        if self.server_searches:
            self.jobs.start("find", lambda: find(self))
        elif not self.list.window.from_start:
            self.jobs.start("find", lambda: search_from_start(self))

    @property
    def server_searches(self) -> bool:
        """Whether the server itself searches for the filter's text."""
        return self.location is not None and self.kind.finds(self.list.needle)

    @property
    def can_search_more(self) -> bool:
        """Whether more rows are loaded to look for the filter's text here."""
        return not self.server_searches and len(self.list.window.rows) < MOST_SEARCHED

    # ------------------------------------------------------------ what is shown

    def show_rows(
        self, *, columns: Sequence[Column] | None = None, keep: bool = True, at: int | None = None
    ) -> None:
        """Show the rows of the window that match the filter; the cursor goes to index ``at``."""
        state, table = self.list, self.view.table
        window, server_searched, needle = state.shown_window, state.search_window is not None, state.needle
        rows = window.rows
        if not server_searched:
            # Only the columns that a list of this kind has are searched.
            rows = holding(rows, needle, len(table.model.columns if columns is None else columns))
        empty = self.view.spelled(state.empty)
        if needle:
            whole = server_searched or window.whole
            nothing = (
                "Nothing here contains" if whole else f"None of the first {len(window.rows):,} rows contain"
            )
            empty = f"{nothing} {needle}; {self.view.spelled('{main.clear}')} clears the filter."
        # If the server is about to search, no rows are loaded to search them here.
        more_here = {"more": window.more and self.can_search_more}
        around = edges(window) if server_searched or not needle else more_here
        part = not state.window.whole
        others = state.window.rows if needle else ()
        how = {**around, "columns": columns, "order": window.order, "part": part, "others": others, "at": at}
        table.show(rows, empty=empty, keep=keep, **how)
        self.view.show_where()
