"""What is true of one kind of location, and the registry of all kinds.

A new kind is a subclass of :class:`LocationKind` with what differs, instantiated once. Nothing outside this package
asks which kind a location is; it asks what is true of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from .location import Location
from .rows import Column, Row, flipped, holding

if TYPE_CHECKING:
    from datetime import datetime

    from ..clients.share import ShareClient
    from ..clients.work import WorkClient
    from ..wire.folders import Folder

    class FavoriteLocations(Protocol):
        """What the kinds need of My Favorites; the session keeps them as last loaded."""

        async def locations(self) -> list[Location]:
            """Load the contents of My Favorites that can be opened. Raises :class:`Problem`."""

    class Servers(Protocol):
        """The servers that hold the locations, and what is known of the user's folders and favorites there."""

        work: WorkClient
        share: ShareClient
        #: The user's folders in Share, by the ids under which Work lists them.
        folders: dict[str, Folder]

        async def load_folders(self) -> list[Folder]:
            """Load the user's folders in Share. Raises :class:`Problem`."""

        def folder(self, location: Location | None) -> Folder | None:
            """Return what is known of a location that is a Secure Sent Links folder."""

        @property
        def favorites(self) -> FavoriteLocations:
            """My Favorites."""


#: How many rows are requested at a time.
PAGE = 200
#: How many branches of a node the tree shows at most; the list next to it has them all.
BRANCHES = 500
#: What the help says about every list of folders.
LISTS = "In the list {lists.open} opens a folder and {main.parent} goes back up; tab switches to the tree."


class ItemPage:
    """A page of a location. ``cursor`` leads to the next one, ``None`` on the last; ``total`` is the number of items on
    all pages, if the server reports it."""

    # Not a dataclass: defining one takes a millisecond of the start-up time.
    __slots__ = ("cursor", "items", "total")

    def __init__(self, items: list[Any], cursor: str | None = None, total: int | None = None) -> None:
        self.items = items
        self.cursor = cursor
        self.total = total


#: Returns the page at a cursor, ``None`` for the first one. Each page is loaded by the cursor from the page before it,
#: so that it can be loaded again, and a long list needn't be kept. Raises :class:`Problem`.
PageSource = Callable[[str | None], Awaitable[ItemPage]]


class LocationKind:
    """The defaults: documents of Work, in a fixed order, loaded in one piece. A kind overrides what differs."""

    #: The value of :attr:`Location.kind`.
    name = ""
    #: Which server holds its contents: ``work``, ``share``, or none (empty) for this machine.
    server = "work"
    columns: tuple[Column, ...] = ()
    #: What is shown in an empty location; it may contain names of commands, which are replaced by their keys.
    empty = "This folder is empty."
    #: What the help says about it; if empty, the help shows its general text.
    about = ""
    #: What lists call a shortcut to it.
    label = ""
    #: Its default order, and whether the server can sort it by its columns.
    usual_order = "name"
    sortable = False
    #: What the empty field of its filter says.
    filter_hint = "filter: type part of the name"
    #: The names of the commands that it offers, or of their places in ``commands/declared.py``.
    commands: frozenset[str] = frozenset()
    #: Which of the user's own things make it out of date when they change: ``favorites``, ``folders``.
    shows: frozenset[str] = frozenset()
    #: Whether its rows are documents of Work's library.
    lists_library_documents = False
    #: Whether it is a Secure Sent Links folder.
    is_share_folder = False
    #: Whether it is a workspace or folder of Work.
    is_container = False
    #: Whether it holds all of a matter, and has its name.
    is_matter = False
    #: Whether its name ends with an extension.
    is_document = False
    #: Whether its branch of the tree is filled and expanded as soon as the server has responded.
    unfolds = False
    #: The root of the tree that it belongs below, if nothing else is known of the path to it.
    root = ""

    def __init__(self) -> None:
        KINDS[self.name] = self

    def offers(self, command: str) -> bool:
        """Return whether a command (``folder.unpublish``) makes sense while such a location is shown or selected."""
        return command in self.commands or command.partition(".")[0] in self.commands

    @property
    def first_orders(self) -> list[str]:
        """The orders in which it is first sorted by each of its columns, from left to right."""
        return (
            list(dict.fromkeys(column.sort for column in self.columns if column.sort))
            if self.sortable
            else []
        )

    @property
    def orders(self) -> list[str]:
        """The orders it can be sorted in, each in both directions; its default order is one of them."""
        return [*self.first_orders, *map(flipped, self.first_orders)]

    # ------------------------------------------------------------ the location

    def resolved(self, location: Location) -> Location:
        """Return the actual location that a node of the tree stands for."""
        return location

    def own_way(self, location: Location) -> list[Location]:
        """Return the path to it if the location itself tells it; otherwise an empty list."""
        return []

    def words(self, location: Location) -> str:
        """Return the words that were searched for, if it shows search results."""
        return ""

    # ------------------------------------------------------------ rows

    def row(self, item: Any, now: datetime) -> Row | None:
        """Return the row of an item at the moment ``now``; ``None`` for items that aren't listed, such as shortcuts."""
        return None

    def rows(self, items: Iterable[Any], now: datetime) -> list[Row]:
        """Return the rows of some items at the moment ``now``."""
        return [row for item in items if (row := self.row(item, now)) is not None]

    def edited_at(self, item: object) -> datetime | None:
        """Return when an item was last edited, if lists are sorted by that."""
        return None

    def location_of(self, item: Any) -> Location | None:
        """Return the location that an item opens; ``None`` for a document."""
        return None

    # ------------------------------------------------------------ the filter

    def filtered(self, rows: Sequence[Row], text: str, columns: int) -> list[Row]:
        """Return the rows that fit the text of a filter: those that contain it in one of their first ``columns`` cells,
        as shown."""
        return holding(rows, text, columns)

    def filter_problem(self, text: str) -> str:
        """Return why ``text`` can't be a filter, as a sentence; empty if it can."""
        return ""

    def nothing_found(self, text: str) -> str:
        """Return what is said if no row fits ``text``: the beginning of a sentence."""
        return f"No name here contains “{text}”"

    def sent_copy_of(self, item: object) -> str:
        """Return the id in Work of an item that is the copy of what was sent; empty for all others."""
        return ""

    # ------------------------------------------------------------ requests to the servers

    def finds(self, text: str) -> bool:
        """Return whether the server itself can search it for what fits the filter ``text``."""
        return False

    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        """Return its pages from the beginning; if the server can search, only of items that fit the filter ``name``.

        ``order`` is what the server sorts by, with ``-`` in front for the reverse; empty: the server's default order.
        """

        async def whole(_: str | None) -> ItemPage:
            return ItemPage(await self.whole(servers, location))

        return whole

    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        """Return its pages from the end, the last items first; ``None`` if the server can't reverse the order.

        ``total`` is the number of items, as reported by the pages from the beginning.
        """
        return None

    async def whole(self, servers: Servers, location: Location) -> list[Any]:
        """Load all items at once, for kinds that aren't paged. Raises :class:`Problem`."""
        return []

    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        """Load the locations below it for the tree, :data:`BRANCHES` or more of them. Raises :class:`Problem`."""
        return []

    async def has(self, servers: Servers, location: Location, row: Row) -> bool:
        """Return whether the item of a row is still in it.

        Raises :class:`Problem`, among them :class:`NotFound` if the item no longer exists.
        """
        return False


#: All kinds by name.
KINDS: dict[str, LocationKind] = {}
