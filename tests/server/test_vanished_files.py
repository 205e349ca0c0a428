"""A document whose bytes can't be delivered: nothing is counted, the recipient is asked to come back later, and the
sender is notified (L3, L4, S4)."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.test_events import Ear
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, path_of, press, seen, take, volley
from tests.support.users.share import Sender, problem, stored

CONTENT = b"content of a document" * 100
PASSWORD = "Blue-Heron-42"


def _replace(file: Path, make: Callable[[Path], Any]) -> None:
    file.unlink()
    make(file)


def _shorten(file: Path) -> None:
    os.truncate(file, file.stat().st_size - 1)


def _lengthen(file: Path) -> None:
    with file.open("ab") as opened:
        opened.write(b"!")


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _folder(file: Path) -> None:
    _replace(file, Path.mkdir)


def _loop(file: Path) -> None:
    """A file that no one can open, whichever user runs the server."""
    _replace(file, lambda place: place.symlink_to(place))


FAULTS = [
    (Path.unlink, "missing"),
    (_shorten, "wrong size"),
    (_lengthen, "wrong size"),
    (_empty, "wrong size"),
    (_folder, "unreadable"),
    (_loop, "unreadable"),
]


def unavailable(answer: httpx.Response) -> None:
    """The answer says that the document is unavailable for now."""
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert "Something went wrong" in answer.text
    assert answer.headers["cache-control"] == "private, no-store"


def only_file(server: ServerProcess, make: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], Path]:
    """What ``make`` makes, and the file with its bytes."""
    before = set(stored(server))
    document = make()
    (file,) = set(stored(server)) - before
    return document, file


def restore(file: Path, stored_bytes: bytes) -> None:
    if file.is_dir() and not file.is_symlink():
        file.rmdir()
    file.unlink(missing_ok=True)
    file.write_bytes(stored_bytes)


@few(3)
@pytest.mark.parametrize(
    ("spoil", "why", "password"), [*((*fault, None) for fault in FAULTS), (*FAULTS[0], PASSWORD)]
)
def test_nothing_counts(
    server: ServerProcess, spoil: Callable[[Path], None], why: str, password: str | None
) -> None:
    """The link works as before as soon as the file is back."""
    document, file = only_file(
        server, lambda: publish(server, CONTENT, "gone.pdf", downloads_permitted=1, password=password)
    )
    kept = file.read_bytes()
    spoil(file)
    with server.guest() as guest:
        for _ in range(3):
            unavailable(press(guest, document, password))
        after = seen(server, document)
        assert (after["downloads"], after["published"], after["reason"]) == (0, True, None)
        assert after["last_download_at"] is None
        rows = events(server, document["id"])
        assert names_of(rows) == ["unavailable"]
        assert (rows[-1]["details"], rows[-1]["address"]) == ({"why": why}, "127.0.0.1")
        restore(file, kept)
        assert guest.get(take(guest, document, password)).content == CONTENT
    assert seen(server, document)["downloads"] == 1
    assert server.process.poll() is None


def test_many_at_once_count_nothing(fresh_server: ServerProcess) -> None:
    """Over two processes; recorded once a minute per network."""
    document = publish(fresh_server, CONTENT, "gone.pdf", downloads_permitted=1)
    stored(fresh_server)[0].unlink()
    with ServerProcess(fresh_server.data) as second:
        answers = volley([fresh_server, second], path_of(document), 12, b"")
    assert {answer.status for answer in answers} == {503}
    assert seen(fresh_server, document)["downloads"] == 0
    assert names_of(events(fresh_server, document["id"])) == ["unavailable"]
    fresh_server.turn_clock(61)
    with fresh_server.guest() as guest:
        unavailable(press(guest, document))
    assert names_of(events(fresh_server, document["id"])) == ["unavailable"] * 2


def test_its_sender_learns_it_at_once(server: ServerProcess) -> None:
    with Sender(server) as me:
        document, file = only_file(server, lambda: me.send("Offer.pdf"))
        file.unlink()
        with Ear(me) as ear, server.guest() as guest:
            unavailable(press(guest, document))
            event = ear.next()
            assert (event["event"], event["document"]) == ("unavailable", document["id"])
        row = me.get(f"/documents/{document['id']}/audit")["events"][0]
        assert (row["event"], row["details"], row["actor"]) == ("unavailable", {"why": "missing"}, None)
        assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None
        described = me.get("/openapi.json")["components"]["schemas"]["AuditEvent"]["properties"]["event"]
        assert "`unavailable`" in described["description"]


def test_its_sender_cannot_fetch_it_either(server: ServerProcess) -> None:
    """The answer says so in a sentence, and no fetch is recorded."""
    with Sender(server) as me:
        document, file = only_file(server, lambda: me.send("Offer.pdf"))
        file.unlink()
        found = me.request("GET", f"/documents/{document['id']}/content")
        assert "can't read" in problem(found, 500, "document.unavailable")["detail"]
        assert me.events(f"/documents/{document['id']}/audit") == ["sent", "published"]


def test_a_grant_says_the_same(server: ServerProcess) -> None:
    """Its download was counted while the file was there; the grant works as before as soon as the file is back."""
    document, file = only_file(server, lambda: publish(server, CONTENT, "later.pdf", downloads_permitted=1))
    with server.guest() as guest:
        grant, kept = take(guest, document), file.read_bytes()
        file.unlink()
        unavailable(guest.get(grant))
        unavailable(guest.get(grant, headers={"Range": "bytes=5-"}))
        head = guest.head(grant)
        assert (head.status_code, head.content) == (503, b"")
        assert names_of(events(server, document["id"])) == [
            "downloaded",
            "limit reached",
            "unavailable",
        ]
        restore(file, kept)
        for _ in range(3):
            assert guest.get(grant).content == CONTENT


def test_a_wrong_password_learns_nothing_of_it(fresh_server: ServerProcess) -> None:
    """S7, S15: nor does one that has to wait, even the right one; the right one after the wait ends the waits."""
    document = publish(fresh_server, CONTENT, "guarded.pdf", password=PASSWORD)
    stored(fresh_server)[0].unlink()
    now = datetime.now(UTC)
    fresh_server.stop_clock(now)
    with fresh_server.guest() as guest:
        assert [press(guest, document, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
        assert press(guest, document, PASSWORD).status_code == 429
        assert press(guest, document, "").status_code == 403
        fresh_server.stop_clock(now + timedelta(seconds=3))
        unavailable(press(guest, document, PASSWORD))
        assert [press(guest, document, "wrong").status_code for _ in range(5)] == [403] * 5
    assert seen(fresh_server, document)["downloads"] == 0


def test_an_empty_document_needs_no_file(server: ServerProcess) -> None:
    before = set(stored(server))
    document = publish(server, b"", "empty.txt", downloads_permitted=1)
    for file in set(stored(server)) - before:
        file.unlink()
    with server.guest() as guest:
        answer = guest.get(take(guest, document))
    assert (answer.status_code, answer.content) == (200, b"")


def test_looking_for_the_bytes_reads_none(server: ServerProcess) -> None:
    """According to the system's count of the server's reads, including those from memory."""
    document = publish(server, bytes(16 * 1024 * 1024), "large.bin")
    with server.guest() as guest:
        before = _bytes_read(server)
        assert press(guest, document).status_code == 303
        assert _bytes_read(server) - before < 4 * 1024 * 1024


def _bytes_read(server: ServerProcess) -> int:
    counters = Path(f"/proc/{server.process.pid}/io").read_text().split()
    return int(counters[counters.index("rchar:") + 1])
