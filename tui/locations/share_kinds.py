"""The locations of Share: the user's folders, the sent documents, and the trash."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ..override import override
from ..rules.display import size_text
from ..rules.errors import InvalidValue
from .kind import LISTS, ItemPage, LocationKind, PageSource
from .location import Location
from .rows import Cell, Column, Row, flipped, moment_column, name_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..wire.folders import Folder
    from ..wire.share import Document, Ref
    from .kind import Servers


def has_left(document: Document, location: Location) -> bool:
    """Return whether a document of Share is no longer in a folder."""
    return document.deleted_at is not None or document.folder.id != location.id


def share_folder_location(folder: Folder | Ref) -> Location:
    """The location of a folder of Share, which contains documents only."""
    return Location(SENT.name, folder.name, folder.id, opens=False)


def _external(document: Document) -> Cell:
    """Whether a link works, at a glance: with a mark for whether anything was taken or passwords are being guessed, and
    one for a password."""
    password = "  *" if document.has_password else ""
    guessed = document.locked or document.throttled
    if not document.published:
        return (f"{'!' if guessed else '○'} Off{password and ' *'}", "warn" if guessed else "dim")
    mark = "!" if guessed else "◐" if document.downloads else "●"
    return (f"{mark} On{password}", "warn" if guessed else "good")


def _ends(document: Document) -> Cell:
    """When a link ends, or why it has."""
    if document.published:
        return document.expires_at or "never"
    from ..rules.sent_text import ended_text

    # Only the owner has the link. A server that doesn't say who ended it lets its owner undo that, if it was they.
    known = document.unpublished_at is not None or document.ended_by is not None
    return (ended_text(document.why_off, by_you=known and document.url is not None), "dim")


def _names(recipients: str) -> str:
    from ..rules.sent_text import recipients_names

    return recipients_names(recipients)


def _source_name(text: str) -> str:
    from ..rules.sent_text import source_name

    return source_name(text)


def _guessing(document: Document) -> str:
    """How many wrong passwords have done something to a link."""
    if not (document.locked or document.throttled):
        return ""
    from ..rules.sent_text import wrong_passwords_text

    # How long one has to wait would soon be wrong here; the details have it.
    return wrong_passwords_text(document.wrong_passwords) + (", locked" if document.locked else "")


class ShareFolders(LocationKind):
    """The user's folders in Share, and those of others that the user is a member of."""

    name = "share"
    server = "share"
    columns = (
        name_column("Folder"),
        Column("Owner", 10, rank=1),
        Column("Documents", 9, align="right", rank=3),
        Column("Published", 9, align="right", rank=2),
        moment_column("Created", rank=4),
    )
    empty = "You have no folder in Share. A send creates one:\nchoose documents, and press {picker.send}."
    about = (
        "Your folders in Share, including those no longer used, and those that you were added to. "
        "A send goes to the current one. " + LISTS
    )
    commands = frozenset({"folder.trash"})
    shows = frozenset({"folders"})
    unfolds = True

    @override
    def row(self, item: Folder, now: datetime) -> Row:
        whose = "yours" if item.role == "owner" else item.owner
        cells: tuple[Cell, ...] = (
            "▸ " + item.name,
            "current" if item.current else whose,
            f"{item.documents:,}",
            f"{item.published:,}",
            item.created_at,
        )
        return Row(item.id, cells, data=item, selectable=False)

    @override
    def location_of(self, item: Folder) -> Location:
        return share_folder_location(item)

    @override
    async def whole(self, servers: Servers, location: Location) -> list[Folder]:
        return await servers.load_folders()

    @override
    async def branches(self, servers: Servers, location: Location) -> list[Location]:
        return [share_folder_location(folder) for folder in await servers.load_folders()]


