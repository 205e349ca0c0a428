"""What was read before a send's dialog is handed on to its job: once, and only while it is sure to hold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tui.rules.policy import Policy
from tui.session.sends import FRESH_SECONDS, Age, SendBasis
from tui.ui.send.run_results import RunResults
from tui.ui.send.send_state import Sent
from tui.wire.share import Me

NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)
LATER = NOW + timedelta(seconds=40)


class Ahead:
    """What was read, and whether reading the rest of it was given up."""

    def __init__(self) -> None:
        self.me: Me | None = Me(
            user="ANNA", admin=False, version="1", public_url="https://x.example", now=NOW
        )
        self.closed = False

    def close(self) -> None:
        self.closed = True


def basis_of(ahead: Any, token: str | None = "t") -> SendBasis:
    return SendBasis(Policy(), {}, ahead, token)


def test_what_was_read_is_handed_on_once_with_the_present_time() -> None:
    ahead = Ahead()
    basis = basis_of(ahead)
    taken = basis.take("t", LATER)
    assert taken is not None
    assert taken.me is not None
    assert (taken.me.user, taken.me.now) == ("ANNA", LATER)
    assert basis.take("t", LATER) is None, "a second job reads it again"
    basis.close()
    assert not ahead.closed, "the job still waits for it"


def test_nothing_read_for_one_person_is_handed_on_to_another() -> None:
    ahead = Ahead()
    assert basis_of(ahead).take("another", LATER) is None
    assert ahead.closed


def test_what_is_still_read_when_the_dialog_is_closed_is_given_up() -> None:
    ahead = Ahead()
    basis_of(ahead).close()
    assert ahead.closed


@pytest.mark.parametrize(
    ("counted", "told", "fresh"),
    [
        (0.0, 0.0, True),
        (FRESH_SECONDS, FRESH_SECONDS, True),
        (FRESH_SECONDS + 1, FRESH_SECONDS + 1, False),
        # The machine was asleep, which one of the clocks doesn't count.
        (10.0, 8 * 3600.0, False),
        # The clock was set, forward or back.
        (10.0, 70.0, False),
        (10.0, -50.0, False),
        # It is being adjusted.
        (100.0, 101.0, True),
    ],
)
def test_what_was_read_long_ago_is_read_again(counted: float, told: float, fresh: bool) -> None:
    seconds, clock = [5.0], [NOW]
    age = Age(lambda: seconds[0], lambda: clock[0])
    seconds[0] += counted
    clock[0] += timedelta(seconds=told)
    assert age.is_fresh is fresh


class Dialog:
    """A send dialog that may be covered, with the result of a run that may be due."""

    def __init__(self) -> None:
        self.covered = False
        self.due: Sent | None = None
        self.results = RunResults(lambda: self.covered, self._take)

    def _take(self) -> Sent | None:
        due, self.due = self.due, None
        return due

    def ends(self) -> Sent:
        self.due = Sent()
        self.results.look_again()
        return self.due


async def a_while() -> None:
    """Until whatever can go on has gone on."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_links_of_each_run_are_handed_out_until_the_dialog_is_closed() -> None:
    dialog = Dialog()
    for _ in range(2):
        waiting = asyncio.create_task(dialog.results.next())
        await a_while()
        assert not waiting.done()
        sent = dialog.ends()
        assert await waiting is sent
    dialog.results.end()
    assert await dialog.results.next() is None


async def test_links_wait_while_something_covers_the_dialog() -> None:
    """A draft would take the keys that are meant for a question there."""
    dialog = Dialog()
    dialog.covered = True
    sent = dialog.ends()
    waiting = asyncio.create_task(dialog.results.next())
    await a_while()
    assert not waiting.done()
    dialog.covered = False
    dialog.results.look_again()
    assert await waiting is sent


async def test_links_that_are_due_when_the_dialog_is_closed_are_still_shown() -> None:
    """The key that closes it may come at the same moment as the end of the send."""
    dialog = Dialog()
    sent = dialog.ends()
    dialog.results.end()
    dialog.covered = True
    assert await dialog.results.next() is sent
    assert await dialog.results.next() is None
