"""The audit: rows are chained and sealed, the database refuses to rewrite them, and tampering is detected."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.server import ROOT
from tui.rules.state import Event
from tui.server import audit
from tui.server.audit import SEALS, Verdict
from tui.server.audit.anchors import anchor_path
from tui.server.context import Context
from tui.server.opening import open_context
from tui.server.settings import Settings

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
# Folders, because a document that doesn't exist would be reported as missing.
LETTER = audit.subject("folder", "1" * 32)
MEMO = audit.subject("folder", "2" * 32)


class Clock:
    """A clock that advances a second with each reading."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    opened = await open_context(Settings(data=tmp_path / "data"), Clock())
    yield opened
    await opened.close()


async def write(context: Context, subject: str, *events: Event) -> None:
    for event in events:
        async with context.database.write() as connection:
            await audit.append(
                context, connection, subject, event, address="192.0.2.7", agent="curl/8", details={"n": 1}
            )


async def verdict(context: Context, *subjects: str) -> Verdict:
    async with context.database.read() as connection:
        return await audit.verify(context, connection, subjects or None)


def as_an_intruder(context: Context, *statements: str) -> None:
    """Changes the database behind the program's back, with its triggers dropped."""
    with closing(sqlite3.connect(context.settings.data / "sentlinks.db")) as database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            assert database.execute(statement).rowcount > 0, statement
        for _, sql in triggers:
            database.execute(sql)
        database.commit()


async def story(context: Context) -> None:
    await write(context, LETTER, Event.PUBLISHED, Event.VIEWED, Event.DOWNLOADED, Event.UNPUBLISHED)
    await write(context, MEMO, Event.PUBLISHED, Event.DELETED)


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

    @pytest.mark.parametrize(
        "statement",
        [
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
        ],
    )
    async def test_the_database_refuses_to_rewrite(self, context: Context, statement: str) -> None:
        await story(context)
        await audit.seal(context)
        database = sqlite3.connect(context.settings.data / "sentlinks.db")
        with closing(database), pytest.raises(sqlite3.IntegrityError, match="can only be appended to"):
            database.execute(statement)
        assert (await verdict(context)).broken is None


