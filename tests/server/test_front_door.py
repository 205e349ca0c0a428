"""What a connection may use before anything is understood: heads, bodies, readers, connections, descriptors
(S31)."""

from __future__ import annotations

import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, until
from tests.support.users.work import Worker
from tui.server.base.settings import Budgets

HEAD = Budgets().head_bytes
_NOW_AND_THEN = 0.3
QUICK = ("--head-seconds", "0.8", "--body-seconds", "1.5", "--reading-seconds", "1.5")


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with short timeouts."""
    with ServerProcess(tmp_path_factory.mktemp("quick") / "data", arguments=QUICK) as process:
        yield process


@contextmanager
def line_to(server: ServerProcess, source: str = "127.0.0.1") -> Iterator[socket.socket]:
    url = httpx.URL(server.url)
    address = url.host, url.port or 0
    with socket.create_connection(address, timeout=30, source_address=(source, 0)) as line:
        yield line


def heard(line: socket.socket) -> bytes:
    """Everything that is received until the server hangs up."""
    pieces = []
    try:
        while piece := line.recv(65536):
            pieces.append(piece)
    except ConnectionResetError:
        pass
    return b"".join(pieces)


def status_of(answer: bytes) -> int:
    return int(answer.split()[1])


def others_are_served(server: ServerProcess) -> None:
    """A client at another address gets an answer."""
    with line_to(server, "127.0.0.7") as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert status_of(heard(line)) == 200


def used(server: ServerProcess) -> float:
    """The processor time that the server has used, in seconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def trickle(line: socket.socket, piece: bytes, seconds: float = 0.05) -> None:
    """Sends until the server hangs up."""
    while True:
        line.sendall(piece)
        time.sleep(seconds)


# ---------------------------------------------------------------- heads


@few(1)
@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nX: ", b"GET /", b"GET / HTTP/1.1\r\n"])
def test_a_head_has_an_end(server: ServerProcess, start: bytes) -> None:
    """In one header or in many, or in the address."""
    more = b"X-Y: z\r\n" * 1000 if start.endswith(b"\r\n") else b"x" * 8000
    before, sent = used(server), 0
    with line_to(server) as line:
        line.sendall(start)
        try:
            # An amount that used to take the server seconds.
            while sent < 30_000_000:
                line.sendall(more * 16)
                sent += 16 * len(more)
        except (ConnectionResetError, BrokenPipeError):
            pass
        others_are_served(server)
    assert used(server) - before < 1.0


@few(1)
@pytest.mark.parametrize(("length", "status"), [(HEAD - 200, 404), (HEAD, 431), (HEAD + 9000, 431)])
def test_a_head_has_a_length(server: ServerProcess, length: int, status: int) -> None:
    head = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "
    with line_to(server) as line:
        line.sendall(head + b"x" * (length - len(head)) + b"\r\n\r\n")
        assert status_of(heard(line)) == status


