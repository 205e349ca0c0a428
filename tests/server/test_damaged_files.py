"""A document whose bytes are no longer those that were sent: no one gets it as if whole; the sender sees it (S35)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.test_vanished_files import unavailable
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import HTML, events, names_of, press, press_of, seen, take
from tests.support.users.share import Sender, at_once, problem, stored
from tests.support.users.work import LIBRARY, Worker, error

SMALL = b"content of a document" * 100
LARGE = bytes(range(256)) * 20_000


def newest(server: ServerProcess) -> Path:
    """The file of the document that was sent last."""
    return max(stored(server), key=lambda file: file.stat().st_ctime_ns)


def flip(server: ServerProcess, place: int = 0) -> Path:
    """Flips a bit in the file that was stored last."""
    file = newest(server)
    flip_back(file, place)
    return file


def flip_back(file: Path, place: int = 0) -> None:
    """Puts right what :func:`flip` has done."""
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)


def _cut(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def fetched(guest: httpx.Client, address: str, **headers: str) -> tuple[bytes, bool]:
    """What is received of a file, and whether the transfer completes."""
    got = b""
    try:
        with guest.stream("GET", address, headers=headers) as answer:
            assert answer.status_code in (200, 206), answer.status_code
            for piece in answer.iter_raw():
                got += piece
    except httpx.RemoteProtocolError:
        return got, False
    return got, True


def whole(server: ServerProcess) -> bool:
    with Sender(server) as me:
        return me.get("/audit/verify")["broken"] is None


@pytest.mark.parametrize("place", [len(LARGE) // 2, -1])
def test_a_large_one_breaks_off_before_its_end(server: ServerProcess, place: int) -> None:
    """L3, L4: nothing counts, the link works again, and all later requests are answered that it is unavailable."""
    document = publish(server, LARGE, "large.bin", downloads_permitted=1)
    file = flip(server, place)
    with server.guest() as guest:
        grant = take(guest, document)
        got, complete = fetched(guest, grant)
        assert not complete
        assert len(got) < len(LARGE)
        after = seen(server, document)
        assert (after["downloads"], after["published"], after["reason"]) == (0, True, None)
        rows = events(server, document["id"])
        assert names_of(rows) == ["downloaded", "limit reached", "unavailable"]
        (details,) = [row["details"] for row in rows if row["event"] == "unavailable"]
        (begun_at,) = [row["at"].isoformat() for row in rows if row["event"] == "downloaded"]
        assert details == {
            "why": "damaged",
            "downloads": 0,
            "downloads_permitted": 1,
            "begun_at": begun_at,
        }
        assert rows[-1]["address"] == "127.0.0.1"
        unavailable(guest.get(grant))
        unavailable(guest.get(grant, headers={"Range": "bytes=5-"}))
        unavailable(press(guest, document))
        assert whole(server)
        flip_back(file, place)
        # With the bytes restored, everything is as before; the old grant is dead, and a new download counts.
        assert guest.get(grant).status_code == 404
        assert guest.get(take(guest, document)).content == LARGE
    after = seen(server, document)
    assert (after["downloads"], after["reason"]) == (1, "limit")
    assert whole(server)


def _flip_and_set_time_back(server: ServerProcess) -> None:
    file = newest(server)
    status = file.stat()
    flip(server)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replace(server: ServerProcess) -> None:
    file = newest(server)
    other = server.data / "other"
    shutil.copy2(file, other)
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    other.write_bytes(content)
    os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
    other.replace(file)


@few(1)
@pytest.mark.parametrize("spoil", [flip, _flip_and_set_time_back, _replace])
def test_right_after_someone_has_fetched_it(
    server: ServerProcess, spoil: Callable[[ServerProcess], object]
) -> None:
    """What was right a moment ago is proved again."""
    document = publish(server, LARGE, "large.bin")
    with server.guest() as guest:
        grant, second = take(guest, document), take(guest, document)
        assert fetched(guest, grant) == (LARGE, True)
        spoil(server)
        # Its first bytes are damaged: nothing is begun.
        unavailable(guest.get(second))
        unavailable(guest.get(grant))
    assert seen(server, document)["downloads"] == 1


def test_in_the_middle_of_a_download(server: ServerProcess) -> None:
    """With so much still to come that the server hasn't read all of it."""
    content = bytes(24 * 1024 * 1024)
    document = publish(server, content, "large.bin")
    with server.guest() as guest:
        grant, got = take(guest, document), 0
        with guest.stream("GET", grant) as answer:
            pieces = answer.iter_raw()
            got += len(next(pieces))
            with newest(server).open("r+b") as opened:
                opened.seek(-1, os.SEEK_END)
                opened.write(b"x")
            with pytest.raises(httpx.RemoteProtocolError):
                got += sum(map(len, pieces))
        assert got < len(content)
        unavailable(guest.get(grant))
    assert seen(server, document)["downloads"] == 0


def test_a_small_one_is_not_begun(server: ServerProcess) -> None:
    document = publish(server, SMALL, "small.txt")
    flip(server, 7)
    with server.guest() as guest:
        grant = take(guest, document)
        for _ in range(2):
            unavailable(guest.get(grant))
        unavailable(press(guest, document))
    assert seen(server, document)["downloads"] == 0
    # One row per minute and network, after the one that took the count back.
    assert names_of(events(server, document["id"])) == ["downloaded", "unavailable", "unavailable"]


