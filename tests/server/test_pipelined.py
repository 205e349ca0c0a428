"""Requests that are sent before those ahead of them are answered: each is handled like any other, one by one."""

from __future__ import annotations

import re
import socket
from contextlib import closing, suppress
from urllib.parse import urlsplit

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, seen, take

PASSWORD = "Blue-Heron-48"
FORM = f"password={PASSWORD}".encode()


def connection(server: ServerProcess) -> closing[socket.socket]:
    place = urlsplit(server.url)
    return closing(socket.create_connection((place.hostname, place.port), timeout=60))


def rest(line: socket.socket) -> bytes:
    """Everything until the server closes the connection."""
    received = bytearray()
    with suppress(ConnectionResetError):
        while piece := line.recv(65536):
            received += piece
    return bytes(received)


def answers(server: ServerProcess, requests: bytes) -> bytes:
    """Everything that is answered to ``requests``, which are sent at once."""
    with connection(server) as line:
        line.sendall(requests)
        return rest(line)


def statuses(received: bytes) -> list[bytes]:
    return re.findall(rb"HTTP/1\.1 (\d+)", received)


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def press(path: str, *fields: str) -> bytes:
    form = "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(FORM)}"
    return get(path, *form, *fields).replace(b"GET", b"POST", 1) + FORM


def test_each_has_its_own_body(server: ServerProcess) -> None:
    """The body of one is already there when the one before it is answered."""
    document = publish(server, b"content", "Offer.pdf", password=PASSWORD)
    path = path_of(document)
    received = answers(
        server, get(path) + press(path) + press(path) + get(path) + press(path, "Connection: close")
    )
    assert statuses(received) == [b"200", b"303", b"303", b"200", b"303"]
    assert seen(server, document)["downloads"] == 3


def test_too_many(server: ServerProcess) -> None:
    document = publish(server, b"content", "Offer.pdf")
    received = answers(server, get(path_of(document)) * 40)
    assert received.endswith(b"Too many pipelined requests.")


def test_what_is_refused_does_not_get_into_an_answer(server: ServerProcess) -> None:
    """While a file is sent, there come too many."""
    content = bytes(16 * 1024 * 1024)
    document = publish(server, content, "large.bin")
    with server.guest() as guest:
        file = take(guest, document)
    with connection(server) as line:
        line.sendall(get(file))
        line.recv(1, socket.MSG_PEEK)
        line.sendall(get(path_of(document)) * 40)
        received = rest(line)
    assert content.startswith(received.partition(b"\r\n\r\n")[2])
