"""The journal of a send: its content and progress, in a private file until all is sent and the links were shown.

Each send has its own file (mode 0600) in the folder ``sends`` (0700) of the state folder, written before the first
request to the server and locked while a process works on it. However the process ends, the file remains: a file
without a lock is an interrupted send. Its lines are JSON objects with one key each::

    {"plan": {"by": {…}, "at": "…", "settings": {…}, "rows": [{"source": {…}, "name", "key"}]}}
    {"opened": {…}}                                       the send, as returned by the server
    {"upload": {"row": 0, "id": "…", "size": 7, "version": …}}   before the server is asked to create it
    {"published": {"row": 0, "document": {…}}}            the document, as returned by the server
    {"shown": [0, 1]}                                     the user has seen the links of these rows
    {"process": {"id": 4711, "in_background": false}}     from now on that process holds it

It never contains a password. If the folder isn't writable, sending works without a journal; ``problem`` says why.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..rules.errors import Conflict, NotFound
from ..rules.link_settings import LinkSettings
from ..wire.share import Document, Send
from .journal_lines import Line, Plan
from .same_items import digest, leave_end

if TYPE_CHECKING:
    from ..clients.target import Target

FOLDER = "sends"
SUFFIX = ".jsonl"
_FLAGS = os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0)
# Listing the journals holds each lock for a moment, so a failed lock is retried.
_LOCK_TRIES, _LOCK_PAUSE = 20, 0.01


def server_of(target: Target) -> str:
    """The name of a server in journals. A local server has a fixed one, because its port may change."""
    return "local" if target.socket is not None else target.url


@dataclass(slots=True)
class Upload:
    """An upload of a row: its ``id``, chosen by the client, and the source's size and version when it was begun."""

    id: str
    size: int
    version: Any


@dataclass(slots=True)
class Entry:
    """A row of a send. ``source`` identifies the document (``sources.py``); ``key`` is its idempotency key."""

    source: dict[str, Any]
    name: str
    key: str
    upload: Upload | None = None
    document: Document | None = None
    shown: bool = False


