"""Uploads by tus 1.0.0: in long pieces straight from the source, resumed after a broken connection.

:func:`upload` sends one document. Progress counts what the server acknowledged, never what was merely written to a
socket. After each piece the server returns the digest of everything that it has: if it doesn't match ours, everything
since the last match is sent again, in smaller pieces.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

import httpx

from ..rules.errors import Failed, Interrupted, Problem, Throttled, Unreachable
from .chunk_sizer import ChunkSizer
from .retries import Attempts, RetryPolicy
from .share_paths import is_id
from .tus import IdTaken, Received, Retry, TusClient, UploadGone, new_id, terminate
from .upload_source import Read, UploadSource

#: The upload fails after this many damaged pieces in a row, each smaller than the one before.
_MAX_DAMAGED = 12
#: The interval in seconds at which the server is asked how much of a long piece it has.
_POLL_SECONDS = 1.0


class Uploaded(NamedTuple):
    """A complete upload; ``sha256`` is in lower-case hexadecimal."""

    upload_id: str
    sha256: str


async def upload(  # noqa: PLR0913
    http: httpx.AsyncClient,
    send_id: str,
    name: str,
    size: int,
    read: Read,
    on_acknowledged: Callable[[int], None] = lambda received: None,
    *,
    upload_id: str | None = None,
    begun: bool = False,
    on_begin: Callable[[str], None] = lambda upload_id: None,
    on_created: Callable[[str], None] = lambda upload_id: None,
    chunk_sizer: ChunkSizer | None = None,
    patience: RetryPolicy | None = None,
) -> Uploaded:
    """Upload ``size`` bytes to the send. ``read(start)`` yields them from ``start`` on.

    ``on_acknowledged`` is called with the number of bytes that the server has. The id is ``upload_id`` or a random
    one: ``on_begin`` is called with it before the server is asked to create the upload, ``on_created`` when it has. An
    upload that was ``begun`` earlier is resumed if the server still has it. Returns the id and the SHA-256 of all
    bytes.

    Raises the :class:`Problem` that ``read`` raised, :class:`Failed` ``source.short`` or ``source.long`` if it yields
    another number of bytes, or the server's refusal; the upload is then removed from the server. If the server stays
    unreachable for longer than ``patience`` allows, raises :class:`Interrupted` and keeps the upload, to be resumed.
    """
    patience = patience or RetryPolicy()
    tus = TusClient(http, size, patience.answer)
    source = UploadSource(name, size, read)
    attempts = Attempts(patience)
    job = _Upload(
        tus, send_id, source, attempts, chunk_sizer or ChunkSizer(), on_acknowledged, on_begin, on_created
    )
    if upload_id is not None and is_id(upload_id):
        job.upload_id, job.begun = upload_id, begun
    try:
        return await job.run()
    except Problem as problem:
        permanent = problem is job.source.problem or not isinstance(problem, (Unreachable, Throttled))
        if permanent and job.begun:
            await terminate(http, job.upload_id)
        raise
    finally:
        await job.source.close()


class _Upload:
    """One upload in progress; the server has ``offset`` bytes, as far as is known."""

    def __init__(
        self,
        tus: TusClient,
        send_id: str,
        source: UploadSource,
        attempts: Attempts,
        chunk_sizer: ChunkSizer,
        on_acknowledged: Callable[[int], None],
        on_begin: Callable[[str], None],
        on_created: Callable[[str], None],
    ) -> None:
        self.tus = tus
        self.send_id = send_id
        self.source = source
        self.attempts = attempts
        self.chunk_sizer = chunk_sizer
        self.on_acknowledged = on_acknowledged
        self.on_begin = on_begin
        self.on_created = on_created
        self.upload_id = new_id()
        #: Whether the server was asked to create the upload, and whether it has, as far as is known.
        self.begun = False
        self.created = False
        self.offset = 0
        self.damaged = 0
        #: The offset up to which the server's digest last matched.
        self.verified = 0
        self.rewound = False
        self.started_over = False

    async def run(self) -> Uploaded:
        offset_known = not self.begun
        while not offset_known or not self.created or self.offset < self.source.size:
            try:
                if not offset_known:
                    await self._query_offset()
                    self.created = offset_known = True
                else:
                    await self.source.go_to(self.offset)
                    await self._send()
            except UploadGone:
                if self.created:
                    self._start_over()
                offset_known = True
            except IdTaken as error:
                self._start_over(error.problem)
                offset_known = True
            except Retry as retry:
                await self._wait(retry)
                offset_known = not self.begun
            except Unreachable as problem:
                await self._wait(Retry(problem))
                offset_known = not self.begun
        await self.source.go_to(self.source.size)
        return Uploaded(self.upload_id, self.source.sha256)

    async def _wait(self, retry: Retry) -> None:
        try:
            await self.attempts.wait(retry.problem, retry.wait)
        except Unreachable as problem:
            if isinstance(problem, Interrupted):
                raise
            # The send was opened, so the server was reachable: the exit status must say that it was interrupted.
            raise Interrupted(problem.code, problem.message) from problem

    def _start_over(self, problem: Problem | None = None) -> None:
        if self.started_over:
            raise problem or Failed(
                "upload.gone", "The server has lost this upload; send the document again."
            )
        self.started_over = True
        self.upload_id, self.begun, self.created = new_id(), False, False
        self.verified, self.rewound = 0, False
        self._acknowledge(0)

    def _acknowledge(self, received: int) -> None:
        if received > self.offset:
            self.attempts.got_through()
        if received != self.offset:
            self.offset = received
            self.on_acknowledged(received)

    # ---------------------------------------------------------------- requests

    async def _query_offset(self) -> None:
        """Ask the server for the upload's offset."""
        self._acknowledge(await self.tus.offset(self.upload_id))
        if self.offset < self.source.size:
            await self.tus.check_unlocked(self.upload_id, self.offset)

    async def _send(self) -> None:
        """Send the next piece, creating the upload with the first one."""
        most = self.chunk_sizer.piece if self.created else self.chunk_sizer.size
        length = min(self.source.size - self.offset, most)
        end = self.offset + length
        began = monotonic()
        received = await (self._append(length) if self.created else self._create(length))
        if received.offset == end:
            self.chunk_sizer.took(length, monotonic() - began)
            if not self._is_whole(received):
                self._rewind()
                return
        self._acknowledge(received.offset)

    async def _create(self, length: int) -> Received:
        # Read before the upload is announced: an upload of a source that can't be read is never begun.
        pieces = [piece async for piece in self.source.pieces(length)]
        if not self.begun:
            self.on_begin(self.upload_id)
            self.begun = True
        body = self._body(_iterate(pieces))
        self.upload_id, received = await self.tus.create(
            self.upload_id, self.send_id, self.source.name, length, body
        )
        self.created = True
        self.on_created(self.upload_id)
        return received

    async def _append(self, length: int) -> Received:
        polling = asyncio.create_task(self._poll_offset())
        body = self._body(self.source.pieces(length))
        try:
            received = await self.tus.append(self.upload_id, self.offset, length, body, truncate=self.rewound)
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling
        self.rewound = False
        return received

    def _body(self, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        return _slices(pieces, self.chunk_sizer.write_size)

    async def _poll_offset(self) -> None:
        """Report progress within a long piece by asking the server for its offset; failures are ignored."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            with suppress(Problem, Retry, UploadGone):
                self.on_acknowledged(max(self.offset, await self.tus.offset(self.upload_id)))

    def _is_whole(self, received: Received) -> bool:
        """Whether the server's digest matches ours; true if it sends none."""
        if received.digest is None:
            return True
        if received.digest != b64encode(self.source.digest).decode():
            return False
        self.damaged = 0
        self.verified = self.source.position
        self.source.mark_verified()
        self.chunk_sizer.arrived(True)
        return True

    def _rewind(self) -> None:
        """Go back to the last offset at which the digests matched; everything after it is sent again."""
        self.damaged += 1
        if self.damaged > _MAX_DAMAGED:
            raise Failed(
                "upload.checksum",
                f"The connection to {self.tus.server} damages the data; try another network.",
            )
        self.chunk_sizer.arrived(False)
        self.offset, self.rewound = self.verified, True
        self.on_acknowledged(self.offset)


async def _iterate(pieces: list[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _slices(pieces: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if len(piece) <= most:
            yield piece
            continue
        view = memoryview(piece)
        for begin in range(0, len(piece), most):
            yield bytes(view[begin : begin + most])