class TestVerify:
    """P3: any row that was changed, removed, inserted or cut off is found."""

    async def test_an_untouched_audit_is_intact(self, context: Context) -> None:
        await story(context)
        await audit.seal(context)
        await write(context, LETTER, Event.RESENT)
        found = await verdict(context)
        assert found == Verdict(chains=3, rows=8, broken=None)
        assert await verdict(context, MEMO) == Verdict(chains=1, rows=2, broken=None)
        assert await verdict(context, "document:unknown") == Verdict(chains=0, rows=0, broken=None)

    @pytest.mark.parametrize(
        "change",
        [
            "event = 'viewed'",
            "at = at + 1",
            "actor = 'DJONES'",
            "actor = ''",
            "address = '192.0.2.8'",
            "address = NULL",
            "agent = 'curl/9'",
            "details = '{}'",
            "mac = x'00'",
            # SQLite stores any type in any column.
            "at = 9223372036854775807",
            "at = 'yesterday'",
            "at = at + 0.25",
            "at = x'00'",
            "event = 'no such event'",
            "event = CAST(event AS BLOB)",
            "address = x'ff'",
            "details = 'no JSON'",
            "details = x'ff'",
            "state = 'text'",
            "mac = 'text'",
            "mac = 9223372036854775807",
            "sequence = 'third'",
            "sequence = x'03'",
        ],
    )
    async def test_a_changed_row_is_named(self, context: Context, change: str) -> None:
        await story(context)
        as_an_intruder(context, f"UPDATE audit SET {change} WHERE subject = '{LETTER}' AND sequence = 3")
        for found in (await verdict(context), await verdict(context, LETTER)):
            assert found.broken is not None
            assert (found.broken.subject, found.broken.sequence) == (LETTER, 3)
        assert (await verdict(context, MEMO)).broken is None

    @pytest.mark.parametrize(
        ("change", "subject", "sequence"),
        [
            (f"audit SET subject = x'ff' WHERE subject = '{LETTER}' AND sequence = 3", LETTER, 3),
            (f"audit_heads SET sequence = 'last' WHERE subject = '{LETTER}'", LETTER, 5),
            (f"audit_heads SET mac = 'text' WHERE subject = '{LETTER}'", LETTER, 4),
            (f"audit_heads SET head_mac = 7 WHERE subject = '{LETTER}'", LETTER, 5),
            (f"audit_heads SET sealed = 'all' WHERE subject = '{LETTER}'", LETTER, 5),
            (f"audit_heads SET subject = x'ff' WHERE subject = '{LETTER}'", "b'\\xff'", 1),
            ("seals SET at = 'yesterday'", SEALS, 1),
            ("seals SET mac = 'text'", SEALS, 1),
            (f"sealed_heads SET subject = x'ff' WHERE subject = '{LETTER}'", SEALS, 1),
            (f"sealed_heads SET sequence = 'last' WHERE subject = '{LETTER}'", SEALS, 1),
            (f"sealed_heads SET mac = 'text' WHERE subject = '{LETTER}'", SEALS, 1),
            (f"sealed_heads SET seal = 'first' WHERE subject = '{LETTER}'", SEALS, 1),
            ("installation SET anchor_sequence = 'last'", SEALS, 0),
            ("installation SET anchor_seal = 'text'", SEALS, 0),
            ("installation SET anchor_mac = 'text'", SEALS, 0),
        ],
    )
    async def test_a_value_of_a_type_that_no_one_wrote_is_found(
        self, context: Context, change: str, subject: str, sequence: int
    ) -> None:
        await story(context)
        await audit.seal(context)
        as_an_intruder(context, f"UPDATE {change}")
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (subject, sequence)
        await verdict(context, LETTER)

    async def test_a_missing_row_is_named(self, context: Context) -> None:
        await story(context)
        as_an_intruder(context, f"DELETE FROM audit WHERE subject = '{LETTER}' AND sequence = 2")
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence, broken.why) == (LETTER, 2, "it is missing")

    async def test_rows_that_close_the_gap_do_not_hide_it(self, context: Context) -> None:
        await story(context)
        as_an_intruder(
            context,
            f"DELETE FROM audit WHERE subject = '{LETTER}' AND sequence = 2",
            f"UPDATE audit SET sequence = sequence - 1 WHERE subject = '{LETTER}' AND sequence > 2",
            f"UPDATE audit_heads SET sequence = 3 WHERE subject = '{LETTER}'",
        )
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (LETTER, 2)

    async def test_a_row_of_a_copy_is_not_taken(self, context: Context, tmp_path: Path) -> None:
        """P3: not even one that the server itself wrote at the same place, in a copy that diverged."""
        await write(context, LETTER, Event.PUBLISHED, Event.VIEWED)
        copy = tmp_path / "copy"
        copy.mkdir()
        shutil.copy(context.settings.data / "key", copy / "key")
        with (
            closing(sqlite3.connect(context.settings.data / "sentlinks.db")) as source,
            closing(sqlite3.connect(copy / "sentlinks.db")) as target,
        ):
            source.backup(target)
        other = await open_context(Settings(data=copy), Clock())
        try:
            await write(other, LETTER, Event.VIEWED)
        finally:
            await other.close()
        await write(context, LETTER, Event.DOWNLOADED, Event.RESENT)
        with closing(sqlite3.connect(copy / "sentlinks.db")) as database:
            query = "SELECT at, hex(mac) FROM audit WHERE sequence = 3"
            at, mac = database.execute(query).fetchone()
        as_an_intruder(
            context, f"UPDATE audit SET event = 'viewed', at = {at}, mac = x'{mac}' WHERE sequence = 3"
        )
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (LETTER, 4)

    async def test_a_row_of_another_chain_is_not_taken(self, context: Context) -> None:
        await story(context)
        as_an_intruder(
            context,
            f"DELETE FROM audit WHERE subject = '{MEMO}' AND sequence = 1",
            f"UPDATE audit SET subject = '{MEMO}' WHERE subject = '{LETTER}' AND sequence = 1",
        )
        broken = (await verdict(context, MEMO)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (MEMO, 1)

    async def test_a_tail_that_was_cut_off_is_found(self, context: Context) -> None:
        await story(context)
        as_an_intruder(context, f"DELETE FROM audit WHERE subject = '{LETTER}' AND sequence = 4")
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence, broken.why) == (LETTER, 4, "it is missing at the end")

    @pytest.mark.parametrize("kept", [3, 0])
    async def test_a_sealed_tail_is_found_where_its_head_was_rewritten_too(
        self, context: Context, kept: int
    ) -> None:
        """Without seals, a chain cut off together with its head would look whole."""
        await story(context)
        await audit.seal(context)
        head = f"UPDATE audit_heads SET sequence = 3, mac = (SELECT mac FROM audit WHERE subject = '{LETTER}'"
        as_an_intruder(
            context,
            f"DELETE FROM audit WHERE subject = '{LETTER}' AND sequence > {kept}",
            f"{head} AND sequence = 3) WHERE subject = '{LETTER}'"
            if kept
            else f"DELETE FROM audit_heads WHERE subject = '{LETTER}'",
        )
        for found in (await verdict(context), await verdict(context, LETTER)):
            assert found.broken is not None
            assert (found.broken.subject, found.broken.sequence) == (LETTER, 4)

    async def test_a_seal_that_forgets_a_chain_is_found(self, context: Context) -> None:
        await story(context)
        await audit.seal(context)
        as_an_intruder(context, f"DELETE FROM sealed_heads WHERE subject = '{LETTER}'")
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (SEALS, 1)

    @pytest.mark.parametrize("gone", [1, 2, 3])
    async def test_a_missing_seal_is_found(self, context: Context, gone: int) -> None:
        """The newest one is missed thanks to the copy that the data folder keeps of it, outside the database."""
        for _ in range(3):
            await story(context)
            await audit.seal(context)
        as_an_intruder(
            context,
            f"DELETE FROM sealed_heads WHERE seal = {gone}",
            f"DELETE FROM seals WHERE sequence = {gone}",
        )
        broken = (await verdict(context)).broken
        assert broken is not None
        assert (broken.subject, broken.sequence) == (SEALS, gone)

    async def test_a_chain_without_a_head_is_found(self, context: Context) -> None:
        await story(context)
        as_an_intruder(context, f"DELETE FROM audit_heads WHERE subject = '{MEMO}'")
        broken = (await verdict(context)).broken
        assert broken is not None
        assert broken.subject == MEMO

    async def test_another_key_does_not_verify(self, context: Context, tmp_path: Path) -> None:
        await story(context)
        other = await open_context(Settings(data=tmp_path / "other"))
        try:
            async with context.database.read() as connection:
                assert (await audit.verify(other, connection)).broken is not None
        finally:
            await other.close()


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

    async def test_more_chains_than_fit_into_one_seal(self, context: Context) -> None:
        async with context.database.write() as connection:
            for number in range(1100):
                await audit.append(context, connection, f"folder:{number:032x}", Event.PUBLISHED)
        assert await audit.seal(context) == 1101
        found = await verdict(context)
        assert found == Verdict(chains=1101, rows=1101, broken=None)

    async def test_several_seal_at_once(self, context: Context, tmp_path: Path) -> None:
        """As several server processes do."""
        others = [await open_context(Settings(data=tmp_path / "data"), Clock()) for _ in range(2)]
        try:
            for _ in range(5):
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
from tui.server.opening import open_context
from tui.server.settings import Settings

async def main():
    context = await open_context(Settings(data=Path(sys.argv[1])))
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
        writers = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
        await write(context, LETTER, *[Event.VIEWED] * 20)
        for writer in writers:
            assert await asyncio.to_thread(writer.wait) == 0
        assert await verdict(context) == Verdict(chains=2, rows=201, broken=None)
