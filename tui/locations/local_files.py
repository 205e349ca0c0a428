"""The folders of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..override import override
from ..rules.display import size_text
from ..rules.names import natural_key
from ..rules.text import printable
from .kind import LISTS, ItemPage, LocationKind
from .location import Location
from .rows import SIZES, Cell, Column, Row, moment_column, name_column

if TYPE_CHECKING:
    from ..clients.files import FolderEntry
    from .kind import PageSource, Servers


def current_folder() -> Path:
    """Return the current working directory; the user's home folder if that was deleted."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return Path("~").expanduser()


class LocalFiles(LocationKind):
    """A folder of this machine, by its path."""

    name = "local"
    server = ""
    columns = (
        name_column("File", sort="name"),
        Column("Size", 8, align="right", rank=2, sort="-size", ways=SIZES),
        moment_column("Modified", rank=1, sort="-modified"),
    )
    sortable = True
    empty = "There are no files in this folder; {main.parent} goes up."
    about = "Files on the machine that this program runs on. They are sent like documents in Work. " + LISTS
    commands = frozenset({"picker"})

    def resolved(self, location: Location) -> Location:
        """Return the current working directory if the location has no path."""
        path = Path(location.id) if location.id else current_folder()
        return Location(self.name, str(path), str(path))

    @override
    def own_way(self, location: Location) -> list[Location]:
        here = Path(location.id)
        return [Location(self.name, part.name or "/", str(part)) for part in (*reversed(here.parents), here)]

    @override
    def row(self, item: FolderEntry, now: datetime) -> Row:
        if item.is_folder:
            cells: tuple[Cell, ...] = ("▸ " + item.name, "", item.modified)
            return Row(str(item.path), cells, data=item, selectable=False)
        if not item.usable:
            what = "leads to no file" if item.modified is None else "is not a regular file"
            why = f"{printable(item.name)} {what}, so it can't be sent."
            cells = (item.name, "", item.modified)
            return Row(str(item.path), cells, data=item, tone="dim", selectable=False, unusable=why)
        return Row(str(item.path), (item.name, size_text(item.size), item.modified), data=item)

    @override
    def location_of(self, item: FolderEntry) -> Location | None:
        return Location(self.name, item.name, str(item.path)) if item.is_folder else None

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        async def whole(_: str | None) -> ItemPage:
            entries = await self.whole(servers, location)
            return ItemPage(_in_order(entries, order) if order else entries)

        return whole

    @override
    async def whole(self, servers: Servers, location: Location) -> list[FolderEntry]:
        from ..clients.files import list_folder

        return await list_folder(Path(self.resolved(location).id))

    @override
    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        entries = await self.whole(servers, location)
        return [found for entry in entries if (found := self.location_of(entry)) is not None]


#: What each order compares. Folders have no size, and so stay in the order of their names.
_COMPARED: dict[str, Callable[[FolderEntry], Any]] = {
    "name": lambda entry: natural_key(entry.name),
    "size": lambda entry: entry.size,
    "modified": lambda entry: entry.modified or datetime.min.replace(tzinfo=UTC),
}


def _in_order(entries: Sequence[FolderEntry], order: str) -> list[FolderEntry]:
    """Return ``entries`` in that order, folders first; those that are alike stay as they are."""
    compared = _COMPARED[order.removeprefix("-")]
    found = sorted(entries, key=compared, reverse=order.startswith("-"))
    return sorted(found, key=lambda entry: not entry.is_folder)


LOCAL = LocalFiles()
