"""S39: whatever a server sends, a command ends in a sentence, in its time, and takes no more than 120 MB."""

from __future__ import annotations

import functools
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.hostile import (
    ERROR,
    OK,
    HostileServer,
    Pieces,
    answering,
    chunked,
    endless,
    gzip_bomb,
    slowly,
)
from tests.support.measured import Measuring

MOST = 120 * 1024 * 1024
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
PACKED = b"Content-Encoding: gzip\r\n" + CHUNKED


def whole(body: bytes, head: bytes = OK) -> list[bytes]:
    return [head + b"Content-Length: %d\r\n\r\n" % len(body), body]


@functools.cache
def packed_twice() -> list[bytes]:
    inner = zlib.compress(zlib.compress(bytes(1 << 24), 9, wbits=31), 9, wbits=31)
    return whole(inner, OK + b"Content-Encoding: gzip, gzip\r\n")


ANSWERS: dict[str, Callable[[], Pieces]] = {
    "a line without an end": lambda: endless(b"x", b"HTTP/1.1 200 OK\r\nX-Line: "),
    "a status without an end": lambda: endless(b"1", b"HTTP/1.1 2"),
    "headers without an end": lambda: endless(b"X-More: y\r\n", OK),
    "first answers without an end": lambda: endless(b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "trailers without an end": lambda: endless(b"X-More: y\r\n", OK + CHUNKED + b"0\r\n"),
    "a body without an end": lambda: endless(b" ", OK + b"Connection: close\r\n\r\n"),
    "chunks without an end": lambda: [OK + CHUNKED, *chunked([b"["]), *()] + [b"1\r\n \r\n" * 9000] * 2000,
    "a body that is announced so": lambda: endless(b" ", OK + b"Content-Length: 999999999999999\r\n\r\n"),
    "an error without an end": lambda: endless(b" ", ERROR + b"Connection: close\r\n\r\n"),
    "a bomb": lambda: _after(OK + PACKED, chunked(gzip_bomb())),
    "a bomb as an error": lambda: _after(ERROR + PACKED, chunked(gzip_bomb())),
    "a bomb in a bomb": packed_twice,
    "a head a byte at a time": lambda: slowly(OK),
    "a body a byte at a time": lambda: _after(OK + b"Content-Length: 100000\r\n\r\n", slowly(b"[")),
    "an error a byte at a time": lambda: _after(ERROR + b"Content-Length: 100000\r\n\r\n", slowly(b"[")),
    "silence": lambda: _after(b"", slowly(b"")),
    "a redirect": lambda: [b"HTTP/1.1 302 Found\r\nLocation: /share/v1/me\r\nContent-Length: 0\r\n\r\n"],
    "deep JSON": lambda: whole(b"[" * 2_000_000),
    "JSON as deep as it is read": lambda: whole(b'{"data":' + b"[" * 900 + b"]" * 900 + b"}"),
    "many values": lambda: whole(b'{"documents":[' + b"{}," * 1_000_000 + b"{}]}"),
    "as many values as are read": lambda: whole(
        b'{"total":1,"documents":[' + b"{}," * 120_000 + b'{}],"data":[' + b"{}," * 10_000 + b"{}]}"
    ),
    "a long text with one letter of four bytes": lambda: whole(
        b'{"detail":"' + "\U0001f4a3".encode() + b"x" * 3_000_000 + b'"}'
    ),
    "an error that is a long text": lambda: whole(
        b'{"code":"x","detail":"' + "\U0001f4a3".encode() + b"x" * 900_000 + b'"}', ERROR
    ),
    "numbers that aren't any": lambda: whole(b'{"total":1e999,"data":NaN,"documents":[' + b"9" * 5000 + b"]}"),
}  # fmt: skip


def _after(head: bytes, pieces: Pieces) -> Iterator[bytes]:
    yield head
    yield from pieces


@pytest.fixture(scope="module")
def measuring() -> Iterator[Measuring]:
    with Measuring() as found:
        yield found


def check(done: dict[str, object], what: str) -> None:
    assert done["status"] not in (None, 0, 70), (what, done)
    assert "Traceback" not in str(done["err"]), done
    assert "internal error" not in str(done["err"]), done
    assert str(done["err"]).startswith("sentlinks: "), (what, done)
    assert int(str(done["peak"])) <= MOST, (what, done)


@pytest.mark.parametrize("what", ANSWERS)
def test_a_share_server(what: str, measuring: Measuring, tmp_path: Path) -> None:
    with HostileServer(answering(ANSWERS[what])) as server:
        environ = {"SENTLINKS_SERVER": server.url, "SENTLINKS_TOKEN": "x", "SENTLINKS_HOME": str(tmp_path)}
        done = measuring.run("links", **environ)
        check(done, what)
