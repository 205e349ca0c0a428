"""Each answer carries a digest of what an upload has so far, and a client can go back to where it was right."""

from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from tests.server.test_uploads import DATA, HeldBack
from tests.support.servers.server import ServerProcess
from tests.support.users.share import TUS, Sender, b64, problem, stored, until


@pytest.fixture
def send(me: Sender) -> str:
    return str(me.open()["id"])


WANTED = {"Upload-Prefix-Digest": "sha256"}


def told(response: httpx.Response) -> str:
    return str(response.headers.get("upload-prefix-digest", ""))


def digest_of(data: bytes) -> str:
    return f"sha256 {b64(hashlib.sha256(data).digest())}"


def test_each_answer_tells_the_digest_of_all_before(me: Sender, send: str) -> None:
    created = me.create(send, len(DATA), WANTED, DATA[:1000])
    location = created.headers["location"]
    assert told(created) == digest_of(DATA[:1000])
    assert told(me.patch(location, 1000, DATA[1000:5000], WANTED)) == digest_of(DATA[:5000])
    assert told(me.http.head(location, headers=TUS | WANTED)) == digest_of(DATA[:5000])
    # A client that doesn't ask gets none.
    assert told(me.patch(location, 5000, DATA[5000:6000])) == ""
    assert told(me.http.head(location, headers=TUS)) == ""
    assert told(me.patch(location, 6000, DATA[6000:], WANTED)) == digest_of(DATA)
    assert me.publish(send, location[-32:], "a.bin", DATA).status_code == 201
    problem(me.create(send, 5, {"Upload-Prefix-Digest": "md5"}, b"01234"), 400, "upload.header")


def test_one_goes_back_to_where_it_was_right(me: Sender, send: str) -> None:
    location = me.begin(send, 10)
    assert told(me.patch(location, 0, b"0123", WANTED)) == digest_of(b"0123")
    assert told(me.patch(location, 4, b"4x6", WANTED)) == digest_of(b"01234x6")
    problem(me.patch(location, 4, b"456"), 409, "upload.offset")
    problem(me.patch(location, 8, b"8", {"Upload-Truncate": "1"}), 409, "upload.offset")
    problem(me.patch(location, 4, b"4567890", {"Upload-Truncate": "1"}), 413, "upload.too_long")
    problem(me.patch(location, 4, b"456", {"Upload-Truncate": "yes"}), 400, "upload.header")
    assert told(me.patch(location, 4, b"45", {"Upload-Truncate": "1", **WANTED})) == digest_of(b"012345")
    assert me.offset(location) == 6
    assert told(me.patch(location, 2, b"23456789", {"Upload-Truncate": "1", **WANTED})) == digest_of(
        b"0123456789"
    )
    assert me.publish(send, location[-32:], "a.txt", b"0123456789").status_code == 201
    # A published upload stays as it is.
    problem(me.patch(location, 2, b"x", {"Upload-Truncate": "1"}), 409, "upload.published")


def test_a_digest_after_a_wrong_checksum_and_a_broken_connection(me: Sender, send: str) -> None:
    location = me.begin(send, len(DATA))
    me.patch(location, 0, DATA[:1000], WANTED)
    wrong = {"Upload-Checksum": f"sha256 {b64(bytes(32))}", **WANTED}
    problem(me.patch(location, 1000, DATA[1000:3000], wrong), 460, "upload.checksum")
    held = HeldBack(me, location, len(DATA) - 1000, DATA[1000:400_000], 1000)
    held.socket.close()
    until(lambda: me.offset(location) == 400_000)
    # The bytes are there before the request that brought them has ended; it holds the upload until then.
    until(lambda: me.patch(location, 400_000, b"", WANTED).status_code == 204)
    assert told(me.patch(location, 400_000, DATA[400_000:], WANTED)) == digest_of(DATA)


def test_a_digest_after_a_restart_and_with_another_process(tmp_path: Path) -> None:
    """It is recomputed from what is stored; what another process wrote is never mistaken for what was there before."""
    with (
        ServerProcess(tmp_path / "data") as first,
        ServerProcess(tmp_path / "data") as second,
        Sender(first) as me,
        Sender(second) as again,
    ):
        send = str(me.open()["id"])
        location = me.begin(send, 10)
        back = {"Upload-Truncate": "1", **WANTED}
        assert told(me.patch(location, 0, b"01234", WANTED)) == digest_of(b"01234")
        assert told(again.http.head(location, headers=TUS | WANTED)) == ""
        assert told(again.patch(location, 4, b"x", back)) == digest_of(b"0123x")
        # The same length as before, with other bytes.
        assert told(me.http.head(location, headers=TUS | WANTED)) == ""
        assert told(me.patch(location, 5, b"56789", WANTED)) == digest_of(b"0123x56789")
        problem(me.publish(send, location[-32:], "a.txt", b"0123456789"), 409, "upload.damaged")


def test_bytes_that_were_changed_where_they_lie_are_not_published(me: Sender, send: str) -> None:
    location = me.begin(send, len(DATA))
    before = set(stored(me.server))
    assert told(me.patch(location, 0, DATA, WANTED)) == digest_of(DATA)
    (path,) = set(stored(me.server)) - before
    with path.open("r+b") as file:
        file.write(b"other")
    problem(me.publish(send, location[-32:], "a.bin", DATA), 409, "upload.damaged")
