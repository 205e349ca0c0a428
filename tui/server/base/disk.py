"""Free space on the disk of the data folder: what uploads leave free, and a reserve file for when the disk is full.

Opening and unpublishing links and signing in must work on a full disk too. Each of these writes a few rows; deleting
the reserve file makes room for them.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ...rules.display import counted
from ...rules.errors import Failed

#: What uploads leave free, and the size of the reserve file; on a small disk, only this fraction (1/n) of the disk.
_RESERVE, _RESERVE_PART = 1024**3, 20
_RESERVE_FILE, _RESERVE_FILE_PART = 16 * 1024**2, 32
#: If less than this is free, the reserve file is deleted.
_FULL_BELOW = 2 * 1024**2
_PIECE = 1024**2
# The unit of st_blocks.
_BLOCK = 512


class Disk:
    """The disk that ``folder`` is on. All sizes are bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserve_file = folder / "reserve"

    def _usage(self) -> tuple[int, int]:
        """Free space, and the size of the disk."""
        stats = os.statvfs(self._folder)
        return stats.f_bavail * stats.f_frsize, stats.f_blocks * stats.f_frsize

    @property
    def reserve(self) -> int:
        """How much uploads leave free."""
        return min(_RESERVE, self._usage()[1] // _RESERVE_PART)

    @property
    def room(self) -> int:
        """What uploads may still use; negative if less than :attr:`reserve` is free."""
        free, size = self._usage()
        return free - min(_RESERVE, size // _RESERVE_PART)

    @property
    def is_full(self) -> bool:
        """Whether so little is free that only what is essential should be written."""
        free, size = self._usage()
        return free < min(_FULL_BELOW, size // _RESERVE_FILE_PART)

    def make_room(self) -> None:
        """Delete the reserve file if the disk is full. Fast enough to be called before each transaction."""
        if self.is_full:
            self._reserve_file.unlink(missing_ok=True)

    def restore_reserve(self) -> None:
        """Create the reserve file again if there is room. Call this periodically."""
        size = min(_RESERVE_FILE, self._usage()[1] // _RESERVE_FILE_PART)
        if self.room < size or (self._reserve_file.exists() and self._reserve_file.stat().st_size >= size):
            return
        handle = os.open(self._reserve_file, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            _allocate(handle, size)
        except OSError:
            with suppress(OSError):
                self._reserve_file.unlink()
        finally:
            os.close(handle)


def _allocate(handle: int, size: int) -> None:
    """Make the file take up ``size`` bytes of the disk. Raises :class:`OSError` if there is no room."""
    # Not every system and file system can do this; some only promise the space.
    with suppress(AttributeError, OSError):
        os.posix_fallocate(handle, 0, size)
    if os.fstat(handle).st_blocks * _BLOCK >= size:
        return
    os.ftruncate(handle, 0)
    # Random bytes, since some file systems allocate no space for zeros.
    piece = os.urandom(min(size, _PIECE))
    while size > 0:
        size -= os.write(handle, piece[:size])


class DiskFull(Failed):
    """The server's disk is full."""

    http_status = 507


def disk_full(wanted: int | None = None) -> DiskFull:
    """Return the error for a full disk; ``wanted`` is how many more bytes should have been stored."""
    detail = f": no room for another {counted(wanted, 'byte')}" if wanted else ""
    return DiskFull("disk_full", f"The server's disk is full{detail}. Free some space there and try again.")
