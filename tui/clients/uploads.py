"""Uploads by tus 1.0.0: in long pieces straight from the source, resumed where the connection broke.

:func:`upload` sends one document. What it counts as done is what the server acknowledged, never what was merely
written to a socket. With each piece the server tells the digest of all that it has: where that is not ours, what came
since the last one that was is sent again, in smaller pieces.
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
from .feed import Feed, Read
from .patience import Attempts, Patience

LEAST = 64 * 1024
#: Of what is held in memory.
MOST = 8 * 1024 * 1024
#: Of what is sent in one request straight from its source.
_FIRST_PIECE, _MOST_PIECE = 64 * 1024 * 1024, 256 * 1024 * 1024
#: So many times smaller pieces become where one was damaged on its way.
_SHRINKS = 8
#: A document that is damaged so often, with smaller and smaller pieces, does not get through.
_DAMAGED = 12
#: So often, in seconds, a server is asked how much of a long piece it has.
_ASKED_EVERY = 1.0
_FIRST = 256 * 1024
_SECONDS = 0.5
# The most that a socket is given at once: a slow line, which has a minute for each, is given less.
_WRITE = 1024 * 1024
_UPLOADS = "/share/v1/uploads"
_TYPE = "application/offset+octet-stream"
_TUS = {"Tus-Resumable": "1.0.0"}
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_DIGEST = "Upload-Prefix-Digest"
_LOCKED = 423
_ARRIVING = 4
# A checksum that does not fit, and failures that pass.
_PASSING = (408, _LOCKED, 460, 500, 502, 503, 504)


class Pace:
    """How much is sent at once. One for all uploads of a send.

    ``size`` is for what is held in memory, so that an answer comes about twice a second; ``piece`` for what is sent
    straight from its source.
    """

    def __init__(self, size: int = _FIRST, piece: int = _FIRST_PIECE) -> None:
        self.size = size
        self.piece = piece

    def arrived(self, whole: bool) -> None:
        """Learns that a piece arrived as it was, or was damaged."""
        self.piece = min(self.piece * 2, _MOST_PIECE) if whole else max(self.piece // _SHRINKS, LEAST)

    def took(self, sent: int, seconds: float) -> None:
        """Learns from ``sent`` bytes that were acknowledged after ``seconds``."""
        fits = int(sent / max(seconds, 1e-6) * _SECONDS) // LEAST * LEAST
        # A piece smaller than planned is mostly waiting: it can tell that there is room, not that there is none.
        if sent >= self.size or fits > self.size:
            self.size = min(max(fits, LEAST), MOST)


class Uploaded(NamedTuple):
    """``sha256`` in lower-case hexadecimal."""

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
    pace: Pace | None = None,
    patience: Patience | None = None,
) -> Uploaded:
    """Sends the ``size`` bytes that ``read(start)`` yields from ``start`` on, as an upload of the send.

    ``on_acknowledged`` is called with the bytes that the server has so far. The id is ``upload_id`` or one made at
    random: ``on_begin`` is called with it before the server is asked to begin the upload, ``on_created`` once it has.
    An upload that was ``begun`` before is gone on with where the server still has it. Answers the id and the SHA-256
    of all bytes.

    Raises the :class:`Problem` that ``read`` raised, or :class:`Failed` ``source.short`` or ``source.long`` where it
    yields another number of bytes, and what the server refuses: then the upload is removed there. Where the server
    could not be reached for longer than ``patience``, :class:`Interrupted` is raised and the upload stays, to be
    gone on with.
    """
    work = _Upload(http, send_id, Feed(name, size, read), on_acknowledged, on_begin, on_created)
    if upload_id is not None and _ID.fullmatch(upload_id):
        work.upload_id, work.begun = upload_id, begun
    work.pace = pace or work.pace
    work.patience = patience or work.patience
    work.attempts = Attempts(work.patience)
    try:
        return await work.run()
    except Problem as problem:
        lasting = problem is work.feed.problem or not isinstance(problem, (Unreachable, Throttled))
        if lasting and work.begun:
            await terminate(http, work.upload_id)
        raise
    finally:
        await work.feed.close()


async def terminate(
    http: httpx.AsyncClient, upload_id: str, seconds: float = 5.0, *, arriving: bool = False
) -> None:
    """Removes an upload from the server. Where that fails, it goes by itself when it expires.

    ``arriving``: the server was asked to begin it and has not answered; it may be doing so at this moment.
    """
    tries = _ARRIVING if arriving else 1
    with suppress(Problem, TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                with reaching(http):
                    response = await ask(http, "DELETE", f"{_UPLOADS}/{upload_id}", headers=_TUS)
                if response.status_code == 404:
                    tries -= 1
                if response.status_code not in (404, _LOCKED) or not tries:
                    return
                # A piece that was broken off is still being written.
                await asyncio.sleep(0.2)


def new_id() -> str:
    """An id for an upload that nobody else has."""
    return secrets.token_hex(16)


class _Again(Exception):
    """The try failed, and another may not. ``wait``: seconds that the server asked for."""

    def __init__(self, problem: Problem, wait: float | None = None) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.wait = wait


class _Gone(Exception):
    """The server does not know the upload, or no longer."""


class _Taken(Exception):
    """The id cannot be had: an upload that had it has expired."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Upload:
    """One upload under way; the server has ``offset`` bytes, as far as is known."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        send_id: str,
        feed: Feed,
        on_acknowledged: Callable[[int], None],
        on_begin: Callable[[str], None],
        on_created: Callable[[str], None],
    ) -> None:
        self.http = http
        self.send_id = send_id
        self.feed = feed
        self.on_acknowledged = on_acknowledged
        self.on_begin = on_begin
        self.on_created = on_created
        self.upload_id = new_id()
        #: Whether the server was asked to begin it; whether it has, as far as is known.
        self.begun = False
        self.created = False
        self.pace = Pace()
        self.patience = Patience()
        self.attempts = Attempts(self.patience)
        self.offset = 0
        self.damaged = 0
        #: Up to here the server has what was sent, as far as it has told.
        self.agreed = 0
        self.goes_back = False
        self.begun_again = False

    async def run(self) -> Uploaded:
        sure = not self.begun
        while not sure or not self.created or self.offset < self.feed.size:
            try:
                if not sure:
                    await self._find_out()
                    self.created = sure = True
                else:
                    await self.feed.go_to(self.offset)
                    await self._send()
            except _Gone:
                if self.created:
                    self._begin_again()
                sure = True
            except _Taken as taken:
                self._begin_again(taken.problem)
                sure = True
            except _Again as again:
                await self._wait(again)
                sure = not self.begun
            except Unreachable as problem:
                await self._wait(_Again(problem))
                sure = not self.begun
        await self.feed.go_to(self.feed.size)
        return Uploaded(self.upload_id, self.feed.sha256)

    async def _wait(self, again: _Again) -> None:
        try:
            await self.attempts.wait(again.problem, again.wait)
        except Unreachable as problem:
            if isinstance(problem, Interrupted):
                raise
            # The send was opened, so the server was there.
            raise Interrupted(problem.code, problem.message) from problem

    def _begin_again(self, problem: Problem | None = None) -> None:
        if self.begun_again:
            raise problem or Failed(
                "upload.gone", "The server has lost this upload; send the document again."
            )
        self.begun_again = True
        self.upload_id, self.begun, self.created = new_id(), False, False
        self.agreed, self.goes_back = 0, False
        self._acknowledge(0)

    def _acknowledge(self, received: int) -> None:
        if received > self.offset:
            self.attempts.got_through()
        if received != self.offset:
            self.offset = received
            self.on_acknowledged(received)

    # ---------------------------------------------------------------- requests

    async def _find_out(self) -> None:
        """Asks the server how far it is."""
        response = await self._request("HEAD", f"{_UPLOADS}/{self.upload_id}", {})
        self._acknowledge(self._offset_in(response, self.feed.size))
        if self.offset < self.feed.size:
            # A request that was broken off may still be writing: to be told so with a long body is in vain.
            headers = {"Content-Type": _TYPE, "Upload-Offset": str(self.offset), "Content-Length": "0"}
            await self._request("PATCH", f"{_UPLOADS}/{self.upload_id}", headers)

    async def _send(self) -> None:
        """Sends the next piece: as the beginning of a new upload, or of the one there is."""
        most = self.pace.piece if self.created else self.pace.size
        length = min(self.feed.size - self.offset, most)
        end = self.offset + length
        headers = {
            "Content-Type": _TYPE,
            "Content-Length": str(length),
            _DIGEST: "sha256",
        }
        began = monotonic()
        if not self.created:
            said = {"send": self.send_id, "filename": self.feed.name, "upload": self.upload_id}
            headers["Upload-Length"] = str(self.feed.size)
            headers["Upload-Metadata"] = ",".join(f"{key} {_b64(value)}" for key, value in said.items())
            first = [piece async for piece in self.feed.pieces(length)]
            if not self.begun:
                self.on_begin(self.upload_id)
                self.begun = True
            response = await self._request("POST", _UPLOADS, headers, _those(first))
            # A server of an earlier version chooses it.
            self.upload_id = self._id_in(response)
            self.created = True
            self.on_created(self.upload_id)
        else:
            headers["Upload-Offset"] = str(self.offset)
            if self.goes_back:
                headers["Upload-Truncate"] = "1"
            response = await self._patch(headers, length)
            self.goes_back = False
        received = self._offset_in(response, end)
        if received == end:
            self.pace.took(length, monotonic() - began)
            if not self._is_whole(response):
                self._go_back()
                return
        self._acknowledge(received)

    async def _patch(self, headers: dict[str, str], length: int) -> httpx.Response:
        asking = asyncio.create_task(self._ask_now_and_then())
        try:
            return await self._request(
                "PATCH", f"{_UPLOADS}/{self.upload_id}", headers, self.feed.pieces(length)
            )
        finally:
            asking.cancel()
            with suppress(asyncio.CancelledError):
                await asking

    async def _ask_now_and_then(self) -> None:
        """Asks how much of a long piece is there already; what cannot be found out is not missed."""
        while True:
            await asyncio.sleep(_ASKED_EVERY)
            with suppress(Problem, _Again, _Gone):
                response = await self._request("HEAD", f"{_UPLOADS}/{self.upload_id}", {})
                self.on_acknowledged(max(self.offset, self._offset_in(response, self.feed.size)))

    def _is_whole(self, response: httpx.Response) -> bool:
        """Whether the server has what was sent, as far as it tells."""
        algorithm, _, told = str(response.headers.get(_DIGEST, "")).partition(" ")
        if algorithm != "sha256":
            return True
        if told != b64encode(self.feed.digest).decode():
            return False
        self.damaged = 0
        self.agreed = self.feed.position
        self.feed.agreed()
        self.pace.arrived(True)
        return True

    def _go_back(self) -> None:
        """To what arrived as it was; what came after it is sent again."""
        self.damaged += 1
        if self.damaged > _DAMAGED:
            raise Failed(
                "upload.checksum",
                f"The connection to {where(self.http)} changes what is sent; try another network.",
            )
        self.pace.arrived(False)
        self.offset, self.goes_back = self.agreed, True
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
                content=None if pieces is None else _slices(pieces, min(max(self.pace.size, LEAST), _WRITE)),
                timeout=httpx.Timeout(connect=10, read=self.patience.answer, write=60, pool=120),
            )
        if response.is_success:
            return response
        problem = problem_of(response)
        if isinstance(problem, Throttled):
            raise _Again(problem, problem.retry_after)
        if response.status_code in _PASSING or (response.status_code == 409 and method == "PATCH"):
            raise _Again(problem)
        if response.status_code in (404, 410) and method != "POST":
            raise _Gone
        if problem.code == "upload.id_taken":
            raise _Taken(problem)
        raise problem

    def _offset_in(self, response: httpx.Response, most: int) -> int:
        text = str(response.headers.get("upload-offset", ""))
        if not text and response.request.method == "POST":
            return 0  # A server that takes no bytes with the creation.
        if not (text.isascii() and text.isdigit()) or not self._least(response) <= int(text[:20]) <= most:
            raise self._not_understood()
        return int(text)

    def _least(self, response: httpx.Response) -> int:
        return self.offset if response.request.method == "PATCH" else 0

    def _id_in(self, response: httpx.Response) -> str:
        found = str(response.headers.get("location", "")).rpartition("/")[2]
        if not _ID.fullmatch(found):
            raise self._not_understood()
        return found

    def _not_understood(self) -> Failed:
        return Failed(
            "answer.not_understood",
            f"The server {where(self.http)} does not answer uploads as tus 1.0.0 requires; check the address.",
        )


async def _those(pieces: list[bytes]) -> AsyncIterator[bytes]:
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
