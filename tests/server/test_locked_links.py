"""L6, S15: after over a hundred wrong tries an hour on a link, each network has one try a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.publish import publish
from tests.support.recipient import act, events, from_network, press, seen
from tests.support.server import ServerProcess

RIGHT = "Blue-Heron-42"
WRONG = "password123"


def tries(guest: httpx.Client, document: dict[str, Any], *passwords: str) -> list[int]:
    return [press(guest, document, password).status_code for password in passwords]


@pytest.fixture
def locked(fresh_server: ServerProcess) -> dict[str, Any]:
    document = publish(fresh_server, b"content", "guarded.pdf", password=RIGHT)

    def attack(number: int) -> list[int]:
        with from_network(fresh_server, number) as guest:
            return tries(guest, document, *[WRONG] * 5)

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(attack, range(10, 30))] == [[403] * 5] * 20
    assert not seen(fresh_server, document)["locked"]
    with from_network(fresh_server, 30) as guest:
        assert press(guest, document, WRONG).status_code == 403
    return document


def test_the_owner_sees_it_and_recipients_go_slower(
    fresh_server: ServerProcess, locked: dict[str, Any]
) -> None:
    """The link stays live, and the right password from a clean network works at once."""
    after = seen(fresh_server, locked)
    assert (after["locked"], after["published"]) == (True, True)
    with from_network(fresh_server, 32) as guest:
        assert tries(guest, locked, RIGHT, RIGHT) == [303, 303]
    with from_network(fresh_server, 31) as guest:
        first = press(guest, locked, WRONG)
        assert first.status_code == 403
        assert "try again in 60 seconds" in first.text
        second = press(guest, locked, RIGHT)
        assert second.status_code == 429
        assert 50 < int(second.headers["retry-after"]) <= 60
        fresh_server.turn_clock(61)
        assert press(guest, locked, RIGHT).status_code == 303
    rows = [r for r in events(fresh_server, locked["id"]) if r["event"] == "locked"]
    assert [row["details"] for row in rows] == [{"tries": 101}]


def test_it_passes_after_an_hour(fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
    fresh_server.turn_clock(3601)
    assert not seen(fresh_server, locked)["locked"]
    with from_network(fresh_server, 33) as guest:
        assert tries(guest, locked, WRONG, WRONG, RIGHT) == [403, 403, 303]


def test_the_sender_lifts_it(fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
    assert not act(fresh_server, locked, "unlock")["locked"]
    with from_network(fresh_server, 10) as guest:
        assert tries(guest, locked, *[WRONG] * 5, RIGHT) == [403] * 5 + [303]
    rows = [r for r in events(fresh_server, locked["id"]) if r["event"] == "unlocked"]
    assert [row["actor"] for row in rows] == ["DJONES"]
    assert not seen(fresh_server, locked)["locked"]


def test_so_do_new_settings(fresh_server: ServerProcess, locked: dict[str, Any]) -> None:
    assert not act(fresh_server, locked, "resend", password="New-Heron-43")["locked"]
    with from_network(fresh_server, 10) as guest:
        assert tries(guest, locked, WRONG, WRONG, "New-Heron-43") == [403, 403, 303]
