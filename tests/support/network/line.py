"""A line between a client and a server, in user space: its rate, its delay, and what goes wrong on it.

    with Line(server.url, delay=0.1, rate=1_000_000) as line:
        ...                      # a client that uses line.url
        line.sent                # bytes of all its connections that were put on the line

Each way has its rate, which all connections share: a piece waits until those before it are through. Then it needs the
delay. As with TCP, a connection carries bytes one round trip after it was opened, has no more than a window of them
unacknowledged, and doubles the window in each round trip. Nothing is lost, unless the line is told to.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import termios
import threading
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_SEGMENT = 1460
#: The first window of a connection (RFC 6928), and the largest.
_FIRST_WINDOW, _MOST_WINDOW = 10 * _SEGMENT, 256 * 1024
#: Bytes read at once: little if they are to be spread in time, as on a slow line.
_PIECE, _SLOW_PIECE = 64 * 1024, 4 * _SEGMENT
#: What the system itself holds of a connection before it was put on the line.
_HELD_BY_SYSTEM = 64 * 1024
#: Pieces with fewer bytes, and those with the head of a request, are not damaged.
_LEAST_DAMAGED = 1024
_HEAD = b" HTTP/1.1\r\n"


class _Way:
    """One way of the line. ``rate`` is in bytes a second; 0: without a limit."""

    def __init__(self, rate: float, delay: float) -> None:
        self._rate = rate
        self.delay = delay
        self._free_at = 0.0
        self.carried = 0

    def carry(self, count: int) -> float:
        """When these bytes, put on the line now, arrive: a time of the event loop."""
        self.carried += count
        now = asyncio.get_running_loop().time()
        self._free_at = max(self._free_at, now) + (count / self._rate if self._rate else 0)
        return self._free_at + self.delay


class Line:
    """Listens on a port of its own; ``url`` is its address.

    ``rate`` is in bytes a second, ``delay`` in seconds, both each way. All connections are reset as soon as the line
    has carried to the server as many bytes as each of ``cuts`` says; one bit of a document is changed soon after each
    of ``flips``.
    """

    def __init__(
        self,
        target: str,
        *,
        rate: float = 0,
        delay: float = 0,
        cuts: Iterable[int] = (),
        flips: Iterable[int] = (),
    ) -> None:
        parts = urlsplit(target)
        self._target = parts.hostname or "", parts.port or 80
        self._up, self._down = _Way(rate, delay), _Way(rate, delay)
        self._piece = _SLOW_PIECE if rate else _PIECE
        self._cuts, self._flips = sorted(cuts), sorted(flips)
        #: How many there were so far.
        self.cuts = self.flips = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening = socket.socket()
        if rate:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _HELD_BY_SYSTEM)
        self._listening.bind(("127.0.0.1", 0))
        self._listening.listen()
        self._listening.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._run(),))
        self._ended = asyncio.Event()

    @property
    def sent(self) -> int:
        """The bytes that were put on the line to the server, whether they arrived or not."""
        return self._up.carried

    @property
    def received(self) -> int:
        """The bytes that were put on the line to the clients."""
        return self._down.carried

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()
        self._loop.close()

    async def _run(self) -> None:
        accepting = asyncio.create_task(self._accept())
        await self._ended.wait()
        for task in (accepting, *self._tasks):
            task.cancel()
        await asyncio.gather(accepting, *self._tasks, return_exceptions=True)
        self._listening.close()

    async def _accept(self) -> None:
        while True:
            client, _ = await self._loop.sock_accept(self._listening)
            task = asyncio.create_task(self._serve(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _serve(self, client: socket.socket) -> None:
        server = socket.socket()
        try:
            for one in (client, server):
                one.setblocking(False)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # The client's system opened the connection at once: on the line it takes until now.
            await asyncio.sleep(self._up.delay + self._down.delay)
            await self._loop.sock_connect(server, self._target)
            async with asyncio.TaskGroup() as group:
                group.create_task(_Passage(self, self._up, self._piece).run(client, server))
                group.create_task(_Passage(self, self._down, self._piece).run(server, client))
        except* (OSError, asyncio.CancelledError):
            for one in (client, server):
                # Closing it resets it.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            client.close()
            server.close()
            if self.until_cut(self._up) <= 0:
                # It ended by itself with the last bytes before the cut.
                self.cut()

    # ---------------------------------------------------------------- what goes wrong

    def until_cut(self, way: _Way) -> int:
        """How many bytes may still be put on the line."""
        return self._cuts[0] - way.carried if way is self._up and self._cuts else _PIECE

    def meddle(self, way: _Way, piece: bytes) -> bytes:
        """The piece as it arrives."""
        whole = len(piece) < _LEAST_DAMAGED or _HEAD in piece
        if way is not self._up or whole or not self._flips or way.carried < self._flips[0]:
            return piece
        del self._flips[0]
        self.flips += 1
        middle = len(piece) // 2
        return piece[:middle] + bytes([piece[middle] ^ 1]) + piece[middle + 1 :]

    def cut(self) -> None:
        """Resets all connections."""
        while self._cuts and self.sent >= self._cuts[0]:
            del self._cuts[0]
        self.cuts += 1
        for task in self._tasks:
            task.cancel()


class _Passage:
    """What one connection carries one way."""

    def __init__(self, line: Line, way: _Way, piece: int) -> None:
        self._line = line
        self._way = way
        self._piece = piece
        self._window = _FIRST_WINDOW if way.delay else _MOST_WINDOW
        self._unacknowledged = 0
        self._cuts_before = line.cuts
        self._acknowledged = asyncio.Event()
        #: When each piece arrives, and whether the line is cut then.
        self._under_way: asyncio.Queue[tuple[float, bytes, bool]] = asyncio.Queue()

    async def run(self, source: socket.socket, target: socket.socket) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self._take(source))
            group.create_task(self._deliver(target))

    async def _take(self, source: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while (room := self._room()) <= 0:
                self._acknowledged.clear()
                await self._acknowledged.wait()
            piece = await loop.sock_recv(source, min(room, self._piece))
            self._unacknowledged += len(piece)
            arrives = self._way.carry(len(piece))
            is_last = self._line.until_cut(self._way) <= 0
            self._under_way.put_nowait((arrives, self._line.meddle(self._way, piece), is_last))
            if not piece:
                return

    def _room(self) -> int:
        """How many bytes may be put on the line now."""
        if self._line.cuts != self._cuts_before:
            # It has been cut, and ends as soon as its tasks do.
            return 0
        return min(self._window - self._unacknowledged, self._line.until_cut(self._way))

    async def _deliver(self, target: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            arrives, piece, is_last = await self._under_way.get()
            if (wait := arrives - loop.time()) > 0:
                await asyncio.sleep(wait)
            if not piece:
                with suppress(OSError):
                    target.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(target, piece)
            if self._way.delay:
                loop.call_later(self._way.delay, self._acknowledge, len(piece))
            else:
                self._acknowledge(len(piece))
            if is_last:
                await _arrived(target)
                self._line.cut()

    def _acknowledge(self, count: int) -> None:
        self._unacknowledged -= count
        self._window = min(self._window + count, _MOST_WINDOW)
        self._acknowledged.set()


async def _arrived(target: socket.socket) -> None:
    """Waits until the other system has acknowledged everything: a reset discards the rest."""
    while fcntl.ioctl(target, termios.TIOCOUTQ, bytes(4)) != bytes(4):
        await asyncio.sleep(0.001)
