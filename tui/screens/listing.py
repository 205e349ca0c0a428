"""Rows and columns of the lists: documents of Work, files of this machine, sent documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..widgets.rows import flipped
from ..widgets.table import Cell, Column, Row
from ..widgets.tree import Place
from .progress import size_text

if TYPE_CHECKING:
    from ..clients.files import Entry
    from ..first import FirstDocument
    from ..wire.share import Document as SentDocument
    from ..wire.share import Folder
    from ..wire.work import Container, Document

DOCUMENT_COLUMNS = (
    Column("Document", 20, flex=1, name=True, sort="name"),
    Column("Ver", 3, align="right"),
    Column("Size", 8, align="right"),
    Column("Checked out", 11),
    Column("Author", 10, hide_below=74),
    Column("Edited", 16, hide_below=84, sort="-edited"),
    Column("Class", 14, hide_below=108),
    Column("Number", 12, hide_below=128),
)
#: Of places whose documents are from anywhere.
SPREAD_COLUMNS = (
    Column("Document", 20, flex=2, name=True),
    Column("Ver", 3, align="right"),
    Column("Size", 8, align="right", hide_below=108),
    Column("Checked out", 11),
    Column("Author", 10, hide_below=96),
    Column("Edited", 16, hide_below=84),
    Column("Class", 14, hide_below=124),
    Column("Number", 12, hide_below=140),
    Column("Workspace", 12, flex=1),
)
FILE_COLUMNS = (
    Column("File", 20, flex=1, name=True),
    Column("Size", 8, align="right"),
    Column("Modified", 16),
)
#: From this width on, the time left has a column of its own.
_WIDE = 72
SENT_COLUMNS = (
    Column("Document", 16, flex=1, name=True, sort="name"),
    Column("External", 13),
    Column("Downloads", 9, align="right", sort="-downloads"),
    Column("Expires", 13, hide_from=_WIDE, sort="expires_at"),
    Column("Expires", 10, hide_below=_WIDE, sort="expires_at"),
    Column("Left", 8, hide_below=_WIDE, align="right"),
    Column("Password", 8, hide_below=84),
    Column("Last download", 16, hide_below=104),
    Column("Sent", 16, hide_below=122, sort="-sent_at"),
    Column("Sent from", 16, hide_below=140),
)
FOLDER_COLUMNS = (
    Column("Folder", 20, flex=1, name=True),
    Column("Whose", 10),
    Column("Documents", 9, align="right"),
    Column("Published", 9, align="right"),
    Column("Made", 16, hide_below=80),
)
PLACE_COLUMNS = (
    Column("Name", 20, flex=2, name=True),
    Column("Kind", 12),
    Column("About", 12, flex=1, hide_below=60),
)
TRASH_COLUMNS = (
    Column("Document", 16, flex=1, name=True),
    Column("Deleted", 16),
    Column("Sent", 16, hide_below=70),
    Column("Downloads", 9, align="right", hide_below=84),
    Column("Size", 8, align="right"),
)

#: The places with documents of Work.
OF_WORK = ("workspace", "folder", "worklist", "checked_out", "found")
_KINDS = {"workspace": "workspace", "folder": "folder", "sent": "sent links", "document": "document"}
#: What is said of a place in which there is nothing; it may name commands, whose keys are then said.
EMPTY = {
    "sent": "There is nothing in this folder. Choose documents in\n"
    "the tree and press {picker.send}; {folder.trash} shows what was deleted.",
    "trash": "The trash is empty. What you delete comes here first.\n{trash.leave_trash} goes back to the folder.",
    "local": "There are no files in this folder; {main.parent} goes up.",
    "worklist": "You have used no documents in the last 30 days.\n"
    "Open a workspace, or press {main.local_files} for local files.",
    "checked_out": "You have checked out no documents. Open a workspace to choose others.",
    "found": "No document has all of these words, or words that begin so.\n{main.find} looks for others.",
    "workspaces": "There are no workspaces that you may see.\nPress {main.local_files} to send local files.",
    "favorites": "There is nothing in My Favorites yet. With the cursor on a folder, {places.add_favorite} adds it.\n"
    "The first send adds your Secure Sent Links folder.",
    "share": "You have no folder in Share yet. The first send makes one:\nchoose documents, and press {picker.send}.",
}


def moment_text(moment: datetime | None, *, day: bool = False) -> str:
    """``2026-11-25 13:05`` in the user's time zone, or only its day."""
    if moment is None:
        return ""
    return f"{moment.astimezone():%Y-%m-%d}" if day else f"{moment.astimezone():%Y-%m-%d %H:%M}"


def document_row(document: Document | FirstDocument) -> Row:
    """A version of a document; its key is the document's, whichever version it is."""
    who = document.checked_out_by
    cells: tuple[Cell, ...] = (
        document.file_name,
        str(document.version or ""),
        size_text(document.size) if document.size is not None else "",
        ("" if who is None else "⊘ " + (who or "somebody"), "warn"),
        document.author or "",
        moment_text(document.edit_date),
        document.document_class or "",
        document.id,
        document.workspace_name or "",
    )
    return Row(document.id.rpartition(".")[0], cells, data=document)


def container_row(container: Container) -> Row:
    cells = (("▸ " + container.name, "accent"), "", "")
    return Row(container.id, cells, data=container, selectable=False)


def workspace_row(container: Container) -> Row:
    """A workspace in the list of all."""
    about = container.description or container.owner_description or container.owner or ""
    return Row(
        container.id,
        (("▸ " + container.name, "accent"), "workspace", about),
        data=container,
        selectable=False,
    )


