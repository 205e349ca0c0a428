"""What a send is about and how far it is, kept in a private file until all of it is done and its links were seen.

Each send has a file of its own in the folder ``sends`` of the state folder (0700, the file 0600), written before the
server is asked for anything and locked while a process works on it. Whatever ends the process leaves the file there:
without a lock, it is a send that was interrupted. Its lines are JSON objects with one key each::

    {"plan": {"by": {…}, "at": "…", "settings": {…}, "rows": [{"source": {…}, "name", "key"}]}}
    {"opened": {…}}                                       the send, as the server answers it
    {"upload": {"row": 0, "id": "…", "size": 7, "version": …}}   before the server is asked to begin it
    {"published": {"row": 0, "document": {…}}}            the document, as the server answers it
    {"shown": [0, 1]}                                     somebody has seen the links of these rows

A password is never in it. A folder that cannot be written to keeps nobody from sending.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..rules.errors import Conflict, NotFound
from ..rules.link_settings import LinkSettings
from ..wire.share import Document, Send

if TYPE_CHECKING:
    from ..clients.target import Target

FOLDER = "sends"
KEPT_FOR = timedelta(days=30)
_ENDING = ".jsonl"
_ID = re.compile(r"[0-9a-f]{12}")
_FLAGS = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
# Whoever only looks holds a lock for a moment.
_TRIES, _BETWEEN = 20, 0.01


def server_of(target: Target) -> str:
    """How journals name a server: a local one may have another port by the next start."""
    return "local" if target.socket is not None else target.url


@dataclass(slots=True)
class Upload:
    """An upload of a row, under the ``id`` that was chosen for it; begun with so many bytes of that version."""

    id: str
    size: int
    version: Any


@dataclass(slots=True)
class Entry:
    """A row of a send. ``source`` says what identifies it (``sources.py``); it is published under ``key``."""

    source: dict[str, Any]
    name: str
    key: str
    upload: Upload | None = None
    document: Document | None = None
    shown: bool = False


@dataclass(slots=True)
class Contents:
    """What a journal says."""

    id: str
    by: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    #: What it is sent with: the fields of ``OpenSend`` without the password, ``has_password`` and ``made`` (by us).
    settings: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    #: As often as it was opened: a server may have lost one.
    opened: list[Send] = field(default_factory=list)

    @property
    def done(self) -> bool:
        """Nothing is left to be sent or to be shown."""
        return all(entry.document is not None and entry.shown for entry in self.entries)

    def take(self, line: bytes) -> None:
        """Takes a line; one that makes no sense is left out."""
        with suppress(ValueError, LookupError, TypeError, AttributeError):
            ((what, value),) = json.loads(line).items()
            getattr(self, f"_take_{what}")(value)

    def _take_plan(self, plan: dict[str, Any]) -> None:
        self.entries = [Entry(dict(row["source"]), row["name"], row["key"]) for row in plan["rows"]]
        self.by, self.settings = dict(plan["by"]), dict(plan["settings"])
        self.at = datetime.fromisoformat(plan["at"])

    def _take_opened(self, value: dict[str, Any]) -> None:
        self.opened.append(Send.model_validate(value))

    def _take_upload(self, value: dict[str, Any]) -> None:
        version = value["version"]
        version = tuple(version) if isinstance(version, list) else version
        self.entries[value["row"]].upload = Upload(value["id"], value["size"], version)

    def _take_published(self, value: dict[str, Any]) -> None:
        self.entries[value["row"]].document = Document.model_validate(value["document"])

    def _take_shown(self, rows: list[int]) -> None:
        for row in rows:
            self.entries[row].shown = True


class Journal:
    """The journal of one send, held by this process until :meth:`release` or :meth:`remove`.

    ``state`` is the state folder; ``server`` and ``user`` say whose send it is. ``on_published`` is called with each
    document that the server has published.
    """

    def __init__(
        self,
        state: Path,
        server: str,
        user: str,
        on_published: Callable[[Document], None] = lambda document: None,
    ) -> None:
        self.contents = Contents(secrets.token_hex(6), {"server": server, "user": user})
        self.on_published = on_published
        #: The password was made by the program: nobody knows it before it was shown.
        self.password_made = False
        self._folder = state / FOLDER
        self._handle = -1

    @classmethod
    def take(cls, state: Path, found: Contents) -> Journal:
        """Holds the journal of a send that was interrupted, to go on with it or to give it up.

        Raises :class:`NotFound` where it is there no more, :class:`Conflict` where another process works on it.
        """
        journal = cls(state, found.by["server"], found.by["user"])
        path = journal._folder / f"{found.id}{_ENDING}"
        try:
            handle = os.open(path, os.O_RDWR | os.O_APPEND | _FLAGS)
        except OSError:
            raise unknown(found.id) from None
        if not _lock(handle):
            os.close(handle)
            raise Conflict(
                "send.running", f"Another process is sending {found.id} right now; wait until it is done."
            )
        if os.fstat(handle).st_nlink == 0:
            # Whoever held it has come to the end.
            os.close(handle)
            raise unknown(found.id)
        try:
            journal.contents = _contents(path)
        except OSError:
            os.close(handle)
            raise unknown(found.id) from None
        journal._handle = handle
        return journal

    @property
    def id(self) -> str:
        return self.contents.id

    @property
    def held(self) -> bool:
        """Whether there is a file, and this process has it."""
        return self._handle >= 0

    # ---------------------------------------------------------------- what happens

    def begin(
        self, rows: Sequence[tuple[dict[str, Any], str, str]], settings: LinkSettings, at: datetime
    ) -> None:
        """Nothing was asked of the server yet. ``rows`` are source, link name and key of each; ``at`` has a zone."""
        plan = {
            "by": self.contents.by,
            "at": at.isoformat(),
            "settings": self._said(settings),
            "rows": [{"source": source, "name": name, "key": key} for source, name, key in rows],
        }
        line = _line({"plan": plan})
        self.contents.take(line)
        with suppress(OSError):
            self._create(line)

    def _said(self, settings: LinkSettings) -> dict[str, Any]:
        said = settings.fields()
        if isinstance(said.get("expires_at"), datetime):
            said["expires_at"] = said["expires_at"].isoformat()
        protected = said.pop("password", None) is not None
        return {**said, "has_password": protected, "made": protected and self.password_made}

    def opened(self, send: Send) -> None:
        """The send is open. One that the server has lost is opened again."""
        self._note({"opened": send.model_dump(mode="json")}, sync=True)

    def upload(self, row: int, upload: Upload) -> None:
        """The server is about to be asked to begin an upload."""
        self._note({"upload": {"row": row, "id": upload.id, "size": upload.size, "version": upload.version}})

    def published(self, documents: Iterable[tuple[int, Document]]) -> None:
        """The server has published these rows."""
        for row, document in documents:
            self._note({"published": {"row": row, "document": document.model_dump(mode="json")}})
            self.on_published(document)

    def shown(self) -> None:
        """The links of what is published by now have been seen. Where that is all of it, nothing is left to keep."""
        entries = self.contents.entries
        rows = [i for i, entry in enumerate(entries) if entry.document is not None and not entry.shown]
        if rows:
            self._note({"shown": rows}, sync=True)
        if self.contents.done:
            self.remove()

    def remove(self) -> None:
        """Nothing of the send is to be gone on with, or to be shown."""
        if self.held:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self.release()

    def release(self) -> None:
        """This process does no more about it: what is not done is left for another."""
        if self.held:
            os.close(self._handle)
            self._handle = -1

    # ---------------------------------------------------------------- the file

    @property
    def _path(self) -> Path:
        return self._folder / f"{self.id}{_ENDING}"

    def _create(self, line: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._folder / f".{self.id}"
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _FLAGS, 0o600)
        try:
            # Under its own name only once it is whole and held: it would be taken for one that was interrupted.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _write(handle, line)
            os.fsync(handle)
            temporary.rename(self._path)
            _sync_folder(self._folder)
        except OSError:
            os.close(handle)
            temporary.unlink(missing_ok=True)
            raise
        self._handle = handle

    def _note(self, value: dict[str, Any], *, sync: bool = False) -> None:
        line = _line(value)
        self.contents.take(line)
        if self.held:
            with suppress(OSError):
                _write(self._handle, line)
                if sync:
                    os.fdatasync(self._handle)


def _line(value: dict[str, Any]) -> bytes:
    # The line break comes first: what a full disk cut off does not spoil the next line.
    return b"\n" + json.dumps(value).encode()


def _write(handle: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_BETWEEN)
        else:
            return True
    return False


# -------------------------------------------------------------------- what there is


@dataclass(frozen=True, slots=True)
class Left:
    """A send that is not done. ``running``: a process works on it at this moment."""

    contents: Contents
    running: bool


def unknown(ident: str) -> NotFound:
    return NotFound("send.unknown", f"There is no interrupted send {ident}; see sentlinks sends.")


def left(state: Path, server: str, user: str, now: datetime) -> list[Left]:
    """The sends of ``user`` on ``server`` that are not done, by the folder ``state``, the oldest first.

    What was left :data:`KEPT_FOR` ago or longer is removed. ``now`` has a time zone.
    """
    found = []
    for path in _files(state / FOLDER):
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | _FLAGS)
            try:
                running = not _held_by_nobody(handle)
                age = now.timestamp() - os.fstat(handle).st_mtime
                if age >= KEPT_FOR.total_seconds() and not running:
                    path.unlink(missing_ok=True)
                    continue
                contents = _contents(path)
            finally:
                os.close(handle)
            if contents.by == {"server": server, "user": user} and not contents.done:
                found.append(Left(contents, running))
    return found


def _held_by_nobody(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _contents(path: Path) -> Contents:
    contents = Contents(path.name.removesuffix(_ENDING))
    for line in path.read_bytes().splitlines():
        contents.take(line)
    return contents


def _files(folder: Path) -> list[Path]:
    def age(file: Path) -> tuple[float, str]:
        try:
            return file.stat().st_mtime, file.name
        except OSError:
            return 0.0, file.name

    try:
        found = [
            path for path in folder.glob(f"*{_ENDING}") if _ID.fullmatch(path.name.removesuffix(_ENDING))
        ]
        return sorted(found, key=age)
    except OSError:
        return []
