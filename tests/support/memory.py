"""A folder in memory, for what doesn't have to outlast the tests."""

from __future__ import annotations

import shutil
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")
#: All tests at once take less than a quarter of it.
_PLENTY = 8 * 1024**3


def memory() -> Path | None:
    """The folder, if there is plenty of memory: the tests make tens of thousands of files, which takes longer on a
    disk."""
    try:
        free = shutil.disk_usage(_SHARED_MEMORY).free
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    return _SHARED_MEMORY if min(free, available) > _PLENTY else None
