"""Having what was written to a file on the disk."""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import suppress


def sync_data(handle: int) -> None:
    """Wait until the bytes of a file are on the disk, and what is needed to find them. Raises :class:`OSError`."""
    if sys.platform == "darwin":
        # There, nothing syncs the bytes alone, and what is synced may stay in the memory of the drive.
        with suppress(OSError):
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
        # Not every file system can do that.
        os.fsync(handle)
    else:
        os.fdatasync(handle)