def test_a_late_second_press_is_asked_to_press_again(server: ServerProcess) -> None:
    document = publish(server, SMALL, "small.txt", downloads_permitted=1)
    with server.guest() as guest:
        ident = press_of(guest.get(document["url"], headers=HTML))
        grant = guest.post(document["url"], data={"press": ident}).headers["location"]
        file = flip(server)
        unavailable(guest.get(grant))
        flip_back(file)
        assert guest.post(document["url"], data={"press": ident}).status_code == 409
        assert guest.get(take(guest, document)).content == SMALL
    assert seen(server, document)["downloads"] == 1


def test_the_count_is_taken_back_once(server: ServerProcess) -> None:
    """Even with many requests for one grant at the same moment; a complete earlier download stays counted."""
    document = publish(server, LARGE, "large.bin", downloads_permitted=3)
    with server.guest() as guest:
        given, second = take(guest, document), take(guest, document)
        assert fetched(guest, given) == (LARGE, True)
        flip(server)

        def again(_: int) -> bool:
            with server.guest() as other:
                return other.get(second).status_code == 503

        def tried(number: int) -> bool:
            try:
                return again(number)
            except httpx.RemoteProtocolError:
                return True

        assert all(at_once(3, tried))
        assert seen(server, document)["downloads"] == 1
        unavailable(guest.get(given))
    assert seen(server, document)["downloads"] == 1
    assert whole(server)


@few(2)
@pytest.mark.parametrize("first", [0, 1, len(LARGE) // 2, len(LARGE) - 1])
def test_what_ranges_cover(server: ServerProcess, first: int) -> None:
    """Each part proves itself: what is damaged isn't given out in any, what is not is right in each. As soon as the
    damage has been met, nothing of the document is given out any more, and nothing counts."""
    document = publish(server, LARGE, "large.bin", downloads_permitted=1)
    flip(server, len(LARGE) // 2)
    with server.guest() as guest:
        grant = take(guest, document)
        assert fetched(guest, grant, Range="bytes=0-999") == (LARGE[:1000], True)
        assert fetched(guest, grant, Range=f"bytes={len(LARGE) - 9}-") == (LARGE[-9:], True)
        rest = {"Range": f"bytes={first}-"}
        if first == len(LARGE) // 2:
            unavailable(guest.get(grant, headers=rest))
        elif first < len(LARGE) // 2:
            got, complete = fetched(guest, grant, **rest)
            assert not complete
            assert LARGE[first : len(LARGE) // 2].startswith(got)
        else:
            assert fetched(guest, grant, **rest) == (LARGE[first:], True)
            assert seen(server, document)["downloads"] == 1
            return
        unavailable(guest.get(grant, headers={"Range": "bytes=0-999"}))
    assert seen(server, document)["downloads"] == 0


def test_its_sender_does_not_get_it_either(server: ServerProcess) -> None:
    with Sender(server) as me:
        document = me.send("large.bin", LARGE)
        flip(server, len(LARGE) // 2)
        address = f"/share/v1/documents/{document['id']}/content"
        got, complete = fetched(me.http, address)
        assert (len(got) < len(LARGE), complete) == (True, False)
        row = me.get(f"/documents/{document['id']}/audit")["events"][0]
        assert (row["event"], row["actor"], row["details"]) == ("unavailable", "DJONES", {"why": "damaged"})
        answer = me.request("GET", f"/documents/{document['id']}/content")
        problem(answer, 500, "document.unavailable")
        with server.guest() as guest:
            unavailable(press(guest, document))


def _told(server: ServerProcess, paper: str) -> list[tuple[str, str, str]]:
    """What administrators see of a version that can't be given out, oldest first: requested by whom, which one, why."""
    with Sender(server) as me:
        rows = me.get("/audit/installation")["events"]
        assert me.get("/audit/verify")["broken"] is None
    return [
        (row["actor"], row["details"]["document"], row["details"]["why"])
        for row in reversed(rows)
        if row["event"] == "unavailable" and row["details"].get("document") == paper
    ]


def _refused(work: Worker, ident: str) -> None:
    """Refused before the first byte, with a message."""
    for headers in ({}, {"Range": "bytes=5-9"}):
        answer = work.request("GET", f"documents/{ident}/download", headers=headers)
        assert "administrator" in error(answer, 503, "NRC_CONTENT_MISSING")["message"]
    assert work.request("HEAD", f"documents/{ident}/download").status_code == 503


@pytest.mark.parametrize("content", [SMALL, LARGE], ids=["small", "large"])
def test_a_version_of_work(server: ServerProcess, content: bytes) -> None:
    """A small one isn't started, a large one breaks off before its end; later requests are refused with a message."""
    with Worker(server) as work:
        paper: Any = work.upload(work.folder(work.workspace("Matter"), "Papers"), "Paper", content)["id"]
        file = flip(server, len(content) // 2)
        if content is LARGE:
            got, complete = fetched(work.http, f"{LIBRARY}/documents/{paper}/download")
            assert (len(got) < len(LARGE), complete) == (True, False)
        for _ in range(2):
            _refused(work, paper)
        assert _told(server, paper) == [("DJONES", paper, "damaged")]
        flip_back(file, len(content) // 2)
        assert work.download(paper).content == content


@pytest.mark.parametrize(("spoil", "why"), [(Path.unlink, "missing"), (_cut, "wrong size")])
def test_a_version_of_work_without_its_file(
    server: ServerProcess, spoil: Callable[[Path], None], why: str
) -> None:
    with Worker(server) as work:
        paper: Any = work.upload(work.folder(work.workspace("Matter"), "Papers"), "Paper", SMALL)["id"]
        file = newest(server)
        kept = file.read_bytes()
        spoil(file)
        for _ in range(2):
            _refused(work, paper)
        assert _told(server, paper) == [("DJONES", paper, why)]
        file.write_bytes(kept)
        assert work.download(paper).content == SMALL
