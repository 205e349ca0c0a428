"""The right side of the main screen: breadcrumbs, filter and list. It draws them, and passes on to the browser what the
user types, clicks and scrolls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input
from textual.worker import Worker

from ...commands.lookup import spelled
from ...locations.kinds import NOWHERE, kind_of
from ...locations.rows import flipped
from ...override import override
from ...rules.errors import NotSignedIn, Problem, Unreachable
from ...rules.text import printable
from ..base.app_screen import say_for_a_while
from ..base.workers import BUSY_DELAY, clear_failures, failed, failed_afterwards, report_failures
from ..browser.browser import Browser
from ..browser.list_jobs import CHANGE_THE_CHOICE
from ..browser.matches import count_matches, is_match
from ..widgets.breadcrumbs import Breadcrumbs
from ..widgets.status_line import unsay
from ..widgets.table import Table
from .typed_early import TypedEarly

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...locations.location import Location
    from ...locations.rows import Row
    from ...session import Session
    from ..actions.last_acts import LastActs
    from ..base.app_screen import AppScreen
    from ..base.host import Host
    from ..browser.list_jobs import Job
    from ..widgets.field import FilterField

#: Failures that last wherever the user goes.
LASTING = (NotSignedIn, Unreachable)
#: The jobs that follow a change.
_FOLLOWING = ("refresh", "verify", "look")


class ListPane(Vertical):
    """Shows the contents of the :class:`Browser`."""

    def __init__(self, session: Session, main: Host, acts: LastActs) -> None:
        """``acts`` gets to know of rows that were deselected, which can be undone."""
        super().__init__(id="right")
        self._acts = acts
        self._typed_early = TypedEarly(main.screen, lambda: self.table)
        self._session = session
        self._main = main
        self.where = Breadcrumbs(id="where")
        self.table = Table(
            NOWHERE.columns,
            id="list",
            jump=lambda last: self.browser.go_to_end(last),
            awaits=lambda: self.browser.awaits_row,
        )
        self._field: FilterField | None = None
        #: What was said of the rows that an ended filter has found.
        self._about_matches = ""
        #: What is being waited for, and what has been for a while, as the browser tells it.
        self._awaited: object = None
        self._late: object = None
        self.browser = Browser(session, self)
        self.table.model.is_marked = self._is_marked

    @override
    def compose(self) -> ComposeResult:
        yield self.where
        # The frame is that of a widget of its own: the table's lines are painted as it draws them.
        with Vertical(classes="body"):
            yield self.table

    # ------------------------------------------------------------ what the browser shows

    def spelled(self, text: str) -> str:
        """The text with the keys that the user has for the commands in braces."""
        return spelled(text, self.app)

    def say(self, text: str, tone: str = "") -> None:
        """Pass a message on to the screen's own line."""
        self._main.say(text, tone)

    def say_for_a_while(self, text: str, tone: str = "") -> None:
        """Show a message in the status line until the next key."""
        say_for_a_while(self._main.screen, text, tone)

    def commands_changed(self) -> None:
        """Have footer and help look again at what is available."""
        self._main.screen.refresh_bindings()

    def row_came(self, came: bool) -> None:
        """Do what keys have asked for since, or forget it."""
        if came:
            self._typed_early.go_on()
        else:
            self.table.held.drop()

    def answered(self, location: Location) -> None:
        """The server of that location can be reached: clear the lasting message that it can't."""
        if self._session.asks_work(location):
            clear_failures(self.app, *LASTING)

    def selection_left(self, path: list[Location], rows: Sequence[Row]) -> None:
        """Say that the rows selected in another location no longer are, and what goes back to them."""
        main, count = self._main, len(rows)
        which, them = (
            (f"{count:,} rows are", "them") if count > 1 else (f"“{printable(rows[0].name)}” is", "it")
        )
        text = f"{which} no longer selected in {printable(path[-1].name)}"

        left = {row.key: row for row in rows}

        def undo() -> None:
            main.open_place(path[-1], path=path, back=True)
            self.browser.select_again(list(left.values()))

        said = self.spelled(f"{text}; {{main.undo}} goes back and selects {them}.")
        self._acts.did(said, undo, self._is_here(), rows=left)

    def _is_here(self) -> Callable[[], bool]:
        """Return what tells whether the list still shows this location."""
        main, place = self._main, self.browser.location
        return lambda: main.ready and self.browser.pending is None and self.browser.location == place

    def way_to(self, location: Location) -> list[Location]:
        """The path of a location in the tree, itself included; empty if the tree hasn't loaded it."""
        node = self._main.places.find_place(location)
        return self._main.places.path_of(node) if node is not None else []

    def show_where(self) -> None:
        """Draw the breadcrumbs: the location with what is loaded of it, or the one that is being loaded."""
        navigator, awaited = self.browser.navigator, self.browser.awaited
        names = [location.name for location in navigator.way]
        matter = next((i for i, location in enumerate(navigator.way) if kind_of(location).is_matter), 0)
        is_late = awaited is not None and awaited is self._late
        self._wait_for(awaited)
        if navigator.pending is not None:
            note = self.spelled("Loading… ({main.parent} goes back)") if is_late else "…"
            self.where.show(names, note, matter=matter)
            return
        amount, note = self.browser.list.amount(len(self.table.rows)), ""
        if navigator.location is not None and amount:
            selected = len(self.table.selected)
            note = f"({amount})" + (f" · {selected:,} selected" if selected else "") + self._remark()
            note += " · Loading…" if is_late else ""
        self.where.show(names, note, matter=matter)

    def _wait_for(self, awaited: object) -> None:
        if awaited is not None and awaited is not self._awaited:
            self._awaited = awaited
            self.set_timer(BUSY_DELAY, partial(self._show_late, awaited))

    def _show_late(self, awaited: object) -> None:
        """Say that something is still being waited for: the rows below are others, or keys do nothing."""
        if self.is_attached and self.browser.awaited is awaited:
            self._late = awaited
            self.show_where()

    def _remark(self) -> str:
        """A further remark about the location."""
        folder = self._session.folder(self.browser.location)
        return " · read only" if folder is not None and folder.role != "owner" else ""

    def perform(self, job: Job) -> Worker[None]:
        """Run a job as a worker of the screen: type-ahead, and code that waits until nothing is under way, look for it
        there."""
        screen = self._main.screen
        report = self._report_reload if job.name in _FOLLOWING else failed
        work = partial(report_failures, screen, partial(self._requests, job), report)
        if job.name in CHANGE_THE_CHOICE:
            self._wait_for(job)
        return screen.run_worker(work, job.name, group=job.name)

    def _report_reload(self, _: AppScreen, problem: Problem) -> None:
        failed_afterwards(self._main, problem, "The list can't be reloaded")

    async def _requests(self, job: Job) -> None:
        jobs = self.browser.jobs
        try:
            request = jobs.begin(job)
            while request is not None:
                try:
                    response = await request()
                except Problem as problem:
                    request = jobs.failed(job, problem)
                else:
                    request = jobs.answered(job, response)
        finally:
            jobs.dropped(job)
            if self._late is job:
                self.show_where()

    # ------------------------------------------------------------ the filter

    def _is_marked(self, row: Row) -> bool:
        """Whether a row is one of those that the filter found that was ended."""
        state = self.browser.list
        return bool(state.ended_needle) and is_match(self.browser, row)

    @property
    def filtering(self) -> bool:
        """Whether the filter field is shown."""
        return self._field is not None and self._field.has_class("-on")

    async def open_filter(self) -> None:
        """Show the field that filters the list, with the focus in it."""
        field = self._field
        if field is None:
            # Created on first use: the first paint is faster without it.
            from ..widgets.field import FilterField

            field = self._field = FilterField(id="filter", compact=True)
            await self.query_one(".body").mount(field, before=self.table)
        field.placeholder = self.browser.kind.filter_hint
        field.add_class("-on")
        self.screen.set_focus(field)
        self.commands_changed()

    def close_filter(self) -> None:
        """End the filter. The caller has to show the rows again."""
        self.browser.end_filter()
        self._hide_field()

    def _hide_field(self) -> None:
        field = self._field
        if field is None:
            return
        with field.prevent(Input.Changed):
            field.value = ""
        field.remove_class("-on")
        if field.has_focus:
            self.table.focus()
        self.commands_changed()

    def end_filter(self) -> None:
        """End the filter, and mark what it has found in the whole list."""
        sought = self.browser.list.needle
        self.browser.end_filter(keep_marks=True)
        self._hide_field()
        self.browser.show_rows()
        if not sought:
            return
        count, is_partial = count_matches(self.browser), self.table.model.partial
        if count or is_partial:
            has = "row has" if count == 1 else "rows have"
            so_far = " so far" if is_partial else ""
            keys = (
                "{main.next_match} and {main.previous_match} go through them, {main.clear} removes the marks."
            )
            self._say_matches(f"{count:,} {has} “{sought}”{so_far}: {self.spelled(keys)}")
        else:
            self.remove_marks()
            self._say_matches(f"Nothing here has “{sought}”.")

    def _say_matches(self, text: str) -> None:
        """Say what an ended filter has found. That is true until its marks are removed, or another one is typed."""
        self._about_matches = text
        self.say(text)

    def _unsay_matches(self) -> None:
        if self._about_matches:
            unsay(self.screen, self._about_matches)
            self._about_matches = ""

    def remove_marks(self) -> None:
        """Remove the marks of what the filter has found."""
        self._unsay_matches()
        self.browser.end_filter()
        self.table.refresh()
        self.commands_changed()

    @on(Input.Changed, "#filter")
    def _typed(self, event: Input.Changed) -> None:
        self._unsay_matches()
        self.browser.type(event.input.value.strip())

    @on(Input.Submitted, "#filter")
    def _typed_to_the_end(self) -> None:
        self.table.focus()

    # ------------------------------------------------------------ the list

    @on(Table.Wanted, "#list")
    def _wanted(self) -> None:
        self.browser.want_more(above=False)

    @on(Table.WantedAbove, "#list")
    def _wanted_above(self) -> None:
        self.browser.want_more(above=True)

    @on(Table.AllWanted, "#list")
    def _all_wanted(self, event: Table.AllWanted) -> None:
        self.browser.select_rest(event.before, event.selected, event.emptied)

    @on(Table.TitlePressed, "#list")
    def _title_pressed(self, event: Table.TitlePressed) -> None:
        wanted, browser = event.column.sort, self.browser
        if self._main.ready and browser.navigator.pending is None and wanted in browser.kind.orders:
            same = browser.order in (wanted, flipped(wanted))
            browser.sort(flipped(browser.order) if same else wanted)

    @on(Table.SelectionChanged, "#list")
    def _selection_changed(self) -> None:
        self.show_where()
        self.commands_changed()

    @on(Table.Deselected, "#list")
    def _deselected(self, event: Table.Deselected) -> None:
        count = len(event.rows)
        # A single one is selected again by the same key.
        if count > 1:
            said = self.spelled(f"Deselected {count:,} rows; {{main.undo}} selects them again.")
            before = {row.key: row for row in event.rows}
            self._acts.did(
                said, lambda: self.browser.select_again(list(before.values())), self._is_here(), rows=before
            )

    @on(Breadcrumbs.Chosen)
    def _crumb_chosen(self, event: Breadcrumbs.Chosen) -> None:
        way = self.browser.navigator.way
        path = way[: event.index + 1]
        if path and path != way:
            self._main.go_back(path)
