"""A database whose file takes no writes for a while: everything goes on by itself afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.support.real_parts import ext4_disk, trigger_fs_error, unwritable
from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import path_of, take
from tests.support.users.share import Sender, problem, until
from tests.system.command import run
from tui.server.base.disk import ReadOnly
from tui.server.database.engine import database_file, open_database, sqlite_url
from tui.server.database.tables import installation
from tui.server.database.transactions import Database


@pytest.fixture
def ext4(tmp_path: Path) -> Iterator[Path]:
    with ext4_disk(tmp_path / "ext4", tmp_path / "image") as found:
        yield found


def test_pages_are_shown_and_changes_are_refused_for_a_while(ext4: Path) -> None:
    """Pages are still shown, all changes are refused, readiness says so; then it goes on by itself. And a file system
    that is made read-only after an error, which doesn't say so of itself, is noticed, too."""
    with ServerProcess(ext4 / "data") as server, Sender(server) as me, server.guest() as guest:
        document = publish(server, b"content", "a.txt")
        unpublish = f"/documents/{document['id']}/unpublish"
        wal = server.data / "sentlinks.db-wal"
        with unwritable(wal):
            problem(me.request("POST", unpublish), 503, "data.read_only")
            assert guest.post(document["url"]).status_code == 503
            assert guest.get(path_of(document)).status_code == 200
            answer = guest.get("/readyz")
            assert (answer.status_code, answer.json()["status"]) == (503, "read-only")
            checked = run("admin", "check", "--data", str(server.data))
            assert checked.status == 1, checked.out + checked.err
            assert "The database takes no changes" in checked.out + checked.err
        # What was refused a moment ago may still be on its way.
        until(lambda: guest.get("/readyz").status_code == 200)
        assert guest.get(take(guest, document)).content == b"content"
        trigger_fs_error(ext4)
        problem(me.request("POST", unpublish), 503, "data.read_only")
        assert guest.get("/readyz").json()["status"] == "read-only"
        problem(me.create(document["send_id"], 1), 503, "data.read_only")
        log = server.log.read_text()
        server.stop()
    assert "Traceback" not in log


async def read_at_once(database: Database, number: int) -> None:
    """That many readers at the same time, each with a connection of its own."""
    all_read = asyncio.Barrier(number)

    async def read() -> None:
        async with database.read() as connection:
            await connection.execute(select(installation.c.id))
            await all_read.wait()

    await asyncio.gather(*(read() for _ in range(number)))


async def change(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(update(installation).values(id=installation.c.id))


@pytest.mark.parametrize("end", ["", "-wal"])
async def test_connections_opened_meanwhile_write_afterwards(ext4: Path, end: str) -> None:
    """SQLite opens what it may not write for reading, and such a connection can never write. Several readers at a time
    have several opened; then whoever changes something gets the one that was used last."""
    database = await open_database(sqlite_url(ext4), ext4)
    try:
        await change(database)
        file = database_file(ext4)
        with unwritable(file.with_name(file.name + end)):
            await read_at_once(database, 6)
            with pytest.raises(ReadOnly):
                await change(database)
            await database.wipe()
        for _ in range(8):
            await change(database)
        assert await database.wipe()
        assert await database.refusal() is None
    finally:
        await database.close()


async def test_the_log_forgets_by_a_connection_opened_afterwards(ext4: Path) -> None:
    """Only the next attempt, if the first gets one that was opened for reading."""
    database = await open_database(sqlite_url(ext4), ext4)
    try:
        await change(database)
        with unwritable(database_file(ext4)):
            await read_at_once(database, 3)
        assert True in [await database.wipe() for _ in range(4)]
    finally:
        await database.close()
