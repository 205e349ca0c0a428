"""An idempotency key whose retention ends while a request with it is being carried out.

A request first looks whether its key has a response, and claims the key only if it has none. So a key can only be past
its retention at first, and not when it is claimed, if the machine's clock is put back in between.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.server.test_batches import results, said
from tests.support.checks.long import few
from tests.support.users.share import Sender
from tui.server.accounts.users import Person
from tui.server.database.tables import idempotency, tokens, users
from tui.server.database.tables import sends as sends_table
from tui.server.installation.installation import open_context
from tui.server.share import batch_upload, sends
from tui.server.share.caller import Caller
from tui.server.share.idempotency import KEPT, key_of
from tui.wire.batch import BatchDocument
from tui.wire.share import OpenSend

SECOND = timedelta(seconds=1)
#: More than each request asks for the time, so that a key's retention ends at each moment between.
MOMENTS = 12


class Clock:
    """Shows the times of ``first``, and then a second more each time, beginning with ``next``."""

    def __init__(self) -> None:
        self.first: list[datetime] = []
        self.next = datetime.now(UTC)

    def __call__(self) -> datetime:
        if self.first:
            return self.first.pop(0)
        now, self.next = self.next, self.next + SECOND
        return now


class Keys:
    """The stored keys of a caller, and the clock of their requests."""

    def __init__(self, clock: Clock, by: Caller) -> None:
        self.clock, self.by = clock, by

    async def since(self, key: str) -> datetime:
        query = select(idempotency.c.created_at).where(
            idempotency.c.user_id == self.by.id, idempotency.c.key == key
        )
        async with self.by.context.database.read() as connection:
            found: datetime = (await connection.execute(query)).scalar_one()
        return found

    def end(self, since: datetime, moment: int) -> None:
        """Puts the clock back when it has been asked once, so that a key stored ``since`` then is past its retention
        only after it has been asked ``moment`` more times."""
        self.clock.first = [since + 2 * KEPT]
        self.clock.next = since + KEPT - moment * SECOND + SECOND / 2


@asynccontextmanager
async def opened(me: Sender) -> AsyncIterator[Keys]:
    clock = Clock()
    context = await open_context(me.server.settings, clock)
    try:
        token = context.keys.lookup(me.server.token)
        query = select(users, tokens.c.id.label("token")).join(tokens).where(tokens.c.hash == token)
        async with context.database.read() as connection:
            row = (await connection.execute(query)).one()
        yield Keys(clock, Caller(context, Person(row.id, row.name, row.admin, row.token), None, None))
    finally:
        await context.close()


@few(1)
@pytest.mark.parametrize(
    ("database_url", "how"), [("sqlite", "batch"), ("postgres", "send")], indirect=["database_url"]
)
async def test_it_is_carried_out_again_only_if_the_key_begins_anew(alone: Sender, how: str) -> None:
    """Not also with the response to the first request still stored: then it could be carried out a third time."""
    again = []
    async with opened(alone) as keys:
        for moment in range(MOMENTS):
            repeat = await (_batch if how == "batch" else _send)(alone, keys.by, f"{how}-{moment}")
            since = await keys.since(f"{how}-{moment}")
            keys.end(since, moment)
            is_new = await repeat()
            begun_anew = await keys.since(f"{how}-{moment}") != since
            assert is_new == begun_anew, moment
            again.append(is_new)
    assert again[0]
    assert not again[-1]


async def _batch(me: Sender, by: Caller, key: str) -> Any:
    """Publishes a document and deletes it, so that its name is free; returns a function that sends the same again."""
    entry = said("a.txt", b"a", key=key)
    send = me.open()["id"]
    # A send ends after as long as a key is kept: this one counts as opened later than its key was stored.
    async with by.context.database.write() as connection:
        later = update(sends_table).where(sends_table.c.id == send)
        await connection.execute(later.values(created_at=datetime.now(UTC) + timedelta(days=1)))
    first = results(me, send, [entry], b"a")[0]["document"]["id"]
    me.delete(f"/documents/{first}")
    item = batch_upload.Item(BatchDocument.model_validate(entry), [memoryview(b"a")])

    async def repeat() -> bool:
        result = (await batch_upload.publish_all(by, send, [item])).results[0]
        assert result.document is not None, result.error
        return result.document.id != first

    return repeat


async def _send(me: Sender, by: Caller, key: str) -> Any:
    body = OpenSend(folder=me.folder)
    first = me.post("/sends", body.model_dump(exclude_unset=True), 201, Idempotency_Key=key)["id"]

    async def repeat() -> bool:
        return (await sends.open_send(by, body, key_of(by, key, "sends", body))).id != first

    return repeat
