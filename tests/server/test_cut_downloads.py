"""Downloads that are cut: what has not arrived stays available, and counts once (L3, L4, S1, S2)."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import LARGE, Reader
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, receipts, seen, take
from tests.support.users.share import until

DATABASE = "both"

SIZE = len(LARGE)
THREE_QUARTERS = SIZE * 3 // 4


@pytest.fixture
def document(server: ServerProcess) -> dict[str, Any]:
    return publish(server, LARGE, "large.bin", downloads_permitted=1)


def settled(server: ServerProcess) -> None:
    """Waits until the server has noticed that earlier readers have gone."""
    until(lambda: look(server, "SELECT count(*) FROM grants WHERE bytes_reserved > bytes_given")[0][0] == 0)


def counted_once(server: ServerProcess, document: dict[str, Any]) -> None:
    assert ("delivered", None) in receipts(server, document, 2)
    after = seen(server, document)
    assert (after["downloads"], after["delivered"]) == (1, 1)
    assert names_of(events(server, document["id"])) == ["downloaded", "limit reached"]


def test_five_cuts_at_three_quarters(server: ServerProcess, document: dict[str, Any]) -> None:
    with server.guest() as guest:
        grant = take(guest, document)
        for _ in range(5):
            Reader(server, grant).cut(THREE_QUARTERS)
        settled(server)
        assert guest.get(grant).content == LARGE
    counted_once(server, document)


@few(1)
@pytest.mark.parametrize("seed", range(3))
def test_ten_cuts_anywhere(server: ServerProcess, document: dict[str, Any], seed: int) -> None:
    """Then once from the start, and once by a range."""
    chance = random.Random(seed)
    with server.guest() as guest:
        grant = take(guest, document)
        for _ in range(10):
            at = chance.randrange(SIZE)
            assert Reader(server, grant).cut(at)[:at] == LARGE[:at]
        settled(server)
        assert guest.get(grant).content == LARGE
        start = chance.randrange(SIZE)
        assert guest.get(grant, headers={"Range": f"bytes={start}-"}).content == LARGE[start:]
    counted_once(server, document)


def test_a_rest_that_never_arrived(server: ServerProcess, document: dict[str, Any]) -> None:
    """Three times 14.5 of 20 MB are more bytes than the file has, and yet not the file."""
    with server.guest() as guest:
        grant = take(guest, document)
        for _ in range(3):
            Reader(server, grant).cut(14_500_000)
        settled(server)
        page = guest.get(grant.rpartition("/")[0], headers={"Accept": "text/html"})
        assert "Download started" in page.text
        assert guest.head(grant).status_code == 200
        rest = guest.get(grant, headers={"Range": "bytes=14500000-"})
        assert (rest.status_code, rest.content) == (206, LARGE[14_500_000:])
        assert guest.get(grant).content == LARGE
    counted_once(server, document)
