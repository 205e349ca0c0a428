"""Throttling wrong passwords, for each link and network, and for a link over all networks.

The waiting times of a network are those of ``limits/backoff``; the right password and new settings also reset them.
More than a hundred wrong tries within an hour lock the link: then each network has one try a minute, until the sender
unlocks it or an hour passes.

A try is judged after its hash has been computed, by the single statement that counts it: simultaneous requests get no
more answers than consecutive ones would, even if one of them has the right password. The same password in the same
press again (a button pressed twice) isn't a new try: it gets the same response as before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event
from .. import audit
from ..base.clock import is_recent, recent
from ..context import Context
from ..database.tables import ABOUT_TRIES, sent_documents, wrong_passwords
from ..database.tables import audit as audit_rows
from ..http.visitor import Visitor
from ..limits.backoff import FORGOTTEN, FREE, WrongAttempts
from ..share.links import LOCK, Link

MOST_AN_HOUR = 100
LOCKED_WAIT = timedelta(minutes=1)
_TRIES = WrongAttempts(wrong_passwords)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong try: how many its network has made, and the seconds until the next one is accepted."""

    tries: int
    wait: int

    @property
    def too_many(self) -> bool:
        """Whether this is the first try that makes its network wait."""
        return self.tries == FREE + 1


def _throttled(seconds: int) -> Throttled:
    return Throttled("password.throttled", "Too many wrong passwords; try again later.", seconds)


async def _locked(
    connection: AsyncConnection, link: Link, now: datetime, *, for_update: bool = False
) -> bool:
    query = select(sent_documents.c.locked_at).where(sent_documents.c.id == link.id)
    # Writers lock this row first: everything that changes a document locks its row before any other.
    locked_at = (await connection.execute(query.with_for_update() if for_update else query)).scalar()
    return is_recent(locked_at, now, LOCK)


async def check(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> None:
    """Raise :class:`Throttled` if the network has to wait before its next try at the link."""
    wrong = await last_try(context, connection, link, visitor)
    if wrong and wrong.wait:
        raise _throttled(wrong.wait)


async def last_try(
    context: Context,
    connection: AsyncConnection,
    link: Link,
    visitor: Visitor,
    attempt: bytes | None = None,
) -> Wrong | None:
    """The network's last wrong try at the link, unless it is forgotten; with ``attempt``, only if it is the same."""
    now = context.clock()
    result = await connection.execute(
        select(wrong_passwords.c.tries, wrong_passwords.c.last_at, wrong_passwords.c.wait_until).where(
            wrong_passwords.c.document_id == link.id,
            wrong_passwords.c.network == visitor.network,
            wrong_passwords.c.settings == link.settings,
            recent(wrong_passwords.c.last_at, now, FORGOTTEN),
            *([] if attempt is None else [wrong_passwords.c.attempt == attempt]),
        )
    )
    row = result.first()
    if row is None:
        return None
    until = row.wait_until or now
    if await _locked(connection, link, now):
        until = max(until, row.last_at + LOCKED_WAIT)
    return Wrong(row.tries, max(0, math.ceil((until - now).total_seconds())))


async def forgive(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> None:
    """Forget the wrong tries after the right password; raises :class:`Throttled` if that came too early."""
    await _locked(connection, link, context.clock(), for_update=True)
    await check(context, connection, link, visitor)
    await connection.execute(
        delete(wrong_passwords).where(
            wrong_passwords.c.document_id == link.id, wrong_passwords.c.network == visitor.network
        )
    )


async def count_wrong(
    context: Context, connection: AsyncConnection, link: Link, visitor: Visitor, attempt: bytes | None
) -> Wrong:
    """Count a wrong try and write it to the audit; a repetition of the last one (``attempt``) isn't counted.

    Raises :class:`Throttled` if it came too early.
    """
    now = context.clock()
    locked = await _locked(connection, link, now, for_update=True)
    if attempt and (repeated := await last_try(context, connection, link, visitor, attempt)):
        return repeated
    tries = (await connection.execute(_count(context, link, visitor, now, locked, attempt))).scalar()
    if tries is None:
        await check(context, connection, link, visitor)
        raise _throttled(1)
    await audit.append(
        context,
        connection,
        audit.subject("document", link.id),
        Event.WRONG_PASSWORD,
        address=visitor.address,
        agent=visitor.agent,
        details={"tries": tries},
    )
    locked = await _lock_if_due(context, connection, link, now) or locked
    wait = max(_TRIES.after(tries), LOCKED_WAIT if locked else timedelta(0))
    return Wrong(tries, int(wait.total_seconds()))


def _count(
    context: Context, link: Link, visitor: Visitor, now: datetime, locked: bool, attempt: bytes | None
) -> Any:
    columns = wrong_passwords.c
    forgotten = or_(_TRIES.forgotten(now), columns.settings != link.settings)
    may_try = _TRIES.may_try(now, LOCKED_WAIT if locked else None)
    return (
        context.database.insert(wrong_passwords)
        .values(
            document_id=link.id,
            network=visitor.network,
            settings=link.settings,
            tries=1,
            last_at=now,
            attempt=attempt,
        )
        .on_conflict_do_update(
            index_elements=[columns.document_id, columns.network],
            set_={
                **_TRIES.one_more(now, forgotten),
                "settings": link.settings,
                "attempt": attempt,
            },
            where=or_(forgotten, may_try),
        )
        .returning(columns.tries)
    )


async def _lock_if_due(context: Context, connection: AsyncConnection, link: Link, now: datetime) -> bool:
    subject = audit.subject("document", link.id)
    about_tries = and_(audit_rows.c.subject == subject, ABOUT_TRIES)
    last_reset = await connection.execute(
        select(func.max(audit_rows.c.at)).where(
            about_tries, audit_rows.c.event != Event.WRONG_PASSWORD, recent(audit_rows.c.at, now, LOCK)
        )
    )
    since = max(now - LOCK, last_reset.scalar() or now - LOCK)
    wrong = (
        select(audit_rows.c.id)
        .where(
            about_tries,
            audit_rows.c.event == Event.WRONG_PASSWORD,
            audit_rows.c.at > since,
            recent(audit_rows.c.at, now, LOCK),
        )
        .limit(MOST_AN_HOUR + 1)
    )
    tries = (await connection.execute(select(func.count()).select_from(wrong.subquery()))).scalar_one()
    if tries <= MOST_AN_HOUR:
        return False
    locked_now = await connection.execute(
        update(sent_documents)
        .where(
            sent_documents.c.id == link.id,
            or_(sent_documents.c.locked_at.is_(None), ~recent(sent_documents.c.locked_at, now, LOCK)),
        )
        .values(locked_at=now)
        .returning(sent_documents.c.id)
    )
    if locked_now.first() is not None:
        await audit.append(context, connection, subject, Event.LOCKED, details={"tries": tries})
    return True
