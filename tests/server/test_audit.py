"""The audit: rows are chained and sealed, and the database refuses to rewrite them."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.checks.audits import LETTER, MEMO, START, Clock, story, verdict, write
from tests.support.servers.server import ROOT
from tui.rules.state import Event
from tui.server import audit
from tui.server.audit import Verdict, seals
from tui.server.audit.anchors import anchor_path
from tui.server.base.settings import Settings
from tui.server.context import Context
from tui.server.installation.installation import open_context

#: What would rewrite it.
REWRITING = [
    "UPDATE audit SET event = 'viewed' WHERE sequence = 3",
    "DELETE FROM audit WHERE sequence = 4",
    "DELETE FROM audit",
    "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 3",
    "INSERT OR REPLACE INTO audit (subject, sequence, at, event, details, mac)"
    " SELECT subject, sequence, at, 'viewed', details, mac FROM audit WHERE sequence = 3",
    "DELETE FROM audit_heads",
    "UPDATE audit_heads SET sequence = sequence - 1",
    "UPDATE audit_heads SET sealed = 0 WHERE sealed > 0",
    "UPDATE seals SET at = 0",
    "DELETE FROM seals",
    "UPDATE sealed_heads SET sequence = 1",
    "DELETE FROM sealed_heads",
]


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    opened = await open_context(Settings(data=tmp_path / "data"), Clock())
    yield opened
    await opened.close()


class TestReading:
    async def test_rows_come_newest_first_with_all_that_was_written(self, context: Context) -> None:
        """P3: address, agent and details are kept."""
        await story(context)
        async with context.database.read() as connection:
            rows = await audit.read(context, connection, [LETTER, MEMO])
            page = await audit.read(context, connection, [LETTER, MEMO], before=rows[1].id, limit=2)
        assert [row.event for row in rows] == [
            "deleted",
            "published",
            "unpublished",
            "downloaded",
            "viewed",
            "published",
        ]
        assert [row.id for row in page] == [rows[2].id, rows[3].id]
        assert (rows[0].subject, rows[0].sequence) == (MEMO, 2)
        assert (rows[0].actor, rows[0].address, rows[0].agent) == (None, "192.0.2.7", "curl/8")
        assert rows[0].details == {"n": 1}
        assert START < rows[5].at < rows[0].at

    async def test_a_row_can_be_stamped_with_an_earlier_moment(self, context: Context) -> None:
        async with context.database.write() as connection:
            await audit.append(context, connection, LETTER, Event.EXPIRED, at=START)
            rows = await audit.read(context, connection, LETTER)
        assert rows[0].at == START

    async def test_a_transaction_that_fails_leaves_no_row(self, context: Context) -> None:
        async def fail() -> None:
            async with context.database.write() as connection:
                await audit.append(context, connection, LETTER, Event.VIEWED)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await fail()
        await write(context, LETTER, Event.DOWNLOADED)
        found = await verdict(context)
        assert (found.rows, found.broken) == (2, None)


class TestAppendOnly:
    """P3: the audit can be appended to, but never rewritten."""

    async def test_the_database_refuses_to_rewrite(self, context: Context) -> None:
        await story(context)
        await audit.seal(context)
        with closing(sqlite3.connect(context.settings.data / "sentlinks.db")) as database:
            for statement in REWRITING:
                with pytest.raises(sqlite3.IntegrityError, match="can only be appended to"):
                    database.execute(statement)
                database.rollback()
        assert (await verdict(context)).broken is None


class TestSealing:
    async def test_a_seal_covers_what_moved_since_the_last_one(self, context: Context) -> None:
        # The installation itself has a chain from the start.
        assert await audit.seal(context) == 1
        assert await audit.seal(context) == 0
        await story(context)
        assert await audit.seal(context) == 2
        assert await audit.seal(context) == 0
        await write(context, MEMO, Event.PURGED)
        assert await audit.seal(context) == 1
        assert (await verdict(context)).broken is None
        assert anchor_path(context).stat().st_mode & 0o777 == 0o600

    async def test_more_chains_than_fit_into_one_seal(
        self, context: Context, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(seals, "_MAX_HEADS", 50)
        async with context.database.write() as connection:
            for number in range(50):
                await audit.append(context, connection, f"folder:{number:032x}", Event.PUBLISHED)
        assert await audit.seal(context) == 51
        found = await verdict(context)
        assert found == Verdict(chains=51, rows=51, broken=None)

    async def test_several_seal_at_once(self, context: Context, tmp_path: Path) -> None:
        """As several server processes do."""
        others = [await open_context(Settings(data=tmp_path / "data"), Clock()) for _ in range(2)]
        try:
            for _ in range(3):
                await story(context)
                await asyncio.gather(*(audit.seal(c) for c in (context, *others)))
            assert (await verdict(context)).broken is None
        finally:
            for other in others:
                await other.close()


_APPEND = """
import asyncio, sys
from pathlib import Path
from tui.rules.state import Event
from tui.server import audit
from tui.server.installation.installation import open_context
from tui.server.base.settings import Settings

async def main():
    context = await open_context(Settings(data=Path(sys.argv[1])))
    print("ready", flush=True)
    async def one():
        async with context.database.write() as connection:
            await audit.append(context, connection, sys.argv[2], Event.VIEWED)
    await asyncio.gather(*(one() for _ in range(60)))
    await context.close()

asyncio.run(main())
"""


class TestConcurrency:
    async def test_processes_that_append_to_one_chain_at_once(self, context: Context) -> None:
        """No row is lost, and none breaks the chain."""
        command = [sys.executable, "-c", _APPEND, str(context.settings.data), LETTER]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert await asyncio.to_thread(writer.stdout.readline) == b"ready\n"
            await asyncio.gather(*(write(context, LETTER, Event.VIEWED) for _ in range(60)))
            assert await asyncio.to_thread(writer.wait) == 0
        assert await verdict(context) == Verdict(chains=2, rows=121, broken=None)
