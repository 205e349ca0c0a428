"""The list of the first screen against random events, without a server: late, out-of-order and failed responses; rows
that come and go; leaving locations and returning to them; filters, sort orders, live events, sign-ins.

What must hold: only rows of the current location and user are shown; no selection is lost or moved to another row;
nothing is selected that the user didn't mean; and in the end the list settles on what the server has.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.app.browsing import ENOUGH, Desk, UnderWay
from tests.support.app.fake_lists import LOCATIONS, Item
from tests.support.checks.long import cases
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.rules.errors import NotSignedIn, Unreachable
from tui.ui.browser.live_events import document_changed, look_at

WORDS = ("a", "b", "ab")


class BrowserMachine(RuleBasedStateMachine):
    """The list, its servers, and a user in a hurry."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.world, self.session, self.view = self.desk.world, self.desk.session, self.desk.view
        self.table, self.browser = self.desk.table, self.desk.browser
        #: Since the location was opened: what was selected by hand, whether all were selected, and what was deselected.
        self.meant: set[str] = set()
        self.meant_all = False
        self.taken_back: set[str] = set()
        #: What was there when the location was opened, and still is.
        self.steady: set[str] = set()
        self.visit: object = None
        self.next_number = 100
        #: Events that the server has not sent yet.
        self.news: list[tuple[str, str, str]] = []
        self.versions: set[str] = set()
        #: Selected rows that were deleted without an event.
        self.missed: set[str] = set()
        #: Documents whose events were lost.
        self.untold: set[str] = set()
        #: Whether anything has failed since the location was opened.
        self.failed = False

    def teardown(self) -> None:
        try:
            self.settle()
        finally:
            self.desk.close()

    # ------------------------------------------------------------ what must hold

    @invariant()
    def every_row_is_of_this_location_and_person(self) -> None:
        location = self.browser.location
        for row in (*self.table.rows, *self.table.chosen):
            assert location is not None
            assert row.data.person == self.session.person, "a row of somebody else"
            assert row.data.location == location.id, "a row of another location"

    @invariant()
    def every_row_is_there_once_and_holds_what_is_typed(self) -> None:
        keys = [row.key for row in self.table.rows]
        assert len(keys) == len(set(keys))
        assert all(self.browser.list.needle in row.name for row in self.table.rows)

    @invariant()
    def nothing_is_selected_that_was_not_meant(self) -> None:
        selected = self.table.selected
        if not self.meant_all:
            assert selected <= self.meant
        assert not selected & self.taken_back

    @invariant()
    def no_selection_is_lost(self) -> None:
        assert (self.meant - self.taken_back) & self.steady <= self.table.selected

    @invariant()
    def chosen_versions_stay(self) -> None:
        shown = {row.key: row for row in self.table.rows}
        assert all(shown[key].tone == "chosen" for key in self.versions & shown.keys())

    @invariant()
    def one_job_of_each_kind_that_supersedes_itself(self) -> None:
        for name in ("load", "refresh", "sort", "jump", "find", "select"):
            assert sum(job.name == name for job in self.browser.jobs._running) <= 1, name

    def look_around(self) -> None:
        """Start the records over if a location has been opened."""
        navigator = self.browser.navigator
        if navigator.path is not self.visit:
            self.visit = navigator.path
            self.meant, self.meant_all, self.taken_back, self.versions = set(), False, set(), set()
            self.missed, self.failed = set(), False
            location = self.browser.location
            self.steady = set(self.world.of(self.session.person, location.id)) if location else set()

    # ------------------------------------------------------------ navigating

    @initialize(location=st.sampled_from(LOCATIONS))
    def begin(self, location: Location) -> None:
        self.browser.open([location])
        self.run_out()

    @rule(how=st.sampled_from(("open", "below", "up")), location=st.sampled_from(LOCATIONS))
    def leave(self, how: str, location: Location) -> None:
        if how == "up":
            path = self.browser.navigator.up()
            if path is not None and not self.browser.go_back(path):
                self.browser.open(path, back=True)
        else:
            self.browser.open([*(self.browser.navigator.way if how == "below" else ()), location])

    @rule(elsewhere=st.booleans(), location=st.sampled_from(LOCATIONS))
    def sign_in(self, elsewhere: bool, location: Location) -> None:
        """Another user signs in, who may start where the previous one was."""
        here = self.browser.location
        self.session.person = "ben" if self.session.person == "anna" else "anna"
        self.news.clear()
        self.browser.forget()
        self.look_around()
        self.browser.open([location if elsewhere or here is None else here])

    @rule(by_hand=st.booleans())
    def ask_anew(self, by_hand: bool) -> None:
        if by_hand:
            self.browser.load_again()
        else:
            self.browser.reload()

    # ------------------------------------------------------------ the list

    @rule(needle=st.sampled_from(("", *WORDS)))
    def type(self, needle: str) -> None:
        if needle:
            self.browser.type(needle)
        else:
            self.browser.end_filter()
            self.browser.show_rows()

    @rule(jumps=st.booleans(), up=st.booleans())
    def scroll(self, jumps: bool, up: bool) -> None:
        if jumps:
            self.browser.go_to_end(last=not up)
        else:
            self.browser.want_more(above=up)

    @precondition(lambda self: self.browser.kind.orders and self.browser.navigator.pending is None)
    @rule(order=st.sampled_from(("name", "-name")))
    def sort(self, order: str) -> None:
        self.browser.sort(order)

    # ------------------------------------------------------------ selecting

    @precondition(lambda self: self.table.rows)
    @rule(index=st.integers(0, 5))
    def select_one(self, index: int) -> None:
        self.select(index)

    @precondition(lambda self: self.table.rows)
    @rule(index=st.integers(0, 20))
    def select(self, index: int) -> None:
        self.table.move_to(index % len(self.table.rows))
        row = self.table.current
        assert row is not None
        self.table.toggle(row)
        if row.key in self.table.selected:
            self.meant.add(row.key)
            self.taken_back.discard(row.key)
        else:
            self.meant.discard(row.key)
            self.taken_back.add(row.key)

    @precondition(lambda self: self.table.rows)
    @rule()
    def select_all(self) -> None:
        before = self.table.toggle_all()
        if before is None:
            self.meant, self.meant_all = set(), False
            return
        self.meant |= {row.key for row in self.table.rows}
        self.meant_all = True
        self.taken_back.clear()
        self.browser.select_rest(before, self.table.selected, self.table.emptied)

    @rule()
    def clear_selection(self) -> None:
        self.table.pick({})
        self.meant, self.meant_all = set(), False

    @precondition(lambda self: self.table.rows and self.browser.kind.server == "work")
    @rule(index=st.integers(0, 20))
    def choose_version(self, index: int) -> None:
        row = self.table.rows[index % len(self.table.rows)]
        self.browser.choose_version(Row(row.key, row.cells, row.data, tone="chosen"))
        self.versions.add(row.key)

    # ------------------------------------------------------------ what happens on the server

    @rule(where=st.sampled_from([location.id for location in LOCATIONS]), number=st.integers(0, 40))
    def a_document_comes(self, where: str, number: int) -> None:
        item = Item(self.session.person, where, number)
        here = self.world.of(self.session.person, where)
        if item.key not in here:
            here[item.key] = item
            self.news.append(("sent", item.key, where))

    @rule(where=st.sampled_from([location.id for location in LOCATIONS]), index=st.integers(0, 20))
    def a_document_goes(self, where: str, index: int) -> None:
        here = self.world.of(self.session.person, where)
        if here:
            key = sorted(here)[index % len(here)]
            del here[key]
            self.steady.discard(key)
            self.news.append(("deleted", key, where))

    @precondition(lambda self: self.news)
    @rule()
    def the_connection_is_lost(self) -> None:
        """Events that were due are lost; the list is reloaded when the connection is back."""
        self.untold |= {key for _, key, _ in self.news}
        self.news.clear()
        location = self.browser.location
        # Rows that these jobs may replace before the list is reloaded are not looked for.
        replaces_rows = self.browser.jobs.under_way("jump", "more", "sort")
        if location is not None and self.browser.navigator.pending is None and not replaces_rows:
            there = self.world.of(self.session.person, location.id)
            here = {row.key for row in self.browser.list.window.rows}
            self.missed |= (self.table.selected & here) - there.keys()
        self.browser.reload()

    @precondition(lambda self: self.news)
    @rule(count=st.integers(1, 12))
    def the_server_tells_some(self, count: int) -> None:
        self.the_server_tells(count)

    def the_server_tells(self, count: int) -> None:
        """Several events are collected and handled together."""
        changed = set()
        for event, key, where in self.news[:count]:
            if where.startswith("shelf") and document_changed(self.browser, event, key, where):
                changed.add(key)
        del self.news[:count]
        if changed:
            look_at(self.browser, changed)

    # ------------------------------------------------------------ answers

    @precondition(lambda self: self.view.under_way)
    @rule(data=st.data(), count=st.integers(1, 6))
    def something_goes_on(self, data: st.DataObject, count: int) -> None:
        """Requests are made or answered, or their answers arrive, in any order."""
        for _ in range(count):
            if self.view.under_way:
                self.go_on(data.draw(st.sampled_from(self.view.under_way)))

    @rule(latest_first=st.booleans())
    def all_that_is_under_way_goes_on(self, latest_first: bool) -> None:
        self.run_out(latest_first=latest_first)

    @precondition(lambda self: self.table.rows)
    @rule(
        first=st.sampled_from(("sort", "end", "more", "find", "all", "reload", "go", "tell")),
        then=st.sampled_from(("leave", "sign in", "type", "select", "clear", "sort", "more", "reload", "go")),
        answered=st.integers(0, 3),
        location=st.sampled_from(LOCATIONS),
        latest_first=st.booleans(),
    )
    def in_haste(self, first: str, then: str, answered: int, location: Location, latest_first: bool) -> None:
        """Two actions in such quick succession that the first one's requests are still under way."""
        for number, what in enumerate((first, then)):
            if self.table.rows:
                self.do(what, location, number)
            for each in list(self.view.under_way) if number == 0 else ():
                for _ in range(answered):
                    if each in self.view.under_way:
                        self.go_on(each)
        self.run_out(latest_first=latest_first)

    @rule()
    def the_server_tells_all(self) -> None:
        while self.news:
            self.the_server_tells(12)

    def do(self, what: str, location: Location, number: int) -> None:
        browser = self.browser
        sortable = browser.kind.orders and browser.navigator.pending is None
        other = "-name" if browser.order == "name" else "name"
        deeds: dict[str, Callable[[], object]] = {
            "sort": lambda: browser.sort(other) if sortable else None,
            "end": lambda: browser.go_to_end(last=True),
            "more": lambda: browser.want_more(above=False),
            "find": lambda: browser.type("a"),
            "type": lambda: browser.type("b"),
            "all": self.select_all,
            "reload": browser.reload,
            "go": lambda: self.a_document_goes(location.id, number),
            "tell": lambda: self.the_server_tells(12),
            "leave": lambda: self.leave("open", location),
            "sign in": lambda: self.sign_in(False, location),
            "select": lambda: self.select(number),
            "clear": self.clear_selection,
        }
        deeds[what]()

    @precondition(lambda self: any(each.asked and not each.is_answered for each in self.view.under_way))
    @rule(data=st.data(), signed_out=st.booleans())
    def something_fails(self, data: st.DataObject, signed_out: bool) -> None:
        waiting = [each for each in self.view.under_way if each.asked and not each.is_answered]
        each = data.draw(st.sampled_from(waiting))
        each.answer = (
            NotSignedIn("token.invalid", "signed out") if signed_out else Unreachable("server.away", "away")
        )
        each.is_answered = True

    def go_on(self, each: UnderWay) -> None:
        failed = isinstance(each.answer, NotSignedIn | Unreachable) and each.is_answered
        self.desk.go_on(each)
        self.look_around()
        self.failed = self.failed or failed

    # ------------------------------------------------------------ the end

    def settle(self) -> None:
        """When all events have been sent and nothing fails any more, the list shows what the server has."""
        self.run_out()
        while self.news:
            self.the_server_tells(12)
        self.run_out()
        if not self.failed and self.browser.kind.is_share_folder:
            # There was an event for every change, so no reload is needed.
            self.shows_what_there_is()
        # Retry what failed, as with f5.
        self.browser.load_again()
        self.run_out()
        if self.browser.location is None:
            return
        self.shows_what_there_is()
        for check in (self.every_row_is_of_this_location_and_person, self.no_selection_is_lost):
            check()
        self.nothing_is_selected_that_was_not_meant()

    def shows_what_there_is(self) -> None:
        location, state = self.browser.location, self.browser.list
        assert location is not None
        assert not state.stale
        assert self.browser.navigator.pending is None
        assert self.browser.awaited is None
        assert not self.browser.jobs.under_way(*("load", "refresh", "sort", "jump", "more", "find", "select"))
        there = self.world.of(self.session.person, location.id)
        numbers = [row.data.number for row in state.window.rows]
        ordered = sorted(numbers, reverse=state.window.order.startswith("-"))
        assert not self.browser.kind.orders or numbers == ordered
        if numbers:
            between = {i.number for i in there.values() if min(numbers) <= i.number <= max(numbers)}
            assert set(numbers) == between
        if state.window.whole:
            assert set(numbers) == {item.number for item in there.values()}
        if self.browser.kind.is_share_folder:
            # The server sends events about this folder.
            gone = self.table.selected - there.keys()
            assert gone <= self.untold - self.missed, "selected, and gone"

    def run_out(self, *, latest_first: bool = False) -> None:
        for _ in range(ENOUGH):
            if not self.view.under_way:
                return
            self.go_on(self.view.under_way[-1 if latest_first else 0])
        raise AssertionError("it never settles")


TestBrowser = BrowserMachine.TestCase
TestBrowser.settings = settings(
    max_examples=cases(80, 2000),
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
