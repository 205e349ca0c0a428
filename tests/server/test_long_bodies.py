"""Bodies of several mebibytes, which the server receives past the parser: what surrounds them stays as it is."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.requests import Request
from uvicorn.server import ServerState

from tests.server.test_uploads import HeldBack
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import CONTENT, TUS, Sender, b64, until
from tui.server.base.settings import Budgets
from tui.server.blobs.base import Bytes
from tui.server.http.front_door import FrontDoor
from tui.server.http.http_protocol import Guarded
from tui.server.http.long_body import body_of
from tui.server.limits.buffers import Buffers, Share

MIB = 1024 * 1024
DATA = os.urandom(5 * MIB + 4321)


@pytest.fixture
def location(me: Sender) -> str:
    return me.begin(me.open()["id"], len(DATA))


def patch_head(server: ServerProcess, location: str, **more: str) -> bytes:
    fields = {
        **CONTENT,
        "Host": "x",
        "X-Auth-Token": server.token,
        "Upload-Offset": "0",
        "Content-Length": str(len(DATA)),
        **more,
    }
    lines = [f"PATCH {location} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode()


def line_to(server: ServerProcess) -> socket.socket:
    url = httpx.URL(server.url)
    return socket.create_connection((url.host, url.port or 0), timeout=30)


def answers(line: socket.socket) -> bytes:
    return b"".join(iter(lambda: line.recv(65536), b""))


@few(2)
@pytest.mark.parametrize("first", [0, 100, MIB, 2 * MIB + 1])
def test_a_request_that_follows_a_long_body_is_answered(me: Sender, location: str, first: int) -> None:
    """Sent together with the end of the body, before this was answered."""
    following = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    wanted = {"Upload-Prefix-Digest": "sha256"}
    with line_to(me.server) as line:
        line.sendall(patch_head(me.server, location, **wanted) + DATA[:first])
        line.sendall(DATA[first:] + following)
        text = answers(line)
    assert text.count(b"HTTP/1.1 ") == 2
    assert text.startswith(b"HTTP/1.1 204")
    assert b"HTTP/1.1 200" in text
    assert b64(hashlib.sha256(DATA).digest()).encode() in text
    assert me.offset(location) == len(DATA)


def test_a_client_that_waits_for_permission_gets_it(me: Sender, location: str) -> None:
    with line_to(me.server) as line:
        line.sendall(patch_head(me.server, location, Expect="100-continue", Connection="close"))
        assert line.recv(12) == b"HTTP/1.1 100"
        line.sendall(DATA)
        assert b"HTTP/1.1 204" in answers(line)


@few(1)
@pytest.mark.parametrize("given", [MIB, 3 * MIB, 3 * MIB + 77])
def test_what_has_arrived_of_a_long_body_is_kept(me: Sender, location: str, given: int) -> None:
    held = HeldBack(me, location, len(DATA), DATA[:given])
    held.socket.close()
    until(lambda: me.offset(location) == given)
    until(lambda: me.patch(location, given, b"").status_code == 204)
    wanted = {"Upload-Prefix-Digest": "sha256"}
    assert me.patch(location, given, DATA[given:], wanted).status_code == 204
    told = me.http.head(location, headers=TUS | wanted).headers["upload-prefix-digest"]
    assert told == f"sha256 {b64(hashlib.sha256(DATA).digest())}"


def test_a_long_body_of_unknown_length_is_received_too(me: Sender, location: str) -> None:
    pieces = (DATA[at : at + MIB] for at in range(0, len(DATA), MIB))
    assert me.patch(location, 0, pieces).status_code == 204
    assert me.offset(location) == len(DATA)


async def test_pieces_are_passed_on_before_they_are_whole_and_stay_as_they_are() -> None:
    """Otherwise a slow client would be taken for one that sends nothing. Each piece is unchanged until the next but
    one is asked for."""
    received = bytearray()
    share = Share(Buffers(2 * MIB, 2 * MIB), ("me",))
    passed_on, ended = asyncio.Event(), asyncio.Event()
    given = 2 * MIB + 100

    async def app(scope: Any, receive: Any, send: Any) -> None:
        last: Bytes = b""
        copy = b""
        async for piece in body_of(Request(scope, receive), share):
            assert last == copy
            assert isinstance(piece, bytes) or len(piece) == MIB
            last, copy = piece, bytes(piece)
            received.extend(copy)
            if len(received) == given:
                passed_on.set()
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        ended.set()

    door, state = FrontDoor(Budgets(), (), 1024), ServerState()
    config = uvicorn.Config(app, log_config=None, lifespan="off")
    config.load()
    listening = await asyncio.get_running_loop().create_server(
        lambda: Guarded(door, config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with listening, asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        writer.write(b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(DATA) + DATA[:given])
        await passed_on.wait()
        writer.write(DATA[given:])
        await ended.wait()
        assert (await reader.readline()).startswith(b"HTTP/1.1 204")
        writer.close()
        await writer.wait_closed()
    assert received == DATA
