"""What the list of the first screen shows, and the state behind it. The steps of its jobs change it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ...locations.kinds import kind_of
from ...locations.page_window import PageWindow
from .list_jobs import CHANGE_THE_CHOICE, CHANGE_THE_LIST, MOVE_THE_CURSOR, ListJobs
from .list_state import MOST_SEARCHED, ListState, edges
from .navigator import Navigator, SavedPosition

if TYPE_CHECKING:
    from ...locations.kind import LocationKind
    from ...locations.location import Location
    from ...locations.rows import Column, Row
    from .protocols import BrowserSession, View


class BrowserState:
    """The location, the rows shown of it, and the jobs under way for it; ``job_ended`` is called when the list may be
    refreshed after one."""

    def __init__(self, session: BrowserSession, view: View, job_ended: Callable[[], None]) -> None:
        self.session = session
        self.view = view
        self.navigator = Navigator()
        self.list = ListState()
        self.jobs = ListJobs(self._token, view.perform, self._job_over, job_ended)
        #: What is being looked for, as long as the user is about to go there.
        self._sought: object | None = None
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
            "sought": lambda: self.list.sought,
            "emptied": lambda: self.view.table.model.emptied,
        }
        return (self._user, *(stand_for[word]() for word in words))

    @property
    def location(self) -> Location | None:
        """The location shown in the list."""
        return self.navigator.location

    @property
    def pending(self) -> Location | None:
        """The location that is loading, while the list still shows another one."""
        return self.navigator.pending_location

    @property
    def kind(self) -> LocationKind:
        """The kind of the location shown."""
        return kind_of(self.location)

    @property
    def kinds(self) -> list[LocationKind]:
        """The kinds of the location shown and of the one that is loading."""
        return [kind_of(location) for location in (self.location, self.pending) if location is not None]

    def shows(self, what: str) -> bool:
        """Return whether the location shown, or the one that is loading, lists ``what`` of the user's own."""
        return any(what in kind.shows for kind in self.kinds)

    @property
    def is_leaving(self) -> bool:
        """Whether another location is about to be shown, known or not."""
        return self.pending is not None or self._sought is not None

    @property
    def awaits_row(self) -> bool:
        """Whether the cursor is about to be on another row, or in another location."""
        return self.is_leaving or self.jobs.under_way(*MOVE_THE_CURSOR)

    @property
    def awaited(self) -> object:
        """What a command has to wait for, since it would act on other rows then; ``None`` for nothing. Compared by
        identity."""
        return self.navigator.pending or self._sought or self.jobs.running(*CHANGE_THE_CHOICE)

    @contextmanager
    def seeking(self) -> Iterator[Callable[[], bool]]:
        """Wait, as for a location that is loading, while it is found out which one the user goes to. Yields what has to
        be called before that is opened, and returns whether the user still wants to go there."""
        sought = self._sought = object()

        def found() -> bool:
            is_wanted = self._sought is sought
            if is_wanted:
                self._sought = None
            return is_wanted

        self.view.show_where()
        try:
            yield found
        finally:
            if found():
                self.view.row_came(False)
            self.view.show_where()

    def stop_seeking(self) -> None:
        """The user has gone elsewhere before it was known where."""
        if self._sought is not None:
            self._sought = None
            self.view.row_came(False)

    def _job_over(self, name: str, done: bool) -> None:
        if name in MOVE_THE_CURSOR:
            self.view.row_came(done)
        if name in CHANGE_THE_CHOICE:
            self.view.commands_changed()

    @property
    def can_be_refreshed(self) -> bool:
        """Whether no job is under way that changes which rows are shown anyway."""
        return bool(self.navigator.path) and not self.jobs.under_way(*CHANGE_THE_LIST)

    def mark_stale_if_loading(self) -> None:
        """Mark the list as stale if responses under way may not include a change that has just happened."""
        self.list.stale = self.list.stale or self.jobs.under_way(*CHANGE_THE_LIST, "find")

    def forget(self) -> None:
        """Show nothing and cancel everything: all of it belonged to another user."""
        self._user = object()
        self.stop_seeking()
        self.jobs.cancel_all()
        self.navigator.forget()
        self.list.forget()
        self.show_nothing()

    # ------------------------------------------------------------ another location

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

    def move_to_row(self, key: str) -> bool:
        """Put the cursor on a loaded row; return whether it is one."""
        table = self.view.table
        index = next((index for index, row in enumerate(table.model.rows) if row.key == key), None)
        if index is not None:
            table.move_to(index)
        return index is not None

    # ------------------------------------------------------------ the filter

    def cancel_search(self) -> None:
        """Cancel the search for the filter's text, and discard what it found."""
        self.list.search_window = None
        self.jobs.cancel("find")

    @property
    def server_searches(self) -> bool:
        """Whether the server itself searches for the filter's text."""
        return self.location is not None and self.kind.finds(self.list.needle)

    @property
    def can_search_more(self) -> bool:
        """Whether more rows are loaded to look for the filter's text here."""
        return not self.server_searches and len(self.list.window.rows) < MOST_SEARCHED

    # ------------------------------------------------------------ what is shown

    def show_nothing(self) -> None:
        """Show an empty list, which says nothing."""
        self.list.empty = ""
        self.show_rows(keep=False)

    def show_rows(
        self, *, columns: Sequence[Column] | None = None, keep: bool = True, at: int | None = None
    ) -> None:
        """Show the rows of the window that match the filter; the cursor goes to index ``at``."""
        state, table = self.list, self.view.table
        window, server_searched, needle = state.shown_window, state.search_window is not None, state.needle
        rows = window.rows
        if not server_searched:
            # Only the columns that a list of this kind has are searched.
            rows = self._filtered(rows, len(table.model.columns if columns is None else columns))
        empty = self.view.spelled(state.empty)
        if needle:
            empty = self._nothing_found(whole=server_searched or window.whole)
        # If the server is about to search, no rows are loaded to search them here.
        more_here = {"more": window.more and self.can_search_more}
        around = edges(window) if server_searched or not needle else more_here
        part = not state.window.whole
        others = state.window.rows if needle else ()
        how = {**around, "columns": columns, "order": window.order, "part": part, "others": others, "at": at}
        table.show(rows, empty=empty, keep=keep, **how)
        self.view.show_where()

    def _filtered(self, rows: list[Row], columns: int) -> list[Row]:
        """The loaded rows that fit the filter, as shown in that many columns."""
        return self.kind.filtered(rows, self.list.needle, columns) if self.list.needle else rows

    def _nothing_found(self, *, whole: bool) -> str:
        """What an empty list says with a filter; ``whole``: all rows were searched."""
        needle, clears = self.list.needle, self.view.spelled("{main.clear}")
        if problem := self.kind.filter_problem(needle):
            return problem
        nothing = self.kind.nothing_found(needle)
        if not whole:
            nothing = f"None of the first {len(self.list.shown_window.rows):,} names contains “{needle}”"
        return f"{nothing}; {clears} clears the filter."