@dataclass(slots=True)
class Contents:
    """The content of a journal."""

    id: str
    by: dict[str, Any] = field(default_factory=dict)
    at: datetime | None = None
    #: Those of ``journal_lines.Settings`` that were set.
    settings: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    #: One for each time it was opened: the server may have lost earlier ones.
    opened: list[Send] = field(default_factory=list)
    #: The id of the process that holds the journal, or held it last; and whether the send was left to it.
    process: int | None = None
    in_background: bool = False

    @property
    def done(self) -> bool:
        """Whether everything is published and its links were shown."""
        return all(entry.document is not None and entry.shown for entry in self.entries)

    def take(self, line: bytes) -> None:
        """Apply a line of the file; an invalid line is ignored."""
        with suppress(ValueError, LookupError, RecursionError):
            self._apply(Line.model_validate(json.loads(line)))

    def _apply(self, line: Line) -> None:
        if line.plan is not None:
            self._take_plan(line.plan)
        if line.process is not None:
            self.process, self.in_background = line.process.id, line.process.in_background
        if line.opened is not None:
            self.opened.append(line.opened)
        if line.upload is not None:
            version = line.upload.version
            version = tuple(version) if isinstance(version, list) else version
            self.entries[line.upload.row].upload = Upload(line.upload.id, line.upload.size, version)
        if line.published is not None:
            self.entries[line.published.row].document = line.published.document
        for row in line.shown or ():
            self.entries[row].shown = True

    def _take_plan(self, plan: Plan) -> None:
        self.entries = [
            Entry(row.source.model_dump(exclude_unset=True), row.name, row.key) for row in plan.rows
        ]
        self.by, self.settings = plan.by.model_dump(), plan.settings.model_dump(exclude_unset=True)
        self.at = plan.at


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
        #: The program generated the password: no one knows it until it was shown.
        self.password_made = False
        #: Why the file couldn't be written: the send can't be resumed. Empty if it could.
        self.problem = ""
        self._folder = state / FOLDER
        self._handle = -1

    @classmethod
    def take(cls, state: Path, contents: Contents, *, in_background: bool = False) -> Journal:
        """Lock the journal of an interrupted send, to resume or discard it.

        Raises :class:`NotFound` if it no longer exists, :class:`Conflict` if another process works on it.
        """
        journal = cls(state, contents.by["server"], contents.by["user"])
        path = journal._folder / f"{contents.id}{SUFFIX}"
        try:
            handle = open_file(path, os.O_RDWR | os.O_APPEND)
        except OSError:
            raise unknown(contents.id) from None
        if not _lock(handle):
            os.close(handle)
            raise Conflict(
                "send.running", f"Another process is sending {contents.id} right now; wait until it is done."
            )
        if os.fstat(handle).st_nlink == 0:
            # The process that held it has finished the send.
            os.close(handle)
            raise unknown(contents.id)
        try:
            journal.contents = read(path)
        except OSError:
            os.close(handle)
            raise unknown(contents.id) from None
        if journal.contents.by != contents.by:
            # It was damaged since.
            os.close(handle)
            raise unknown(contents.id)
        journal._handle = handle
        journal._append_process(in_background=in_background)
        return journal

    @property
    def id(self) -> str:
        return self.contents.id

    @property
    def held(self) -> bool:
        """Whether the file exists and this process has locked it."""
        return self._handle >= 0

    # ---------------------------------------------------------------- recording

    def begin(
        self, rows: Sequence[tuple[dict[str, Any], str, str]], settings: LinkSettings, at: datetime
    ) -> None:
        """Write the plan, before the first request to the server.

        ``rows`` are source, link name and key of each row; ``at`` must be timezone-aware.
        """
        plan = {
            "by": self.contents.by,
            "at": at.isoformat(),
            "settings": self._settings_record(settings),
            "rows": [{"source": source, "name": name, "key": key} for source, name, key in rows],
        }
        line = _line({"plan": plan})
        self.contents.take(line)
        try:
            self._create(line)
        except OSError as error:
            self.problem = f"{error.filename or self._folder}: {error.strerror}"
        else:
            self.problem = ""

    def _settings_record(self, settings: LinkSettings) -> dict[str, Any]:
        record = settings.fields()
        if isinstance(record.get("expires_at"), datetime):
            record["expires_at"] = record["expires_at"].isoformat()
        protected = record.pop("password", None) is not None
        return {**record, "has_password": protected, "made": protected and self.password_made}

    def opened(self, send: Send) -> None:
        """Record that the send is open. Called again if it was reopened after the server lost it."""
        self._append({"opened": send.model_dump(mode="json")}, sync=True)

    def upload(self, row: int, upload: Upload) -> None:
        """Record an upload, before the server is asked to create it."""
        self._append(
            {"upload": {"row": row, "id": upload.id, "size": upload.size, "version": upload.version}}
        )

    def published(self, documents: Iterable[tuple[int, Document]]) -> None:
        """Record that the server has published these rows."""
        for row, document in documents:
            self._append({"published": {"row": row, "document": document.model_dump(mode="json")}})
            self.on_published(document)

    def shown(self) -> None:
        """Record that the links published so far were shown. If that is all of them, the journal is removed."""
        entries = self.contents.entries
        rows = [i for i, entry in enumerate(entries) if entry.document is not None and not entry.shown]
        if all(entry.document is not None for entry in entries):
            self._leave_end()
        if rows:
            self._append({"shown": rows}, sync=True)
        if self.contents.done:
            self._delete()

    def remove(self) -> None:
        """Delete the file: nothing of the send remains to be resumed or shown."""
        self._leave_end()
        self._delete()

    def _leave_end(self) -> None:
        contents = self.contents
        if self.held and any(entry.document is not None for entry in contents.entries):
            leave_end(self._folder.parent, digest(contents.by, (entry.source for entry in contents.entries)))

    def _delete(self) -> None:
        if self.held:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)
            self.release()

    def release(self) -> None:
        """Unlock the file: this process is finished with it, and another may resume the send."""
        if self.held:
            os.close(self._handle)
            self._handle = -1

    # ---------------------------------------------------------------- the file

    @property
    def _path(self) -> Path:
        return self._folder / f"{self.id}{SUFFIX}"

    def _create(self, line: bytes) -> None:
        temporary = _created(self._folder) / f".{self.id}"
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | _FLAGS, 0o600)
        try:
            # It gets its final name only when it is complete and locked, or it would count as an interrupted send.
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
        self._append_process()

    def _append_process(self, *, in_background: bool = False) -> None:
        self._append({"process": {"id": os.getpid(), "in_background": in_background}})

    def _append(self, value: dict[str, Any], *, sync: bool = False) -> None:
        line = _line(value)
        self.contents.take(line)
        if self.held:
            with suppress(OSError):
                _write(self._handle, line)
                if sync:
                    os.fdatasync(self._handle)


def _line(value: dict[str, Any]) -> bytes:
    # The line break comes first, so that a line cut off by a full disk doesn't corrupt the next one.
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


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep other processes from looking for journals in order to begin one, until this one has done both.

    Waits for a process that does; nothing slow may be done meanwhile. Without a lock if the folder can't be written to:
    then there can be no journals.
    """
    handle = -1
    try:
        with suppress(OSError):
            handle = os.open(_created(state / FOLDER) / ".lock", os.O_RDWR | os.O_CREAT | _FLAGS, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def _created(folder: Path) -> Path:
    # Each by itself: parents that mkdir makes along the way get the mode that the umask allows.
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def _lock(handle: int) -> bool:
    for _ in range(_LOCK_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(_LOCK_PAUSE)
        else:
            return True
    return False


def open_file(path: Path, flags: int) -> int:
    """Open a journal's file. Raises :class:`OSError`, also if it is anything but a regular file."""
    # A pipe would wait for whoever writes to it.
    handle = os.open(path, flags | os.O_NONBLOCK | _FLAGS)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "Not a regular file", str(path))
    return handle


def read(path: Path) -> Contents:
    """The content of a journal's file. Raises :class:`OSError`."""
    contents = Contents(path.name.removesuffix(SUFFIX))
    for line in path.read_bytes().splitlines():
        contents.take(line)
    return contents


def unknown(ident: str) -> NotFound:
    return NotFound("send.unknown", f"There is no interrupted send {ident}; see sentlinks sends.")
