"""Uploads by tus 1.0.0: in long pieces straight from the source, resumed after a broken connection.

:func:`upload` sends one document. Progress counts what the server acknowledged, never what was merely written to a
socket. After each piece the server returns the digest of everything that it has: if it doesn't match ours, everything
since the last match is sent again, in smaller pieces.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from time import monotonic
from typing import NamedTuple

import httpx

from ..rules.errors import Failed, Interrupted, Problem, Throttled, Unreachable
from .connection import ask, problem_of, reaching, where
from .retries import Attempts, RetryPolicy
from .upload_source import Read, UploadSource

LEAST = 64 * 1024
#: The largest piece that is held in memory.
MOST = 8 * 1024 * 1024
#: The first and the largest piece that is sent straight from its source.
_FIRST_PIECE, _MOST_PIECE = 64 * 1024 * 1024, 256 * 1024 * 1024
#: Pieces get smaller by this factor when one was damaged in transit.
_SHRINKS = 8
#: The upload fails after this many damaged pieces in a row, each smaller than the one before.
_MAX_DAMAGED = 12
#: The interval in seconds at which the server is asked how much of a long piece it has.
_POLL_SECONDS = 1.0
_FIRST_SIZE = 256 * 1024
_TARGET_SECONDS = 0.5
# The most bytes written to a socket at a time. Slow connections get less, because each write has to finish in a minute.
_WRITE = 1024 * 1024
_UPLOADS = "/share/v1/uploads"
_TYPE = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": "1.0.0"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIGEST = "Upload-Prefix-Digest"
_LOCKED = 423
_ARRIVING_TRIES = 4
# Temporary failures, and 460: the checksum doesn't match.
_TEMPORARY = (408, _LOCKED, 460, 500, 502, 503, 504)


class ChunkSizer:
    """How many bytes to send in one request, shared by all uploads of a send.

    ``size`` applies to pieces held in memory and aims at two responses a second; ``piece`` applies to pieces sent
    straight from their source.
    """

    def __init__(self, size: int = _FIRST_SIZE, piece: int = _FIRST_PIECE) -> None:
        self.size = size
        self.piece = piece

    def arrived(self, whole: bool) -> None:
        """Adapt to a piece that arrived intact (``whole``) or damaged."""
        self.piece = min(self.piece * 2, _MOST_PIECE) if whole else max(self.piece // _SHRINKS, LEAST)

    def took(self, sent: int, seconds: float) -> None:
        """Adapt to ``sent`` bytes having been acknowledged after ``seconds``."""
        fits = int(sent / max(seconds, 1e-6) * _TARGET_SECONDS) // LEAST * LEAST
        # Latency dominates with a piece smaller than planned: it can show that there is room, not that there is none.
        if sent >= self.size or fits > self.size:
            self.size = min(max(fits, LEAST), MOST)


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
    job = _Upload(http, send_id, UploadSource(name, size, read), on_acknowledged, on_begin, on_created)
    if upload_id is not None and _ID.fullmatch(upload_id):
        job.upload_id, job.begun = upload_id, begun
    job.chunk_sizer = chunk_sizer or job.chunk_sizer
    job.patience = patience or job.patience
    job.attempts = Attempts(job.patience)
    try:
        return await job.run()
    except Problem as problem:
        permanent = problem is job.source.problem or not isinstance(problem, (Unreachable, Throttled))
        if permanent and job.begun:
            await terminate(http, job.upload_id)
        raise
    finally:
        await job.source.close()


async def terminate(
    http: httpx.AsyncClient, upload_id: str, seconds: float = 5.0, *, arriving: bool = False
) -> None:
    """Remove an upload from the server. If that fails, the server removes it when it expires.

    ``arriving``: the server was asked to create the upload and hasn't responded, so it may be creating it right now.
    """
    tries = _ARRIVING_TRIES if arriving else 1
    with suppress(Problem, TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with reaching(http):
                    response = await ask(http, "DELETE", f"{_UPLOADS}/{upload_id}", headers=_TUS)
                if response.status_code == 404:
                    tries -= 1
                if response.status_code not in (404, _LOCKED) or not tries:
                    return
                # The server is still writing a piece whose request was aborted.
                await asyncio.sleep(0.2)


def new_id() -> str:
    """A random id for an upload."""
    return secrets.token_hex(16)


class _Retry(Exception):
    """The attempt failed, but a retry may succeed. ``wait``: the delay in seconds that the server asked for."""

    def __init__(self, problem: Problem, wait: float | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.wait = wait


class _UploadGone(Exception):
    """The server doesn't know the upload (any more)."""


