"""Drafts that are being written, kept until they are closed: a terminal that is closed, or a line that breaks, loses
none.

Each is a file in the folder ``drafts`` of the state folder that only the user can read, named by the digest of its
links. It is deleted when the draft is closed, or :data:`KEPT_FOR` after it was last written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
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
    """The text of a draft with links to the documents ``names`` at ``urls``. What can't be written isn't kept."""

    def __init__(self, state: Path, urls: Iterable[str], names: Sequence[str]) -> None:
        self._names = list(names)
        self._folder = state / FOLDER
        digest = hashlib.sha256("\n".join(sorted(urls)).encode()).hexdigest()
        self._path = self._folder / f"{digest[:32]}{_SUFFIX}"
        self._written: DraftText | None = None
        self._is_there = os.path.lexists(self._path)

    def read(self) -> DraftText | None:
        """What was written before; ``None`` if nothing was, or it can't be read."""
        known = _read(self._path)
        return None if known is None else known[0]

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
            self._written, self._is_there = text, True

    def forget(self) -> None:
        """Delete it: the draft was closed, or is kept elsewhere."""
        if not self._is_there:
            return
        self._written, self._is_there = None, False
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
            self._folder.rmdir()


def left_drafts(state: Path, now: datetime) -> list[list[str]]:
    """The names of the documents of each draft whose program has ended, the last written first. Deletes old ones.
    ``now`` has a time zone."""
    found = []
    with suppress(OSError):
        for entry in os.scandir(state / FOLDER):
            path = Path(entry.path)
            written = entry.stat(follow_symlinks=False).st_mtime
            # A date far in the future comes from a clock that was wrong.
            if abs(now.timestamp() - written) >= KEPT_FOR.total_seconds():
                path.unlink()
            elif path.suffix == _SUFFIX and (known := _read(path)) and not known[2]:
                found.append((written, known[1]))
    return [names for _, names in sorted(found, reverse=True)]


def _read(path: Path) -> tuple[DraftText, list[str], bool] | None:
    """A draft, the names of its documents, and whether its program is running."""
    try:
        with os.fdopen(open_own(path), "rb") as file:
            known = json.loads(file.read())
        # Only needed if there is one: every start looks for them.
        from .message import DraftText

        text = DraftText(*(str(known[name]) for name in ("to", "subject", "body")))
        names = [str(name) for name in known["names"]] or [""]
        process = known["process"]
        return text, names, process["realm"] == realm() and _is_running(int(process["id"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return process > 0
