"""Bodies that are no uploads: who sends them is known first, and size, time and memory have an end (S37)."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of
from tests.support.users.share import BASE, Sender
from tests.support.users.work import LIBRARY
from tui.rules.errors import Unavailable
from tui.server.limits.buffers import Buffers

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
SHORT, LONG = 16 * 1024, 1024 * 1024
SLOW = ("--whole-body-seconds", "3", "--slow-body-seconds", "0.5", "--least-rate", "2000")


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server that waits for bodies only for moments."""
    with ServerProcess(tmp_path_factory.mktemp("slow") / "data", arguments=SLOW) as process:
        yield process


@contextmanager
def half_sent(
    server: ServerProcess, line: str, kind: str, length: int, body: bytes = b"", token: str = ""
) -> Iterator[socket.socket]:
    """A connection with a request whose head, and that much of its body, have been sent."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=60) as sock:
        named = f"X-Auth-Token: {token}\r\n" if token else ""
        head = (
            f"{line} HTTP/1.1\r\nHost: x\r\n{named}Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        )
        sock.sendall(head.encode() + body)
        yield sock


def status_of(sock: socket.socket) -> int:
    return int(sock.recv(65536).split()[1])


@few(4)
@pytest.mark.parametrize(
    ("line", "kind", "length", "status"),
    [
        (f"POST {BASE}/login", JSON, SHORT + 1, 413),
        (f"POST {BASE}/exchange", JSON, LONG, 401),
        ("POST /auth/oauth2/token", FORM, SHORT + 1, 413),
        ("POST /auth/oauth2/authorize", FORM, SHORT + 1, 413),
        ("POST /auth/oauth2/revoke-token", FORM, SHORT + 1, 413),
        ("PUT /api/v1/session/login", JSON, SHORT + 1, 413),
        (f"POST {BASE}/sends", JSON, 100, 401),
        (f"POST {BASE}/users", JSON, LONG, 401),
        (f"POST {BASE}/sends/{'0' * 32}/batch", "application/vnd.sentlinks.batch", LONG, 401),
        (f"POST {LIBRARY}/documents/search", JSON, 100, 401),
        (f"POST {LIBRARY}/folders/1/documents", "multipart/form-data; boundary=x", LONG, 401),
    ],
)
def test_before_a_body_is_read(server: ServerProcess, line: str, kind: str, length: int, status: int) -> None:
    """Nothing of it has been sent when it is refused."""
    with half_sent(server, line, kind, length) as sock:
        assert status_of(sock) == status


def test_signed_in_a_short_body_is_enough_to_exchange(server: ServerProcess) -> None:
    with half_sent(server, f"POST {BASE}/exchange", JSON, SHORT + 1, token=server.token) as sock:
        assert status_of(sock) == 413
    with half_sent(server, f"POST {BASE}/sends", JSON, LONG + 1, token=server.token) as sock:
        assert status_of(sock) == 413


def test_in_pieces_of_unknown_number(server: ServerProcess) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(SHORT // 1024 + 1):
            yield b" " * 1024

    with server.guest() as guest:
        assert guest.post(f"{BASE}/login", content=pieces()).status_code == 413


@pytest.mark.parametrize("body", [b"", b"x"])
def test_a_body_that_does_not_come(slow: ServerProcess, body: bytes) -> None:
    """S37: with and without its first byte, for guests, recipients and whoever is signed in."""
    page = path_of(publish(slow, b"content", "guarded.pdf", password="Blue-Heron-42"))
    for line, kind, token in (
        (f"POST {BASE}/login", JSON, ""),
        ("POST /auth/oauth2/token", FORM, ""),
        (f"POST {BASE}/sends", JSON, slow.token),
        (f"POST {LIBRARY}/documents/search", JSON, slow.token),
        (f"POST {page}", FORM, ""),
    ):
        with half_sent(slow, line, kind, 1000, body, token) as sock:
            assert status_of(sock) == 408, line


def test_a_byte_now_and_then_is_too_slow(slow: ServerProcess) -> None:
    with half_sent(slow, f"POST {BASE}/login", JSON, SHORT) as sock:
        sock.settimeout(0.1)
        answer = b""
        while not answer:
            try:
                sock.sendall(b" ")
                answer = sock.recv(65536)
            except TimeoutError:
                continue
        assert answer.split()[1] == b"408"


def test_a_body_in_time_is_taken(slow: ServerProcess) -> None:
    """Though it takes longer than a body of no bytes may."""
    body = json.dumps({"user": "NOBODY", "password": "x" * 4000}).encode()
    with half_sent(slow, f"POST {BASE}/login", JSON, len(body), body[:3500]) as sock:
        sock.settimeout(0.8)
        with pytest.raises(TimeoutError):
            sock.recv(1)
        sock.settimeout(60)
        sock.sendall(body[3500:])
        assert status_of(sock) == 401


def test_a_person_fills_no_memory(server: ServerProcess) -> None:
    """S37: most of a person's bodies are refused, also if each is allowed; another person's are taken."""
    body = b" " * (LONG - 10)
    with Sender(server) as me, me.add_user("BOB") as bob, ExitStack() as stack:
        socks = [
            stack.enter_context(half_sent(server, f"POST {BASE}/sends", JSON, LONG, body, server.token))
            for _ in range(20)
        ]
        refused = [sock for sock in socks if _answers(sock, b"503")]
        assert 5 <= len(refused) <= 10
        assert b"retry-after: 5" in refused[0].recv(65536, socket.MSG_PEEK).lower()
        # The others of the same network wait until it has room.
        assert me.request("GET", "/me").status_code == 200
        assert bob.request("GET", "/me").status_code == 200
    with Sender(server) as me:
        me.open()


@more
def test_several_people_at_one_address_fill_no_memory(server: ServerProcess) -> None:
    """S37: nobody has sent more than is allowed, and together they have; so it is for who isn't signed in."""
    body = b" " * (LONG - 10)
    with Sender(server) as me, me.add_user("BETTY") as betty, ExitStack() as stack:
        socks = [
            stack.enter_context(half_sent(server, f"POST {BASE}/sends", JSON, LONG, body, token))
            for token in (server.token, str(betty.http.headers["X-Auth-Token"]))
            for _ in range(8)
        ]
        assert any(_answers(sock, b"503") for sock in socks)


