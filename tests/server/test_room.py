"""Room on the server's disk: what does not fit is refused at once, and a full disk stops no one from opening a link, or
from ending one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message

from tests.support.publish import publish
from tests.support.recipient import path_of, receipts, take
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD, Sender, problem, until
from tui.server.blobs import LocalBlobs
from tui.server.blobs.outgoing import Outgoing
from tui.server.disk import Disk
from tui.server.http.line import BodySender, Ended
from tui.wire.batch import MEDIA_TYPE

MIB = 1024 * 1024


def batch(me: Sender, send: str, data: bytes) -> httpx.Response:
    """Publishes one small document in its own request."""
    said = {"name": "a.bin", "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    head = {"documents": [{**said, "source": {"label": "file:a.bin"}, "key": uuid.uuid4().hex}]}
    content = json.dumps(head).encode() + b"\n" + data
    return me.request("POST", f"/sends/{send}/batch", content=content, headers={"Content-Type": MEDIA_TYPE})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 MiB."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk wants root")
    found = tmp_path / "disk"
    found.mkdir()
    mount: list[str | Path] = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", found]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine does not let a disk be mounted")
    yield found
    subprocess.run(["umount", found], check=True)


@pytest.fixture
def small(disk: Path) -> Iterator[ServerProcess]:
    with ServerProcess(disk / "data") as server:
        yield server


def fill(disk: Path) -> Path:
    """Another program uses up all free space."""
    other = disk / "other"
    with other.open("ab", buffering=0) as file, contextlib.suppress(OSError):
        for size in (MIB, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))
    facts = os.statvfs(disk)
    assert facts.f_bavail == 0
    return other


# ---------------------------------------------------------------- what does not fit


def test_an_upload_without_room_is_refused_at_its_creation(small: ServerProcess) -> None:
    with Sender(small) as me:
        send = me.open()["id"]
        answer = problem(me.create(send, 100 * MIB), 507, "disk_full")
        assert "104,857,600 bytes" in answer["detail"]
        assert me.create(send, 40 * MIB).status_code == 201


def test_what_others_have_announced_is_theirs(small: ServerProcess) -> None:
    """Even before its first byte arrives; what has arrived is not counted twice."""
    with Sender(small) as me, me.add_user("OTHER") as other:
        location = me.begin(me.open()["id"], 40 * MIB)
        send = other.open()["id"]
        problem(other.create(send, 30 * MIB), 507, "disk_full")
        assert me.patch(location, 0, bytes(20 * MIB)).status_code == 204
        problem(other.create(send, 30 * MIB), 507, "disk_full")
        assert other.create(send, 6 * MIB).status_code == 201
        free = os.statvfs(small.data).f_bavail * os.statvfs(small.data).f_frsize
        (small.data / "other").write_bytes(bytes(free - Disk(small.data).reserve - 27 * MIB))
        problem(batch(other, send, bytes(2 * MIB)), 507, "disk_full")
        (small.data / "other").unlink()
        # An upload that was ended reserves nothing.
        assert me.http.delete(location, headers={"Tus-Resumable": "1.0.0"}).status_code == 204
        assert other.create(send, 30 * MIB).status_code == 201


def test_many_small_documents_leave_the_reserve_too(small: ServerProcess, disk: Path) -> None:
    with Sender(small) as me:
        send = me.open()["id"]
        reserve = Disk(small.data).reserve
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "other").write_bytes(bytes(free - reserve - MIB))
        problem(batch(me, send, bytes(2 * MIB)), 507, "disk_full")
        assert batch(me, send, bytes(MIB // 4)).status_code == 200


def test_uploads_never_eat_the_reserve(small: ServerProcess, disk: Path) -> None:
    """If something else has used the announced space, an upload ends before it uses the reserve; what had arrived is
    kept, and the upload continues when there is room again."""
    with Sender(small) as me:
        location = me.begin(me.open()["id"], 30 * MIB)
        other = disk / "other"
        other.write_bytes(bytes(30 * MIB))
        problem(me.patch(location, 0, bytes(30 * MIB)), 507, "disk_full")
        facts = os.statvfs(disk)
        assert facts.f_bavail * facts.f_frsize >= Disk(small.data).reserve
        arrived = me.offset(location)
        assert arrived > MIB
        other.unlink()
        assert me.patch(location, arrived, bytes(30 * MIB - arrived)).status_code == 204


def test_the_connection_of_an_upload_that_ended_midway_is_used_again(
    small: ServerProcess, disk: Path
) -> None:
    """The rest of its body is dropped, and the answer isn't lost while the client is still sending."""
    with Sender(small) as me:
        location = me.begin(me.open()["id"], 30 * MIB)
    (disk / "other").write_bytes(bytes(30 * MIB))
    url = httpx.URL(small.url)
    head = f"PATCH {location} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {small.token}\r\nTus-Resumable: 1.0.0\r\n"
    head += "Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n"
    head += f"Content-Length: {30 * MIB}\r\n\r\n"
    following = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with socket.create_connection((url.host, url.port or 0), timeout=30) as line:
        line.sendall(head.encode() + bytes(30 * MIB) + following)
        text = b"".join(iter(lambda: line.recv(65536), b""))
    assert text.startswith(b"HTTP/1.1 507")
    assert b"HTTP/1.1 200" in text