def place_row(place: Place) -> Row:
    """A shortcut of My Favorites."""
    cells = (("▸ " + place.name, "accent"), _KINDS.get(place.kind, ""), "")
    return Row(place.shortcut or f"{place.kind}:{place.id}", cells, data=place, selectable=False)


def folder_row(folder: Folder) -> Row:
    """A folder in Share."""
    whose = "yours" if folder.role == "owner" else folder.owner
    cells: tuple[Cell, ...] = (
        ("▸ " + folder.name, "accent"),
        "current" if folder.current else whose,
        f"{folder.documents:,}",
        f"{folder.published:,}",
        moment_text(folder.created_at),
    )
    return Row(folder.id, cells, data=folder, selectable=False)


def entry_row(entry: Entry) -> Row:
    """A file or folder of this machine."""
    if entry.is_folder:
        return Row(
            str(entry.path),
            (("▸ " + entry.name, "accent"), "", moment_text(entry.modified)),
            data=entry,
            selectable=False,
        )
    cells: tuple[Cell, ...] = (entry.name, size_text(entry.size), moment_text(entry.modified))
    tone = "" if entry.usable else "dim"
    return Row(str(entry.path), cells, data=entry, tone=tone, selectable=entry.usable)


def _external(document: SentDocument) -> Cell:
    if document.locked:
        return ("● On locked" if document.published else "○ Off locked", "warn")
    if document.published:
        return ("● On", "good")
    return (f"○ Off {document.reason or ''}".rstrip(), "dim")


def _left(document: SentDocument, now: datetime) -> str:
    """The time left in its largest unit: ``7 days``, ``23 h``, ``5 min``, ``40 s``."""
    if document.expires_at is None or not document.published:
        return ""
    seconds = max(int((document.expires_at - now).total_seconds()), 0)
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= (2 if unit == "days" else 1) * length:
            return f"{seconds // length:,} {unit}"
    return f"{seconds} s"


def _expires(document: SentDocument, now: datetime) -> str:
    """The day and the time left, as short as can be."""
    if document.expires_at is None:
        return "never"
    left = _left(document, now).replace(" days", "d").replace(" ", "")
    day = moment_text(document.expires_at, day=True)
    return f"{day} {left}" if len(left) < 4 else f"{day[2:]} {left}"


def sent_row(document: SentDocument, now: datetime) -> Row:
    """A document of a Secure Sent Links folder."""
    permitted = document.downloads_permitted
    downloads = f"{document.downloads}" if permitted is None else f"{document.downloads} of {permitted}"
    cells: tuple[Cell, ...] = (
        document.name,
        _external(document),
        downloads,
        _expires(document, now),
        moment_text(document.expires_at, day=True) or "never",
        _left(document, now),
        "yes" if document.has_password else "no",
        moment_text(document.last_download_at),
        moment_text(document.sent_at),
        document.source,
    )
    return Row(document.id, cells, data=document)


def trash_row(document: SentDocument) -> Row:
    cells: tuple[Cell, ...] = (
        document.name,
        moment_text(document.deleted_at),
        moment_text(document.sent_at),
        str(document.downloads),
        size_text(document.size),
    )
    return Row(document.id, cells, data=document)


def place_of(item: Any) -> Place | None:
    """The place that a row opens: a folder, a shortcut, a folder of this machine; ``None`` for a document."""
    from ..clients.files import Entry
    from ..wire.share import Folder
    from ..wire.work import Container

    if isinstance(item, Place):
        return item
    if isinstance(item, Entry):
        return Place("local", item.name, str(item.path)) if item.is_folder else None
    if isinstance(item, Container):
        return Place("workspace" if item.is_workspace else "folder", item.name, item.id)
    return Place("sent", item.name, item.id, opens=False) if isinstance(item, Folder) else None


def local_place(place: Place) -> Place:
    """The folder of this machine that a node of the tree means: the present one where it names none."""
    path = Path(place.id) if place.id else Path.cwd()
    return Place("local", str(path), str(path))


def columns_for(kind: str) -> tuple[Column, ...]:
    return {
        "local": FILE_COLUMNS,
        "sent": SENT_COLUMNS,
        "trash": TRASH_COLUMNS,
        "share": FOLDER_COLUMNS,
        "favorites": PLACE_COLUMNS,
        "workspaces": PLACE_COLUMNS,
        "found": SPREAD_COLUMNS,
        "worklist": SPREAD_COLUMNS,
        "checked_out": SPREAD_COLUMNS,
    }.get(kind, DOCUMENT_COLUMNS)


def orders_of(kind: str) -> list[str]:
    """What a place of that kind can be sorted by, each both ways; the order that it has by itself is one of them."""
    if kind not in ("sent", "workspace", "folder"):
        return []
    ways = list(dict.fromkeys(column.sort for column in columns_for(kind) if column.sort))
    return [*ways, *map(flipped, ways)]


def rows_of(kind: str, items: Iterable[Any], now: datetime) -> list[Row]:
    """The rows of what is in a place of that kind at the moment ``now``."""
    from ..wire.work import Container, Document

    makers: dict[str, Callable[[Any], Row]] = {
        "local": entry_row,
        "sent": lambda item: sent_row(item, now),
        "trash": trash_row,
        "share": folder_row,
        "favorites": place_row,
        "workspaces": workspace_row,
    }
    make = makers.get(kind)
    if make is not None:
        return [make(item) for item in items]
    # What no list shows, such as a shortcut, is left out.
    return [
        container_row(item) if isinstance(item, Container) else document_row(item)
        for item in items
        if isinstance(item, Container | Document)
    ]
