"""An audit with a clock of its own: writing to it, verifying it, and changing it behind the program's back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from tui.rules.state import Event
from tui.server import audit
from tui.server.audit import Verdict
from tui.server.context import Context

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
