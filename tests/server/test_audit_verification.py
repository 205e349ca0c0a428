"""Verifying the audit: what was changed, removed, added or moved behind the program's back is detected."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from tests.support.checks.audits import LETTER, MEMO, Clock, as_an_intruder, story, verdict, write
from tests.support.checks.long import few
from tests.support.servers.put_back import rows_put_back
from tui.rules.state import Event
from tui.server import audit
from tui.server.accounts.users import first_person
from tui.server.audit import SEALS, Verdict
from tui.server.base.settings import Settings
from tui.server.context import Context
from tui.server.database.tables import users
from tui.server.installation.installation import open_context

#: What a row of the audit is changed to.
CHANGES = [
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
]
#: Values of types that no one wrote, and where they are found.
TYPES = [
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
]


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    opened = await open_context(Settings(data=tmp_path / "data"), Clock())
    yield opened
    await opened.close()


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

    async def test_a_changed_row_is_named(self, context: Context) -> None:
        await story(context)
        for change in CHANGES:
            with rows_put_back(context.settings.data):
                as_an_intruder(
                    context, f"UPDATE audit SET {change} WHERE subject = '{LETTER}' AND sequence = 3"
                )
                for found in (await verdict(context), await verdict(context, LETTER)):
                    assert found.broken is not None, change
                    assert (found.broken.subject, found.broken.sequence) == (LETTER, 3), change
                assert (await verdict(context, MEMO)).broken is None, change
        assert (await verdict(context)).broken is None

    async def test_a_value_of_a_type_that_no_one_wrote_is_found(self, context: Context) -> None:
        await story(context)
        await audit.seal(context)
        for change, subject, sequence in TYPES:
            with rows_put_back(context.settings.data):
                as_an_intruder(context, f"UPDATE {change}")
                broken = (await verdict(context)).broken
                assert broken is not None, change
                assert (broken.subject, broken.sequence) == (subject, sequence), change
                await verdict(context, LETTER)
        assert (await verdict(context)).broken is None

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

    @few(2)
    @pytest.mark.parametrize("says", ["1000000000", "sequence", "sealed - 1", "-1"])
    async def test_a_chain_that_is_to_be_sealed_no_more(self, context: Context, says: str) -> None:
        """No MAC covers this record; if it were believed, later rows would stay unsealed and could be cut off."""
        await story(context)
        await audit.seal(context)
        await write(context, LETTER, Event.RESENT)
        as_an_intruder(context, f"UPDATE audit_heads SET sealed = {says} WHERE subject = '{LETTER}'")
        for found in (await verdict(context), await verdict(context, LETTER)):
            assert found.broken is not None
            assert (found.broken.subject, found.broken.sequence) == (LETTER, 5)
            assert found.broken.why == "the record of how far it was sealed was changed"

    @few(2)
    @pytest.mark.parametrize("says", ["1000000000", "sequence", "-1", "'all'"])
    async def test_a_state_that_is_to_be_sealed_no_more(self, context: Context, says: str) -> None:
        """S41: the same for what decides who may do what, which could then be put back."""
        await first_person(context, "DJONES")
        assert (await verdict(context)).broken is None
        await audit.seal(context)
        async with context.database.write() as connection:
            await connection.execute(update(users).values(full_name="D. Jones"))
        as_an_intruder(
            context, f"UPDATE audit_heads SET sealed = {says} WHERE subject LIKE 'state:account:%'"
        )
        broken = (await verdict(context)).broken
        assert broken is not None
        assert broken.why.startswith("the account of DJONES was changed")

    async def test_a_missing_seal_is_found(self, context: Context) -> None:
        """The newest one is missed thanks to the copy that the data folder keeps of it, outside the database."""
        for _ in range(3):
            await story(context)
            await audit.seal(context)
        for gone in (1, 2, 3):
            with rows_put_back(context.settings.data):
                as_an_intruder(
                    context,
                    f"DELETE FROM sealed_heads WHERE seal = {gone}",
                    f"DELETE FROM seals WHERE sequence = {gone}",
                )
                broken = (await verdict(context)).broken
                assert broken is not None, gone
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
