"""Uploads by tus 1.0.0, as any tus client would make them."""

from __future__ import annotations

import hashlib
import re
import resource
import signal
import socket
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import CONTENT, TUS, Sender, b64, fetch, problem, stored, until
from tui.server.base.clock import system_clock
from tui.server.installation import jobs
from tui.server.installation.installation import open_context

DATA = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def send(server: ServerProcess) -> str:
    with Sender(server) as sender:
        return str(sender.open()["id"])


class HeldBack:
    """A PATCH of which only a part has been sent so far."""

    def __init__(self, me: Sender, location: str, announced: int, given: bytes, offset: int = 0) -> None:
        address = urlsplit(me.server.url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=30)
        head = (
            f"PATCH {location} HTTP/1.1\r\nHost: x\r\nX-Auth-Token: {me.server.token}\r\n"
            f"Tus-Resumable: 1.0.0\r\nContent-Type: {CONTENT['Content-Type']}\r\n"
            f"Upload-Offset: {offset}\r\nContent-Length: {announced}\r\n\r\n"
        )
        self.socket.sendall(head.encode() + given)

    def end(self, rest: bytes) -> str:
        self.socket.sendall(rest)
        answer = self.socket.recv(65536).decode()
        self.socket.close()
        return answer


def test_what_is_spoken_here(server: ServerProcess) -> None:
    """tus core: OPTIONS needs no version and returns versions, extensions, size and algorithms."""
    with server.guest() as guest:
        response = guest.options("/share/v1/uploads")
    assert response.status_code == 204
    assert response.headers["tus-version"] == "1.0.0"
    assert set(response.headers["tus-extension"].split(",")) == {
        "creation",
        "creation-with-upload",
        "expiration",
        "checksum",
        "termination",
    }
    assert set(response.headers["tus-checksum-algorithm"].split(",")) == {"sha256", "sha1"}
    assert int(response.headers["tus-max-size"]) >= 2**32


def test_in_pieces(me: Sender, send: str) -> None:
    """tus core and creation: created empty, received in pieces, each acknowledged, then published unchanged."""
    response = me.create(send, len(DATA), {"Upload-Metadata": f"filename {b64('ä.bin')},send {b64(send)}"})
    assert response.status_code == 201
    location = response.headers["location"]
    assert re.fullmatch(r"/share/v1/uploads/[0-9a-f]{32}", location)
    assert response.headers["tus-resumable"] == "1.0.0"
    for start in range(0, len(DATA), 300_000):
        assert me.offset(location) == start
        answer = me.patch(location, start, DATA[start : start + 300_000])
        assert answer.status_code == 204
        assert answer.headers["upload-offset"] == str(min(start + 300_000, len(DATA)))
        assert parsedate_to_datetime(answer.headers["upload-expires"])
    head = me.http.head(location, headers=TUS)
    assert head.headers["upload-length"] == head.headers["upload-offset"] == str(len(DATA))
    assert head.headers["upload-metadata"] == f"filename {b64('ä.bin')},send {b64(send)}"
    assert head.headers["cache-control"] == "no-store"
    document = me.publish(send, location[-32:], "a.bin", DATA).json()
    assert fetch(me.server, document["url"]) == DATA


def test_created_with_bytes(me: Sender, send: str) -> None:
    """tus creation-with-upload: the first request may carry all bytes, or some."""
    whole = me.create(send, len(DATA), content=DATA)
    assert whole.headers["upload-offset"] == str(len(DATA))
    some = me.create(send, len(DATA), content=DATA[:1000])
    assert some.headers["upload-offset"] == "1000"
    assert me.patch(some.headers["location"], 1000, DATA[1000:]).status_code == 204


def test_an_empty_document(me: Sender, send: str) -> None:
    """A document of 0 bytes is like any other."""
    document = me.publish(send, me.begin(send, 0)[-32:], "empty.txt", b"").json()
    assert document["size"] == 0
    assert fetch(me.server, document["url"]) == b""


@few(5)
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Tus-Resumable": "0.2.2"}, 412, "tus.version"),
        ({"Tus-Resumable": ""}, 412, "tus.version"),
        ({"Upload-Length": "-1"}, 400, "upload.header"),
        ({"Upload-Length": "1.5"}, 400, "upload.header"),
        ({"Upload-Length": "9" * 40}, 400, "upload.header"),
        ({"Upload-Length": str(10**17)}, 413, "upload.too_large"),
        ({"Upload-Defer-Length": "1"}, 400, "upload.header"),
        ({"Upload-Metadata": ""}, 400, "upload.metadata"),
        ({"Upload-Metadata": "send !!!"}, 400, "upload.metadata"),
        ({"Upload-Metadata": "send YQ==,send YQ=="}, 400, "upload.metadata"),
        ({"Upload-Metadata": "x " + "A" * 10_000}, 400, "upload.metadata"),
        ({"Upload-Metadata": f"send {b64('no such send')}"}, 404, "send.unknown"),
        ({"Upload-Metadata": "send /w=="}, 404, "send.unknown"),
        ({"Upload-Checksum": f"md5 {b64(b'x' * 16)}"}, 400, "upload.algorithm"),
        ({"Upload-Checksum": "sha256 YQ=="}, 400, "upload.checksum_form"),
        ({"Content-Type": "text/plain"}, 415, "upload.type"),
    ],
)
def test_what_cannot_be_created(
    me: Sender, send: str, headers: dict[str, str], status: int, code: str
) -> None:
    """S20: headers are bounded and validated; each fault is reported, and the version comes with every answer."""
    response = me.create(send, 3, headers, content=b"abc" if "Content-Type" in headers else None)
    problem(response, status, code)
    assert response.headers["tus-resumable"] == "1.0.0"
    assert status != 412 or response.headers["tus-version"] == "1.0.0"


