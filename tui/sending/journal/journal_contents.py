"""The content of a journal's file (``journal.py``), as far as it can be read."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ...wire.share import Document, Send
from .journal_lines import JournalLine, PlanLine, Sender

#: What reading a line may raise.
_UNREADABLE = (ValueError, LookupError, TypeError, RecursionError)
#: A larger file is no journal.
_MOST_BYTES = 1 << 28


@dataclass(slots=True)
class Upload:
    """An upload of a row: its ``id``, chosen by the client, and the source's size and version when it was begun."""

    id: str
    size: int
    version: Any


@dataclass(slots=True)
class JournalEntry:
    """A row of a send. ``source`` identifies the document (``sources.py``); ``key`` is its idempotency key."""

    source: dict[str, Any]
    name: str
    key: str
    upload: Upload | None = None
    document: Document | None = None
    #: Whether the source changed while it was sent.
    changed: bool = False
    shown: bool = False


@dataclass(slots=True)
class Contents:
    """The content of a journal."""

    id: str
    by: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    #: Those of ``journal_lines.Settings`` that were set.
    settings: dict[str, Any] = field(default_factory=dict)
    entries: list[JournalEntry] = field(default_factory=list)
    #: One for each time it was opened: the server may have lost earlier ones.
    opened: list[Send] = field(default_factory=list)
    #: The id of the process that holds the journal, or held it last; and whether the send was left to it.
    process: int | None = None
    in_background: bool = False
    #: Where that process has this id (``process_ids.realm``); empty if it isn't known.
    realm: str = ""
    #: The plan can't be read: the rows are those that were published, as far as that can be read. There are none if
    #: only the server knows them.
    damaged: bool = False

    @property
    def done(self) -> bool:
        """Whether everything is published and its links were shown."""
        return not self.unreadable and all(
            entry.document is not None and entry.shown for entry in self.entries
        )

    @property
    def unreadable(self) -> bool:
        """Whether nothing can be read of it but that there was a send."""
        return self.damaged and not self.entries

    def adopt(self, documents: Iterable[Document]) -> None:
        """Give a damaged journal the rows of documents of its send that it has lost: each after the one that was
        published before it."""
        known = {entry.key for entry in self.entries}
        lost: dict[str, list[JournalEntry]] = {}
        last_known = ""
        for document in documents:
            if document.id in known:
                last_known = document.id
            else:
                lost.setdefault(last_known, []).append(_entry_of(document))
        entries = lost.pop("", [])
        for entry in self.entries:
            entries += [entry, *lost.get(entry.key, ())]
        self.entries = entries

    def take(self, line: bytes) -> None:
        """Apply a line of the file; an invalid line is ignored."""
        with suppress(*_UNREADABLE):
            self._apply(JournalLine.model_validate(json.loads(line)))

    def was_published(self, row: int, document: Document, *, changed: bool) -> None:
        """Apply the line that says so."""
        self.entries[row].document, self.entries[row].changed = document, changed

    def _apply(self, line: JournalLine) -> None:
        if line.plan is not None:
            self._take_plan(line.plan)
        if line.process is not None:
            self.process, self.in_background = line.process.id, line.process.in_background
            self.realm = line.process.realm
        if line.opened is not None:
            self.opened.append(line.opened)
        if line.upload is not None:
            version = version_of(line.upload.version)
            self.entries[line.upload.row].upload = Upload(line.upload.id, line.upload.size, version)
        if line.published is not None:
            self.was_published(line.published.row, line.published.document, changed=line.published.changed)
        for row in line.shown or ():
            self.entries[row].shown = True
        if line.noted:
            self.settings["made"] = False

    def _take_plan(self, plan: PlanLine) -> None:
        self.entries = [
            JournalEntry(row.source.model_dump(exclude_unset=True), row.name, row.key) for row in plan.rows
        ]
        self.by, self.settings = plan.by.model_dump(), plan.settings.model_dump(exclude_unset=True)
        self.at = plan.at


def version_of(read: Any) -> Any:
    """The version of a source as it was before it was written."""
    return tuple(read) if isinstance(read, list) else read


def read(path: Path) -> Contents:
    """The content of a journal's file. Raises :class:`OSError`."""
    contents = Contents(path.stem)
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size > _MOST_BYTES:
            # Reading it could take all memory.
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
        lines = file.read().splitlines()
    for line in lines:
        contents.take(line)
    if not contents.entries:
        _salvage(contents, lines)
    return contents


def _salvage(contents: Contents, lines: Iterable[bytes]) -> None:
    """Make ``contents``, which has no rows, that of a send of what its lines say was published; if there is anything,
    or the server can be asked.

    Whose send it is may stay unknown.
    """
    published: dict[int, Document] = {}
    shown: set[int] = set()
    by: dict[str, str] = {}
    for line in lines:
        with suppress(*_UNREADABLE):
            value = json.loads(line)
            if "plan" in value:
                by = Sender.model_validate(value["plan"]["by"]).model_dump()
                continue
            known = JournalLine.model_validate(value)
            if known.published is not None:
                published[known.published.row] = known.published.document
            shown.update(known.shown or ())
    if not (published or contents.opened):
        return
    contents.damaged, contents.by = True, by
    contents.entries = [
        _entry_of(document, shown=row in shown) for row, document in sorted(published.items())
    ]


def _entry_of(document: Document, *, shown: bool = False) -> JournalEntry:
    """The row of a document of which nothing else is known any more."""
    source = {"name": document.name, "label": document.source, "size": document.size}
    return JournalEntry(source, document.name, document.id, document=document, shown=shown)
