"""Free space on the disk of the data folder: what uploads leave free, and a reserve file for when the disk is full.

Opening and unpublishing links and signing in must work on a full disk too. Each of these writes a few rows; deleting
the reserve file makes room for them.
"""

from __future__ import annotations

import errno
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

from ...rules.display import counted
from ...rules.errors import Failed, Unavailable

#: What uploads leave free, and the size of the reserve file; on a small disk, only this fraction (1/n) of the disk.
_RESERVE, _RESERVE_PART = 1024**3, 20
_RESERVE_FILE, _RESERVE_FILE_PART = 16 * 1024**2, 32
#: If less than this is free, the reserve file is deleted.
_FULL_BELOW = 2 * 1024**2
_PIECE = 1024**2
#: The number of files that uploads leave possible, and the part (1/n) of all that the disk can have, on a small one.
_SPARE_FILES, _SPARE_FILES_PART = 1000, 20
# The unit of st_blocks.
_BLOCK = 512


class Disk:
    """The disk that ``folder`` is on. All sizes are bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._reserve_file = folder / "reserve"
        self._has_refused = False

    def _usage(self) -> tuple[int, int]:
        """Free space, and the size of the disk."""
        stats = os.statvfs(self._folder)
        return stats.f_bavail * stats.f_frsize, stats.f_blocks * stats.f_frsize

    @property
    def free(self) -> int:
        """How much is free, the reserve for uploads included."""
        return self._usage()[0]

    @property
    def files(self) -> int | None:
        """How many more files (inodes) it can have; ``None`` if its file system has no such limit."""
        stats = os.statvfs(self._folder)
        return stats.f_favail if stats.f_files else None

    @property
    def lacks_files(self) -> bool:
        """Whether so few more files are possible that uploads should make none."""
        stats = os.statvfs(self._folder)
        return bool(stats.f_files) and stats.f_favail < min(_SPARE_FILES, stats.f_files // _SPARE_FILES_PART)

    def note_refused(self) -> None:
        """Note that something could not be written because the disk is read-only."""
        self._has_refused = True

    def takes_writes(self) -> bool:
        """Whether it isn't read-only. After a refusal, this tries it: a file system that the system has made read-only
        after an error may not say so."""
        if os.statvfs(self._folder).f_flag & os.ST_RDONLY:
            return False
        if self._has_refused:
            probe = self._folder / f".probe-{os.getpid()}-{threading.get_ident()}"
            try:
                probe.touch(mode=0o600)
                probe.unlink()
            except OSError as error:
                return error.errno not in READ_ONLY
            self._has_refused = False
        return True

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
        """Whether so little is free, or no file, that only what is essential should be written."""
        free, size = self._usage()
        return self.files == 0 or free < min(_FULL_BELOW, size // _RESERVE_FILE_PART)

    def make_room(self) -> None:
        """Delete the reserve file if the disk is full. Fast enough to be called before each transaction."""
        if self.is_full:
            self._reserve_file.unlink(missing_ok=True)

    def restore_reserve(self) -> None:
        """Create the reserve file again if there is room. Call this periodically."""
        size = min(_RESERVE_FILE, self._usage()[1] // _RESERVE_FILE_PART)
        if self.lacks_files or self.room < size:
            return
        if self._reserve_file.exists() and self._reserve_file.stat().st_size >= size:
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
    if sys.platform != "darwin":
        with suppress(AttributeError, OSError):
            os.posix_fallocate(handle, 0, size)
    if os.fstat(handle).st_blocks * _BLOCK >= size:
        return
    os.ftruncate(handle, 0)
    # Random bytes, since some file systems allocate no space for zeros.
    piece = os.urandom(min(size, _PIECE))
    while size > 0:
        size -= os.write(handle, piece[:size])


#: The errors of a file system that takes no writes now.
READ_ONLY = (errno.EROFS, errno.EIO)


class DiskFull(Failed):
    """The server's disk is full."""

    http_status = 507


def disk_full(wanted: int | None = None) -> DiskFull:
    """Return the error for a full disk; ``wanted`` is how many more bytes should have been stored."""
    detail = f": no room for another {counted(wanted, 'byte')}" if wanted else ""
    return DiskFull("disk_full", f"The server's disk is full{detail}. Free some space there and try again.")


def no_more_files() -> DiskFull:
    """Return the error for a disk whose inodes are used up."""
    return DiskFull(
        "disk_full",
        "The server's disk takes no more files: its inodes are used up. Delete some there and try again.",
    )


class ReadOnly(Unavailable):
    """The server's disk, or whatever else ``what`` is, takes no writes now."""

    def __init__(self, what: str = "disk") -> None:
        super().__init__(
            "data.read_only",
            f"The server's {what} can't be written to now. Tell its administrator, and try again when it can.",
        )