def test_a_wrong_offset(me: Sender, send: str) -> None:
    """tus core: an upload only continues where the kept bytes end; nothing is overwritten."""
    location = me.begin(send, 10)
    assert me.patch(location, 0, b"01234").status_code == 204
    for offset in (0, 4, 6, 10):
        problem(me.patch(location, offset, b"x"), 409, "upload.offset")
    problem(me.patch(location, 0, b"x", {"Upload-Offset": "-1"}), 400, "upload.header")
    problem(me.patch(location, 5, b"x", {"Content-Type": "text/plain"}), 415, "upload.type")
    assert me.offset(location) == 5


@pytest.mark.parametrize("chunked", [False, True])
def test_more_than_announced(me: Sender, send: str, chunked: bool) -> None:
    """S20: bytes beyond the announced length are refused, and nothing of that request is kept."""
    location = me.begin(send, 10)
    assert me.patch(location, 0, b"01234").status_code == 204
    data = iter([b"x" * 5, b"y"]) if chunked else b"x" * 6
    problem(me.patch(location, 5, data), 413, "upload.too_long")
    assert me.offset(location) == 5


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_checksums(me: Sender, send: str, algorithm: str) -> None:
    """tus checksum: bytes that do not match are not kept, however many there are."""
    location = me.begin(send, len(DATA) * 4)
    right = {"Upload-Checksum": f"{algorithm} {b64(hashlib.new(algorithm, DATA).digest())}"}
    wrong = {"Upload-Checksum": f"{algorithm} {b64(hashlib.new(algorithm, b'else').digest())}"}
    assert me.patch(location, 0, DATA, right).status_code == 204
    problem(me.patch(location, len(DATA), DATA * 3, wrong), 460, "upload.checksum")
    assert me.offset(location) == len(DATA)
    assert me.patch(location, len(DATA), DATA, right).status_code == 204
    before = len(stored(me.server))
    problem(me.create(send, len(DATA), wrong, content=DATA), 460, "upload.checksum")
    assert len(stored(me.server)) == before


def test_a_broken_connection_keeps_what_arrived(me: Sender, send: str) -> None:
    """design 4: a PATCH that breaks off keeps its bytes, and the upload continues from there."""
    location = me.begin(send, len(DATA))
    broken = HeldBack(me, location, len(DATA), DATA[:400_000])
    broken.socket.close()
    until(lambda: me.offset(location) == 400_000)
    until(lambda: me.patch(location, 400_000, DATA[400_000:]).status_code == 204)
    document = me.publish(send, location[-32:], "resumed.bin", DATA).json()
    assert document["sha256"] == hashlib.sha256(DATA).hexdigest()


def test_a_broken_connection_keeps_what_was_not_read_yet(me: Sender, send: str) -> None:
    """Little arrives, and the end of the connection with it, before the upload is even looked up."""
    locations = [me.begin(send, len(DATA)) for _ in range(8)]
    for location in locations:
        HeldBack(me, location, len(DATA), DATA[:30_000]).socket.close()
    until(lambda: [me.offset(location) for location in locations] == [30_000] * len(locations))


def test_one_writer_at_a_time(me: Sender, send: str) -> None:
    """tus core: while one request writes, another is refused and changes nothing."""
    location = me.begin(send, 10)
    before = len(stored(me.server))
    first = HeldBack(me, location, 10, b"01234")
    until(lambda: len(stored(me.server)) > before)
    problem(me.patch(location, 0, b"x"), 423, "upload.locked")
    assert "204 No Content" in first.end(b"56789")
    assert me.offset(location) == 10


def test_after_a_crash(tmp_path: Path) -> None:
    """S25: killed in the middle of a PATCH, a server keeps all that it acknowledged, and the upload can continue."""
    with ServerProcess(tmp_path / "data") as first, Sender(first) as me:
        send = str(me.open()["id"])
        location = me.begin(send, len(DATA))
        assert me.patch(location, 0, DATA[:100_000]).status_code == 204
        held = HeldBack(me, location, 200_000, DATA[100_000:150_000], 100_000)
        first.stop(signal.SIGKILL)
        held.socket.close()
    with ServerProcess(tmp_path / "data") as second, Sender(second) as me:
        arrived = me.offset(location)
        assert 100_000 <= arrived <= 150_000
        assert me.patch(location, arrived, DATA[arrived:]).status_code == 204
        assert me.publish(send, location[-32:], "a.bin", DATA).status_code == 201


