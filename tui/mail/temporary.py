"""The temporary folders of drafts: files with working links, which are deleted in any case.

Each folder is locked as long as it is in use. What a crash has left behind is no longer locked, and the next start of
the program deletes it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tui.files.private_files import new_temporary_folder
from tui.rules.errors import Failed

PREFIX = "sentlinks-draft-"
#: A folder younger than this, in seconds, may belong to a program that has yet to lock it.
_YOUNG = 60.0
_DELETE = (
    "import shutil, sys, time; time.sleep(float(sys.argv[2])); shutil.rmtree(sys.argv[1], ignore_errors=True)"
)


class DraftFolder:
    """A new private folder for the file of a draft. Raises :class:`Failed` if it can't be created."""

    def __init__(self) -> None:
        try:
            self.path = new_temporary_folder(PREFIX)
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Failed(
                "mail.not_started", f"The draft's file can't be created: {error.strerror}."
            ) from error

    def delete(self) -> None:
        """Remove the folder with its file; nothing is raised if it is gone or can't be removed."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._unlock()

    def delete_later(self, seconds: float) -> None:
        """Delete it in a while, whether or not this program still runs by then."""
        try:
            # -I: nothing is imported from the current folder. The process keeps the lock until it is done.
            process = subprocess.Popen(
                [sys.executable, "-I", "-c", _DELETE, str(self.path), str(seconds)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(self._lock,),
            )
        except OSError:
            self.delete()
            return
        self._unlock()
        threading.Thread(target=process.wait, daemon=True, name="draft-deletion").start()

    def _unlock(self) -> None:
        handle, self._lock = self._lock, -1
        if handle >= 0:
            os.close(handle)


def left_behind() -> Iterator[Path]:
    """The user's folders that no running program uses."""
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        handle = -1
        # It may be deleted at any moment, or belong to another user.
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        if handle < 0:
            continue
        try:
            facts = os.fstat(handle)
            if facts.st_uid != os.getuid() or not stat.S_ISDIR(facts.st_mode):
                continue
            if time.time() - facts.st_mtime < _YOUNG:
                continue
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        finally:
            os.close(handle)
        yield path


def sweep() -> None:
    """Delete what earlier runs have left behind."""
    for path in left_behind():
        shutil.rmtree(path, ignore_errors=True)
