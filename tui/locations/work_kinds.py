"""The locations of Work: workspaces and folders, lists of documents, and My Favorites."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..override import override
from ..rules.display import size_text
from ..rules.text import printable
from .kind import BRANCHES, KINDS, LISTS, PAGE, LocationKind, PageSource
from .location import Location
from .rows import Cell, Column, Row, moment_column, name_column
from .share_kinds import SENT
from .work_sources import (
    anywhere,
    can_search,
    children,
    children_from_end,
    counted_from_end,
    work_page,
)

if TYPE_CHECKING:
    from ..clients.first_page import FirstDocument
    from ..wire.folders import Folder
    from ..wire.work import Container, Document, Shortcut
    from .kind import Servers

#: Room for the sign alone.
_OUT = 3
DOCUMENT_COLUMNS: tuple[Column, ...] = (
    name_column("Document", sort="name"),
    # Mostly empty, and then names have its room.
    Column("Out", 11, narrow=_OUT, rank=3, label="Checked out"),
    Column("Ver", 3, align="right", rank=1),
    moment_column("Edited", rank=2, sort="-edited"),
    Column("Size", 8, align="right", rank=4),
    Column("Author", 10, rank=5),
    Column("Class", 14, rank=6),
    Column("Number", 12, rank=7),
)
#: For lists whose documents come from anywhere.
_SPREAD_COLUMNS = (
    name_column("Document", flex=2),
    Column("Out", 11, narrow=_OUT, rank=4, label="Checked out"),
    Column("Ver", 3, align="right", rank=1),
    moment_column("Edited", rank=2),
    Column("Size", 8, align="right", rank=5),
    Column("Author", 10, rank=6),
    Column("Class", 14, rank=7),
    Column("Number", 12, rank=8),
    Column("Workspace", 12, flex=1, rank=3),
)
_LOCATION_COLUMNS = (
    name_column("Name", flex=2),
    Column("Kind", 12, rank=1),
    Column("About", 12, flex=1, rank=2),
)
#: What search results show in place of the workspace of a copy in Secure Sent Links.
SENT_COPY = "sent copy"
_DOCUMENTS = frozenset({"picker", "main.audit_document"})
_SHORTCUTS = frozenset({"places.add_favorite", "places.rename_favorite", "places.remove_favorite"})


def document_row(document: Document | FirstDocument) -> Row:
    """Return the row of a version of a document; its key is the document's, the same for all versions."""
    who = document.checked_out_by
    cells: tuple[Cell, ...] = (
        document.file_name,
        ("" if who is None else "⊘ " + (who or "someone"), "warn"),
        str(document.version or ""),
        document.edit_date,
        size_text(document.size) if document.size is not None else "",
        document.author or "",
        document.document_class or "",
        document.id,
        document.workspace_name or "",
    )
    return Row(document.id.rpartition(".")[0], cells, data=document)


def container_location(container: Container) -> Location:
    """Return the location of a workspace or folder of Work."""
    opens = container.has_subfolders is not False
    return Location(_kind_of(container).name, container.name, container.id, opens=opens)


def _kind_of(container: Container) -> LocationKind:
    return WORKSPACE if container.is_workspace else FOLDER


def shortcut_location(shortcut: Shortcut, folders: dict[str, Folder]) -> Location | None:
    """Return what a shortcut of My Favorites leads to; ``folders`` are the user's in Share, as Work lists them."""
    target = shortcut.target
    if target is None:
        return None
    if target.id in folders:
        return Location(SENT.name, shortcut.name, folders[target.id].id, shortcut.id, opens=False)
    if target.wstype in ("folder", "workspace"):
        return Location(target.wstype, shortcut.name, target.id, shortcut.id)
    if target.wstype in ("document", "email"):
        return Location(DOCUMENT.name, shortcut.name, target.id, shortcut.id, opens=False)
    return None


