"""Files of a folder that come from another store, and the file that says whose the folder is meanwhile."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

from ...files.syncing import sync_data
from ..base.files import sync_folder, write_private
from .base import Bytes
from .writing import in_thread, write_all

#: What a file's name ends with until it is whole.
_HALF = ".half"
MARKER = "installation"


async def receive_file(path: Path, data: AsyncIterator[Bytes]) -> None:
    """Store all of ``data`` as that file, whole or not at all; it is durable when this returns."""
    half = path.with_name(path.name + _HALF)
    try:
        handle = await in_thread(_create, half)
        try:
            async for part in data:
                await in_thread(write_all, handle, [part])
            await in_thread(sync_data, handle)
        finally:
            os.close(handle)
        await in_thread(_rename, half, path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise


def _create(path: Path) -> int:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _rename(old: Path, new: Path) -> None:
    old.rename(new)
    sync_folder(new.parent)


def mark_of(root: Path) -> str | None:
    """What :func:`write_mark` has written; ``None`` if nothing."""
    try:
        return (root / MARKER).read_text("ascii", "replace").strip()
    except FileNotFoundError:
        return None


def write_mark(root: Path, ident: str) -> None:
    """Write whose folder it is."""
    write_private(root / MARKER, ident)


def remove_mark(root: Path) -> None:
    """Take that back."""
    (root / MARKER).unlink(missing_ok=True)


def remove_halves(root: Path) -> None:
    """Remove what is only half there."""
    for half in root.glob(f"*/*{_HALF}"):
        half.unlink(missing_ok=True)
