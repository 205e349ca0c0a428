"""Several files of this machine, in one go: handing each to a thread takes four times as long as looking at it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from ..clients.files import LocalFile
from ..rules.errors import Problem
from .gather_limited import gather_limited
from .sources import FileSource, SendSource

T = TypeVar("T")

#: Files that one thread looks at, one after another: with more, a disk that answers slowly would be waited for in turn.
_TOGETHER = 8


async def check_all(sources: Sequence[SendSource]) -> None:
    """Refresh all sources as :meth:`SendSource.check` does. Raises the first :class:`Problem` in their order."""
    local = [source for source in sources if isinstance(source, FileSource)]
    seen = await _each(LocalFile.as_now, local)
    for source in sources:
        if isinstance(source, FileSource):
            source.file = _or_raise(seen[id(source)])
        else:
            await source.check()


async def read_small(sources: Sequence[SendSource], most: int) -> list[tuple[bytes, str] | None]:
    """Refresh and read those of the sources that are files here and have at most ``most`` bytes: the bytes of each, and
    their SHA-256 in hexadecimal. ``None`` for the others, and for those that can't be read."""

    def read(file: LocalFile) -> tuple[LocalFile, bytes, str] | None:
        file = file.as_now()
        if file.size > most:
            return None
        content = file.whole()
        return file, content, hashlib.sha256(content).hexdigest()

    seen = await _each(read, [source for source in sources if isinstance(source, FileSource)])
    found: list[tuple[bytes, str] | None] = []
    for source in sources:
        result = seen.get(id(source))
        if isinstance(source, FileSource) and isinstance(result, tuple):
            source.file, content, sha256 = result
            found.append((content, sha256))
        else:
            found.append(None)
    return found


async def _each(work: Callable[[LocalFile], T], sources: Sequence[FileSource]) -> dict[int, T | Problem]:
    """What ``work`` says of each file, or its problem, by the identity of the source."""

    def some(files: Sequence[LocalFile]) -> list[T | Problem]:
        return [_outcome(work, file) for file in files]

    parts = [sources[start : start + _TOGETHER] for start in range(0, len(sources), _TOGETHER)]
    results = await gather_limited(
        [asyncio.to_thread(some, [source.file for source in part]) for part in parts]
    )
    return {
        id(source): result
        for part, found in zip(parts, results, strict=True)
        for source, result in zip(part, found, strict=True)
    }


def _outcome(work: Callable[[LocalFile], T], file: LocalFile) -> T | Problem:
    try:
        return work(file)
    except Problem as problem:
        return problem


def _or_raise(found: T | Problem) -> T:
    if isinstance(found, Problem):
        raise found
    return found
