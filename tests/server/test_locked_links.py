"""L6, S15: after over a hundred wrong tries an hour on a link, each network has one try a minute."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, from_network, press, seen

RIGHT = "Blue-Heron-42"
WRONG = "password123"


def tries(guest: httpx.Client, document: dict[str, Any], *passwords: str) -> list[int]:
    return [press(guest, document, password).status_code for password in passwords]


@pytest.fixture(scope="module")
def locked(server: ServerProcess) -> dict[str, Any]:
    """Each test finds it as it is here."""
    document = publish(server, b"content", "guarded.pdf", password=RIGHT)

    def attack(number: int) -> list[int]:
        with from_network(server, number) as guest:
            return tries(guest, document, *[WRONG] * 5)

    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(attack, range(10, 30))] == [[403] * 5] * 20
    assert not seen(server, document)["locked"]
    with from_network(server, 30) as guest:
        assert press(guest, document, WRONG).status_code == 403
    return document


def test_the_owner_sees_it_and_recipients_go_slower(
    locked: dict[str, Any], restored_server: ServerProcess
) -> None:
    """The link stays live, and the right password from a clean network works at once."""
    after = seen(restored_server, locked)
    assert (after["locked"], after["published"]) == (True, True)
    with from_network(restored_server, 32) as guest:
        assert tries(guest, locked, RIGHT, RIGHT) == [303, 303]
    with from_network(restored_server, 31) as guest:
        first = press(guest, locked, WRONG)
        assert first.status_code == 403
        assert "try again in 60 seconds" in first.text
        second = press(guest, locked, RIGHT)
        assert second.status_code == 429
        assert 50 < int(second.headers["retry-after"]) <= 60
        restored_server.turn_clock(61)
        assert press(guest, locked, RIGHT).status_code == 303
    rows = [r for r in events(restored_server, locked["id"]) if r["event"] == "locked"]
    assert [row["details"] for row in rows] == [{"tries": 101}]


def test_it_passes_after_an_hour(locked: dict[str, Any], restored_server: ServerProcess) -> None:
    restored_server.turn_clock(3601)
    assert not seen(restored_server, locked)["locked"]
    with from_network(restored_server, 33) as guest:
        assert tries(guest, locked, WRONG, WRONG, RIGHT) == [403, 403, 303]


def test_the_sender_lifts_it(locked: dict[str, Any], restored_server: ServerProcess) -> None:
    assert not act(restored_server, locked, "unlock")["locked"]
    with from_network(restored_server, 10) as guest:
        assert tries(guest, locked, *[WRONG] * 5, RIGHT) == [403] * 5 + [303]
    rows = [r for r in events(restored_server, locked["id"]) if r["event"] == "unlocked"]
    assert [row["actor"] for row in rows] == ["DJONES"]
    assert not seen(restored_server, locked)["locked"]


def test_so_do_new_settings(locked: dict[str, Any], restored_server: ServerProcess) -> None:
    assert not act(restored_server, locked, "resend", password="New-Heron-43")["locked"]
    with from_network(restored_server, 10) as guest:
        assert tries(guest, locked, WRONG, WRONG, "New-Heron-43") == [403, 403, 303]
