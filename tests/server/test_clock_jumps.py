"""A clock that jumps ends nothing for good: as soon as it is right again, everything is as it was (S45)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.checks.long import more
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import seen
from tests.support.users.share import Sender, fetch, later, until
from tui.server.base import clock as clocks
from tui.server.base.clock import ClockWatch
from tui.server.context import Context
from tui.server.health.troubles import find_troubles
from tui.server.installation import jobs
from tui.server.installation.installation import open_context
from tui.server.share.documents import settle_one

DATABASE = "both"
HOUR = 3600.0


class Clocks:
    """The clock of a machine, and the time since it was started."""

    def __init__(self) -> None:
        self._real = datetime.now(UTC)
        self.seconds = 0.0
        self.wrong_by = 0.0
        self.asleep = 0.0

    def now(self) -> datetime:
        return self._real + timedelta(seconds=self.seconds + self.asleep + self.wrong_by)

    def boot(self) -> float:
        return 1000 + self.seconds + self.asleep


@pytest.fixture
def machine() -> Clocks:
    return Clocks()


@pytest.fixture
async def context(server: ServerProcess, machine: Clocks) -> AsyncIterator[Context]:
    """A second server of the installation, on a machine whose clock jumps; its jobs are run by the test."""
    opened = await open_context(server.settings, machine.now, machine.boot)
    yield opened
    await opened.close()


@pytest.fixture
def document(me: Sender) -> dict[str, Any]:
    """A document that expires in two hours, downloaded once."""
    made = me.send(expires_at=later(hours=2), downloads_permitted=5)
    assert fetch(me.server, made["url"]) == b"content"
    # Until then, the server may have locked its row, and the jobs would leave it out.
    until(lambda: seen(me.server, made)["delivered"] == 1)
    return made


def state(server: ServerProcess, document: dict[str, Any]) -> tuple[bool, str | None, int]:
    found = seen(server, document)
    return found["published"], found["reason"], found["downloads"]


ON = (True, None, 1)
OFF = (False, "expired", 1)


def rows(server: ServerProcess) -> dict[str, int]:
    """How many rows there are of what is deleted some time after it is over."""
    tables = (
        "tokens",
        "grants",
        "views",
        "uploads",
        "sends",
        "idempotency",
        "wrong_sign_ins",
        "refused_sign_ins",
        "dead_blobs",
    )
    return {table: look(server, f"SELECT count(*) FROM {table}")[0][0] for table in tables}


async def test_three_hours_ahead_for_six_seconds(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    await jobs.run_all(context)
    machine.wrong_by = 3 * HOUR
    for _ in range(2):
        await jobs.run_all(context)
        machine.seconds += 3
    machine.wrong_by = 0
    await jobs.run_all(context)
    assert state(me.server, document) == ON
    assert fetch(me.server, document["url"]) == b"content"


async def test_what_is_looked_at_meanwhile_is_not_ended_either(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    """S45: who asks for a document has its expiry written first, beside the regular jobs."""
    assert context.clock_watch.is_steady()
    machine.wrong_by = 3 * HOUR
    await settle_one(context, document["id"])
    assert state(me.server, document) == ON
    machine.seconds += ClockWatch.HELD_SECONDS + 1
    await settle_one(context, document["id"])
    assert state(me.server, document) == OFF


async def test_a_clock_that_stays_ahead_is_believed_after_ten_minutes(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """When it turns out to have been wrong after all, what it ended comes back, and what was counted stays so."""
    machine.wrong_by = 3 * HOUR
    with caplog.at_level(logging.WARNING, "sentlinks"):
        await jobs.run_all(context)
        machine.seconds += ClockWatch.HELD_SECONDS - 1
        await jobs.run_all(context)
        assert state(me.server, document) == ON
        machine.seconds += 2
        await jobs.run_all(context)
        assert state(me.server, document) == OFF
        machine.wrong_by = 0
        await jobs.run_all(context)
    assert state(me.server, document) == ON
    assert me.get(f"/documents/{document['id']}/audit/verify")["broken"] is None
    newest = me.get(f"/documents/{document['id']}/audit")["events"][0]
    assert (newest["event"], newest["details"]) == ("published", {"why": "the clock was wrong"})
    assert [record.message.partition(";")[0] for record in caplog.records] == [
        "the clock has jumped by 10800 s",
        "the clock has been as it is for ten minutes, so it is believed",
        "the clock is as it was before it jumped",
    ]


async def test_grants_work_again(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    with me.server.guest() as guest:
        grant = guest.post(document["url"], headers={"Accept": "*/*"}).headers["location"]
        machine.wrong_by = 3 * HOUR
        await jobs.run_all(context)
        machine.seconds += ClockWatch.HELD_SECONDS + 1
        await jobs.run_all(context)
        assert guest.get(grant).status_code == 404
        machine.wrong_by = 0
        await jobs.run_all(context)
        assert guest.get(grant).content == b"content"


async def test_three_hours_behind_brings_nothing_back(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    """Neither at once nor when it is believed, nor when it is right again."""
    machine.seconds = 2 * HOUR + 60
    await jobs.run_all(context)
    assert state(me.server, document) == OFF
    for wrong_by, seconds in ((-3 * HOUR, 1.0), (-3 * HOUR, 700.0), (-3 * HOUR, 1.0), (0.0, 1.0)):
        machine.wrong_by = wrong_by
        machine.seconds += seconds
        await jobs.run_all(context)
        assert state(me.server, document) == OFF, (wrong_by, seconds)


async def test_a_laptop_that_wakes(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    machine.asleep = 3 * HOUR
    await jobs.run_all(context)
    assert state(me.server, document) == OFF


async def test_a_start_believes_the_clock(
    server: ServerProcess, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    machine.wrong_by = 3 * HOUR
    started = await open_context(server.settings, machine.now, machine.boot)
    try:
        await jobs.run_all(started)
        assert state(me.server, document) == OFF
    finally:
        await started.close()


async def test_nothing_is_deleted_before_its_time(
    context: Context, machine: Clocks, me: Sender, document: dict[str, Any]
) -> None:
    """Sessions, sends, uploads, waits, and what is kept for repeated requests."""
    with me.add_user("ANNA") as anna:
        location = me.create(me.open()["id"], 10).headers["location"]
        me.patch(location, 0, b"1234")
        me.sign_in("ANNA")
        with me.server.guest() as guest:
            body = {"user": "ANNA", "password": "wrong"}
            for _ in range(6):
                guest.post("/share/v1/login", json=body)
        await jobs.run_all(context)
        before = rows(me.server)
        assert all(before[table] for table in ("tokens", "grants", "uploads", "sends", "wrong_sign_ins"))
        for wrong_by in (400 * 24 * HOUR, 0.0, -400 * 24 * HOUR, 0.0):
            machine.wrong_by = wrong_by
            await jobs.run_all(context)
            machine.seconds += 6
        assert rows(me.server) == before
        assert anna.get("/me")["user"] == "ANNA"
        assert me.offset(location) == 4


async def test_readiness_names_it(context: Context, machine: Clocks) -> None:
    """Ahead or back: for as long as nothing is ended by it."""
    for hours in (3, -3):
        assert await find_troubles(context) == []
        machine.wrong_by = hours * HOUR
        (trouble,) = await find_troubles(context)
        assert (trouble.kind, trouble.stops) == ("clock", False)
        machine.wrong_by = 0


@pytest.mark.parametrize(
    ("hours", "said"), [(3, "3 hours ahead of the database's"), (-49, "2 days behind the database's")]
)
async def test_one_that_was_wrong_at_the_start_is_told_from_the_database_s(
    server: ServerProcess, machine: Clocks, hours: int, said: str
) -> None:
    """Which is that of another machine, if it is PostgreSQL."""
    machine.wrong_by = hours * HOUR
    started = await open_context(server.settings, machine.now, machine.boot)
    try:
        found = await find_troubles(started)
        if started.database.sqlite:
            assert found == []
        else:
            ((kind, detail, stops),) = found
            assert (kind, stops) == ("clock", False)
            assert said in detail
    finally:
        await started.close()


@more
def test_slow_corrections_are_no_jumps(machine: Clocks) -> None:
    watch = ClockWatch(machine.now, machine.boot)
    for _ in range(200):
        machine.wrong_by += 50
        machine.seconds += 3600
        assert watch.is_steady()
    machine.wrong_by += 61
    assert not watch.is_steady()


def test_another_jump_while_the_first_is_not_believed_yet(machine: Clocks) -> None:
    watch = ClockWatch(machine.now, machine.boot)
    for wrong_by in (3 * HOUR, 4 * HOUR):
        machine.wrong_by = wrong_by
        assert not watch.is_steady()
        machine.seconds += 599
    assert not watch.is_steady()
    machine.seconds += 2
    assert watch.is_steady()
    assert not watch.has_returned()
    machine.wrong_by = 0
    assert watch.has_returned()
    assert not watch.has_returned()


def test_the_time_since_the_machine_was_started_goes_on() -> None:
    first = clocks.seconds_since_boot()
    assert 0 < first <= clocks.seconds_since_boot()
