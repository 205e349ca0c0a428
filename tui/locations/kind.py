"""What is true of one kind of location, and the register of all kinds.

A new kind is one object: a subclass of :class:`LocationKind` with what differs, made once. Nothing outside of this
folder asks which kind a location is; it asks what is true of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from .location import Location
from .rows import Column, Row, flipped

if TYPE_CHECKING:
    from datetime import datetime

    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..wire.share import Folder

    class Servers(Protocol):
        """The servers that tell what is in a location, and what is known of the user's own there."""

        work: WorkClient
        share: ShareClient
        #: The user's folders in Share, by the id that Work lists them under.
        folders: dict[str, Folder]

        async def load_folders(self) -> list[Folder]:
            """Asks for the user's folders in Share. Raises :class:`Problem`."""

        def folder(self, location: Location | None) -> Folder | None:
            """What is known of the Secure Sent Links folder that a location is."""

        async def favorite_locations(self) -> list[Location]:
            """Asks for what is in My Favorites. Raises :class:`Problem`."""


#: So many rows are asked for at once.
PAGE = 200
#: So many branches of a node are shown in the tree; the list beside it has them all.
BRANCHES = 500
#: What the help says of every list of folders.
LISTS = "In the list {lists.open} opens a folder and {main.parent} goes back up; tab changes to the tree."


class ItemPage:
    """A page of a location. ``cursor`` gives the next one, ``None`` on the last; ``total`` is that of all pages, where
    the server tells it."""

    # No dataclass: making one takes a millisecond of the start.
    __slots__ = ("cursor", "items", "total")

    def __init__(self, items: list[Any], cursor: str | None = None, total: int | None = None) -> None:
        self.items = items
        self.cursor = cursor
        self.total = total


#: Gives the page that a cursor stands for, ``None`` for the first one. Every page is had by the cursor that the one
#: before gave, so that it can be had again: nobody has to keep a long list. Raises :class:`Problem`.
PageSource = Callable[[str | None], Awaitable[ItemPage]]


class LocationKind:
    """What holds unless a kind says otherwise: documents of Work, in an order of their own, told in one piece."""

    #: What :attr:`Location.kind` says.
    name = ""
    #: Which server tells what is in it: ``work``, ``share``, or none (empty) for this machine.
    server = "work"
    columns: tuple[Column, ...] = ()
    #: What is said of a location in which there is nothing; it may name commands, whose keys are then said.
    empty = "This folder is empty."
    #: What the help says of it; empty: what it says anywhere.
    about = ""
    #: What a shortcut to it is called in a list.
    label = ""
    #: The order that it has by itself, and whether the server sorts it by its columns.
    usual_order = "name"
    sortable = False
    #: The names of the commands that it offers, or those of their places.
    commands: frozenset[str] = frozenset()
    #: What of the user's own makes it out of date when it changes: ``favorites``, ``folders``.
    shows: frozenset[str] = frozenset()
    #: Whether its rows are documents of Work's library.
    lists_library_documents = False
    #: Whether it is a Secure Sent Links folder.
    is_share_folder = False
    #: Whether it is a workspace or folder of Work.
    is_container = False
    #: Whether its name ends with an extension.
    is_document = False
    #: Whether its branch of the tree is unfolded, and filled, once the server has answered.
    unfolds = False
    #: The root of the tree that it belongs below, where nothing else is known of the way to it.
    root = ""

    def __init__(self) -> None:
        KINDS[self.name] = self

    def offers(self, command: str) -> bool:
        """Whether a command (``folder.unpublish``) has a meaning where such a location is shown, or chosen."""
        return command in self.commands or command.partition(".")[0] in self.commands

    @property
    def orders(self) -> list[str]:
        """What it can be sorted by, each both ways; the order that it has by itself is one of them."""
        if not self.sortable:
            return []
        ways = list(dict.fromkeys(column.sort for column in self.columns if column.sort))
        return [*ways, *map(flipped, ways)]

    # ------------------------------------------------------------ the location

    def resolved(self, location: Location) -> Location:
        """The very location that a node of the tree means."""
        return location

    def own_way(self, location: Location) -> list[Location]:
        """The way to it, where it tells that itself; empty where it does not."""
        return []

    def words(self, location: Location) -> str:
        """The words that were searched for, where it shows what was found."""
        return ""

    # ------------------------------------------------------------ rows

    def row(self, item: Any, now: datetime) -> Row | None:
        """The row of what is in it at the moment ``now``; ``None`` for what no list shows, such as a shortcut."""
        return None

    def rows(self, items: Iterable[Any], now: datetime) -> list[Row]:
        """The rows of what is in it at the moment ``now``."""
        return [row for item in items if (row := self.row(item, now)) is not None]

    def location_of(self, item: Any) -> Location | None:
        """The location that an item of it opens; ``None`` for a document."""
        return None

    # ------------------------------------------------------------ what the servers tell

    def finds(self, text: str) -> bool:
        """Whether the server itself finds the names in it that hold ``text``."""
        return False

    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        """Its pages from its beginning; where the server itself finds names, of what has ``name`` in its.

        ``order`` is what the server sorts by, with ``-`` before it the other way round; empty: as it does by itself.
        """

        async def whole(_: str | None) -> ItemPage:
            return ItemPage(await self.whole(servers, location))

        return whole

    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        """Its pages from its end, what comes last first; ``None`` where the server has no such order.

        ``total`` is how much there is, as the pages from the beginning told it.
        """
        return None

    async def whole(self, servers: Servers, location: Location) -> list[Any]:
        """All that is in it, where it is no long list. Raises :class:`Problem`."""
        return []

    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        """The locations below it, for the tree: :data:`BRANCHES` of them or more. Raises :class:`Problem`."""
        return []

    async def has(self, servers: Servers, location: Location, row: Row) -> bool:
        """Whether what a row shows is in it still. Raises :class:`Problem`; :class:`NotFound` where it is not."""
        return False


#: All kinds, by their names.
KINDS: dict[str, LocationKind] = {}
