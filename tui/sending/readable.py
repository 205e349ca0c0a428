"""Documents as a worker reads them: open files, or blocks of what lies elsewhere, of which only those that it needs are
fetched.

Small ones are fetched as a whole. Of larger ones, the worker asks for blocks; both ends are fetched before it does, at
the same time: what begins a document says where the rest is, or its end does. Of what is probably not for a worker,
nothing is fetched before it is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ..files.user_files import open_given
from ..inspection.worker import Fetch, WorkerFailed
from ..rules.document_kinds import DocumentKind, expected_kind
from ..rules.errors import Failed, Problem
from .sources import FileSource, SendSource, WorkSource

if TYPE_CHECKING:
    from ..clients.blocks import Block
    from ..clients.share import ShareClient
    from ..wire.share import Document as SentDocument

#: Up to this size, a document is fetched as a whole: it takes fewer requests.
WHOLE = 256 * 1024
#: Beyond this, a document that lies elsewhere isn't read.
MOST_FETCHED = 256 * 1024 * 1024
#: How much of the beginning is fetched at first, and at least how much of the end of what says there what is in it. The
#: end begins at a multiple of the third, as the blocks do that workers ask for.
_BEGINNING, _GRID = 64 * 1024, 16 * 1024
_ENDS = {DocumentKind.ZIP: 24 * 1024, DocumentKind.PDF: 40 * 1024}


@dataclass(frozen=True, slots=True)
class Readable:
    """A document: an open file's ``path``, or ``size`` bytes that ``block`` fetches; if the list hasn't told the size,
    ``length`` asks for it. ``version`` is another one for another content; ``is_recorded``: the server notes each
    reader, as it does for a view."""

    name: str
    size: int | None
    path: Path | None = None
    block: Fetch | None = None
    length: Callable[[], Awaitable[int | None]] | None = None
    version: object = None
    is_recorded: bool = False


def of_source(source: SendSource) -> Readable:
    """What is to be sent."""
    if isinstance(source, FileSource) and not source.file.content:
        return Readable(source.name, source.size, path=source.path)
    if isinstance(source, WorkSource):
        return of_work(source)
    return Readable(source.name, source.size, block=_from_the_beginning(source))


def of_work(source: WorkSource) -> Readable:
    """A version of a document in Work."""
    work, ident = source.work, source.document.id
    block = _of_one_version(lambda place, length: work.block(ident, place, length))
    return Readable(
        source.name,
        source.document.size,
        block=block,
        length=lambda: work.length(ident),
        version=ident,
        is_recorded=work.apart,
    )


def of_sent(share: ShareClient, document: SentDocument) -> Readable:
    """What was sent, for its owner and the folder's members."""
    block = _of_one_version(lambda place, length: share.block(document.id, place, length))
    return Readable(document.name, document.size, block=block, version=document.sha256)


def _of_one_version(ask: Callable[[int, int], Awaitable[Block]]) -> Fetch:
    """The blocks that are of the same document as the first one."""
    etag = ""

    async def block(place: int, length: int) -> bytes:
        nonlocal etag
        found = await ask(place, length)
        etag = etag or found.etag
        if found.etag != etag:
            raise Failed("document.changed", "The document has changed while it was read.")
        return found.content

    return block


def _from_the_beginning(source: SendSource) -> Fetch:
    async def block(place: int, length: int) -> bytes:
        found = bytearray()
        async with aclosing(cast("Any", source.read(place))) as pieces:
            async for piece in pieces:
                found += piece
                if len(found) >= length:
                    break
        return bytes(found[:length])

    return block


@asynccontextmanager
async def handed_over(
    document: Readable, wanted: frozenset[DocumentKind]
) -> AsyncIterator[tuple[int | Fetch, int | None]]:
    """What a worker gets: an open file, or a way to fetch blocks and the size. ``wanted``: the kinds that are for a
    worker. Raises :class:`WorkerFailed` if it can't be read."""
    try:
        if document.path is not None:
            with open_given(document.path) as file:
                yield file.fileno(), None
            return
        size = document.size
        if size is None and document.length is not None:
            size = await document.length()
        if document.block is None or size is None:
            raise WorkerFailed("unreadable")
        if size > MOST_FETCHED:
            raise WorkerFailed("limits")
        kind = expected_kind(document.name)
        async with _Blocks(document.block, _ends(kind, size) if kind in wanted else {}) as blocks:
            yield blocks.fetch, size
    except (OSError, Problem, ValueError) as error:
        raise WorkerFailed("unreadable") from error


def _ends(kind: DocumentKind, size: int) -> Mapping[int, int]:
    """The lengths of what is fetched at once, by where it begins."""
    if size <= WHOLE:
        return {0: size} if size else {}
    if kind not in _ENDS:
        return {0: _BEGINNING}
    tail = (size - _ENDS[kind]) // _GRID * _GRID
    return {0: _BEGINNING, tail: size - tail}


class _Blocks:
    """The blocks of a document. Those that are fetched before they are asked for are kept."""

    def __init__(self, block: Fetch, parts: Mapping[int, int]) -> None:
        self._block = block
        self._parts = parts
        self._fetched: dict[int, asyncio.Task[bytes]] = {}

    async def __aenter__(self) -> _Blocks:
        self._fetched = {
            place: asyncio.create_task(self._or_nothing(place, length))
            for place, length in self._parts.items()
        }
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._fetched.values():
            task.cancel()
        await asyncio.gather(*self._fetched.values(), return_exceptions=True)

    async def fetch(self, place: int, length: int) -> bytes:
        """A block, or its beginning, if only that is here; nothing if it can't be read."""
        for start, task in self._fetched.items():
            if start <= place < start + self._parts[start]:
                # The worker asks for the rest. Cancelling this leaves the part to others.
                found = await asyncio.shield(task)
                return found[place - start : place - start + length]
        behind = [start - place for start in self._fetched if start > place]
        return await self._or_nothing(place, min([length, *behind]))

    async def _or_nothing(self, place: int, length: int) -> bytes:
        try:
            return await self._block(place, length)
        except Problem:
            # The worker takes it for what can't be read.
            return b""
