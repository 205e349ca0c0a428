"""S39: an event stream, and the app's first page, from a server that sends without an end."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from tests.support.checks.long import few, telling
from tests.support.network.hostile import (
    OK,
    HostileServer,
    Pieces,
    answering,
    chunked,
    endless,
    gzip_bomb,
    slowly,
)
from tests.support.servers.server import ROOT
from tui.clients import events
from tui.clients import first_page as first
from tui.clients.connection import open_http
from tui.clients.events import DocumentEvent, Lost, follow
from tui.clients.first_page import first_page
from tui.clients.target import Target
from tui.rules.errors import Problem

MOST = 120 * 1024 * 1024
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
PLAIN = STREAM + b"Connection: close\r\n\r\n"
PACKED = STREAM + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"


def after(head: bytes, pieces: Pieces) -> Iterator[bytes]:
    yield head
    yield from pieces


STREAMS: dict[str, tuple[Callable[[], Pieces], str]] = {
    "a line without an end": (lambda: endless(b"x", PLAIN + b"data: "), "answer.too_large"),
    "an event without an end": (lambda: endless(b"data: x\n", PLAIN), "answer.too_large"),
    "a bomb": (lambda: after(PACKED, chunked(gzip_bomb())), "answer.too_large"),
    "an error without an end": (
        lambda: endless(b" ", b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n"), "answer.too_large",
    ),
    "a line a byte at a time": (lambda: after(PLAIN, slowly(b"data: " + b"x" * 99)), "server.silent"),
    "a head a byte at a time": (lambda: slowly(STREAM), "server.silent"),
    "a redirect": (
        lambda: [b"HTTP/1.1 302 Found\r\nLocation: /share/v1/events\r\nContent-Length: 0\r\n\r\n"], "answer.redirect",
    ),
}  # fmt: skip
SCRIPT = """
import asyncio, sys
from pathlib import Path
from tui.clients.connection import open_http
from tui.clients.events import Lost, follow
from tui.clients.target import Target

async def main():
    async with open_http(Target(sys.argv[1], "x")) as http:
        async for each in follow(http):
            if isinstance(each, Lost):
                return each.problem.code

