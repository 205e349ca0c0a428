"""The room on the disk of the data folder: what uploads leave free, and what is put by for when others have filled it.

Links are opened and ended, and people sign in, also on a full disk: each writes a few rows, for which there is a file
that is given up then.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ..rules.errors import Failed

#: The most that uploads leave free, and that is put by; of a small disk, so many parts of it.
_RESERVE, _RESERVE_PART = 1024**3, 20
_PUT_BY, _PUT_BY_PART = 16 * 1024**2, 32
#: Where less is free, what is put by is given up.
_LITTLE = 2 * 1024**2
_PIECE = 1024**2


class Disk:
    """The disk that ``folder`` is on. All sizes are bytes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept = folder / "reserve"

    def _look(self) -> tuple[int, int]:
        """How much is free, and how large the disk is."""
        facts = os.statvfs(self._folder)
        return facts.f_bavail * facts.f_frsize, facts.f_blocks * facts.f_frsize

    @property
    def reserve(self) -> int:
        """What uploads leave free."""
        return min(_RESERVE, self._look()[1] // _RESERVE_PART)

    @property
    def room(self) -> int:
        """What uploads may still take; below zero where the reserve is not all there."""
        free, size = self._look()
        return free - min(_RESERVE, size // _RESERVE_PART)

    @property
    def is_full(self) -> bool:
        """Whether so little is free that nothing is to be written that can be left out."""
        free, size = self._look()
        return free < min(_LITTLE, size // _PUT_BY_PART)

    def make_room(self) -> None:
        """Gives up what is put by where the disk is full. Quick: to be called before each transaction."""
        if self.is_full:
            self._kept.unlink(missing_ok=True)

    def put_by(self) -> None:
        """Puts something by again where there is room; to be called now and then."""
        size = min(_PUT_BY, self._look()[1] // _PUT_BY_PART)
        if self.room < size or (self._kept.exists() and self._kept.stat().st_size >= size):
            return
        handle = os.open(self._kept, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            # Random, since some disks keep no nothing.
            piece = os.urandom(min(size, _PIECE))
            while size > 0:
                size -= os.write(handle, piece[:size])
        except OSError:
            with suppress(OSError):
                self._kept.unlink()
        finally:
            os.close(handle)


class DiskFull(Failed):
    """There is no room for more on the server's disk."""

    http_status = 507


def disk_full(wanted: int | None = None) -> DiskFull:
    """The failure of a full disk, where ``wanted`` bytes more were to be kept."""
    what = f": it has no room for {wanted:,} bytes more" if wanted else ""
    return DiskFull("disk_full", f"The server's disk is full{what}. Free some room there and try again.")
