"""Fetching a document into a file of this machine."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import BinaryIO

from ..rules import names
from ..rules.errors import Failed, InvalidValue
from ..rules.text import printable
from ..wire.share import Document
from .share import ShareClient


def check_free(path: Path) -> None:
    """Raises :class:`InvalidValue` where something is at ``path`` already."""
    if os.path.lexists(path):
        raise InvalidValue(
            "output.exists", f"{printable(str(path))} already exists and is not overwritten; name another."
        )


async def fetch(
    share: ShareClient,
    document: Document,
    place: Path,
    on_progress: Callable[[int], None] = lambda done: None,
    *,
    numbered: bool = False,
) -> Path:
    """Fetches ``document`` to ``place``, or into it under its own name where it is a folder; answers where it is.
    With ``numbered``, `` (2)`` follows the name in a folder where something has it already.

    It is not counted on the link. Never over an existing file (:class:`InvalidValue`), and never half of one: the
    bytes are checked against the digest before the file has its name. ``on_progress`` is told how many bytes have
    come.
    """
    is_folder = await asyncio.to_thread(place.is_dir)
    path = place / names.local_name(document.name) if is_folder else place
    if is_folder and numbered:
        path = await asyncio.to_thread(_numbered, path)
    check_free(path)

    async def pieces() -> AsyncIterator[bytes]:
        async with share.content(document.id) as content:
            async for piece in content.chunks:
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
    """Writes ``pieces`` of the document ``name`` to ``path``, of mode 0600; never over a file, never half of it.

    Raises :class:`InvalidValue` where something is there by now, :class:`Failed` where it cannot be written or the
    bytes have another digest than ``sha256``.
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
            raise Failed("content.differs", f"{printable(name)} arrived incomplete; get it again.")
        await asyncio.to_thread(_put, temporary, path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _numbered(path: Path) -> Path:
    """``path``, with a number behind its name where something has it. Raises :class:`Failed`."""
    try:
        there = {names.key(beside.name) for beside in path.parent.iterdir()}
    except OSError as error:
        raise _unwritable(path, error) from error
    return path.with_name(names.free(path.name, there))


def _create(path: Path) -> BinaryIO:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    return os.fdopen(handle, "wb")


def _put(temporary: Path, path: Path) -> None:
    # A link fails where the name is taken; a rename would overwrite.
    try:
        os.link(temporary, path)
    except FileExistsError:
        check_free(path)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOSYS, errno.EOPNOTSUPP):
            raise
        # A disk that knows no links.
        check_free(path)
        temporary.rename(path)


def _unwritable(path: Path, error: OSError) -> Failed:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    reason = "the disk is full" if full else os.strerror(error.errno or errno.EIO)
    return Failed("output.unwritable", f"{printable(str(path))} cannot be written: {reason}.")