class _IdTaken(Exception):
    """The id can't be used: it belonged to an upload that has expired."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Upload:
    """One upload in progress; the server has ``offset`` bytes, as far as is known."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        send_id: str,
        source: UploadSource,
        on_acknowledged: Callable[[int], None],
        on_begin: Callable[[str], None],
        on_created: Callable[[str], None],
    ) -> None:
        self.http = http
        self.send_id = send_id
        self.source = source
        self.on_acknowledged = on_acknowledged
        self.on_begin = on_begin
        self.on_created = on_created
        self.upload_id = new_id()
        #: Whether the server was asked to create the upload, and whether it has, as far as is known.
        self.begun = False
        self.created = False
        self.chunk_sizer = ChunkSizer()
        self.patience = RetryPolicy()
        self.attempts = Attempts(self.patience)
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
            except _UploadGone:
                if self.created:
                    self._start_over()
                offset_known = True
            except _IdTaken as error:
                self._start_over(error.problem)
                offset_known = True
            except _Retry as retry:
                await self._wait(retry)
                offset_known = not self.begun
            except Unreachable as problem:
                await self._wait(_Retry(problem))
                offset_known = not self.begun
        await self.source.go_to(self.source.size)
        return Uploaded(self.upload_id, self.source.sha256)

    async def _wait(self, retry: _Retry) -> None:
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
        response = await self._request("HEAD", f"{_UPLOADS}/{self.upload_id}", {})
        self._acknowledge(self._offset_in(response, self.source.size))
        if self.offset < self.source.size:
            # An aborted request may still be writing. An empty PATCH finds out without sending a long body in vain.
            headers = {"Content-Type": _TYPE, "Upload-Offset": str(self.offset), "Content-Length": "0"}
            await self._request("PATCH", f"{_UPLOADS}/{self.upload_id}", headers)

    async def _send(self) -> None:
        """Send the next piece, creating the upload with the first one."""
        most = self.chunk_sizer.piece if self.created else self.chunk_sizer.size
        length = min(self.source.size - self.offset, most)
        end = self.offset + length
        headers = {
            "Content-Type": _TYPE,
            "Content-Length": str(length),
            _DIGEST: "sha256",
        }
        began = monotonic()
        if not self.created:
            metadata = {"send": self.send_id, "filename": self.source.name, "upload": self.upload_id}
            headers["Upload-Length"] = str(self.source.size)
            headers["Upload-Metadata"] = ",".join(f"{key} {_b64(value)}" for key, value in metadata.items())
            pieces = [piece async for piece in self.source.pieces(length)]
            if not self.begun:
                self.on_begin(self.upload_id)
                self.begun = True
            response = await self._request("POST", _UPLOADS, headers, _iterate(pieces))
            # A server of an earlier version chooses the id itself.
            self.upload_id = self._id_in(response)
            self.created = True
            self.on_created(self.upload_id)
        else:
            headers["Upload-Offset"] = str(self.offset)
            if self.rewound:
                headers["Upload-Truncate"] = "1"
            response = await self._patch(headers, length)
            self.rewound = False
        received = self._offset_in(response, end)
        if received == end:
            self.chunk_sizer.took(length, monotonic() - began)
            if not self._is_whole(response):
                self._rewind()
                return
        self._acknowledge(received)

    async def _patch(self, headers: dict[str, str], length: int) -> httpx.Response:
        polling = asyncio.create_task(self._poll_offset())
        try:
            return await self._request(
                "PATCH", f"{_UPLOADS}/{self.upload_id}", headers, self.source.pieces(length)
            )
        finally:
            polling.cancel()
            with suppress(asyncio.CancelledError):
                await polling

    async def _poll_offset(self) -> None:
        """Report progress within a long piece by asking the server for its offset; failures are ignored."""
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            with suppress(Problem, _Retry, _UploadGone):
                response = await self._request("HEAD", f"{_UPLOADS}/{self.upload_id}", {})
                self.on_acknowledged(max(self.offset, self._offset_in(response, self.source.size)))

    def _is_whole(self, response: httpx.Response) -> bool:
        """Whether the server's digest matches ours; true if it sends none."""
        algorithm, _, digest = str(response.headers.get(_DIGEST, "")).partition(" ")
        if algorithm != "sha256":
            return True
        if digest != b64encode(self.source.digest).decode():
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
                f"The connection to {where(self.http)} damages the data; try another network.",
            )
        self.chunk_sizer.arrived(False)
        self.offset, self.rewound = self.verified, True
        self.on_acknowledged(self.offset)

    async def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        pieces: AsyncIterator[bytes] | None = None,
    ) -> httpx.Response:
        with reaching(self.http):
            response = await ask(
                self.http,
                method,
                path,
                headers=_TUS | headers,
                content=None
                if pieces is None
                else _slices(pieces, min(max(self.chunk_sizer.size, LEAST), _WRITE)),
                timeout=httpx.Timeout(connect=10, read=self.patience.answer, write=60, pool=120),
            )
        if response.is_success:
            return response
        problem = problem_of(response)
        if isinstance(problem, Throttled):
            raise _Retry(problem, problem.retry_after)
        if response.status_code in _TEMPORARY or (response.status_code == 409 and method == "PATCH"):
            raise _Retry(problem)
        if response.status_code in (404, 410) and method != "POST":
            raise _UploadGone
        if problem.code == "upload.id_taken":
            raise _IdTaken(problem)
        raise problem

    def _offset_in(self, response: httpx.Response, most: int) -> int:
        text = str(response.headers.get("upload-offset", ""))
        if not text and response.request.method == "POST":
            return 0  # The server accepts no bytes with the creation.
        if (
            not (text.isascii() and text.isdigit())
            or not self._least_offset(response) <= int(text[:20]) <= most
        ):
            raise self._not_understood()
        return int(text)

    def _least_offset(self, response: httpx.Response) -> int:
        return self.offset if response.request.method == "PATCH" else 0

    def _id_in(self, response: httpx.Response) -> str:
        upload_id = str(response.headers.get("location", "")).rpartition("/")[2]
        if not _ID.fullmatch(upload_id):
            raise self._not_understood()
        return upload_id

    def _not_understood(self) -> Failed:
        return Failed(
            "answer.not_understood",
            f"The server {where(self.http)} does not answer uploads as tus 1.0.0 requires; check the address.",
        )


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


def _b64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()
