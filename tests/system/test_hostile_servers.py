"""S39: whatever a server sends, a command ends in a sentence, in its time, and takes no more than 120 MB."""

from __future__ import annotations

import functools
import json
import socket
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.commands.measured import Measuring
from tests.support.network.hostile import (
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
from tests.support.servers.certificates import Authority, make_authority

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


@few(4)
@pytest.mark.parametrize("what", ANSWERS)
def test_a_share_server(what: str, measuring: Measuring, tmp_path: Path) -> None:
    with HostileServer(answering(ANSWERS[what])) as server:
        environ = {"SENTLINKS_SERVER": server.url, "SENTLINKS_TOKEN": "x", "SENTLINKS_HOME": str(tmp_path)}
        done = measuring.run("links", "--all", **environ)
        check(done, what)


# ---------------------------------------------------------------- Work, signing in, sending

OTHER_COMMANDS = {
    "Work": ("find", "board"),
    "a check-out": ("checkout", "ACTIVE!1.1"),
    "a sign-in": ("login", "ANNA", "--password-stdin"),
    "the heads of the audit": ("audit", "heads"),
    "the doctor": ("doctor", "--json"),
}


@few(4)
@pytest.mark.parametrize("command", OTHER_COMMANDS)
@pytest.mark.parametrize(
    "what", ["a bomb", "a body a byte at a time", "headers without an end", "many values"]
)
def test_other_commands(command: str, what: str, measuring: Measuring, tmp_path: Path) -> None:
    """All of them read through the same client."""
    with HostileServer(answering(ANSWERS[what])) as server:
        environ = {"SENTLINKS_SERVER": server.url, "SENTLINKS_TOKEN": "x", "SENTLINKS_HOME": str(tmp_path)}
        done = measuring.run(*OTHER_COMMANDS[command], given="secret-heron-1\n", **environ)
    if command != "the doctor":
        check(done, what)
        return
    assert done["status"] == 1, done
    (found,) = (each for each in json.loads(str(done["out"]))["checks"] if each["id"] == "server")
    assert found["state"] == "bad", found
    assert int(str(done["peak"])) <= MOST, done


# ---------------------------------------------------------------- mail servers

BEFORE_TLS: dict[str, Callable[[bytes], Pieces]] = {
    "a greeting without an end": lambda start: endless(start[:4] + b"-" * 100 + b"\r\n"),
    "a line without an end": lambda start: endless(b"x", start),
    "a byte at a time": lambda start: slowly(start + b" a server" * 9),
    "silence": lambda _: slowly(b""),
}


def imap(where: str, hostile: Callable[[], Pieces]) -> Callable[[socket.socket], Pieces]:
    """An IMAP server that does as it should until a command ``where`` (empty: the greeting)."""

    def talk(connection: socket.socket) -> Iterator[bytes]:
        lines = connection.makefile("rb")
        yield from hostile() if not where else [b"* OK ready\r\n"]
        while line := lines.readline().split():
            tag, word = line[0], line[1].decode("latin-1").upper()
            if word == where:
                yield from hostile()
            if word == "CAPABILITY":
                yield b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
            if word == "AUTHENTICATE":
                yield b"+ \r\n"
                lines.readline()
            yield tag + b" OK done\r\n"

    return talk


def smtp(where: str, hostile: Callable[[], Pieces]) -> Callable[[socket.socket], Pieces]:
    """The same for SMTP."""

    def talk(connection: socket.socket) -> Iterator[bytes]:
        lines = connection.makefile("rb")
        yield from hostile() if not where else [b"220 ready\r\n"]
        while line := lines.readline().split():
            word = line[0].decode("latin-1").upper()
            if word == where:
                yield from hostile()
            yield {"EHLO": b"250-server\r\n250 AUTH PLAIN LOGIN\r\n", "AUTH": b"235 in\r\n"}.get(
                word, b"250 fine\r\n"
            )

    return talk


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return make_authority(tmp_path_factory.mktemp("certificates"))


def mail_check(
    measuring: Measuring, tmp_path: Path, server: HostileServer, scheme: str, trusted: Path
) -> dict[str, Any]:
    protocol = scheme.rstrip("s")
    done = measuring.run(
        "doctor",
        "--json",
        SENTLINKS_HOME=str(tmp_path),
        SSL_CERT_FILE=str(trusted),
        **{
            f"SENTLINKS_MAIL_{protocol.upper()}_URL": f"{scheme}://anna@localhost:{server.port}",
            f"SENTLINKS_MAIL_{protocol.upper()}_PASSWORD_COMMAND": "echo secret",
        },
    )
    assert done["status"] == 1, done
    assert int(str(done["peak"])) <= MOST, done
    ident = "mailbox" if protocol == "imap" else "mail server"
    (found,) = (each for each in json.loads(str(done["out"]))["checks"] if each["id"] == ident)
    assert found["state"] == "bad", found
    return dict(found)


@few(4)
@pytest.mark.parametrize("what", BEFORE_TLS)
@pytest.mark.parametrize(
    ("scheme", "start"), [("imap", b"* OK "), ("smtp", b"220-"), ("imaps", b""), ("smtps", b"")]
)
def test_a_mail_server_before_it_has_tls(
    what: str, scheme: str, start: bytes, measuring: Measuring, tmp_path: Path, authority: Authority
) -> None:
    """Whoever is in between may be it."""
    with HostileServer(lambda _: BEFORE_TLS[what](start)) as server:
        found = mail_check(measuring, tmp_path, server, scheme, authority.file)
    assert any(
        words in found["found"]
        for words in (
            "more than a mail server can",
            "doesn't respond",
            "doesn't work",
            "can't be reached with TLS",
        )
    ), found


IMAP_AFTER: dict[str, tuple[str, Callable[[], Pieces]]] = {
    "a literal of 3.9 GB": ("LIST", lambda: endless(b"x", b'* LIST () "/" {3900000000}\r\n')),
    "a list without an end": ("LIST", lambda: endless(b'* LIST () "/" "folder"\r\n')),
    "capabilities without an end": ("CAPABILITY", lambda: endless(b"* CAPABILITY A\r\n")),
    "a line without an end": ("LIST", lambda: endless(b"x", b'* LIST () "/" "')),
    "a byte at a time": ("LIST", lambda: slowly(b"* OK " + b"x" * 99)),
    "questions without an end": ("AUTHENTICATE", lambda: endless(b"+ \r\n")),
    "a greeting without an end": ("", lambda: endless(b"* OK more")),
}


@few(2)
@pytest.mark.parametrize("what", IMAP_AFTER)
def test_an_imap_server_that_has_tls(
    what: str, measuring: Measuring, tmp_path: Path, authority: Authority
) -> None:
    word, hostile = IMAP_AFTER[what]
    with HostileServer(imap(word, hostile), authority.server_context()) as server:
        found = mail_check(measuring, tmp_path, server, "imaps", authority.file)
    assert "more than a mail server can" in found["found"] or "doesn't respond" in found["found"], found


SMTP_AFTER: dict[str, tuple[str, Callable[[], Pieces]]] = {
    "a greeting without an end": ("", lambda: endless(b"220-more\r\n")),
    "abilities without an end": ("EHLO", lambda: endless(b"250-MORE\r\n")),
    "an answer without an end": ("AUTH", lambda: endless(b"235-more\r\n")),
    "a line without an end": ("EHLO", lambda: endless(b"x", b"250-")),
    "a byte at a time": ("AUTH", lambda: slowly(b"235-" + b"x" * 99)),
}


@few(2)
@pytest.mark.parametrize("what", SMTP_AFTER)
def test_an_smtp_server_that_has_tls(
    what: str, measuring: Measuring, tmp_path: Path, authority: Authority
) -> None:
    word, hostile = SMTP_AFTER[what]
    with HostileServer(smtp(word, hostile), authority.server_context()) as server:
        found = mail_check(measuring, tmp_path, server, "smtps", authority.file)
    assert any(
        words in found["found"]
        for words in ("more than a mail server can", "doesn't respond", "Line too long", "doesn't work")
    ), found
