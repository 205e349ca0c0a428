"""What sends have published, kept in private files until somebody has seen the links.

Each send has a file of its own in the folder ``unseen`` of the state folder (0700, the file 0600), and holds a lock on
it while it runs. Whatever ends the program leaves the file there: the next start finds it without a lock, and lists
what is in it. Its lines are JSON objects with one key each::

    {"by": {"server": "local", "user": "ANNA"}}
    {"opened": {"folder": "…", "at": "2026-11-17T16:08:00Z"}}
    {"publishing": {"name": "Offer.pdf", "sha256": "…"}}      before the server is asked
    {"published": {…}}                                        the document, as the server answers it

A folder that cannot be written to keeps nobody from sending.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..rules.errors import NotFound, Problem
from ..wire.share import Document, Send

if TYPE_CHECKING:
    from ..clients.share import ShareClient
    from ..clients.target import Target

FOLDER = "unseen"
KEPT_FOR = timedelta(days=30)
_ENDING = ".jsonl"
_FLAGS = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)


def server_of(target: Target) -> str:
    """How records name a server: a local one may have another port by the next start."""
    return "local" if target.socket is not None else target.url


class SendRecord:
    """The record of one send, written as it goes on. ``state`` is the state folder; ``server`` and ``user`` say whose
    links they are. ``on_published`` is called with each document that the server has published."""

    def __init__(
        self,
        state: Path,
        server: str,
        user: str,
        on_published: Callable[[Document], None] = lambda document: None,
    ) -> None:
        self._folder = state / FOLDER
        self._by = {"server": server, "user": user}
        self._on_published = on_published
        self._opened: list[dict[str, str]] = []
        self._file: Path | None = None
        self._handle = -1

    def opened(self, send: Send) -> None:
        """The send is open. One that the server has lost is opened again."""
        self._opened.append({"folder": send.folder.id, "at": send.created_at.isoformat()})
        if self._file is not None:
            self._write({"opened": self._opened[-1]})

    def publishing(self, name: str, sha256: str) -> None:
        """The server is about to be asked to publish a document: it may do so although its answer never comes."""
        self._write({"publishing": {"name": name, "sha256": sha256}})

    def published(self, document: Document) -> None:
        """The server has published ``document``."""
        self._write({"published": document.model_dump(mode="json")})
        self._on_published(document)

    def shown(self) -> None:
        """The links have been seen: there is nothing left to keep. What is published later is kept again."""
        if self._file is not None:
            with suppress(OSError):
                self._file.unlink(missing_ok=True)
            self.release()

    def release(self) -> None:
        """The program ends: what was not shown is left for the next start."""
        if self._file is not None:
            os.close(self._handle)
            self._file, self._handle = None, -1

    def _write(self, line: dict[str, Any]) -> None:
        with suppress(OSError):
            if self._file is None:
                self._begin()
            self._append(line)

    def _begin(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = secrets.token_hex(16)
        temporary = self._folder / f".{name}"
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | _FLAGS, 0o600)
        try:
            # Under its own name only once it is held: another program would take it for one that was left.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file = self._folder / f"{name}{_ENDING}"
            temporary.rename(file)
        except OSError:
            os.close(handle)
            temporary.unlink(missing_ok=True)
            raise
        self._file, self._handle = file, handle
        self._append({"by": self._by})
        for opened in self._opened:
            self._append({"opened": opened})

    def _append(self, line: dict[str, Any]) -> None:
        # The line break comes first: what a full disk cut off does not spoil the next line.
        os.write(self._handle, b"\n" + json.dumps(line).encode())


@dataclass
class UnseenSend:
    """What an earlier send has published, and nobody has seen. It is held until :meth:`release` or :meth:`shown`."""

    file: Path
    handle: int
    by: dict[str, Any] = field(default_factory=dict)
    #: The folders that it went to, and since when.
    opened: dict[str, datetime] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    #: Name and SHA-256 of what the server was asked to publish.
    asked: set[tuple[str, str]] = field(default_factory=set)

    def read(self) -> None:
        """Reads what is in the file; what makes no sense is left out."""
        for line in self.file.read_bytes().splitlines():
            with suppress(ValueError, LookupError, TypeError, AttributeError):
                ((what, value),) = json.loads(line).items()
                self._take(what, value)

    def _take(self, what: str, value: dict[str, Any]) -> None:
        if what == "by":
            self.by = value
        elif what == "opened":
            self.opened.setdefault(value["folder"], datetime.fromisoformat(value["at"]))
        elif what == "publishing":
            self.asked.add((value["name"], value["sha256"]))
        elif what == "published":
            document = Document.model_validate(value)
            self.documents[document.id] = document

    def shown(self) -> None:
        """The links have been seen: they are not listed again."""
        with suppress(OSError):
            self.file.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Leaves it for the next start."""
        if self.handle >= 0:
            os.close(self.handle)
            self.handle = -1


