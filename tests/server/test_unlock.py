"""The sender lifts what wrong passwords have caused: the lock of a link, and the waits of single networks (L6, S15)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, guess, press, seen
from tests.support.users.share import Sender

RIGHT = "Blue-Heron-42"


@pytest.fixture
def document(server: ServerProcess) -> dict[str, Any]:
    """Published now, whatever time it was for the test before."""
    server.turn_clock(0)
    return publish(server, b"content", "guarded.pdf", password=RIGHT)


@pytest.fixture
def stranger(server: ServerProcess) -> Iterator[httpx.Client]:
    """A client on another network."""
    transport = httpx.HTTPTransport(local_address="127.0.1.9")
    with httpx.Client(base_url=server.url, transport=transport, timeout=30) as found:
        yield found


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
        assert (before["locked"], before["throttled"]) == (False, True)
        after = act(server, document, "unlock")
        assert (after["locked"], after["throttled"]) == (False, False)
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


def test_lists_tell_it(fresh_server: ServerProcess) -> None:
    """Each document its own state, whatever the order."""
    document = publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)
    publish(fresh_server, b"content", "open.pdf")
    with fresh_server.guest() as guest, Sender(fresh_server) as me:
        guess(fresh_server, guest, document, 6)
        for sort in ("name", "-downloads", "sent_at"):
            listed = me.get(f"/documents?sort={sort}")["documents"]
            assert {d["name"]: d["throttled"] for d in listed} == {"guarded.pdf": True, "open.pdf": False}
