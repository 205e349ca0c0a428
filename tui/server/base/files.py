"""Files of the data folder that only the server may read."""

from __future__ import annotations

import os
from pathlib import Path

from ...files import private_files


def write_private(path: Path, text: str) -> None:
    """Write a line to a file of mode 0600, atomically, replacing an existing one. The content is on the disk when this
    returns."""
    private_files.write_private(path, f"{text}\n".encode())


def create_private(path: Path, text: str) -> bool:
    """The same for a file that no one may replace. Return ``False`` if there is one already; its name is on the disk,
    too."""
    try:
        private_files.create_private(path, f"{text}\n".encode())
    except FileExistsError:
        return False
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
