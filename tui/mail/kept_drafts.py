"""Drafts that are being written, kept until they are closed: a terminal that is closed, or a line that breaks, loses
none.

Each is a file in the folder ``drafts`` of the state folder that only the user can read, named by the digest of its
links. It is deleted when the draft is closed, or :data:`KEPT_FOR` after it was last written.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ..files.private_files import make_private_folder, write_private
from ..files.process_ids import realm
from ..files.trusted_paths import open_own

if TYPE_CHECKING:
    from .message import DraftText

FOLDER = "drafts"
KEPT_FOR = timedelta(days=7)
_SUFFIX = ".json"


class KeptDraft:
    """The text of a draft with links to the documents ``names`` at ``urls``. What can't be written isn't kept.

    Each program that has such a draft open has a file of its own; what an ended one has left is taken over.
    """

    def __init__(self, state: Path, urls: Iterable[str], names: Sequence[str]) -> None:
        self._names = list(names)
        self._folder = state / FOLDER
        self._digest = hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()[:32]
        self._path = self._folder / f"{self._digest}-{secrets.token_hex(4)}{_SUFFIX}"
        self._written: DraftText | None = None
        #: The files that hold it.
        self._files: set[Path] = set()

    def take_over(self) -> DraftText | None:
        """What was written last by a program that has ended; ``None`` if nothing was, or it can't be read."""
        left = [each for each in _left(self._folder) if each.path.name.startswith(self._digest)]
        self._files.update(each.path for each in left)
        return max(left, key=lambda each: each.written).text if left else None

    def keep(self, text: DraftText) -> None:
        """Write the text, if it isn't what was written last."""
        if text == self._written:
            return
        process = {"id": os.getpid(), "realm": realm()}
        fields = {"to": text.to, "subject": text.subject, "body": text.body}
        content = json.dumps({**fields, "names": self._names, "process": process}).encode()
        with suppress(OSError):
            make_private_folder(self._folder)
            write_private(self._path, content, sync=False)
            self._written = text
            for earlier in self._files - {self._path}:
                earlier.unlink(missing_ok=True)
            self._files = {self._path}

    def forget(self) -> None:
        """Delete it: the draft was closed, or is kept elsewhere."""
        if not self._files:
            return
        with suppress(OSError):
            for path in self._files:
                path.unlink(missing_ok=True)
            self._folder.rmdir()
        self._written = None
        self._files.clear()


def left_drafts(state: Path, now: datetime) -> list[list[str]]:
    """The names of the documents of each draft whose program has ended, the last written first. Deletes old ones.
    ``now`` has a time zone."""
    with suppress(OSError):
        for entry in os.scandir(state / FOLDER):
            written = entry.stat(follow_symlinks=False).st_mtime
            # A date far in the future comes from a clock that was wrong.
            if abs(now.timestamp() - written) >= KEPT_FOR.total_seconds():
                Path(entry.path).unlink()
    found = sorted(_left(state / FOLDER), key=lambda each: each.written, reverse=True)
    return [each.names for each in found]


@dataclass(frozen=True, slots=True)
class _Left:
    path: Path
    written: float
    text: DraftText
    names: list[str]


def _left(folder: Path) -> list[_Left]:
    """What programs that have ended have left in the folder; nothing that can't be read."""
    try:
        paths = [Path(entry.path) for entry in os.scandir(folder)]
    except OSError:
        return []
    return [known for path in paths if path.suffix == _SUFFIX and (known := _read(path))]


def _read(path: Path) -> _Left | None:
    try:
        with os.fdopen(open_own(path), "rb") as file:
            written = os.fstat(file.fileno()).st_mtime
            known = json.loads(file.read())
        # Only needed if there is one: every start looks for them.
        from .message import DraftText

        text = DraftText(*(str(known[name]) for name in ("to", "subject", "body")))
        names = [str(name) for name in known["names"]] or [""]
        process = known["process"]
        if process["realm"] == realm() and _is_running(int(process["id"])):
            return None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return _Left(path, written, text, names)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return process > 0
