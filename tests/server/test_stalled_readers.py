"""What readers cost who stand still, hang up, or have had their response."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import signal
import socket
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import receipts, take
from tests.support.users.share import until
from tui.rules.errors import Unavailable
from tui.server.base.disk import Disk
from tui.server.blobs import LocalBlobs
from tui.server.blobs.outgoing import Outgoing
from tui.server.http import flow_control
from tui.server.http.flow_control import BodySender, Ended

MIB = 1024 * 1024
#: How the question begins whether downloads may go on.
CHECK = "SELECT grants.hash AS hash, grants.expires_at"


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
        while len(found) - found.index(min(found)) < 5:
            time.sleep(0.2)
            found.append(self.now())
        return min(found)


FIRST_READERS, READERS, HANGING_UP = 4, 8, 6


def is_quick(number: int) -> bool:
    """Of each kind, some are."""
    return number % 8 in (0, 3)


def test_a_reader_who_stands_still_costs_little(tmp_path: Path) -> None:
    """S20: the server buffers no more of a download than its reader takes, with a grant or as the sender."""
    memory = tmp_path / "memory"
    with ServerProcess(tmp_path / "data", arguments=("--memory", str(memory))) as server:
        kept = Kept(server, memory)
        document: Any = publish(server, os.urandom(16 * MIB), "large.bin")
        url = httpx.URL(server.url)
        with server.guest() as guest, contextlib.ExitStack() as lines:
            readers: list[socket.socket] = []

            def stand_still(number: int) -> None:
                place = f"/share/v1/documents/{document['id']}/content"
                if number % 2:
                    place = take(guest, document)
                line = lines.enter_context(socket.socket())
                # With a buffer that grows, the system would take most of the document.
                line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
                line.connect((url.host, url.port or 0))
                head = f"GET {place} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {server.token}\r\n\r\n"
                line.sendall(head.encode())
                assert line.recv(12) == b"HTTP/1.1 200"
                # Some are quick at first, and get larger pieces.
                left = 9 * MIB if is_quick(number) else 0
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
            quick = [line for number, line in enumerate(readers[FIRST_READERS:]) if is_quick(number)]
            assert min(map(server.unacknowledged, quick)) > 0, "it isn't done with any of them"


def test_nothing_is_read_for_readers_who_have_hung_up(tmp_path: Path) -> None:
    """Otherwise a piece for each of them would be in memory at the same time."""
    statements = tmp_path / "statements"
    with ServerProcess(tmp_path / "data", arguments=("--statements", str(statements))) as server:
        document: Any = publish(server, os.urandom(16 * MIB), "large.bin")
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


async def test_a_server_that_cannot_ask_whether_to_go_on_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too much else is under way: the link may have been ended meanwhile, and who reads goes on from there."""
    monkeypatch.setattr(flow_control, "CHECK_SECONDS", 1e-9)
    blobs, content = LocalBlobs(tmp_path, Disk(tmp_path)), bytes(MIB)
    key = blobs.new_key()
    await blobs.put({key: [content]})
    outgoing = Outgoing(blobs, key, 0, MIB, size=MIB, sha256=hashlib.sha256(content).hexdigest())
    sent = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def may_continue() -> bool:
        raise Unavailable("server.busy", "The server is busy.")

    disconnect = asyncio.get_running_loop().create_future()
    with pytest.raises(Ended):
        await BodySender(outgoing, MIB, may_continue).send_all({}, send, disconnect)
    assert len(sent) == 1


def wait_until_nothing_is_sent(
    server: ServerProcess, lines: Sequence[socket.socket], statements: Path
) -> None:
    """Waits until the server sends nothing more, while it asks several times whether it still may."""
    last: list[int] = []
    checks_then = 0

    def nothing_is_sent() -> bool:
        nonlocal last, checks_then
        sent = [server.unacknowledged(line) for line in lines]
        checks = statements.read_text().count(CHECK)
        if sent != last:
            last, checks_then = sent, checks
        return min(sent) > 0 and checks - checks_then >= 4

    until(nothing_is_sent)


def read_bytes(server: ServerProcess) -> int:
    """Number of bytes that the server has read from files."""
    text = Path(f"/proc/{server.process.pid}/io").read_text()
    return int(text.partition("rchar:")[2].split()[0])