def found_location(words: str, *, copies: bool = False) -> Location:
    """Return the location with the results of a search in the library, with or without ``copies`` that were sent."""
    kind, which = (FOUND_WITH_COPIES, "Found with sent copies") if copies else (FOUND, "Found")
    return Location(kind.name, f"{which}: {printable(words)}", words, opens=False)


def other_search(location: Location) -> Location:
    """Return the location with the results of the same search with the copies that were sent, or without them."""
    return found_location(location.id, copies=location.kind == FOUND.name)


class _Documents(LocationKind):
    """Documents of Work, and the containers among them."""

    columns = DOCUMENT_COLUMNS
    commands = _DOCUMENTS
    lists_library_documents = True

    def row(self, item: Any, now: datetime) -> Row | None:
        from ..wire.work import Container, Document

        if isinstance(item, Container):
            cells = ("▸ " + item.name, "", "")
            return Row(item.id, cells, data=item, selectable=False)
        return document_row(item) if isinstance(item, Document) else None

    def location_of(self, item: Any) -> Location | None:
        from ..wire.work import Container

        if not isinstance(item, Container):
            return None
        return Location(_kind_of(item).name, item.name, item.id)

    @override
    def edited_at(self, item: object) -> datetime | None:
        from ..wire.work import Document

        return item.edit_date if isinstance(item, Document) else None

    async def has(self, servers: Servers, location: Location, row: Row) -> bool:
        await servers.work.document(row.data.id)
        return True


class _Container(_Documents):
    """A workspace or folder."""

    commands = _DOCUMENTS | _SHORTCUTS
    sortable = True
    is_container = True

    def __init__(self, name: str, root: str = "") -> None:
        self.name = self.label = name
        self.root = root
        super().__init__()

    def finds(self, text: str) -> bool:
        return can_search(text)

    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        return children(servers.work, location.id, name, order)

    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        return children_from_end(servers.work, location.id, name, order or self.usual_order)

    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        from ..wire.work import Container

        found: list[Location] = []
        async for page in servers.work.child_pages(location.id, kind="folders"):
            found += [container_location(item) for item in page.items if isinstance(item, Container)]
            if len(found) >= BRANCHES:
                break
        return found


class _Workspace(_Container):
    """All documents of a matter."""

    is_matter = True


class Workspaces(LocationKind):
    """All workspaces that the user can see."""

    name = "workspaces"
    columns = _LOCATION_COLUMNS
    empty = "There are no workspaces that you can see.\nPress {main.local_files} to send local files."
    unfolds = True

    @override
    def row(self, item: Container, now: datetime) -> Row:
        about = item.description or item.owner_description or item.owner or ""
        cells = ("▸ " + item.name, WORKSPACE.label, about)
        return Row(item.id, cells, data=item, selectable=False)

    @override
    def location_of(self, item: Container) -> Location:
        return Location(_kind_of(item).name, item.name, item.id)

    @override
    def finds(self, text: str) -> bool:
        return can_search(text)

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        words = anywhere(name.split())
        return lambda cursor: work_page(servers.work.workspaces(cursor, PAGE, name=words))

    @override
    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        from ..clients.work import pages

        found: list[Location] = []
        async for page in pages(servers.work.workspaces):
            found += map(container_location, page.items)
            if len(found) >= BRANCHES:
                break
        return found


class Worklist(_Documents):
    """The most recently used documents."""

    name = "worklist"
    columns = _SPREAD_COLUMNS
    empty = (
        "You have used no documents in the last 30 days.\n"
        "Open a workspace, or press {main.local_files} for local files."
    )
    about = "The documents that you used in the last 30 days, the latest first. " + LISTS

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        return lambda cursor: work_page(servers.work.recent(cursor, PAGE))

    @override
    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        return None if total is None else counted_from_end(servers.work.recent, total)