# ---------------------------------------------------------------- a full disk


def test_links_open_and_end_on_a_full_disk(small: ServerProcess, disk: Path) -> None:
    documents = [publish(small, b"content", f"{number}.txt") for number in range(12)]
    with Sender(small) as me, small.guest() as guest:
        me.add_user("ANNA").http.close()
        fill(disk)
        for _ in range(30):
            assert guest.get(path_of(documents[0])).status_code == 200
        assert guest.get(take(guest, documents[1])).content == b"content"
        token = me.sign_in("ANNA", PASSWORD)["token"]
        for document in documents[2:8]:
            me.post(f"/documents/{document['id']}/unpublish")
            assert guest.get(path_of(document)).status_code == 404
        for document in documents[8:]:
            me.delete(f"/documents/{document['id']}")
            assert guest.get(path_of(document)).status_code == 404
        problem(me.create(me.open()["id"], MIB), 507, "disk_full")
        with Sender(small, token) as anna:
            assert anna.get("/me")["user"] == "ANNA"
        me.post("/trash/empty")
        assert me.get("/audit/verify")["broken"] is None


@pytest.mark.parametrize("able", [True, False], ids=["allocated", "written"])
def test_what_is_put_by_comes_back(disk: Path, monkeypatch: pytest.MonkeyPatch, able: bool) -> None:
    """Whether or not the file system can allocate space without something being written."""
    if not able:
        monkeypatch.delattr(os, "posix_fallocate")
    found = Disk(disk)
    before = os.statvfs(disk).f_bavail
    found.restore_reserve()
    put_by = next(path for path in disk.iterdir())
    assert put_by.stat().st_size > MIB
    facts = os.statvfs(disk)
    assert (before - facts.f_bavail) * facts.f_frsize > MIB
    other = fill(disk)
    found.make_room()
    assert list(disk.iterdir()) == [other]
    found.restore_reserve()
    assert list(disk.iterdir()) == [other], "while the disk is full nothing is put by"
    other.unlink()
    found.restore_reserve()
    assert [path.name for path in disk.iterdir()] == [put_by.name]


# ---------------------------------------------------------------- a held lock


@contextlib.contextmanager
def held(server: ServerProcess) -> Iterator[sqlite3.Connection]:
    """Another process writes to the database and takes its time."""
    connection = sqlite3.connect(server.data / "sentlinks.db", isolation_level=None)
    with contextlib.closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_a_page_is_read_while_a_lock_is_held(fresh_server: ServerProcess) -> None:
    """Also several times, and by a user whose token was last used long ago; afterwards views are recorded again."""
    document = publish(fresh_server, b"content", "a.txt")
    with Sender(fresh_server) as me, fresh_server.guest() as guest:
        fresh_server.turn_clock(7200)
        with held(fresh_server):
            for _ in range(3):
                answer = guest.get(path_of(document), timeout=10)
                assert answer.status_code == 200
            assert me.get(f"/documents/{document['id']}")["published"]
        assert guest.get(path_of(document)).status_code == 200
        assert me.events(f"/documents/{document['id']}/audit")[-1] == "viewed"


def test_ending_a_link_waits_for_a_held_lock(fresh_server: ServerProcess) -> None:
    document = publish(fresh_server, b"content", "a.txt")
    with Sender(fresh_server) as me, fresh_server.guest() as guest, held(fresh_server) as other:
        request = me.http.build_request("POST", f"/share/v1/documents/{document['id']}/unpublish")
        with socket.create_connection((request.url.host, request.url.port or 0)) as line:
            head = f"POST {request.url.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n"
            line.sendall(f"{head}X-Auth-Token: {fresh_server.token}\r\n\r\n".encode())
            # In the meantime the page is still available.
            assert guest.get(path_of(document)).status_code == 200
            other.execute("ROLLBACK")
            assert line.recv(12) == b"HTTP/1.1 200"
        assert guest.get(path_of(document)).status_code == 404


# ---------------------------------------------------------------- stalled readers


