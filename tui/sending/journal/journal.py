"""The journal of a send: its content and progress, in a private file until all is sent and the links were shown.

Each send has its own file (mode 0600) in the folder ``sends`` (0700) of the state folder, written before the first
request to the server and locked while a process works on it. However the process ends, the file remains: a file
without a lock is an interrupted send. Its lines are JSON objects with one key each::

    {"plan": {"by": {…}, "at": "…", "settings": {…}, "rows": [{"source": {…}, "name", "key"}]}}
    {"opened": {…}}                                       the send, as returned by the server
    {"upload": {"row": 0, "id": "…", "size": 7, "version": …}}   before the server is asked to create it
    {"published": {"row": 0, "document": {…}}}            the document, as returned by the server
    {"shown": [0, 1]}                                     the user has seen the links of these rows
    {"noted": true}                                       the user has noted the password that was generated
    {"process": {"id": 4711, "in_background": false, "realm": "…"}}     from now on that process holds it

It never contains a password. If the folder isn't writable, sending works without a journal; ``problem`` says why.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...files.private_files import why_unusable
from ...files.process_ids import realm
from ...rules.errors import Conflict, Failed, NotFound
from ...rules.link_settings import LinkSettings
from ...rules.text import printable
from ...wire.share import Document, Send
from .journal_contents import Contents, Upload, read
from .journal_file import JournalFile
from .same_items import digest, leave_end

if TYPE_CHECKING:
    from ...clients.target import Target

FOLDER = "sends"
SUFFIX = ".jsonl"
#: The code of the problem that a journal can't be written to.
UNWRITABLE = "send.unwritable"
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO)


def server_of(target: Target) -> str:
    """The name of a server in journals. A local server has a fixed one, because its port may change."""
    return "local" if target.socket is not None else target.url


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
        #: Why the file couldn't be written: the send can't be resumed, or not from where it stopped. Empty if it could.
        self.problem = ""
        #: Called once, the first time that there is a problem.
        self.on_problem: Callable[[Journal], None] | None = None
        self._state = state
        self._file = JournalFile(path_of(state, self.id))

    @classmethod
    def take(cls, state: Path, contents: Contents, *, in_background: bool = False) -> Journal:
        """Lock the journal of an interrupted send, to resume or discard it.

        Raises :class:`NotFound` if it no longer exists, :class:`Conflict` if another process works on it,
        :class:`Failed` if it can't be written to.
        """
        journal = cls(state, contents.by["server"], contents.by["user"])
        journal._file = JournalFile(path_of(state, contents.id))
        try:
            if not journal._file.open():
                stop = (
                    f", or stop it with sentlinks sends --stop {contents.id}"
                    if contents.in_background
                    else ""
                )
                raise Conflict(
                    "send.running",
                    f"Another process is sending {contents.id} right now; wait until it is done{stop}.",
                )
            journal.contents = read(journal.path)
        except OSError as error:
            journal.release()
            if error.errno in _UNWRITABLE:
                raise _unwritable(journal.path, error) from error
            raise unknown(contents.id) from None
        if journal.contents.damaged and contents.damaged:
            journal.contents.by = contents.by
        if journal.contents.by != contents.by:
            # It was damaged since.
            journal.release()
            raise unknown(contents.id)
        journal._append_process(in_background=in_background)
        return journal

    @property
    def id(self) -> str:
        """The id by which users name the send, and its file is called."""
        return self.contents.id

    @property
    def held(self) -> bool:
        """Whether the file exists and this process has locked it."""
        return self._file.held

    @property
    def path(self) -> Path:
        """The file; it is locked while the journal is held."""
        return self._file.path

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
            self._file.create(line)
        except OSError as error:
            self._failed(error, self.path.parent)
        else:
            self.problem = ""
            self._append_process()

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

    def published(self, documents: Sequence[tuple[int, Document]], changed: Collection[int] = ()) -> None:
        """Record that the server has published these rows; the sources of those in ``changed`` changed meanwhile."""
        lines: list[bytes] = []
        for row, document in documents:
            has_changed = row in changed
            record = {"row": row, "document": document.model_dump(mode="json")}
            lines.append(_line({"published": record | ({"changed": True} if has_changed else {})}))
            # As it would be read, without reading it again.
            self.contents.was_published(row, document, changed=has_changed)
        self._write(b"".join(lines))
        for _, document in documents:
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

    def password_noted(self) -> None:
        """Record that the user has seen the password, if it was generated: it must not be replaced."""
        if self.contents.settings.get("made"):
            self._append({"noted": True}, sync=True)

    def remove(self) -> None:
        """Delete the file: nothing of the send remains to be resumed or shown. A damaged one is set aside."""
        self._leave_end()
        self._delete()

    def _delete(self) -> None:
        if self.held:
            self._file.delete(aside=self.contents.damaged)

    def _leave_end(self) -> None:
        contents = self.contents
        if self.held and any(entry.document is not None for entry in contents.entries):
            leave_end(self._state, digest(contents.by, (entry.source for entry in contents.entries)))

    def release(self) -> None:
        """Unlock the file: this process is finished with it, and another may resume the send."""
        self._file.release()

    # ---------------------------------------------------------------- the file

    def _append_process(self, *, in_background: bool = False) -> None:
        self._append({"process": {"id": os.getpid(), "in_background": in_background, "realm": realm()}})

    def _append(self, value: dict[str, Any], *, sync: bool = False) -> None:
        line = _line(value)
        self.contents.take(line)
        self._write(line, sync=sync)

    def _write(self, lines: bytes, *, sync: bool = False) -> None:
        if self.held and lines:
            try:
                self._file.append(lines, sync=sync)
            except OSError as error:
                self._failed(error, self.path)
            else:
                self.problem = ""

    def _failed(self, error: OSError, path: Path) -> None:
        path = Path(os.fsdecode(error.filename or path))
        self.problem = f"{path}: {why_unusable(path, error)}"
        report, self.on_problem = self.on_problem, None
        if report is not None:
            report(self)


def _line(value: dict[str, Any]) -> bytes:
    # The line break comes first, so that a line cut off by a full disk doesn't corrupt the next one.
    return b"\n" + json.dumps(value).encode()


def path_of(state: Path, ident: str) -> Path:
    """The path of the journal with this id."""
    return state / FOLDER / f"{ident}{SUFFIX}"


def _unwritable(path: Path, error: OSError) -> Failed:
    reason = os.strerror(error.errno or errno.EIO)
    return Failed(
        UNWRITABLE, f"The journal {printable(str(path))} of an earlier send can't be written: {reason}."
    )


def unknown(ident: str) -> NotFound:
    """The problem if no journal has that id."""
    return NotFound("send.unknown", f"There is no interrupted send {ident}; see sentlinks sends.")
