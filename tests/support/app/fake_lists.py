"""Locations of a list without a server: what is in them, and how their pages are answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from tui.locations.kind import ItemPage, LocationKind, PageSource
from tui.locations.location import Location
from tui.locations.rows import Column, Row
from tui.rules.errors import NotFound, Unreachable

PAGE = 3


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
