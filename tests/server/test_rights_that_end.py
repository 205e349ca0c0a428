"""A right that ends, or a person who goes, while a document is being read or put in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until
from tests.support.users.work import LIBRARY, Worker, add_person, error

#: More than the buffers of a connection hold, twice.
LARGE = bytes(range(256)) * 4096 * 12


def patch(worker: Worker, path: str, **body: Any) -> httpx.Response:
    return worker.request("PATCH", path, json=body)


class Reader:
    """Fetches an address over a plain socket, with a small receive buffer."""

    def __init__(self, server: ServerProcess, path: str, token: str, method: str = "GET") -> None:
        place = urlsplit(server.url)
        self.sock = socket.socket()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.sock.settimeout(60)
        self.sock.connect((place.hostname, place.port))
        head = f"{method} {path} HTTP/1.1\r\nHost: t\r\nX-Auth-Token: {token}\r\n"
        head += "Content-Length: 0\r\nConnection: close\r\n\r\n"
        self.sock.sendall(head.encode())
        self.got = len(self._read(200_000))

    def _read(self, length: int) -> bytes:
        found = bytearray()
        while len(found) < length and (piece := self.sock.recv(65536)):
            found += piece
        return bytes(found)

    def rest(self) -> int:
        return self.got + len(self._read(2 * len(LARGE)))


def ended(server: ServerProcess) -> int:
    """How many downloads the server has stopped."""
    return server.log.read_text().count("was stopped midway")


@few(3)
@pytest.mark.parametrize(
    ("database_url", "ending"),
    [
        *(("sqlite", ending) for ending in ("security", "trustee", "deleted", "person", "token", "folder")),
        *(("postgres", ending) for ending in ("security", "person")),
    ],
    indirect=["database_url"],
    scope="module",
)
def test_a_download_under_way_ends_with_the_right(server: ServerProcess, ending: str) -> None:
    name = f"BOB {ending}"
    token, before = add_person(server, name), ended(server)
    with Worker(server) as alice, Sender(server) as admin:
        trustee = [{"id": name, "access_level": "read_write"}]
        space = alice.workspace("W", default_security="private", user_trustees=trustee)
        folder = alice.folder(space, "F")
        paper = alice.upload(folder, "Large", LARGE)["id"]
        method, what = ("POST", "checkout") if ending == "folder" else ("GET", "download")
        reader = Reader(server, f"{LIBRARY}/documents/{paper}/{what}", token, method)
        with closing(reader.sock):
            if ending == "security":
                body = {"default_security": "private", "user_trustees": []}
                patch(alice, f"documents/{paper}", **body).raise_for_status()
            elif ending == "trustee":
                patch(alice, f"workspaces/{space}", user_trustees=[]).raise_for_status()
            elif ending == "folder":
                patch(alice, f"folders/{folder}", default_security="private").raise_for_status()
            elif ending == "deleted":
                alice.request("DELETE", f"documents/{paper}").raise_for_status()
            elif ending == "person":
                admin.delete(f"/users/{name}")
            else:
                with Sender(server, token) as bob:
                    bob.request("POST", "/logout").raise_for_status()
            until(lambda: ended(server) > before)
            assert reader.rest() < len(LARGE) // 2
        assert " ERROR " not in server.log.read_text(), "it was meant so"


def test_a_download_goes_on_where_nothing_ends_it(fresh_server: ServerProcess) -> None:
    """Even if the token expires or another version arrives: a download that has begun is completed."""
    with Worker(fresh_server) as alice, Worker(fresh_server, token := add_person(fresh_server, "BOB")):
        paper = alice.upload(alice.workspace("W"), "Large", LARGE)["id"]
        reader = Reader(fresh_server, f"{LIBRARY}/documents/{paper}/download", token)
        with closing(reader.sock):
            alice.new_version(paper, "Large")
            fresh_server.turn_clock(3600)
            expired = fresh_server.client(token)
            assert expired.get(f"{LIBRARY}/documents/{paper}").status_code == 401
            expired.close()
            head = reader.rest() - len(LARGE)
        assert 0 < head < 2000
        assert not ended(fresh_server)


def test_fetching_what_was_sent_ends_with_the_person(fresh_server: ServerProcess) -> None:
    with Sender(fresh_server) as admin:
        bob = admin.add_user("BOB")
        with bob:
            document = bob.send("Large.bin", LARGE)
            token = bob.http.headers["X-Auth-Token"]
            reader = Reader(fresh_server, f"/share/v1/documents/{document['id']}/content", token)
        with closing(reader.sock):
            admin.delete("/users/BOB")
            until(lambda: ended(fresh_server) > 0)
            assert reader.rest() < len(LARGE) // 2
        assert " ERROR " not in fresh_server.log.read_text(), "it was meant so"


def test_bytes_that_end_too_early_are_not_begun(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work, Sender(fresh_server) as sender:
        paper = work.upload(work.workspace("W"), "Short", LARGE)["id"]
        sent = sender.send("Short.bin", LARGE[:-1])
        for path in (p for p in (fresh_server.data / "blobs").rglob("*") if p.is_file()):
            with path.open("r+b") as file:
                file.truncate(len(LARGE) // 2)
        error(work.download(paper), 503, "NRC_CONTENT_MISSING")
        refused = work.request("GET", f"/share/v1/documents/{sent['id']}/content")
        assert refused.json()["code"] == "document.unavailable"
        assert work.request("GET", "ping").status_code == 200
    log = fresh_server.log.read_text()
    assert log.count("cannot be given out") == 2
    assert "Traceback" not in log


def test_who_goes_while_their_document_arrives_puts_nothing_in(fresh_server: ServerProcess) -> None:
    token, half, rest = add_person(fresh_server, "BOB"), Event(), Event()
    statuses: list[int] = []

    def body() -> Iterator[bytes]:
        part = '--b\r\nContent-Disposition: form-data; name="file"; filename="late.txt"\r\n\r\n'
        yield part.encode() + bytes(200_000)
        half.set()
        rest.wait(30)
        yield bytes(1000) + b"\r\n--b--\r\n"

    with Worker(fresh_server) as work, Worker(fresh_server, token) as bob, Sender(fresh_server) as admin:
        space = work.workspace("W")

        def send() -> None:
            headers = {"Content-Type": "multipart/form-data; boundary=b"}
            answer = bob.request("POST", f"folders/{space}/documents", content=body(), headers=headers)
            statuses.append(answer.status_code)

        sending = Thread(target=send)
        sending.start()
        assert half.wait(30)
        admin.delete("/users/BOB")
        rest.set()
        sending.join(30)
        assert statuses == [401]
        assert work.items(f"folders/{space}/children") == []
