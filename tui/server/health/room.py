"""Whether the disks of an installation have room, and take writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ...rules.check_results import Check, bad, ok, warn
from ...rules.display import size_text
from ...rules.text import printable
from ..base.disk import Disk

_GOES_ON = "Uploads go on by themselves when there is room."


def check_disks(data: Path) -> Iterator[Check]:
    """The data folder's disk, and that of the documents if it is another one."""
    yield from _check_disk(data)
    documents = data / "blobs"
    if documents.is_dir() and documents.stat().st_dev != data.stat().st_dev:
        yield from _check_disk(documents)


def _check_disk(folder: Path) -> Iterator[Check]:
    disk, shown = Disk(folder), printable(str(folder))
    if not disk.takes_writes():
        yield bad(
            "disk",
            f"The disk of {shown} is read-only.",
            "The system's log says why; mount it writable again, and the server goes on by itself.",
        )
    free = f"{size_text(disk.free)} free"
    if disk.room <= 0:
        yield bad(
            "disk",
            f"The disk of {shown} is full ({free}): uploads are refused.",
            f"Free some space. {_GOES_ON}",
        )
    elif disk.room <= disk.reserve:
        yield warn("disk", f"The disk of {shown} is nearly full ({free}).", "Free some space.")
    else:
        yield ok("disk", f"The disk of {shown} has {free}.")
    if disk.lacks_files:
        yield bad(
            "inodes",
            f"The disk of {shown} can have only {disk.files or 0:,} more files: uploads are refused.",
            f"Delete files there. {_GOES_ON}",
        )