class Kept:
    """How many bytes a server keeps. It logs to ``file`` how many it uses; those of a request under way come and go."""

    def __init__(self, server: ServerProcess, file: Path) -> None:
        self._server = server
        self._file = file
        self._asked = 0

    def now(self) -> int:
        self._server.process.send_signal(signal.SIGUSR1)
        self._asked += 1
        until(lambda: self._file.read_text().count("\n") == self._asked)
        return int(self._file.read_text().splitlines()[-1])

    def least(self) -> int:
        """The fewest, once no fewer have been found for a while."""
        found = [self.now()]
        while len(found) - found.index(min(found)) < 15:
            time.sleep(0.2)
            found.append(self.now())
        return min(found)


FIRST_READERS, READERS, HANGING_UP = 8, 24, 12


@pytest.mark.parametrize("what", ["grant", "content"])
def test_a_reader_who_stands_still_costs_little(tmp_path: Path, what: str) -> None:
    """S20: the server buffers no more of a download than its reader takes."""
    memory = tmp_path / "memory"
    with ServerProcess(tmp_path / "data", arguments=("--memory", str(memory))) as server:
        kept = Kept(server, memory)
        document: Any = publish(server, os.urandom(16 * MIB), "large.bin")
        url = httpx.URL(server.url)
        with server.guest() as guest, contextlib.ExitStack() as lines:
            readers: list[socket.socket] = []

            def stand_still(number: int) -> None:
                place = f"/share/v1/documents/{document['id']}/content"
                if what == "grant":
                    place = take(guest, document)
                line = lines.enter_context(socket.socket())
                # With a buffer that grows, the system would take most of the document.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
                line.connect((url.host, url.port or 0))
                head = f"GET {place} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {server.token}\r\n\r\n"
                line.sendall(head.encode())
                assert line.recv(12) == b"HTTP/1.1 200"
                # Some are quick at first, and get larger pieces.
                left = 9 * MIB if number % 4 == 0 else 0
                while left > 0:
                    left -= len(line.recv(MIB))
                readers.append(line)

            # The first readers also bring in what is needed once.
            for number in range(FIRST_READERS):
                stand_still(number)
            before = kept.least()
            for number in range(READERS):
                stand_still(number)
            until(lambda: kept.now() - before < READERS * 100_000)
            assert min(server.unacknowledged(line) for line in readers[::4]) > 0, (
                "it isn't done with any of them"
            )


def test_nothing_is_read_for_readers_who_have_hung_up(tmp_path: Path) -> None:
    """Otherwise a piece for each of them would be in memory at the same time."""
    statements = tmp_path / "statements"
    with ServerProcess(tmp_path / "data", arguments=("--statements", str(statements))) as server:
        document: Any = publish(server, os.urandom(32 * MIB), "large.bin")
        url = httpx.URL(server.url)
        with server.guest() as guest, contextlib.ExitStack() as stack:
            lines = []
            for _ in range(HANGING_UP):
                line = stack.enter_context(socket.create_connection((url.host, url.port or 0)))
                line.sendall(f"GET {take(guest, document)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                lines.append(line)
            wait_until_nothing_is_sent(server, lines, statements)
            before = read_bytes(server)
        assert len(receipts(server, document, HANGING_UP)) == HANGING_UP
        assert read_bytes(server) - before < HANGING_UP * 100_000


async def test_nothing_is_kept_of_a_response_that_has_ended(tmp_path: Path) -> None:
    """What refers to it may be there until the next collection, with up to a mebibyte."""
    blobs, content = LocalBlobs(tmp_path, Disk(tmp_path)), os.urandom(MIB)
    key = blobs.new_key()
    await blobs.put({key: [content]})
    outgoing = Outgoing(blobs, key, 0, MIB, size=MIB, sha256=hashlib.sha256(content).hexdigest())
    # As for a quick reader, who is given much at once.
    outgoing.taken = MIB
    disconnect = asyncio.get_running_loop().create_future()
    sent = []

    async def send(message: Message) -> None:
        sent.append(message)
        disconnect.set_result(None)

    async def may_continue() -> bool:
        return True

    with pytest.raises(Ended):
        await BodySender(outgoing, MIB, may_continue).send_all({}, send, disconnect)
    assert len(sent) == 1
    assert outgoing._piece == b""


def wait_until_nothing_is_sent(
    server: ServerProcess, lines: Sequence[socket.socket], statements: Path
) -> None:
    """Waits until the server sends nothing more, between two checks whether it still may."""
    last: list[int] = []
    checks_then = 0

    def nothing_is_sent() -> bool:
        nonlocal last, checks_then
        sent = [server.unacknowledged(line) for line in lines]
        checks = statements.read_text().count("SELECT grants.expires_at, grants.bytes_given FROM")
        if sent != last:
            last, checks_then = sent, checks
        return min(sent) > 0 and checks - checks_then >= 2 * len(lines)

    until(nothing_is_sent)


def read_bytes(server: ServerProcess) -> int:
    """Number of bytes that the server has read from files."""
    text = Path(f"/proc/{server.process.pid}/io").read_text()
    return int(text.partition("rchar:")[2].split()[0])