code = asyncio.run(main())
(peak,) = (line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line[:6] == "VmHWM:")
print(code, int(peak) * 1024)
"""


async def lost(url: str) -> Problem:
    async with open_http(Target(url, "x")) as http:
        async for each in follow(http):
            if isinstance(each, Lost):
                return each.problem
    raise AssertionError("it goes on until it is lost")


@pytest.mark.parametrize(
    "what",
    telling(STREAMS, "a line without an end", "a line a byte at a time", "a redirect"),
)
async def test_a_stream_is_lost(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, code = STREAMS[what]
    if code == "server.silent":
        monkeypatch.setattr(events._TIMEOUT, "read", 0.5)
    with HostileServer(answering(answer)) as server:
        assert (await lost(server.url)).code == code


@few(1)
@pytest.mark.parametrize("what", ["a line without an end", "an event without an end", "a bomb"])
def test_it_takes_no_memory(what: str) -> None:
    with HostileServer(answering(STREAMS[what][0])) as server:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, server.url], cwd=ROOT, check=True, capture_output=True, timeout=60
        )
    code, peak = done.stdout.split()
    assert code == b"answer.too_large"
    assert int(peak) <= MOST


async def test_an_id_is_only_sent_back_if_it_fits_into_a_header() -> None:
    """The next connection would fail, with an internal error, or each time."""
    asked: list[bytes] = []
    stream = b"event: happened\ndata: {}\n\n"

    def talk(connection: socket.socket) -> Pieces:
        asked.append(connection.recv(65536))
        ident = ("ü", "a\tb", "i" * 1000, "good")[min(len(asked) - 1, 3)]
        yield PLAIN + b"id: %s\n" % ident.encode() + stream

    with HostileServer(talk) as server:
        async with open_http(Target(server.url, "x")) as http:
            async for _ in follow(http):
                if len(asked) == 5:
                    break
    lines = [line.lower() for head in asked for line in head.split(b"\r\n")]
    sent = [line for line in lines if line.startswith(b"last-event-id")]
    assert sent == [b"last-event-id: " + b"i" * 256, b"last-event-id: good"]


async def test_a_line_that_breaks_before_what_was_missed_loses_nothing() -> None:
    """ "ready" has the newest number of all, and what was missed comes after it."""
    asked: list[bytes] = []
    happened = b"id: 7\nevent: happened\ndata: {}\n\n"
    ready = b"id: 99\nevent: ready\ndata: {}\n\n"

    def talk(connection: socket.socket) -> Pieces:
        asked.append(connection.recv(65536))
        # The length is wrong: the line breaks.
        yield (
            STREAM
            + b"Content-Length: 9999\r\nConnection: close\r\n\r\n"
            + (happened if len(asked) == 1 else ready)
        )

    with HostileServer(talk) as server:
        async with open_http(Target(server.url, "x")) as http:
            async for _ in follow(http):
                if len(asked) == 3:
                    break
    numbers = [
        line for head in asked for line in head.lower().split(b"\r\n") if line.startswith(b"last-event-id")
    ]
    assert numbers == [b"last-event-id: 7"] * 2


async def test_a_large_event_that_is_none_too_large_arrives() -> None:
    text = json.dumps({"event": "viewed", "document": "d" * 60_000})
    lines = "".join(f"data: {text[start : start + 50_000]}\n" for start in range(0, len(text), 50_000))
    with HostileServer(answering(lambda: [PLAIN, f"event: happened\n{lines}\n".encode()])) as server:
        async with open_http(Target(server.url, "x")) as http:
            async for each in follow(http):
                assert isinstance(each, DocumentEvent)
                break


async def test_an_event_that_is_too_large_does_not_arrive() -> None:
    """Though none of its lines is, and though it has an end."""
    text = json.dumps({"event": "viewed", "document": "d" * 300_000})
    lines = "".join(f"data: {text[start : start + 50_000]}\n" for start in range(0, len(text), 50_000))
    with HostileServer(answering(lambda: [PLAIN, f"event: happened\n{lines}\n".encode()])) as server:
        async with open_http(Target(server.url, "x")) as http:
            first = await anext(each async for each in follow(http) if isinstance(each, Lost | DocumentEvent))
    assert isinstance(first, Lost)
    assert first.problem.code == "answer.too_large"


# ---------------------------------------------------------------- the first page

DISCOVERY = {
    "data": {
        "versions": [{"name": "v2", "url": "http://x/api/v2"}],
        "user": {"customer_id": 1},
        "work": {"preferred_library": "A"},
    }
}


def json_answer(body: bytes) -> list[bytes]:
    return [OK + b"Content-Length: %d\r\n\r\n" % len(body) + body]


PAGES: dict[str, Callable[[], Pieces]] = {
    "a line without an end": lambda: endless(b"x", b"HTTP/1.1 200 OK\r\nX: "),
    "a body without an end": lambda: endless(b" ", OK + b"Content-Length: 99999999999\r\n\r\n"),
    "a negative length": lambda: [OK + b"Content-Length: -5\r\n\r\n{}{}{}{}"],
    "a byte at a time": lambda: slowly(OK + b"Content-Length: 100\r\n\r\n["),
    "many values": lambda: json_answer(b"[" + b"[]," * 1_000_000 + b"[]]"),
    "deep JSON": lambda: json_answer(b"[" * 100_000),
    "no object": lambda: json_answer(b'{"data": [1]}'),
    "an address that is a number": lambda: json_answer(b'{"data":{"versions":[{"name":"v2","url":5}]}}'),
}


@few(4)
@pytest.mark.parametrize("demo", [False, True])
@pytest.mark.parametrize("what", PAGES)
def test_there_is_no_first_page(what: str, demo: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "_SECONDS", 0.5)
    with HostileServer(answering(PAGES[what])) as server:
        assert first_page(Target(server.url, "x"), demo=demo) is None


@few(2)
@pytest.mark.parametrize(
    "document",
    [
        1,
        {"wstype": "document"},
        {"wstype": "document", "id": "A!1.1", "name": "n", "author": {"a": 1}},
        {"wstype": "document", "id": "A!1.1", "name": "n", "size": "large"},
        {"wstype": "document", "id": "A!1.1", "name": "n", "edit_date": 5},
    ],
)
def test_documents_that_are_none(document: object) -> None:
    """They would be drawn before the app's own client has looked at them."""
    bodies = iter([DISCOVERY, {"data": {"results": [document]}}])

    def talk(connection: socket.socket) -> Pieces:
        while connection.recv(65536):
            yield b"".join(json_answer(json.dumps(next(bodies)).encode()))

    with HostileServer(talk) as server:
        assert first_page(Target(server.url, "x"), demo=False) is None
