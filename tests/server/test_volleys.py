"""Simultaneous requests, over several server processes on one database: a limit of N is N downloads.

A client in Python is too slow to make requests collide, so each request of a volley is sent up to its last byte, and
then all last bytes at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import events, names_of, path_of, seen, take, volley

PASSWORDS = "dear"
CONTENT = bytes(range(256)) * 1000
VOLLEY = 64


@pytest.fixture(scope="module")
def servers(server: ServerProcess) -> Iterator[list[ServerProcess]]:
    """Three server processes on one data folder."""
    with ServerProcess(server.data) as second, ServerProcess(server.data) as third:
        yield [server, second, third]


def whole_files(server: ServerProcess, grants: list[str], content: bytes) -> int:
    """How many of the grants deliver the whole file."""
    with server.guest() as guest:
        return sum(guest.get(grant).content == content for grant in grants)


def one_volley(servers: list[ServerProcess], number: int, limit: int, content: bytes = CONTENT) -> None:
    """Sends a volley to a new link and checks everything that came of it."""
    document = publish(servers[0], content, f"{number}.bin", downloads_permitted=limit)
    answers = volley(servers, path_of(document), VOLLEY)
    assert {answer.status for answer in answers} == {303, 404}
    grants = [answer.headers["location"] for answer in answers if answer.status == 303]
    assert len(grants) == len(set(grants)) == limit
    assert whole_files(servers[number % len(servers)], grants, content) == limit
    rows = events(servers[0], document["id"])
    assert names_of(rows) == ["downloaded"] * limit + ["limit reached"]
    counts = [row["details"]["downloads"] for row in rows if row["event"] == "downloaded"]
    assert counts == [*range(1, limit + 1)]
    after = seen(servers[-1], document)
    assert (after["downloads"], after["published"], after["reason"]) == (limit, False, "limit")


@pytest.mark.long
def test_volleys(servers: list[ServerProcess]) -> None:
    """L4, S1, F6: many POSTs over three processes: whole files, counter and audit match the permitted number."""
    for number, limit in enumerate((1, 5, 17)):
        one_volley(servers, number, limit)


def test_with_a_password(servers: list[ServerProcess]) -> None:
    """L4, S1: never more than N, and exactly N when the requests that were told to wait come back."""
    document = publish(servers[0], b"content", "p.bin", password="Tr0ubadour!", downloads_permitted=10)
    count, given = VOLLEY // 4, 0
    for _ in range(10):
        answers = volley(servers[:2], path_of(document), count, b"password=Tr0ubadour%21")
        given += sum(a.status == 303 for a in answers)
        assert given <= 10
        waiting = [a for a in answers if a.status == 429]
        assert all(int(a.headers["retry-after"]) > 0 for a in waiting)
        count = len(waiting)
        if not count:
            break
    assert given == 10
    rows = names_of(events(servers[0], document["id"]))
    assert rows == ["downloaded"] * 10 + ["limit reached"]


def test_a_grant_is_no_way_round_the_limit(server: ServerProcess) -> None:
    """L4, S2: a grant delivers the bytes ten times at most, however many requests are made at once; after one, three
    more, besides those that are under way."""
    content = CONTENT * 20
    document = publish(server, content, "often.bin")
    with server.guest() as guest:
        grant = take(guest, document)

    def fetch(_: int) -> bool:
        with server.guest() as guest:
            answer = guest.get(grant)
            assert answer.status_code in (200, 404, 429)
            return answer.content == content

    with ThreadPoolExecutor(12) as pool:
        whole = sum(pool.map(fetch, range(36)))
    assert 4 <= whole <= 10
