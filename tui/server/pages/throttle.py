"""Wrong passwords are slowed down, for each link and network, and over all networks of a link.

The first five wrong tries of a network cost no wait; each later one doubles it, from two seconds to an hour. They
are forgotten after an hour without one, by the right password, and by new settings. Over a hundred wrong tries
within an hour lock the link: then each network has one try a minute, until the sender lifts it or an hour passes.

A try is judged when its hash has been computed, by the one statement that counts it: of requests that came together
no more are answered than would have been one after the other, the right password among them included.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, delete, func, literal, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event
from .. import audit
from ..context import Context
from ..database.tables import ABOUT_TRIES, Moment, sent_documents, wrong_passwords
from ..database.tables import audit as audit_rows
from ..share.links import LOCK, Link
from .visitor import Visitor

FREE = 5
MOST_AN_HOUR = 100
FORGOTTEN = timedelta(hours=1)
LOCKED_WAIT = timedelta(minutes=1)
_WAITS = [timedelta(seconds=min(2 << n, 3600)) for n in range(12)]


def _throttled(until: datetime, now: datetime) -> Throttled:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Throttled("password.throttled", "Too many wrong passwords; try again later.", seconds)


def _wait_after(tries: int) -> timedelta:
    """How long a network waits after that many wrong tries in a row."""
    return timedelta(0) if tries <= FREE else _WAITS[min(tries - FREE, len(_WAITS)) - 1]


async def _locked(connection: AsyncConnection, link: Link, now: datetime, *, hold: bool = False) -> bool:
    query = select(sent_documents.c.locked_at).where(sent_documents.c.id == link.id)
    # Held first by whoever will write: all that changes a document takes its row before any other.
    locked_at = (await connection.execute(query.with_for_update() if hold else query)).scalar()
    return locked_at is not None and locked_at > now - LOCK


async def check(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> None:
    """Raises :class:`Throttled` where the network has to wait before its next try on the link."""
    now = context.clock()
    found = await connection.execute(
        select(wrong_passwords.c.last_at, wrong_passwords.c.wait_until).where(
            wrong_passwords.c.document_id == link.id,
            wrong_passwords.c.network == visitor.network,
            wrong_passwords.c.settings == link.settings,
            wrong_passwords.c.last_at > now - FORGOTTEN,
        )
    )
    row = found.first()
    if row is None:
        return
    until = row.wait_until or now
    if await _locked(connection, link, now):
        until = max(until, row.last_at + LOCKED_WAIT)
    if until > now:
        raise _throttled(until, now)


async def forgive(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> None:
    """After the right password: raises :class:`Throttled` where it came too early, else forgets the wrong ones."""
    await _locked(connection, link, context.clock(), hold=True)
    await check(context, connection, link, visitor)
    await connection.execute(
        delete(wrong_passwords).where(
            wrong_passwords.c.document_id == link.id, wrong_passwords.c.network == visitor.network
        )
    )


@dataclass(frozen=True, slots=True)
class Wrong:
    """What becomes of a wrong try: whether it was one too many, and the seconds until the next is looked at."""

    too_many: bool
    wait: int


async def count_wrong(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> Wrong:
    """Counts a wrong try and writes it to the audit. Raises :class:`Throttled` where it came too early."""
    now = context.clock()
    locked = await _locked(connection, link, now, hold=True)
    tries = (await connection.execute(_count(context, link, visitor, now, locked))).scalar()
    if tries is None:
        await check(context, connection, link, visitor)
        raise _throttled(now, now)
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
    wait = max(_wait_after(tries), LOCKED_WAIT if locked else timedelta(0))
    return Wrong(tries == FREE + 1, int(wait.total_seconds()))


def _count(context: Context, link: Link, visitor: Visitor, now: datetime, locked: bool) -> Any:
    dialect: Any = sqlite if context.database.sqlite else postgresql
    kept = wrong_passwords.c
    forgotten = or_(kept.last_at <= now - FORGOTTEN, kept.settings != link.settings)
    waits = [(kept.tries == FREE + n, literal(now + wait, Moment)) for n, wait in enumerate(_WAITS)]
    may_try = or_(kept.wait_until.is_(None), kept.wait_until <= now)
    if locked:
        may_try = and_(may_try, kept.last_at <= now - LOCKED_WAIT)
    return (
        dialect.insert(wrong_passwords)
        .values(document_id=link.id, network=visitor.network, settings=link.settings, tries=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[kept.document_id, kept.network],
            set_={
                "tries": case((forgotten, 1), else_=kept.tries + 1),
                "settings": link.settings,
                "last_at": now,
                "wait_until": case(
                    (or_(forgotten, kept.tries < FREE), null()),
                    *waits,
                    else_=literal(now + _WAITS[-1], Moment),
                ),
            },
            where=or_(forgotten, may_try),
        )
        .returning(kept.tries)
    )


async def _lock_if_due(context: Context, connection: AsyncConnection, link: Link, now: datetime) -> bool:
    subject = audit.subject("document", link.id)
    own = and_(audit_rows.c.subject == subject, ABOUT_TRIES)
    forgiven = await connection.execute(
        select(func.max(audit_rows.c.at)).where(own, audit_rows.c.event != Event.WRONG_PASSWORD)
    )
    since = max(now - LOCK, forgiven.scalar() or now - LOCK)
    wrong = (
        select(audit_rows.c.id)
        .where(own, audit_rows.c.event == Event.WRONG_PASSWORD, audit_rows.c.at > since)
        .limit(MOST_AN_HOUR + 1)
    )
    tries = (await connection.execute(select(func.count()).select_from(wrong.subquery()))).scalar_one()
    if tries <= MOST_AN_HOUR:
        return False
    turned = await connection.execute(
        update(sent_documents)
        .where(
            sent_documents.c.id == link.id,
            or_(sent_documents.c.locked_at.is_(None), sent_documents.c.locked_at <= now - LOCK),
        )
        .values(locked_at=now)
        .returning(sent_documents.c.id)
    )
    if turned.first() is not None:
        await audit.append(context, connection, subject, Event.LOCKED, details={"tries": tries})
    return True
