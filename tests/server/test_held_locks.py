"""While another process holds the lock of the database: pages are read, and links end once it is given up."""

from __future__ import annotations

import contextlib
import socket
import sqlite3
from collections.abc import Iterator

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.share import Sender


@contextlib.contextmanager
def held(server: ServerProcess) -> Iterator[sqlite3.Connection]:
    """Another process writes to the database and takes its time."""
    connection = sqlite3.connect(server.data / "sentlinks.db", isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_a_page_is_read_while_a_lock_is_held(restored_server: ServerProcess) -> None:
    """Also several times, and by a user whose token was last used long ago; afterwards views are recorded again."""
    document = publish(restored_server, b"content", "a.txt")
    with Sender(restored_server) as me, restored_server.guest() as guest:
        restored_server.turn_clock(7200)
        with held(restored_server):
            for _ in range(3):
                answer = guest.get(path_of(document), timeout=10)
                assert answer.status_code == 200
            assert me.get(f"/documents/{document['id']}")["published"]
        assert guest.get(path_of(document)).status_code == 200
        assert me.events(f"/documents/{document['id']}/audit")[-1] == "viewed"


def test_ending_a_link_waits_for_a_held_lock(restored_server: ServerProcess) -> None:
    document = publish(restored_server, b"content", "a.txt")
    with Sender(restored_server) as me, restored_server.guest() as guest, held(restored_server) as other:
        request = me.http.build_request("POST", f"/share/v1/documents/{document['id']}/unpublish")
        with socket.create_connection((request.url.host, request.url.port or 0)) as line:
            head = f"POST {request.url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
            line.sendall(f"{head}X-Auth-Token: {restored_server.token}\r\n\r\n".encode())
            # In the meantime the page is still available.
            assert guest.get(path_of(document)).status_code == 200
            other.execute("ROLLBACK")
            assert line.recv(12) == b"HTTP/1.1 200"
        assert guest.get(path_of(document)).status_code == 404
