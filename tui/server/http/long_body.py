"""Receiving the body of a long request past the parser, straight into the memory from which it is stored.

Through the parser each byte would be copied four times.
"""

from __future__ import annotations

import asyncio
import mmap
from collections.abc import AsyncIterator, Callable

from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ...override import override
from ..blobs.base import PIECE, Bytes
from ..limits.buffers import Share

#: The extension of a request's scope with the function that takes a body over (``http_protocol``).
TAKE_OVER = "sentlinks.take_over"
#: Seconds after which less than a whole piece is passed on, if that is all that has arrived.
_GATHER_SECONDS = 1.0

TakeOver = Callable[[bytes], "LongBody | None"]


async def body_of(request: Request, share: Share) -> AsyncIterator[Bytes]:
    """The body of ``request`` in pieces of up to :data:`PIECE` bytes, whose buffers count as ``share``.

    A piece that isn't ``bytes`` has exactly :data:`PIECE` bytes, and changes when the next but one is asked for.
    Raises :class:`ClientDisconnect`.
    """
    take_over: TakeOver | None = request.scope.get("extensions", {}).get(TAKE_OVER)
    if take_over is not None and not share.try_to_take(2 * PIECE):
        # There is no room for its buffers; the parser takes smaller ones.
        take_over = None
    async for received in request.stream():
        body = take_over(received) if take_over is not None else None
        if body is not None:
            async for piece in body.pieces():
                yield piece
            return
        yield received


class LongBody(asyncio.BufferedProtocol):
    """Takes the place of a connection's protocol until the body has been received.

    ``first`` are the bytes that have arrived already; ``left`` more are to come. Whenever some arrive, ``on_arrived``
    is called with how many are still to come; after the last, it puts the connection's protocol back.
    """

    def __init__(
        self, connection: HttpToolsProtocol, first: bytes, left: int, on_arrived: Callable[[int], None]
    ) -> None:
        self._connection = connection
        self._on_arrived = on_arrived
        self._cycle = connection.cycle
        memory = memoryview(mmap.mmap(-1, 2 * PIECE))
        #: The buffer that is being filled comes first.
        self._buffers = [memory[:PIECE], memory[PIECE:]]
        self._filled = len(first)
        self._buffers[0][: len(first)] = first
        self._left = left
        self._dropping = False

    async def pieces(self) -> AsyncIterator[Bytes]:
        """See :func:`body_of`."""
        while True:
            await self._fill()
            filled, self._filled = self._filled, 0
            if filled == PIECE:
                self._buffers.reverse()
                yield self._buffers[1]
            elif filled:
                yield bytes(self._buffers[0][:filled])
            # Even if the client has sent everything: it is gone, and doesn't learn that this arrived.
            if self._cycle.disconnected:
                raise ClientDisconnect
            if not self._left:
                return

    async def _fill(self) -> None:
        """Wait until the buffer is full, or nothing more will come, or what has come has waited long enough."""
        arrived, loop = self._cycle.message_event, asyncio.get_running_loop()
        while not self._is_complete:
            self._connection.flow.resume_reading()
            waited_enough = loop.call_later(_GATHER_SECONDS, arrived.set)
            try:
                await arrived.wait()
            finally:
                waited_enough.cancel()
            arrived.clear()
            if self._filled:
                break
        if self._left:
            self._connection.flow.pause_reading()

    @property
    def _is_complete(self) -> bool:
        return self._filled == PIECE or not self._left or self._cycle.disconnected

    def drop(self) -> None:
        """Receive what is left, for nothing: the request was answered before its end."""
        self._dropping, self._filled = True, 0

    # ------------------------------------------------------------ the protocol

    @override
    def get_buffer(self, sizehint: int) -> memoryview:
        start = 0 if self._dropping else self._filled
        return self._buffers[0][start : start + self._left]

    @override
    def buffer_updated(self, nbytes: int) -> None:
        self._left -= nbytes
        if not self._dropping:
            self._filled += nbytes
        self._on_arrived(self._left)
        if self._filled == PIECE and self._left:
            self._connection.flow.pause_reading()
        if self._is_complete:
            self._cycle.message_event.set()

    @override
    def eof_received(self) -> None:
        self._connection.eof_received()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._connection.connection_lost(exc)

    @override
    def pause_writing(self) -> None:
        self._connection.pause_writing()

    @override
    def resume_writing(self) -> None:
        self._connection.resume_writing()
