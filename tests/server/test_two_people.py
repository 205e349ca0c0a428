"""Two people, neither of whom may secure a document, cannot take it over by combining their acts (S28, S29)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from tests.support.checks.long import few, some
from tests.support.servers.databases import on_postgres
from tests.support.servers.server import ServerProcess
from tests.support.users.user_pairs import ACTS, PRIVATE, PUBLIC, Pair, played
from tests.support.users.work import Worker, add_person

NAMES = ("OWNER", "HOST", "B", "C", "STRANGER")

#: Found by trying all pairs; checked with PostgreSQL, and other pairs with SQLite.
FOUND = (
    ("move it to FC", "be its author"),
    ("make one's folder public by itself", "move it to FB"),
    ("move it to MC", "be its author"),
    ("move its folder to FC", "be its author"),
    ("move its folder to MC", "be its author"),
    ("move it to FC", "move FC to MB"),
    ("delete it", "restore it to MC"),
    ("remove its folder", "restore it to FC"),
)


@pytest.fixture(scope="module")
def people(server: ServerProcess) -> Iterator[dict[str, Worker]]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(Worker(server, add_person(server, name))) for name in NAMES}


@few(2)
@on_postgres
@pytest.mark.parametrize(("first", "second"), FOUND)
def test_together_they_take_nothing(people: dict[str, Worker], first: str, second: str) -> None:
    assert played(people, first, second) in ([], None)


def test_nor_in_other_ways(people: dict[str, Worker]) -> None:
    """All pairs would take too long, so after each first act one is tried."""
    found = {
        (first, second): lost
        for first in some(4, ACTS)
        if (lost := played(people, first, second := Random(first).choice(sorted(ACTS))))
    }
    assert found == {}


def test_the_host_may_still_close_the_place(people: dict[str, Worker]) -> None:
    """And a maker may still close what is theirs alone."""
    pair = Pair(people)
    assert pair.secure("FB", PRIVATE, "B")
    assert pair.secure("FB", PUBLIC, "B")
    assert pair.move("FC", "B")
    assert not pair.secure("FC", PRIVATE, "C")
    assert pair.move("HERE", "C")
    assert pair.secure("FC", PRIVATE, "C")
    assert pair.secure("HERE", PRIVATE, "HOST")


def test_a_right_that_is_broken_is_noticed(tmp_path: Path) -> None:
    with (
        ServerProcess(tmp_path / "data", arguments=("--broken", "contents")) as server,
        ExitStack() as stack,
    ):
        people = {name: stack.enter_context(Worker(server, add_person(server, name))) for name in NAMES}
        assert played(people, "move it to FC") == ["the owner has no access"]