def test_the_head_after_another_has_one_too(server: ServerProcess) -> None:
    with line_to(server) as line:
        line.sendall(b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status_of(line.recv(65536)) == 404
        line.sendall(b"GET /nothing HTTP/1.1\r\nX: " + b"x" * HEAD)
        assert b" 431 " in heard(line)


def test_what_stands_between_the_pieces_of_a_body_has_an_end(server: ServerProcess) -> None:
    """A chunk's extension, and what follows the last chunk, don't get around the limit on a head's length."""
    for start in (b"1;" + b"x" * 100, b"1\r\nx\r\n0\r\nX: "):
        with line_to(server) as line:
            line.sendall(
                b"POST /auth/oauth2/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + start
            )
            with pytest.raises((ConnectionResetError, BrokenPipeError)):
                trickle(line, b"x" * 8192, 0.01)
    others_are_served(server)


def _warnings(server: ServerProcess) -> list[str]:
    return [line for line in server.log.read_text().splitlines() if " WARNING " in line or " ERROR " in line]


def _asked_to_upgrade(server: ServerProcess, path: str, protocol: str) -> bytes:
    head = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: {protocol}\r\n"
    with line_to(server) as line:
        line.sendall(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n".encode())
        return heard(line)


@few(1)
@pytest.mark.parametrize("path", ["/healthz", "/share/v1/events", "/nowhere"])
def test_a_websocket_is_refused_quietly(server: ServerProcess, path: str) -> None:
    before = _warnings(server)
    assert status_of(_asked_to_upgrade(server, path, "WebSocket")) == 400
    others_are_served(server)
    assert _warnings(server) == before


def test_who_would_rather_speak_another_protocol_is_answered(server: ServerProcess) -> None:
    """As ``curl --http2`` does."""
    before = _warnings(server)
    assert status_of(_asked_to_upgrade(server, "/healthz", "h2c")) == 200
    assert _warnings(server) == before


def test_requests_do_not_pile_up_behind_one_another(server: ServerProcess) -> None:
    with line_to(server) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)
        assert b" 503 " in heard(line)
    with line_to(server) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        answers = b""
        while answers.count(b"HTTP/1.1 200") < 20:
            answers += line.recv(65536)
    others_are_served(server)


@few(1)
@pytest.mark.parametrize("start", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_has_its_time(quick: ServerProcess, start: bytes) -> None:
    with line_to(quick) as line:
        line.sendall(start)
        assert status_of(heard(line)) == 408
    others_are_served(quick)


def test_a_head_that_trickles_has_its_time(quick: ServerProcess) -> None:
    with line_to(quick) as line:
        line.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            trickle(line, b"X: y\r\n")


def test_who_waits_between_two_requests_is_not_cut(quick: ServerProcess) -> None:
    with quick.guest() as guest:
        for _ in range(2):
            stream = guest.get("/healthz").extensions["network_stream"]
            time.sleep(2)
            assert guest.get("/healthz").extensions["network_stream"] is stream


# ---------------------------------------------------------------- bodies


def test_a_body_does_not_stand_still(quick: ServerProcess) -> None:
    for path in ("/auth/oauth2/token", "/share/v1/sessions", "/s/x", "/nothing"):
        with line_to(quick) as line:
            line.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nname=".encode())
            answer = heard(line)
            assert status_of(answer) in (404, 405, 408), (path, answer)
    assert "Traceback" not in quick.log.read_text()


def test_an_upload_over_a_slow_line_goes_on(tmp_path: Path) -> None:
    """It continues as long as data keeps coming, here eight times as often as required, and for longer than it may
    stall; what came before a stall is kept, and the upload resumes from there."""
    arguments = ("--body-seconds", str(8 * _NOW_AND_THEN))
    with ServerProcess(tmp_path / "data", arguments=arguments) as patient, Sender(patient) as sender:
        upload = sender.begin(sender.open()["id"], 16)

        def slowly(count: int) -> Iterator[bytes]:
            for _ in range(count):
                yield b"x"
                time.sleep(_NOW_AND_THEN)

        headers = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
        for offset, count in ((0, 12), (13, 3)):
            if offset:
                breaks_off(patient, upload, 12)
                assert sender.offset(upload) == 13
            headers["Upload-Offset"] = str(offset)
            # A request that was given up may hold the upload a little longer than its connection.
            until(lambda: sender.http.patch(upload, content=b"", headers=headers).status_code == 204)
            answer = sender.http.patch(upload, content=slowly(count), headers=headers)
            assert answer.headers["upload-offset"] == str(offset + count)


def breaks_off(server: ServerProcess, upload: str, offset: int) -> None:
    """Sends one byte of an upload, and then nothing until the server gives up."""
    with line_to(server) as line:
        head = (
            f"PATCH {upload} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {server.token}\r\nTus-Resumable: 1.0.0\r\n"
        )
        head += f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\n"
        line.sendall(f"{head}Content-Length: 4\r\n\r\n".encode() + b"y")
        assert status_of(heard(line)) == 408


def test_a_reader_who_reads_now_and_then_is_not_cut(quick: ServerProcess) -> None:
    size = 24_000_000
    with Worker(quick) as worker:
        paper = worker.upload(worker.workspace("W"), "Long", os.urandom(size))
    head = f"GET /work/api/v2/customers/1/libraries/ACTIVE/documents/{paper['id']}/download HTTP/1.1\r\nHost: x\r\n"
    head += f"Connection: close\r\nX-Auth-Token: {quick.token}\r\n\r\n"
    with line_to(quick) as line:
        line.sendall(head.encode())
        got = 0
        for _ in range(4):
            time.sleep(0.9)
            for _ in range(40):
                got += len(line.recv(65536))
        assert got + len(heard(line)) > size
    with line_to(quick) as line:
        line.sendall(head.encode())
        got = 0
        # So little that the system's buffers hold it all, and take nothing more from the server for a long time.
        for _ in range(12):
            time.sleep(0.4)
            got += len(line.recv(65536))
        assert got + len(heard(line)) > size
    with line_to(quick) as line:
        line.sendall(head.encode())
        # Nothing is read until it is too late.
        until(lambda: quick.connections == 0)
        assert len(heard(line)) < size


# ---------------------------------------------------------------- connections


def halves(
    stack: ExitStack, server: ServerProcess, count: int, source: str = "127.0.0.1"
) -> list[socket.socket]:
    lines = []
    for _ in range(count):
        line = stack.enter_context(line_to(server, source))
        line.sendall(b"GET / HTTP/1.1\r\nX-Half: ")
        lines.append(line)
    return lines


def test_half_requests_leave_others_served(tmp_path: Path) -> None:
    """300 from one address, then 300 from many, with only 256 descriptors in all."""
    arguments = ("--descriptors", "256")
    with ExitStack() as stack, ServerProcess(tmp_path / "data", arguments=arguments) as server:
        halves(stack, server, 300)
        others_are_served(server)
        # Others at the same address too: the connection that has waited longest makes room.
        with server.guest() as guest:
            assert guest.get("/healthz").status_code == 200
        for number in range(50, 70):
            halves(stack, server, 15, f"127.0.0.{number}")
        others_are_served(server)
        # The same with connections that have made a request and stay open.
        for number in range(80, 92):
            for _ in range(15):
                line = stack.enter_context(line_to(server, f"127.0.0.{number}"))
                line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert status_of(line.recv(65536)) == 200
        others_are_served(server)
        with Worker(server) as worker:
            assert (
                worker.download(worker.upload(worker.workspace("W"), "N", b"here")["id"]).content == b"here"
            )
        assert resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE) == (256, 256)
    assert "Too many open files" not in server.log.read_text()


def test_connections_per_address_are_limited(tmp_path: Path) -> None:
    arguments = ("--connections-per-address", "5", "--proxies", "127.0.0.9")
    with ExitStack() as stack, ServerProcess(tmp_path / "data", arguments=arguments) as server:
        lines = [stack.enter_context(line_to(server)) for _ in range(5)]
        for line in lines:
            line.sendall(b"POST /auth/oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
        until(lambda: not _served(server))
        with line_to(server) as line:
            assert status_of(heard(line)) == 503
        # However many are refused, few of them take a descriptor.
        for _ in range(200):
            stack.enter_context(line_to(server))
        others_are_served(server)
        assert server.connections < 100
        halves(stack, server, 20, "127.0.0.9")
        with line_to(server, "127.0.0.9") as line:
            line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert status_of(heard(line)) == 200
        lines[0].close()
        until(lambda: _served(server))


def _served(server: ServerProcess) -> bool:
    with line_to(server) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return status_of(heard(line)) == 200
