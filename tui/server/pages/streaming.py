"""A file on its way to a recipient."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator, Mapping

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from ..blobs import Damaged, Fault
from ..context import Context
from ..damage import Check, closing, remember
from ..http.leaving import break_off
from ..http.visitor import Visitor
from . import grants, views
from .grants import Grant

log = logging.getLogger("sentlinks")

#: So often, in seconds, it is looked whether the document may still go out.
CHECK_SECONDS = 1.0
#: A reader that takes nothing for so long is let go; it can come again while the grant lives.
STALL_SECONDS = 600.0
# What is read and handed over at once: the least for a slow reader, so that it holds little memory and little is on
# its way when the document is withdrawn; more and more for a fast one, whose file is then opened seldom.
_LEAST = 64 * 1024
_MOST = 1024 * 1024
_WINDOW = 64 * _MOST
_FAST_SECONDS = 0.05


class Ended(Exception):
    """The reader has gone, or the document may no longer go out."""


class FileAnswer(Response):
    """``length`` bytes of a grant's file from ``start`` on, which are set aside for it already.

    ``otherwise`` is answered where the bytes cannot be read. Of a whole file, the last piece is held back until all of
    it has turned out to be what was kept: else the connection ends before it.
    """

    def __init__(
        self,
        context: Context,
        grant: Grant,
        visitor: Visitor,
        start: int,
        length: int,
        *,
        status: int,
        headers: Mapping[str, str],
        otherwise: Response,
    ) -> None:
        super().__init__(status_code=status, headers={**headers, "Content-Length": str(length)})
        self._context = context
        self._grant = grant
        self._visitor = visitor
        self._check = Check(start, length, grant.size, grant.sha256)
        self._start = start
        self._length = length
        self._otherwise = otherwise
        self._sent = 0
        self._settled = False
        self._step = _LEAST
        self._checked = 0.0
        self._sent_then = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_disconnected(receive))
        pieces = self._pieces()
        try:
            first = await anext(pieces, b"")
        except (OSError, EOFError) as error:
            await self._fail(error)
            await self._otherwise(scope, receive, send)
        else:
            try:
                await self._give(first, pieces, send, gone)
            except Ended:
                break_off(scope)
        finally:
            gone.cancel()
            await pieces.aclose()
            await self._settle()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        place, end = self._start, self._start + self._length
        while place < end:
            window = _WINDOW if self._step >= _MOST else self._step
            read = self._context.blobs.read(
                self._grant.blob, place, min(window, end - place), self._check.digest
            )
            async with closing(read) as pieces:
                async for piece in pieces:
                    place += len(piece)
                    self._check.take(piece)
                    yield piece
                    if self._step < _MOST:
                        break

    async def _settle(self) -> None:
        if not self._settled:
            await grants.settle(self._context, self._grant, self._length, self._sent)
        elif self._sent < self._length:
            await grants.take_back(self._context, self._grant, self._length - self._sent)

    async def _fail(self, error: Exception) -> None:
        log.error("the bytes of document %s cannot be read: %s", self._grant.document_id, error)
        if not isinstance(error, Damaged):
            return
        grant = self._grant
        if not await remember(self._context, grant.blob, grant.sha256):
            return
        if not await grants.undo(self._context, grant, self._visitor):
            await views.record_fault(self._context, grant.document_id, self._visitor, Fault.DAMAGED)

    async def _give(
        self, first: bytes, pieces: AsyncGenerator[bytes, None], send: Send, gone: asyncio.Future[None]
    ) -> None:
        self._checked = asyncio.get_running_loop().time()
        start: Message = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await self._hand_over(start, send, gone)
        piece: bytes | None = first
        while piece is not None:
            for part in self._parts(piece):
                more = self._sent + len(part) < self._length
                if not more:
                    # Before the last part, so that whoever has the whole file finds it counted.
                    await grants.settle(self._context, self._grant, self._length, self._length)
                    self._settled = True
                body: Message = {"type": "http.response.body", "body": part, "more_body": more}
                await self._hand_over(body, send, gone)
                self._sent += len(part)
            try:
                piece = await anext(pieces, None)
            except (OSError, EOFError) as error:
                await self._fail(error)
                raise Ended from None

    def _parts(self, piece: bytes) -> Iterator[bytes]:
        place = 0
        while True:
            part = piece[place : place + self._step]
            place += len(part)
            yield part
            if place >= len(piece):
                return

    async def _hand_over(self, message: Message, send: Send, gone: asyncio.Future[None]) -> None:
        # Where the reader has gone, sending does nothing and says nothing.
        if gone.done():
            raise Ended
        time = asyncio.get_running_loop().time
        begun = time()
        sending = asyncio.ensure_future(send(message))
        try:
            while not sending.done():
                await asyncio.wait(
                    {sending, gone}, timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if not sending.done() and (gone.done() or time() - begun > STALL_SECONDS):
                    raise Ended
                if time() - self._checked >= CHECK_SECONDS:
                    gave, self._sent_then = self._sent > self._sent_then, self._sent
                    if not await grants.under_way(self._context, self._grant, gave=gave):
                        log.info("a download of document %s was ended under way", self._grant.document_id)
                        raise Ended
                    self._checked = time()
            await sending
        finally:
            sending.cancel()
        fast = time() - begun < _FAST_SECONDS
        self._step = min(self._step * 2, _MOST) if fast else max(_LEAST, self._step // 4)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
