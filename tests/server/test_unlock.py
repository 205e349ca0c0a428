"""The sender lifts what wrong passwords have caused: the lock of a link, and the waits of single networks (L6, S15)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, guess, press, seen
from tests.support.users.share import Sender, database

RIGHT = "Blue-Heron-42"


@pytest.fixture
def document(server: ServerProcess) -> dict[str, Any]:
    """Published now, whatever time it was for the test before."""
    server.turn_clock(0)
    return publish(server, b"content", "guarded.pdf", password=RIGHT)


@pytest.fixture
def stranger_at() -> Iterator[Callable[[str], httpx.Client]]:
    """Makes a client of a server that is on another network than others."""
    with ExitStack() as open_clients:

        def client(url: str) -> httpx.Client:
            transport = httpx.HTTPTransport(local_address="127.0.1.9")
            return open_clients.enter_context(httpx.Client(base_url=url, transport=transport, timeout=30))

        yield client


@pytest.fixture
def stranger(server: ServerProcess, stranger_at: Callable[[str], httpx.Client]) -> httpx.Client:
    """A client on another network."""
    return stranger_at(server.url)


def unlocked(server: ServerProcess, document: dict[str, Any]) -> int:
    """How often the audit says that the document was unlocked."""
    return [row["event"] for row in events(server, document["id"])].count("unlocked")


def test_after_fifteen_guesses_an_unlock_lets_one_try_at_once(
    server: ServerProcess, document: dict[str, Any]
) -> None:
    with server.guest() as guest:
        guess(server, guest, document, 15)
        early = press(guest, document, RIGHT)
        assert early.status_code == 429
        assert int(early.headers["retry-after"]) > 600
        before = seen(server, document)
        assert (before["locked"], before["throttled"], before["wrong_passwords"]) == (False, True, 16)
        assert before["next_try_at"] is not None
        after = act(server, document, "unlock")
        assert (after["locked"], after["throttled"], after["wrong_passwords"]) == (False, False, 0)
        assert after["next_try_at"] is None
        # As at the start: five more without a wait, then the right one.
        assert [press(guest, document, "wrong").status_code for _ in range(5)] == [403] * 5
        assert press(guest, document, RIGHT).status_code == 303
    row = next(row for row in events(server, document["id"]) if row["event"] == "unlocked")
    assert row["actor"] == "DJONES"


def test_all_networks_are_let_in(
    server: ServerProcess, document: dict[str, Any], stranger: httpx.Client
) -> None:
    """For this link, and no other."""
    other = publish(server, b"content", "other.pdf", password=RIGHT)
    with server.guest() as guest:
        guess(server, guest, other, 15)
        for who in (guest, stranger):
            assert [press(who, document, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
        act(server, document, "unlock")
        assert [press(who, document, RIGHT).status_code for who in (guest, stranger)] == [303, 303]
        assert press(guest, other, RIGHT).status_code == 429
    assert seen(server, other)["throttled"]
    assert (unlocked(server, document), unlocked(server, other)) == (1, 0)


def test_an_unlock_without_waits_does_nothing(server: ServerProcess, document: dict[str, Any]) -> None:
    """Nor is anything recorded: before any wrong password, after the tries have expired, and the second time."""
    act(server, document, "unlock")
    assert unlocked(server, document) == 0
    with server.guest() as guest:
        guess(server, guest, document, 6)
        server.turn_clock(7300)
        assert not seen(server, document)["throttled"]
        act(server, document, "unlock")
        assert unlocked(server, document) == 0
        assert [press(guest, document, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
    for _ in range(2):
        act(server, document, "unlock")
    assert unlocked(server, document) == 1


def test_five_wrong_passwords_cause_no_wait(server: ServerProcess, document: dict[str, Any]) -> None:
    """Unlocking still clears them; new settings clear them on their own."""
    with server.guest() as guest:
        guess(server, guest, document, 5)
        assert not seen(server, document)["throttled"]
        act(server, document, "unlock")
        guess(server, guest, document, 6)
        assert seen(server, document)["throttled"]
        assert not act(server, document, "resend", password="New-Heron-43")["throttled"]
        act(server, document, "unlock")
        assert unlocked(server, document) == 1


@both
def test_lists_tell_it(fresh_server: ServerProcess, stranger_at: Callable[[str], httpx.Client]) -> None:
    """Each document its own state, whatever the order; of all networks together, and until when they wait."""
    now = datetime.now(UTC).replace(microsecond=0)
    fresh_server.stop_clock(now)
    document = publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)
    publish(fresh_server, b"content", "open.pdf")
    with fresh_server.guest() as guest, Sender(fresh_server) as me:
        assert [press(guest, document, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
        for _ in range(2):
            assert press(stranger_at(fresh_server.url), document, "wrong").status_code == 403
        for sort in ("name", "-downloads", "sent_at"):
            listed = me.get(f"/documents?sort={sort}")["documents"]
            assert {d["name"]: d["throttled"] for d in listed} == {"guarded.pdf": True, "open.pdf": False}
            assert {d["name"]: d["wrong_passwords"] for d in listed} == {"guarded.pdf": 8, "open.pdf": 0}
            waits = {d["name"]: d["next_try_at"] and datetime.fromisoformat(d["next_try_at"]) for d in listed}
            assert waits == {"guarded.pdf": now + timedelta(seconds=2), "open.pdf": None}
        fresh_server.stop_clock(now + timedelta(seconds=2))
        later = seen(fresh_server, document)
        assert (later["throttled"], later["wrong_passwords"], later["next_try_at"]) == (True, 8, None)


def test_what_was_written_by_hand_is_no_reason_to_list_nothing(fresh_server: ServerProcess) -> None:
    """SQLite stores texts, fractions and any number in a column of whole numbers."""
    document = publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)
    with fresh_server.guest() as guest, Sender(fresh_server) as me:
        guess(fresh_server, guest, document, 6)
        for by_hand in ("many", 7.5, 2**62, b"x"):
            with database(fresh_server) as rows:
                rows.execute("UPDATE wrong_passwords SET tries = ?, wait_until = ?", (by_hand, by_hand))
            (listed,) = me.get("/documents")["documents"]
            assert listed["throttled"]
            assert listed["wrong_passwords"] == (7 if by_hand == 7.5 else 1_000_000)