class CheckedOut(_Documents):
    """The documents that the user has checked out."""

    name = "checked_out"
    columns = _SPREAD_COLUMNS
    empty = "You have no documents checked out. Open a workspace to choose others."
    about = "The documents that you have checked out. They can still be sent. " + LISTS

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        return lambda cursor: work_page(servers.work.checked_out(cursor, PAGE))

    @override
    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        return None if total is None else counted_from_end(servers.work.checked_out, total)


class SearchResults(_Documents):
    """The results of a search in the library; the location's id is the words searched for. The copies in Secure Sent
    Links are left out, unless the words are the id of one."""

    name = "found"
    columns = _SPREAD_COLUMNS
    empty = (
        "No documents match all of these words.\n"
        "{main.find} searches again, {main.sent_copies} also finds sent copies, {found.leave_found} goes back."
    )
    about = (
        "The documents of the library that match all of the words by name, number, author or class (prefixes match), "
        "last edited first. {main.sent_copies} also finds the copies that were sent. "
        "{main.find} searches again, {found.leave_found} goes back."
    )
    commands = _DOCUMENTS | {"found", "main.sent_copies"}
    copies = False

    @override
    def row(self, item: Any, now: datetime) -> Row | None:
        row = super().row(item, now)
        if row is not None and item.is_sent_copy:
            # Copies are in no workspace.
            row.cells = (*row.cells[:-1], (SENT_COPY, "warn"))
        return row

    @override
    def sent_copy_of(self, item: object) -> str:
        from ..wire.work import Document

        return item.id if isinstance(item, Document) and item.is_sent_copy else ""

    @override
    def words(self, location: Location) -> str:
        return location.id

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        return lambda cursor: work_page(servers.work.find(location.id, cursor, PAGE, copies=self.copies))


class FoundWithCopies(SearchResults):
    """The same with the copies in Secure Sent Links, which are marked."""

    name = "found_with_copies"
    empty = (
        "No documents and no sent copies match all of these words.\n"
        "{main.find} searches again, {found.leave_found} goes back."
    )
    about = (
        "The documents of the library and the copies that were sent (marked so) that match all of the words. "
        "{main.sent_copies} leaves the copies out. {main.find} searches again, {found.leave_found} goes back."
    )
    copies = True


class SingleDocument(_Documents):
    """A single document that a shortcut leads to."""

    name = "document"
    label = "document"
    commands = _DOCUMENTS | _SHORTCUTS
    lists_library_documents = False
    is_document = True

    @override
    async def whole(self, servers: Servers, location: Location) -> list[Document]:
        return [await servers.work.document(location.id)]

    @override
    async def has(self, servers: Servers, location: Location, row: Row) -> bool:
        return False


class FavoritesKind(LocationKind):
    """The user's shortcuts."""

    name = "favorites"
    columns = _LOCATION_COLUMNS
    empty = (
        "There is nothing in My Favorites yet. With the cursor on a folder, {places.add_favorite} adds it.\n"
        "The first send adds your Secure Sent Links folder."
    )
    about = (
        "Your shortcuts. The one to your Secure Sent Links folder decides where a send goes: without it, "
        "the next send creates a new folder. " + LISTS
    )
    shows = frozenset({"favorites"})
    unfolds = True

    @override
    def row(self, item: Location, now: datetime) -> Row:
        cells = ("▸ " + item.name, KINDS[item.kind].label, "")
        return Row(item.shortcut or f"{item.kind}:{item.id}", cells, data=item, selectable=False)

    @override
    def location_of(self, item: Location) -> Location:
        return item

    @override
    async def whole(self, servers: Servers, location: Location) -> list[Location]:
        return await servers.favorites.locations()

    @override
    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        return await servers.favorites.locations()


FAVORITES = FavoritesKind()
WORKSPACES = Workspaces()
WORKSPACE = _Workspace("workspace", root=Workspaces.name)
FOLDER = _Container("folder")
WORKLIST = Worklist()
CHECKED_OUT = CheckedOut()
FOUND = SearchResults()
FOUND_WITH_COPIES = FoundWithCopies()
DOCUMENT = SingleDocument()