def test_who_signs_out_before_the_end_of_a_body_is_not_served(tmp_path: Path) -> None:
    """S37: it was known who asks when the body began."""
    with (
        ServerProcess(tmp_path / "data", arguments=("--trusted-seconds", "0")) as server,
        Sender(server) as me,
        me.add_user("BOB") as bob,
    ):
        body = json.dumps({"folder": bob.folder}).encode()
        for signs_out, status in ((False, 201), (True, 401)):
            token = str(bob.http.headers["X-Auth-Token"])
            with half_sent(server, f"POST {BASE}/sends", JSON, len(body), body[:1], token) as sock:
                # By then, the server has begun with the request before.
                assert bob.request("GET", "/me").status_code == 200
                if signs_out:
                    bob.request("POST", "/logout").raise_for_status()
                sock.sendall(body[1:])
                assert status_of(sock) == status


def _answers(sock: socket.socket, status: bytes) -> bool:
    """Whether there is an answer with this status, which stays to be read; the rest still waits."""
    sock.settimeout(1)
    try:
        return sock.recv(65536, socket.MSG_PEEK).split()[1] == status
    except TimeoutError:
        return False


def test_what_is_in_memory() -> None:
    buffers = Buffers(10, 15)
    with buffers.share("network", "person") as first, buffers.share("network") as second:
        first.take(7)
        second.take(3)
        with pytest.raises(Unavailable) as refused:
            second.take(1)
        assert (refused.value.http_status, refused.value.retry_after) == (503, 5)
        assert first.size + second.size == 10
        with buffers.share("elsewhere") as third:
            assert not third.try_to_take(6)
            third.take(5)
    with buffers.share("network") as again:
        again.take(10)
