"""The list of the first screen without a screen and without a server: a test makes its requests one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.support.app.fake_lists import AWAY, LOCATIONS, PAGE, Box, Heap, Item, Session, Shelf, World, key
from tui.locations import page_window
from tui.locations.kind import KINDS
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.rules.errors import NotFound, Problem
from tui.ui.browser import browser_state, more_rows, selection
from tui.ui.browser.browser import Browser
from tui.ui.browser.list_jobs import Job
from tui.ui.widgets.table.model import RowModel

#: This many steps settle everything that can be under way at once, with plenty to spare.
ENOUGH = 600


class Table(RowModel):
    """The table's model, without the lines on the screen."""

    def __init__(self) -> None:
        super().__init__(Shelf.columns)

    @property
    def model(self) -> RowModel:
        return self

    @property
    def cursor_line(self) -> int:
        return self.cursor

    def move_to(self, index: int, top: int | None = None) -> None:
        super().move_to(index)


class UnderWay:
    """A job whose requests the machine makes whenever it likes. A request that was cancelled may still be answered."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.begun = False
        self.asked: Any = None
        self.answer: Any = None
        self.is_answered = False

    def cancel(self) -> None:
        """Does nothing: only the job knows that it was cancelled."""


class View:
    """The view of the browser, without a screen. It records all calls."""

    def __init__(self) -> None:
        self.table = Table()
        self.under_way: list[UnderWay] = []
        self.said: list[tuple[str, str]] = []
        #: Whether the cursor came to where it was about to be, each time that it was.
        self.came: list[bool] = []
        #: The locations whose servers have responded.
        self.heard: list[str] = []
        #: How often the current location was shown, and the commands may have changed.
        self.where = self.commands = 0
        #: The paths in the tree, by the ids of their locations.
        self.tree: dict[str, list[Location]] = {location.id: [location] for location in LOCATIONS}

    def spelled(self, text: str) -> str:
        return text.replace("{main.clear}", "esc")

    def say(self, text: str, tone: str = "") -> None:
        self.said.append((text, tone))

    def say_for_a_while(self, text: str, tone: str = "") -> None:
        self.said.append((text, tone))

    def show_where(self) -> None:
        self.where += 1

    def commands_changed(self) -> None:
        self.commands += 1

    def row_came(self, came: bool) -> None:
        self.came.append(came)

    def answered(self, location: Location) -> None:
        self.heard.append(location.id)

    def selection_left(self, path: list[Location], rows: Sequence[Row]) -> None:
        self.said.append((f"left {len(rows)} in {path[-1].id}", ""))

    def way_to(self, location: Location) -> list[Location]:
        return self.tree.get(location.id, [])

    def perform(self, job: Job) -> UnderWay:
        under_way = UnderWay(job)
        self.under_way.append(under_way)
        return under_way


def answer_of(asked: Any) -> Any:
    """What the servers answer now, without waiting."""
    if getattr(asked, "func", None) is asyncio.sleep:
        return None
    waiting = asked()
    try:
        waiting.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a request waits for something else than the machine")


class Desk:
    """A browser with a view and servers, short pages and short windows; to be closed at the end."""

    def __init__(self) -> None:
        self._patched = pytest.MonkeyPatch()
        for kind in (Shelf, Heap, Box):
            self._patched.setitem(KINDS, kind.name, object())
            kind()
        self._patched.setattr(page_window, "MOST", 6)
        self._patched.setattr(more_rows, "MOST", 6)
        self._patched.setattr(page_window, "PAGE", PAGE)
        for module in (more_rows, browser_state, selection):
            self._patched.setattr(module, "MOST_SEARCHED", 9)
        self.world = World()
        self.session = Session(self.world)
        self.view = View()
        self.table = self.view.table
        self.browser = Browser(self.session, self.view)

    def close(self) -> None:
        self._patched.undo()

    def go_on(self, each: UnderWay) -> Problem | None:
        """Begin a job, have its request answered, or pass the answer to it. Return what the job failed with."""
        jobs = self.browser.jobs
        try:
            if not each.begun:
                each.begun = True
                each.asked = jobs.begin(each.job)
            elif not each.is_answered:
                try:
                    each.answer = answer_of(each.asked)
                except NotFound as problem:
                    each.answer = problem
                each.is_answered = True
                return None
            else:
                answer, each.answer, each.is_answered = each.answer, None, False
                if isinstance(answer, Problem):
                    each.asked = jobs.failed(each.job, answer)
                else:
                    each.asked = jobs.answered(each.job, answer)
        except Problem as problem:
            self.view.under_way.remove(each)
            return problem
        if each.asked is None:
            self.view.under_way.remove(each)
        return None

    def run_out(self) -> None:
        """Make all requests until nothing is under way."""
        for _ in range(ENOUGH):
            if not self.view.under_way:
                return
            self.go_on(self.view.under_way[0])
        raise AssertionError("it never settles")

    # ------------------------------------------------------------ what a test does

    def opened(self, *path: Location, back: bool = False) -> None:
        """Open a location, and have everything loaded."""
        self.browser.open(list(path), back=back)
        self.run_out()

    def scrolled(self, pages: int) -> None:
        """Load ``pages`` more pages."""
        for _ in range(pages):
            self.browser.want_more(above=False)
            self.run_out()

    def answered(self) -> list[UnderWay]:
        """Have the requests under way answered. The answers haven't arrived yet."""
        for each in list(self.view.under_way):
            while each in self.view.under_way and not each.is_answered:
                self.go_on(each)
        return list(self.view.under_way)

    def fails(self, problem: Problem = AWAY) -> list[Problem]:
        """All requests under way fail. Returns what the jobs end with."""
        found = []
        for each in self.answered():
            each.answer = problem
            found.append(self.go_on(each))
        self.run_out()
        return [each for each in found if each is not None]

    def select_all(self) -> None:
        """Select all rows, and have those loaded that aren't yet."""
        before = self.table.toggle_all()
        assert before is not None
        self.browser.select_rest(before, self.table.selected, self.table.emptied)
        self.run_out()

    def gone(self, location: Location, *numbers: int) -> None:
        """Documents are deleted on the server."""
        here = self.world.of(self.session.person, location.id)
        for number in numbers:
            del here[key(number, location, self.session.person)]

    def come(self, location: Location, *numbers: int) -> None:
        """Documents are added on the server."""
        here = self.world.of(self.session.person, location.id)
        for number in numbers:
            item = Item(self.session.person, location.id, number)
            here[item.key] = item

    # ------------------------------------------------------------ what a test sees

    def shown(self) -> list[int]:
        """The numbers of the loaded rows."""
        return [row.data.number for row in self.table.rows]

    def asked(self) -> list[str]:
        """The names of the jobs under way, including those that were cancelled."""
        return [each.job.name for each in self.view.under_way]

    def selected(self) -> list[int]:
        """The numbers of the selected rows."""
        return sorted(int(each.rpartition("/")[2]) for each in self.table.selected)

    def stale(self) -> bool:
        """Whether the list is known to be out of date."""
        return self.browser.list.stale

    @property
    def amount(self) -> str:
        """How much of the location is shown."""
        return self.browser.list.amount(len(self.table.rows))
