"""The list of the first screen: what it is told, what it then is, and what is to be asked for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..locations.kinds import kind_of, way_below_root
from ..locations.page_window import PageWindow
from .choosing import select_rest, sort
from .list_jobs import CHANGE_THE_LIST, RELOADED, ListJobs
from .list_state import MOST_LOOKED_AT, ListState, edges, holding
from .loading import load, refresh, verify
from .navigator import Navigator, SavedPosition
from .paging import find, jump, look_from_start, more

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..locations.kind import LocationKind
    from ..locations.location import Location
    from ..locations.rows import Column, Row
    from ..locations.steps import Steps
    from .surroundings import BrowserSession, View


class Browser:
    """``session`` has the servers, ``view`` shows what there is. Where another person has signed in, :meth:`forget` is
    called: from then on no answer counts that was asked for before."""

    def __init__(self, session: BrowserSession, view: View) -> None:
        self.session = session
        self.view = view
        self.navigator = Navigator()
        self.list = ListState()
        self.jobs = ListJobs(self._token, view.perform, self._job_ended)
        self._person = 0

    def _token(self, words: Iterable[str]) -> tuple[Any, ...]:
        """What the words of the jobs' rules stand for now."""
        stand_for: dict[str, Callable[[], Any]] = {
            "pending": lambda: self.navigator.pending,
            "location": lambda: self.location,
            "seen": lambda: self.list.seen,
            "shown": lambda: self.list.shown_window,
            "window": lambda: self.list.window,
            "needle": lambda: self.list.needle,
            "emptied": lambda: self.view.table.model.emptied,
        }
        return (self._person, *(stand_for[word]() for word in words))

    def _job_ended(self) -> None:
        if self.list.stale and self.navigator.path and not self.jobs.under_way(*CHANGE_THE_LIST):
            self.refresh()

    @property
    def location(self) -> Location | None:
        """The location that the list shows."""
        return self.navigator.location

    @property
    def kind(self) -> LocationKind:
        """What is true of it."""
        return kind_of(self.location)

    # ------------------------------------------------------------ going

    def way_to(self, location: Location) -> list[Location]:
        """The path to a location: its own, else as the tree has it."""
        own = kind_of(location).own_way(location)
        return own or self.view.way_to(location) or way_below_root(location)

    def open(self, path: list[Location], back: bool = False) -> None:
        """Shows the location at the end of ``path``, once its first rows are here; ``back`` puts the cursor where it
        was when it was left."""
        self.end_filter()
        self.navigator.begin(path, back)
        self._load()

    def go_back(self, path: list[Location]) -> bool:
        """Whether it is enough to leave the shown location no longer; else ``path`` is to be opened as one gone back
        to."""
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

    def arrive(self, path: list[Location], window: PageWindow, empty: str, *, back: bool = False) -> None:
        """The location that was waited for is shown; a filter that was typed meanwhile is for its rows."""
        self.navigator.stay()
        self.stop_finding()
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
        """Shows rows as those of the location at the end of ``path``."""
        # The commands that can be had depend on the location: it changes when its rows are shown, not before.
        table = self.view.table
        position = None
        if self.location is not None and path[-1] != self.location:
            position = self._position()
            self.list.change_location()
        if self.list.is_preview:
            # What was selected of these rows is no more than could be seen of it, unless it is here now.
            table.forget(table.model.selected - {row.key for row in window.rows})
        self.navigator.arrive(path, position, back=back)
        self.list.show(window)
        self.list.empty = empty
        self.show_rows(columns=self.kind.columns, keep=keep)
        self.view.commands_changed()

    def _position(self) -> SavedPosition | None:
        """How the location that is shown would be left now."""
        table = self.view.table
        row = table.model.current
        return SavedPosition(row.key, table.cursor_line, self.list.window.left()) if row is not None else None

    def put_back(self, saved: SavedPosition | None, came_from: Location | None) -> None:
        """Puts the cursor where it was, or on the row of the location that one comes from."""
        table = self.view.table
        if saved is not None:
            here = next((i for i, row in enumerate(table.model.rows) if row.key == saved.key), 0)
            table.move_to(here, top=table.model.above + here - saved.line)
        elif came_from is not None:
            for index, row in enumerate(table.model.rows):
                location = self.kind.location_of(row.data)
                if location is not None and location.key == came_from.key:
                    table.move_to(index)

    def show_preview(self, path: list[Location], rows: list[Row]) -> None:
        """Shows rows that came before the session was open: they can be looked at, and no more."""
        self.navigator.path = path
        self.list.show_preview(rows)
        self.show_rows(columns=self.kind.columns, keep=False)

    def forget(self) -> None:
        """Nothing is shown and nothing waited for: what was, was another person's."""
        self._person += 1
        self.jobs.cancel_all()
        self.navigator.forget()
        self.list.forget()
        self.show_nothing()

    def show_nothing(self) -> None:
        self.list.empty = ""
        self.show_rows(keep=False)

    # ------------------------------------------------------------ what has changed

    def reload(self) -> None:
        """Something has changed: the list is asked for anew. What somebody is waiting for is not given up for it:
        another location, its order, its end."""
        self.list.stale = True
        self._job_ended()

    def refresh(self) -> None:
        """Shows the location as it is now; cursor and selection stay."""
        self.list.stale = True
        self.jobs.start("refresh", lambda: refresh(self))

    def load_again(self) -> None:
        """Asks anew for what is shown or under way; what was asked for before is waited for no longer."""
        if self.navigator.pending is not None:
            self._load()
        elif self.navigator.path:
            self.jobs.cancel(*RELOADED)
            if self.list.search_window is None and self.list.needle:
                self.type(self.list.needle)
            self.refresh()

    def answers_are_old(self) -> None:
        """What is on its way may not know of what has just changed."""
        self.list.stale = self.list.stale or self.jobs.under_way(*CHANGE_THE_LIST, "find")

    def replace_row(self, row: Row) -> None:
        """Puts another row in the place of the one with its key, wherever that is."""
        self.answers_are_old()
        self.list.replace(row)
        self.view.table.replace_row(row)
        if self.list.looks_through:
            # It may hold what is typed by now, or no longer.
            self.show_rows()

    def choose_version(self, row: Row) -> None:
        """From now on, a row stands for another version."""
        self.list.choose_version(row)
        self.replace_row(row)

    def drop_rows(self, keys: set[str]) -> None:
        """Takes rows away that are no longer in the location."""
        self.answers_are_old()
        self.list.drop(keys)
        self.view.table.forget(keys)
        self.show_rows()

    def verify_selection(self) -> None:
        """What is selected and may be gone is asked for: where it is gone, it is not selected any more."""
        # While all are being selected, some of them may not be selected yet.
        if not self.jobs.under_way("select"):
            self.list.unverified &= self.view.table.model.selected
        if self.list.unverified & self.view.table.model.selected:
            self.jobs.start("verify", lambda: verify(self))

    # ------------------------------------------------------------ windows

    def window_of(self, location: Location, name: str = "") -> PageWindow:
        """What is in a location (of which ``name`` is a part of the name); nothing of it is loaded yet."""
        order = self.list.order_of(location)
        source = kind_of(location).pages(self.session, location, name, order)
        return PageWindow(source, self._rows_of(location), order=order)

    def window_from_end(self, location: Location, name: str, total: int | None) -> PageWindow | None:
        """The same from its end on; ``None`` where that cannot be had."""
        order = self.list.order_of(location)
        source = kind_of(location).pages_from_end(self.session, location, name, total, order)
        if source is None:
            return None
        window = PageWindow(source, self._rows_of(location), from_end=True, order=order)
        window.total = total
        return window

    def _rows_of(self, location: Location) -> Callable[[list[Any]], list[Row]]:
        def rows_of(items: list[Any]) -> list[Row]:
            rows = kind_of(location).rows(items, self.session.now())
            return self.list.with_chosen_versions(rows) if location == self.location else rows

        return rows_of

    def first_rows(self, location: Location) -> Steps[PageWindow]:
        """What is in a location, with its first rows. Raises :class:`Problem`."""
        window = self.window_of(location)
        # Of a page there may be nothing that a list shows.
        while window.more and not window.rows:
            yield from window.down()
        return window

    def want_more(self, above: bool) -> None:
        """The cursor, or a line that is painted, comes near the end of the rows that are here."""
        self.jobs.start("more", lambda: more(self, above))

    def go_to_end(self, last: bool) -> None:
        """The first or the last rows are wanted, which are not here."""
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
        """Sorts the list."""
        self.jobs.start("sort", lambda: sort(self, order))

    def select_rest(self, before: set[str], selected: set[str], emptied: int) -> None:
        """All rows are to be selected, also those that are not here; ``before`` were so before, ``selected`` are so
        since, and ``emptied`` is what the table said then."""
        if not self.list.shown_window.whole and self.view.table.model.emptied == emptied:
            self.jobs.start("select", lambda: select_rest(self, before, selected))

    # ------------------------------------------------------------ the filter

    def type(self, needle: str) -> None:
        """Something else is looked for."""
        self.list.needle = needle
        self.stop_finding()
        self.show_rows()
        self.look_further()

    def end_filter(self) -> None:
        """Nothing is looked for any more; what is shown is to be shown anew then."""
        self.stop_finding()
        self.list.needle = ""

    def stop_finding(self) -> None:
        """Gives up what the server is asked for a filter, or has found."""
        self.list.search_window = None
        self.jobs.cancel("find")

    def look_further(self) -> None:
        """Looks for what is typed where the rows that are here are not all, unless that is done already."""
        if not self.list.needle or self.list.window.whole or self.jobs.under_way("find"):
            return
        if self.server_looks:
            self.jobs.start("find", lambda: find(self))
        elif not self.list.window.from_start:
            self.jobs.start("find", lambda: look_from_start(self))

    @property
    def server_looks(self) -> bool:
        """Whether the server itself finds what is typed."""
        return self.location is not None and self.kind.finds(self.list.needle)

    @property
    def looks_through_more(self) -> bool:
        """Whether more rows are loaded to be looked through here for what is typed."""
        return not self.server_looks and len(self.list.window.rows) < MOST_LOOKED_AT

    # ------------------------------------------------------------ what is shown

    def show_rows(
        self, *, columns: Sequence[Column] | None = None, keep: bool = True, at: int | None = None
    ) -> None:
        """Shows the rows of the window, as far as the filter leaves them; the cursor is put ``at`` one of them."""
        state, table = self.list, self.view.table
        window, found, needle = state.shown_window, state.search_window is not None, state.needle
        rows = window.rows
        if not found:
            # What a list of this kind has no column for is not looked at.
            rows = holding(rows, needle, len(table.model.columns if columns is None else columns))
        empty = self.view.spelled(state.empty)
        if needle:
            none = "Nothing here" if found or window.whole else f"None of the first {len(window.rows):,}"
            empty = f"{none} holds {needle}; {self.view.spelled('{main.clear}')} ends the filter."
        # Where the server is about to look itself, nothing is loaded to be looked through.
        more = window.more and (found or not needle or self.looks_through_more)
        around = edges(window) if found or not needle else {"more": more}
        part = not state.window.whole
        others = state.window.rows if needle else ()
        how = {**around, "columns": columns, "order": window.order, "part": part, "others": others, "at": at}
        table.show(rows, empty=empty, keep=keep, **how)
        self.view.show_where()

    @property
    def amount(self) -> str:
        """How much of the location is shown, in short; empty where nothing is known of it."""
        state, window = self.list, self.list.window
        loaded, total, found = window.seen, window.total, state.search_window
        if not window.asked and not loaded:
            # It could not be had: it is not known to be empty.
            return ""
        if found is not None:
            return f"{found.seen:,}{'+' if found.more or found.more_above else ''} found"
        if state.needle:
            return f"{len(self.view.table.model.rows):,} of {loaded:,}{'' if window.whole else '+'}"
        if window.more or window.more_above:
            return f"{loaded:,} of {total:,}" if total is not None and total > loaded else f"{loaded:,}+"
        return f"{loaded:,}"
