"""The list of the first screen without a screen and without a server: a test makes its requests one by one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from tui.browser import browser as browser_module
from tui.browser import choosing, paging
from tui.browser.browser import Browser
from tui.browser.list_jobs import Job
from tui.locations import page_window
from tui.locations.kind import KINDS, ItemPage, LocationKind, PageSource
from tui.locations.location import Location
from tui.locations.rows import Column, Row
from tui.rules.errors import NotFound, Problem, Unreachable
from tui.widgets.table.model import RowModel

PAGE = 3
#: This many steps settle everything that can be under way at once, with plenty to spare.
ENOUGH = 600


class Item:
    """A document of one user, in one location."""

    def __init__(self, person: str, location: str, number: int) -> None:
        self.person = person
        self.location = location
        self.number = number
        self.name = f"{'ab' if number % 3 == 0 else 'a' if number % 3 == 1 else 'b'}{number:03}"
        self.key = f"{person}/{location}/{number}"
        self.deleted_at = None
        self.folder = SimpleNamespace(id=location)


class World:
    """What the servers have, for each user and location."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Item]] = {}
        for person in ("anna", "ben"):
            for location, count in (("shelf1", 11), ("shelf2", 2), ("heap", 8), ("box", 4)):
                found = [Item(person, location, number) for number in range(count)]
                self.items[person, location] = {item.key: item for item in found}

    def of(self, person: str, location: str) -> dict[str, Item]:
        return self.items[person, location]


class NoFavorites:
    async def locations(self) -> list[Location]:
        return []


class Session:
    """The servers as one user sees them: each request is answered with the state at the moment it is made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.person = "anna"
        self.share: Any = SimpleNamespace(document=self.document)
        self.work: Any = None
        self.folders: dict[str, Any] = {}
        self.favorites = NoFavorites()

    def now(self) -> datetime:
        return datetime(2026, 11, 25, tzinfo=UTC)

    async def load_folders(self) -> list[Any]:
        return []

    def folder(self, location: Location | None) -> None:
        return None

    async def document(self, ident: str) -> Item:
        person, location, _ = ident.split("/")
        if person != self.person or ident not in self.world.of(person, location):
            raise NotFound("document.missing", "gone")
        return self.world.of(person, location)[ident]

    async def missing_rows(self, location: Location, rows: Sequence[Row]) -> list[bool]:
        return [row.key not in self.world.of(self.person, location.id) for row in rows]

    def source(self, location: Location, name: str, order: str) -> PageSource:
        person = self.person

        async def page(cursor: str | None) -> ItemPage:
            found = sorted(
                (item for item in self.world.of(person, location.id).values() if name in item.name),
                key=lambda item: item.number,
                reverse=order.startswith("-"),
            )
            if cursor is not None:
                last = int(cursor)
                found = [i for i in found if (i.number < last if order.startswith("-") else i.number > last)]
            more = len(found) > PAGE
            return ItemPage(list(found[:PAGE]), str(found[PAGE - 1].number) if more else None)

        return page


class Shelf(LocationKind):
    """A Secure Sent Links folder: the server searches, sorts and sends events."""

    name = "machine shelf"
    server = "share"
    is_share_folder = True
    sortable = True
    columns = (Column("Name", 24, sort="name"),)

    def row(self, item: Item, now: datetime) -> Row:
        return Row(item.key, (item.name,), data=item)

    def finds(self, text: str) -> bool:
        return True

    def pages(self, servers: Any, location: Location, name: str = "", order: str = "") -> PageSource:
        source: PageSource = servers.source(location, name, order)
        return source

    def pages_from_end(
        self, servers: Any, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource:
        flipped = order[1:] if order.startswith("-") else "-name"
        return self.pages(servers, location, name, flipped)


class Heap(Shelf):
    """A long list that the server neither sorts nor searches, and sends no events about."""

    name = "machine heap"
    server = "work"
    is_share_folder = False
    sortable = False

    def finds(self, text: str) -> bool:
        return False

    def pages_from_end(self, *_: Any, **__: Any) -> None:  # type: ignore[override]
        return None


class Box(Heap):
    """A list that is loaded as a single page."""

    name = "machine box"
    server = ""

    def pages(self, servers: Any, location: Location, name: str = "", order: str = "") -> PageSource:
        person = servers.person

        async def page(_: str | None) -> ItemPage:
            return ItemPage(list(servers.world.of(person, location.id).values()))

        return page


LOCATIONS = (
    Location(Shelf.name, "Shelf 1", "shelf1"),
    Location(Shelf.name, "Shelf 2", "shelf2"),
    Location(Heap.name, "Heap", "heap"),
    Location(Box.name, "Box", "box"),
)


AWAY = Unreachable("server.away", "The server is away.")


def key(number: int, location: Location = LOCATIONS[0], person: str = "anna") -> str:
    """The key of a document's row."""
    return f"{person}/{location.id}/{number}"


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

    def show_where(self) -> None:
        self.where += 1

    def commands_changed(self) -> None:
        self.commands += 1

    def answered(self, location: Location) -> None:
        self.heard.append(location.id)

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
        self._patched.setattr(paging, "MOST", 6)
        self._patched.setattr(page_window, "PAGE", PAGE)
        for module in (paging, browser_module, choosing):
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