class SentLinksKind(LocationKind):
    """A Secure Sent Links folder, by its Share id."""

    name = "sent"
    server = "share"
    columns = (
        name_column("Document", flex=2, sort="name"),
        # Often empty, and then names have its room.
        Column(
            "To",
            18,
            flex=1,
            rank=5,
            least=14,
            brief=_names,
            parts=lambda document: document.recipients,
            shifts=True,
        ),
        Column("External", 10, rank=1, label="", sort="external", ways=("on first", "off first")),
        # Not beside the other moment: as one, they would read as a day with its time.
        moment_column("Ends", rank=4, beside=32, sort="expires_at"),
        Column(
            "Downloads",
            11,
            align="right",
            rank=3,
            beside=24,
            sort="-downloads",
            ways=("most first", "fewest first"),
        ),
        moment_column("Sent", rank=2, beside=24, sort="-sent_at"),
        Column("From", 14, rank=6, brief=_source_name),
        # Only in the line below the list, and in the details.
        Column("Tried", 0, rank=7, label="", fixed=True),
        Column("Arrived", 0, rank=8, fixed=True),
        Column("Last taken", 0, rank=9, fixed=True, label="Last download"),
        Column("Sent again", 0, rank=10, fixed=True),
    )
    # Something was sent, or the folder wouldn't be there.
    empty = (
        "No sent documents here. Pick documents in a workspace\n"
        "and press {picker.send}; {folder.trash} shows the trash."
    )
    about = (
        "The documents you sent, with their links. External says whether the link works: On, or Off with the reason. "
        "To change password, expiry or limit, press {folder.send_again}: the link stays the same, and the downloads "
        "restart at 0. To is your note of whom a link is for; it opens for anyone who has it. A download shows here "
        "within a second."
    )
    label = "sent links"
    usual_order = "-sent_at"
    sortable = True
    filter_hint = "filter: part of the name, to:anna, is:waiting, from:workspace"
    commands = frozenset({"folder", "places", "main.audit_document"})
    is_share_folder = True
    root = ShareFolders.name

    @override
    def row(self, item: Document, now: datetime) -> Row:
        from ..rules.sent_text import downloads_text, other_source_text, recipients_text

        downloads = downloads_text(item.downloads, item.downloads_permitted, anew=item.resent_at is not None)
        cells: tuple[Cell, ...] = (
            item.name,
            recipients_text(item.recipients),
            _external(item),
            _ends(item),
            downloads,
            item.sent_at,
            other_source_text(item.source, item.source_name, item.name),
            _guessing(item),
            str(item.delivered) if item.downloads else "",
            item.last_download_at,
            item.resent_at,
        )
        return Row(item.id, cells, data=item)

    @override
    def finds(self, text: str) -> bool:
        return True

    @override
    def filtered(self, rows: Sequence[Row], text: str, columns: int) -> list[Row]:
        from ..rules.sent_filter import parse

        try:
            wanted = parse(text)
        except InvalidValue:
            return []
        return [row for row in rows if wanted.fits(row.data)] if wanted else list(rows)

    @override
    def filter_problem(self, text: str) -> str:
        from ..rules.sent_filter import parse

        try:
            parse(text)
        except InvalidValue as problem:
            return problem.message
        return ""

    @override
    def nothing_found(self, text: str) -> str:
        from ..rules.sent_filter import parse

        if not parse(text).only_names:
            return f"Nothing here fits {text}"
        # For who means something else than a name.
        return f"{super().nothing_found(text)}; to: looks for recipients, is: for states"

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        async def page(cursor: str | None) -> ItemPage:
            if servers.folder(location) is None:
                await servers.load_folders()
            found = await servers.share.documents(location.id, cursor, None, order or None, name)
            return ItemPage(list(found.documents), found.cursor, found.total)

        return page

    @override
    def pages_from_end(
        self, servers: Servers, location: Location, name: str, total: int | None, order: str = ""
    ) -> PageSource | None:
        return self.pages(servers, location, name, flipped(order or self.usual_order))

    @override
    async def has(self, servers: Servers, location: Location, row: Row) -> bool:
        return not has_left(await servers.share.document(row.key), location)


class Trash(LocationKind):
    """The deleted documents of all folders."""

    name = "trash"
    server = "share"
    columns = (
        name_column("Document"),
        moment_column("Deleted", rank=1),
        moment_column("Sent", rank=2),
        Column("Downloads", 9, align="right", rank=4),
        Column("Size", 8, align="right", rank=3),
    )
    empty = (
        "The trash is empty. Deleted documents come here first.\n{trash.leave_trash} goes back to the folder."
    )
    about = (
        "Deleted documents; their links have stopped. They stay until the trash is emptied, and {trash.restore} "
        "brings them back."
    )
    commands = frozenset({"trash", "main.audit_document"})

    @override
    def row(self, item: Document, now: datetime) -> Row:
        from ..rules.sent_text import downloads_text

        cells: tuple[Cell, ...] = (
            item.name,
            item.deleted_at,
            item.sent_at,
            downloads_text(item.downloads, None, anew=item.resent_at is not None),
            size_text(item.size),
        )
        return Row(item.id, cells, data=item)

    @override
    def pages(self, servers: Servers, location: Location, name: str = "", order: str = "") -> PageSource:
        async def page(cursor: str | None) -> ItemPage:
            found = await servers.share.trash(cursor)
            return ItemPage(list(found.documents), found.cursor, found.total)

        return page


SHARE = ShareFolders()
SENT = SentLinksKind()
TRASH = Trash()
