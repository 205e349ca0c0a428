"""Opening files whose names users give: in options, and in settings."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

#: What shells and users write for a file that is open already: a pipe with another program at its end, for example.
_OPEN_ALREADY = ("/dev/fd/", "/proc/self/fd/")
_STANDARD_INPUT = "/dev/stdin"


def with_home(path: str) -> str:
    """A path that was typed. A ``~`` at its beginning is the home folder, also where the shell has left it, as in
    quotes; unless there is something that is really called so."""
    if not path.startswith("~") or os.path.lexists(path):
        return path
    try:
        # A slash at the end says that a folder is meant.
        return f"{Path(path).expanduser()}{'/' * path.endswith('/')}"
    except RuntimeError:  # The name of a user who doesn't exist.
        return path


def open_given(path: Path) -> BinaryIO:
    """Open a file for reading. Raises :class:`OSError`, and :class:`ValueError` for an impossible name.

    A pipe or a device is refused, unless it is open already: opening a pipe waits for a program that writes to it,
    perhaps for ever.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            shown = str(path)
            if shown != _STANDARD_INPUT and not shown.startswith(_OPEN_ALREADY):
                raise OSError(errno.EINVAL, "Not a regular file", shown)
            os.set_blocking(handle, True)
    except BaseException:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")