def test_another_process_goes_on(restored_server: ServerProcess) -> None:
    """design 4: pieces can go to different server processes."""
    with (
        ServerProcess(restored_server.data) as second,
        Sender(restored_server) as me,
        Sender(second) as again,
    ):
        send = str(me.open()["id"])
        location = me.begin(send, 10)
        assert me.patch(location, 0, b"01234").status_code == 204
        assert again.offset(location) == 5
        assert again.patch(location, 5, b"56789").status_code == 204
        assert me.publish(send, location[-32:], "a.txt", b"0123456789").status_code == 201


def test_a_full_disk(restored_server: ServerProcess) -> None:
    """S20: when no more can be written, the server says so, what was written stays, and the upload continues later."""
    with Sender(restored_server) as me:
        send = str(me.open()["id"])
        data = DATA * 6
        location = me.begin(send, len(data))
        usual = resource.prlimit(restored_server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(restored_server.process.pid, resource.RLIMIT_FSIZE, (5_000_000, usual[1]))
        problem(me.patch(location, 0, data), 507, "disk_full")
        resource.prlimit(restored_server.process.pid, resource.RLIMIT_FSIZE, usual)
        arrived = me.offset(location)
        assert arrived <= 5_000_000
        assert me.patch(location, arrived, data[arrived:]).status_code == 204
        assert me.publish(send, location[-32:], "a.bin", data).status_code == 201


def test_only_ones_own(me: Sender, send: str) -> None:
    """S8: another user's upload is not found, whatever is tried with it; without a token nothing is revealed."""
    location = me.begin(send, 5)
    with me.add_user("UPLOADER") as other:
        problem(other.create(send, 5), 404, "send.unknown")
        assert other.http.head(location, headers=TUS).status_code == 404
        problem(other.patch(location, 0, b"01234"), 404, "upload.unknown")
        problem(other.http.delete(location, headers=TUS), 404, "upload.unknown")
        own = other.open()["id"]
        problem(other.publish(own, location[-32:], "a.txt", b""), 404, "upload.unknown")
    with me.server.guest() as guest:
        problem(guest.patch(location, headers={**CONTENT, "Upload-Offset": "0"}), 401, "token.invalid")
    assert me.offset(location) == 0


def test_termination(me: Sender, send: str) -> None:
    """tus termination: the upload is gone, and so are its bytes; ending a published one leaves the document."""
    location = me.begin(send, len(DATA))
    before = set(stored(me.server))
    assert me.patch(location, 0, DATA[:1000]).status_code == 204
    assert len(set(stored(me.server)) - before) == 1
    assert me.http.delete(location, headers=TUS).status_code == 204
    assert set(stored(me.server)) == before
    assert me.http.head(location, headers=TUS).status_code == 404
    problem(me.patch(location, 1000, b"x"), 404, "upload.unknown")

    kept = f"/share/v1/uploads/{me.upload(send, DATA)}"
    document = me.publish(send, kept[-32:], "kept.bin", DATA).json()
    problem(me.patch(kept, len(DATA), b""), 409, "upload.published")
    assert me.http.delete(kept, headers=TUS).status_code == 204
    assert fetch(me.server, document["url"]) == DATA


def test_method_override(me: Sender, send: str) -> None:
    """tus core: X-HTTP-Method-Override names the intended method."""
    location = me.begin(send, 3)
    headers = {**CONTENT, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert me.http.post(location, headers=headers, content=b"abc").status_code == 204
    headers = {**TUS, "X-HTTP-Method-Override": "HEAD"}
    assert me.http.post(location, headers=headers).headers["upload-offset"] == "3"
    problem(me.http.post(location, headers=TUS), 405, "method_not_allowed")


async def test_expiration(fresh_server: ServerProcess) -> None:
    """tus expiration: a week after it was last written to, an upload is no longer found, and then removed."""
    with Sender(fresh_server) as me:
        send = str(me.open()["id"])
        location = me.begin(send, 10)
        fresh_server.turn_clock(6 * 86_400)
        assert me.patch(location, 0, b"01234").status_code == 204
        fresh_server.turn_clock(12 * 86_400)
        assert me.offset(location) == 5
        fresh_server.turn_clock(14 * 86_400)
        assert me.http.head(location, headers=TUS).status_code == 404
        problem(me.patch(location, 5, b"56789"), 404, "upload.unknown")
        problem(me.publish(send, location[-32:], "a.txt", b""), 404, "upload.unknown")
        fresh_server.turn_clock(0)
        document = me.send(data=b"kept")
    later = timedelta(days=15)
    context = await open_context(fresh_server.settings, lambda: system_clock() + later)
    try:
        await jobs.run_all(context)
    finally:
        await context.close()
    assert len(stored(fresh_server)) == 1
    assert fetch(fresh_server, document["url"]) == b"kept"


@pytest.mark.parametrize("value", ["partial", "final;/share/v1/uploads/x", ""])
def test_uploads_are_not_put_together(me: Sender, send: str, value: str) -> None:
    problem(me.create(send, 5, {"Upload-Concat": value}), 400, "upload.header")
