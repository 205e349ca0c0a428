"""A killed send can be resumed: each document is published once, and its link is shown."""

from __future__ import annotations

import json
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.checks.long import few, more, some
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.system.interrupted import MIDDLE, SINGLE, SMALL, Sending, at, many_sendings, resume

#: Where it is killed: at this request, after skipping n of them; ``answered``: when the server has processed it.
POINTS = [
    ("POST", "/share/v1/folder", 0, True), ("POST", "/sends", 0, True), ("POST", "/batch", 0, False),
    ("POST", "/batch", 0, True), ("POST", "/batch", 1, True), ("POST", "/uploads", 0, False),
    ("POST", "/uploads", 0, True), ("PATCH", "/uploads", 0, True),
]  # fmt: skip
#: The same, where a document is published by itself.
PUBLISHING = [
    ("POST", "/documents", 0, False),
    ("POST", "/documents", 0, True),
    ("POST", "/documents", 1, True),
]
#: With these, each of the points is reached: while an upload is created, while it goes on, and at its publication.
SEED = 5
LARGE = (MIDDLE, SINGLE, SINGLE)


@pytest.fixture
def many(server: ServerProcess, tmp_path: Path) -> Iterator[Callable[..., Sending]]:
    with many_sendings(server, tmp_path) as make:
        yield make


@few(1)
@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/uploads", signal.SIGHUP),
        ("/documents", signal.SIGINT),
    ],
)
def test_ended_by_a_signal_it_leaves_nothing_half_sent(
    many: Callable[..., Sending], path: str, number: int
) -> None:
    """The send ends at once; what is published is reported, and it can be resumed."""
    sending = many(small=3, large=(MIDDLE if path == "/uploads" else SINGLE, SINGLE, SINGLE))
    method = "PATCH" if path == "/uploads" else "POST"
    status, out, err = sending.ended_by(number, at(sending, method, path, 0, True))
    assert status == 128 + number
    assert sending.unfinished == 0
    reported = [d["name"] for d in json.loads(out)["documents"] if d["status"] == "succeeded"]
    sending.proxy.behave()
    # Whether a document whose response never arrived was published is known only on resuming.
    assert set(reported) <= set(sending.published())
    (left,) = sending.left
    assert f"--resume {left['id']}" in err
    resume(sending)


@pytest.mark.long
@pytest.mark.parametrize(("method", "path", "skip", "answered"), some(2, POINTS))
def test_killed_at_a_point_it_can_be_resumed(
    many: Callable[..., Sending], method: str, path: str, skip: int, answered: bool
) -> None:
    sending = many(small=SMALL if path == "/batch" else 3, large=(MIDDLE if path == "/uploads" else SINGLE,))
    if path.endswith("/folder"):
        sending.remove_shortcuts()
    kill_and_resume(sending, method, path, skip, answered)


@more
@pytest.mark.long
@both
@pytest.mark.parametrize(("method", "path", "skip", "answered"), some(1, PUBLISHING))
def test_killed_while_it_publishes_it_can_be_resumed(
    many: Callable[..., Sending], method: str, path: str, skip: int, answered: bool
) -> None:
    kill_and_resume(many(small=3, large=(SINGLE,) * (1 + skip)), method, path, skip, answered)


def kill_and_resume(sending: Sending, method: str, path: str, skip: int, answered: bool) -> None:
    """Kills the send at that point, and does what a user does then."""
    status, out, _ = sending.ended_by(signal.SIGKILL, at(sending, method, path, skip, answered))
    assert (status, out) == (-signal.SIGKILL, "")
    sending.proxy.behave()
    resume(sending)


@pytest.mark.long
@both
def test_killed_again_and_again_it_gets_finished(many: Callable[..., Sending]) -> None:
    """The send is killed at random points, also while it is being resumed."""
    chance = random.Random(SEED)
    sending = many(small=SMALL, large=LARGE)
    for _ in range(3):
        method, path, _, answered = chance.choice([*POINTS[2:], *PUBLISHING])
        skip = chance.randrange(1 if path == "/batch" else len(LARGE))
        left = sending.left
        items = ["--resume", left[0]["id"]] if left else sending.items
        begin = at(sending, method, path, skip, answered)
        status, out, _ = replace(sending, items=items).ended_by(signal.SIGKILL, begin)
        sending.proxy.behave()
        if status == 0:
            # It finished before it reached that point.
            break
        assert status == -signal.SIGKILL
    left = sending.left
    if left:
        done = sending.client("send", "--resume", left[0]["id"], "--json")
        assert done.status == 0, done.err
        out = done.out
    sending.check_all(json.loads(out)["documents"])
