"""Saving a document to a file on this machine."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

from ..files.private_files import take_name
from ..rules import names
from ..rules.errors import Failed, InvalidValue
from ..rules.text import printable
from ..wire.share import Document
from .share import ShareClient


def check_free(path: Path) -> None:
    """Raise :class:`InvalidValue` if something exists at ``path``."""
    if os.path.lexists(path):
        raise _taken(path)


def _taken(path: Path) -> InvalidValue:
    return InvalidValue("output.exists", f"{printable(str(path))} already exists.", "output")


async def fetch(
    share: ShareClient,
    document: Document,
    place: Path,
    on_progress: Callable[[int], None] = lambda done: None,
    *,
    numbered: bool = False,
) -> Path:
    """Download ``document`` to ``place``, or into it under its own name if ``place`` is a folder. Returns the path.

    With ``numbered``, `` (2)`` is added to a name that is taken in the folder. The download doesn't count on the link.
    An existing file is never overwritten (:class:`InvalidValue`), and a partial one never left behind: the bytes are
    checked against the digest before the file gets its name. ``on_progress`` is called with the bytes received so far.
    """
    is_folder = await asyncio.to_thread(place.is_dir)
    path = place / names.local_name(document.name) if is_folder else place
    if is_folder and numbered:
        path = await asyncio.to_thread(_numbered, path)
    check_free(path)

    async def pieces() -> AsyncIterator[bytes]:
        async with share.content(document.id) as content:
            # Its digest would say so in the end, when the disk is full.
            left = document.size
            async for piece in content.chunks:
                left -= len(piece)
                if left < 0:
                    raise Failed(
                        "content.differs",
                        f"The server sends more of {printable(document.name)} than there is; check its address.",
                    )
                yield piece

    await save(pieces(), path, document.name, document.sha256, on_progress)
    return path


async def save(
    pieces: AsyncIterator[bytes],
    path: Path,
    name: str,
    sha256: str | None = None,
    on_progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the ``pieces`` of the document ``name`` to ``path`` with mode 0600: all of them, or no file at all.

    Raises :class:`InvalidValue` if ``path`` exists by now, :class:`Failed` if it can't be written or the bytes don't
    match ``sha256``.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        file = await asyncio.to_thread(_create, temporary)
        try:
            digest, done = hashlib.sha256(), 0
            async for piece in pieces:
                digest.update(piece)
                await asyncio.to_thread(file.write, piece)
                done += len(piece)
                on_progress(done)
        finally:
            await asyncio.to_thread(file.close)
        if sha256 is not None and digest.hexdigest() != sha256:
            raise Failed("content.differs", f"{printable(name)} arrived incomplete; fetch it again.")
        await asyncio.to_thread(take_name, temporary, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _numbered(path: Path) -> Path:
    """Return ``path``, with a number added to a name that is taken. Raises :class:`Failed`."""
    try:
        taken = {names.key(entry.name) for entry in path.parent.iterdir()}
    except OSError as error:
        raise _unwritable(path, error) from error
    return path.with_name(names.free(path.name, taken))


def _create(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "wb")


def _unwritable(path: Path, error: OSError) -> Failed:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if is_full else os.strerror(error.errno or errno.EIO)
    return Failed("output.unwritable", f"{printable(str(path))} cannot be written: {reason}.")
