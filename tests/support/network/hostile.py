"""A server that sends whatever a test wants, endlessly if it wants, on a bare socket."""

from __future__ import annotations

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import repeat
from types import TracebackType
from typing import Self

#: Bytes, piece by piece. It stops as soon as the other side has hung up.
Pieces = Iterable[bytes]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
_PIECE = 1 << 16


class HostileServer:
    """A server on loopback that lets ``talk`` have each connection, until the end of the block.

    ``talk`` gets the connection and yields what is sent on it.
    """

    def __init__(
        self, talk: Callable[[socket.socket], Pieces], context: ssl.SSLContext | None = None
    ) -> None:
        self._talk = talk
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._closing = threading.Event()
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        self._open.add(connection)
        try:
            with suppress(OSError, ssl.SSLError):
                if self._context is not None:
                    connection = self._context.wrap_socket(connection, server_side=True)
                for piece in self._talk(connection):
                    if self._closing.is_set():
                        return
                    connection.sendall(piece)
        finally:
            self._open.discard(connection)
            with suppress(OSError):
                connection.close()


def answering(answer: Callable[[], Pieces]) -> Callable[[socket.socket], Pieces]:
    """Read the head of each request, and send ``answer()``, then hang up."""

    def talk(connection: socket.socket) -> Iterator[bytes]:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(_PIECE)
            if not piece:
                return
            head = (head + piece)[-_PIECE:]
        yield from answer()

    return talk


def endless(piece: bytes, head: bytes = b"") -> Iterator[bytes]:
    """The same, again and again."""
    yield head
    yield from repeat(piece * max(1, _PIECE // len(piece)))


def slowly(content: bytes, seconds: float = 0.2) -> Iterator[bytes]:
    """Single bytes, and at the end the last one for ever."""
    for byte in content:
        yield bytes([byte])
        time.sleep(seconds)
    while True:
        yield content[-1:]
        time.sleep(seconds)


def gzip_bomb() -> Iterator[bytes]:
    """Bytes that never end, and are a thousand times as many when they are decoded."""
    packer = zlib.compressobj(9, wbits=zlib.MAX_WBITS | 16)
    zeros = bytes(1 << 20)
    while True:
        yield packer.compress(zeros)


def chunked(pieces: Pieces) -> Iterator[bytes]:
    """The same, as the body of an answer whose length isn't announced."""
    for piece in pieces:
        if piece:
            yield b"%x\r\n%s\r\n" % (len(piece), piece)
