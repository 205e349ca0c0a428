"""The file that keeps the links of the last send for a day, to be pasted by hand. Only the user can read it."""

from __future__ import annotations

import os
import stat
from datetime import datetime, timedelta
from pathlib import Path

from ..files.private_files import make_private_folder, why_unusable, write_private
from ..files.trusted_paths import open_own

FILE_NAME = "links.txt"
KEPT_FOR = timedelta(days=1)

_TEMPORARY = ".links-"


def keep_links(text: str, folder: Path) -> Path:
    """Write ``text`` to the links file in ``folder`` and return its path.

    It replaces an earlier file and has mode 0600; the folder is created with 0700 if missing. A link of that name is
    replaced, not followed. Raises :class:`OSError`.
    """
    file = make_private_folder(folder) / FILE_NAME
    write_private(file, _bytes(text if text.endswith("\n") else text + "\n"), prefix=_TEMPORARY, sync=False)
    return file


class LinkFile:
    """The links file, written line by line during a send; the first line replaces what was there.

    ``problem`` says why it can't be written; empty if it can.
    """

    def __init__(self, folder: Path) -> None:
        self.problem = ""
        self._folder = folder
        self._file: Path | None = None

    def add(self, line: str) -> None:
        """Append a line."""
        try:
            if self._file is None:
                self._file = keep_links(line, self._folder)
                return
            with os.fdopen(open_own(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND), "ab") as stream:
                stream.write(_bytes(f"{line}\n"))
        except OSError as error:
            self.problem = why_unusable(self._folder, error)


def forget_old(folder: Path, now: datetime) -> None:
    """Delete what :func:`keep_links` left in ``folder`` a day ago or longer. ``now`` has a time zone."""
    try:
        entries = [e for e in os.scandir(folder) if e.name == FILE_NAME or e.name.startswith(_TEMPORARY)]
    except OSError:
        return
    for entry in entries:
        try:
            facts = entry.stat(follow_symlinks=False)
            # A date far in the future comes from a clock that was wrong.
            if (
                not stat.S_ISDIR(facts.st_mode)
                and abs(now.timestamp() - facts.st_mtime) >= KEPT_FOR.total_seconds()
            ):
                Path(entry.path).unlink()
        except OSError:
            continue


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
