"""A client that hangs up in the middle leaves nothing in the log, whatever it has asked for (S46)."""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

from tests.support.checks.long import some
from tests.support.checks.routes import every_route
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, take

DATABASE = "both"
#: Bodies of requests, by their types. Each is sent whole, and cut before its last byte.
BODIES = {
    "application/json": b'{"user": "DJONES", "password": "x", "name": "x", "filters": {"anywhere": "x"}}',
    "application/x-www-form-urlencoded": b"grant_type=password&username=DJONES&password=x&press=" + b"0" * 32,
    "multipart/form-data; boundary=x": (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\nx\r\n--x--'
    ),
    "application/offset+octet-stream": bytes(1000),
}


def hang_up(server: ServerProcess, request: bytes, *, reset: bool) -> None:
    """Sends a request and closes the connection without reading the answer, by FIN or RST."""
    place = urlsplit(server.url)
    with closing(socket.create_connection((place.hostname, place.port))) as line:
        if reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.sendall(request)


def requests(server: ServerProcess, method: str, path: str) -> Iterator[bytes]:
    """A request without a body, and those with one."""
    bodies: dict[str, bytes] = {} if method in ("GET", "HEAD") else BODIES
    for kind, body in {"": b"", **bodies}.items():
        fields = {
            "Host": "x",
            "X-Auth-Token": server.token,
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": "0",
        }
        lines = [
            f"{method} {path} HTTP/1.1",
            *(f"{name}: {value}" for name, value in fields.items() if value),
        ]
        head = "\r\n".join(lines).encode() + b"\r\n\r\n"
        yield head + body
        if body:
            yield head + body[:-1]


def complaints(server: ServerProcess) -> list[str]:
    """The lines of the log, once the server has dealt with all that was before."""
    with server.guest() as guest:
        guest.get("/healthz").raise_for_status()
    return [line for line in server.log.read_text().splitlines() if "INFO" not in line]


def test_at_every_route(fresh_server: ServerProcess) -> None:
    """In the middle of a body, and before the answer. Some of them end the session."""
    server = fresh_server
    document = publish(server, b"content", "Offer.pdf")
    guarded = publish(server, b"content", "Offer.pdf", password="Blue-Heron-42")
    with server.guest() as guest:
        file = take(guest, document)
    pages = [path_of(document), path_of(guarded), file.rpartition("/")[0], file]
    routes = [*some(20, every_route()), *((method, path) for method in ("GET", "POST") for path in pages)]
    turns = itertools.cycle((False, True))
    with server.guest() as guest:
        for method, path in routes:
            for request in requests(server, method, path):
                hang_up(server, request, reset=next(turns))
            # Not all at once, which would take a busy machine longer than anyone waits.
            guest.get("/healthz").raise_for_status()
    assert complaints(server) == []


def test_in_a_file(server: ServerProcess) -> None:
    """While it is sent, again and again."""
    document = publish(server, bytes(8 * 1024 * 1024), "large.bin")
    for _ in range(5):
        with server.guest() as guest:
            file = take(guest, document)
        for reset in (False, True):
            for request in requests(server, "GET", file):
                hang_up(server, request, reset=reset)
    assert complaints(server) == []


def test_with_more_requests_behind(server: ServerProcess) -> None:
    """The one that is being answered isn't the last that arrived."""
    document = publish(server, b"content", "Offer.pdf", password="Blue-Heron-42")
    request = f"GET {path_of(document)} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    place = urlsplit(server.url)
    for _ in range(10):
        with closing(socket.create_connection((place.hostname, place.port))) as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.sendall(request * 30)
            assert line.recv(1)
    assert complaints(server) == []