def unseen_sends(state: Path, server: str, user: str, now: datetime) -> list[UnseenSend]:
    """What earlier sends of ``user`` on ``server`` have left in the folder ``state``, the oldest first.

    What was left :data:`KEPT_FOR` ago or longer is removed. ``now`` has a time zone.
    """
    found = []
    for file in _files(state / FOLDER):
        with suppress(OSError):
            send = UnseenSend(file, os.open(file, os.O_RDONLY | _FLAGS))
            try:
                fcntl.flock(send.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                age = now.timestamp() - os.fstat(send.handle).st_mtime
                send.read()
            except OSError:
                # Its own program goes on with it, or another one shows it.
                send.release()
                continue
            if age >= KEPT_FOR.total_seconds():
                send.shown()
            elif send.by == {"server": server, "user": user}:
                found.append(send)
            else:
                send.release()
    return found


def _files(folder: Path) -> Iterable[Path]:
    def age(file: Path) -> tuple[float, str]:
        try:
            return file.stat().st_mtime, file.name
        except OSError:
            return 0.0, file.name

    try:
        return sorted(folder.glob(f"*{_ENDING}"), key=age)
    except OSError:
        return []


class UnseenLinks:
    """What earlier sends have published and nobody has seen: the documents as they are now, and their records."""

    def __init__(self, documents: list[Document], sends: list[UnseenSend]) -> None:
        self.documents = documents
        self._sends = sends

    def shown(self) -> None:
        """They have been seen."""
        for send in self._sends:
            send.shown()

    def release(self) -> None:
        """They are left for the next start."""
        for send in self._sends:
            send.release()


async def unseen_links(share: ShareClient, sends: list[UnseenSend]) -> UnseenLinks | None:
    """The documents of ``sends`` whose links work still, in the order of their publishing; ``None`` for none at all.

    Where the server cannot say it now, they are told as they were.
    """
    documents: list[Document] = []
    left: list[UnseenSend] = []
    for send in sends:
        found = await _documents_now(share, send)
        if found:
            documents += found
            left.append(send)
        else:
            send.shown()
    return UnseenLinks(documents, left) if documents else None


async def _documents_now(share: ShareClient, send: UnseenSend) -> list[Document]:
    found: list[Document] = []
    for folder, since in send.opened.items():
        try:
            found += [d async for d in _sent_since(share, folder, since) if _is_of(send, d)]
        except NotFound:
            continue  # The folder is deleted, and its links with it.
        except Problem:
            return list(send.documents.values())
    return [document for document in reversed(found) if document.published and document.url]


def _is_of(send: UnseenSend, document: Document) -> bool:
    # An answer that never came is known by what was asked.
    return document.id in send.documents or (document.name, document.sha256) in send.asked


async def _sent_since(share: ShareClient, folder: str, since: datetime) -> AsyncIterator[Document]:
    async for page in share.document_pages(folder):
        for document in page.documents:
            if document.sent_at < since:
                return
            yield document
