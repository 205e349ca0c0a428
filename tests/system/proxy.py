"""Faulty connections between a client and a server, run in this process."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PIECE = 16 * 1024


class Proxy:
    """Passes bytes on to the server at ``url``; a connection that has sent ``after`` bytes is held or cut.

    Held: nothing more of it passes until :meth:`release`. With ``cut`` it is reset, as is every later connection that
    continues an upload; other requests still get through. ``reached`` is set when a connection is held or cut.
    """

    def __init__(self, url: str, after: int, *, cut: bool = False) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "", parts.port or 0)
        self._after = after
        self._cut = cut
        self.reached = threading.Event()
        self._released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]

    def release(self) -> None:
        self._released.set()

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        for one in (self._listener, *self._open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self._threads:
            thread.join(30)
        for one in (self._listener, *self._open):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client = self._listener.accept()[0]
                self._open.append(client)
                server = socket.create_connection(self._server)
            except ConnectionRefusedError:
                reset(client)
                continue
            except OSError:
                return
            self._open.append(server)
            for act in (
                lambda c=client, s=server: self._up(c, s),
                lambda c=client, s=server: self._down(s, c),
            ):
                thread = threading.Thread(target=act)
                self._threads.append(thread)
                thread.start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        sent = 0
        try:
            while piece := client.recv(PIECE):
                sent += len(piece)
                goes_on = self._cut and self.reached.is_set() and piece.startswith(b"PATCH ")
                if goes_on or sent > self._after:
                    self.reached.set()
                    if self._cut:
                        # This thread is the one reading from it, so the reset reaches the other side immediately.
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        client.close()
                        reset(server)
                        return
                    self._released.wait()
                server.sendall(piece)
            server.shutdown(socket.SHUT_WR)
        except OSError:
            # Nobody takes what the client is still sending: it would wait for a minute unless that is refused, too.
            reset(server)
            reset(client)
            client.close()

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        try:
            while piece := server.recv(PIECE):
                client.sendall(piece)
            client.shutdown(socket.SHUT_WR)
        except OSError:
            reset(client)


def reset(one: socket.socket) -> None:
    """Drops a connection as a broken line would."""
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass


class Misbehaving:
    """A server that gives every request the same response; ``asked`` holds the headers of the requests."""

    def __init__(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.asked: list[dict[str, str]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(dict(self.headers))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Polls for the effect of another process that sends no notification; fails after ``seconds``."""
    import time

    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)
