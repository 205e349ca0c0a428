"""Links: their addresses, when they live, and the counting of downloads.

A link lives while its document is published, its expiry is still to come and its limit is not reached
(:func:`alive`). Whoever ends one (unpublish, delete, new settings) sets :data:`ENDS_GRANTS` in the same update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.policy import Policy
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import grants, policy, sent_documents, users, wrong_passwords
from ..keys import new_secret

#: So long the lock holds that wrong passwords have set.
LOCK = timedelta(hours=1)
#: Documents that are settled in one transaction of :func:`sweep`.
_BATCH = 200

#: To be among the values of every update of ``sent_documents`` after which grants already given end: unpublishing
#: by hand (also where the limit was reached), deleting, new settings.
ENDS_GRANTS: Mapping[str, Any] = {"settings": sent_documents.c.settings + 1}


@dataclass(frozen=True, slots=True)
class Link:
    """A link that lives, as far as a request of a recipient needs it."""

    id: str
    name: str
    size: int
    #: What the sender is called.
    sender: str
    settings: int
    password_hash: str | None
    expires_at: datetime | None
    locked_at: datetime | None


def mint(context: Context, document_id: str) -> tuple[str, bytes, bytes]:
    """A new address for a document: the secret, the hash it is looked up by, the owner's sealed copy."""
    secret = new_secret()
    return secret, context.keys.lookup(secret), context.keys.seal(secret, document_id)


def url(context: Context, document_id: str, sealed: bytes) -> str:
    """The whole address of a link from the owner's sealed copy. Raises ``Failed`` for another key's."""
    return f"{context.public_url}/s/{context.keys.unseal(sealed, document_id)}"


def alive(now: datetime) -> ColumnElement[bool]:
    """The condition on ``sent_documents`` under which a link gives something out."""
    return and_(
        sent_documents.c.state == State.PUBLISHED,
        or_(sent_documents.c.expires_at.is_(None), sent_documents.c.expires_at > now),
        or_(
            sent_documents.c.downloads_permitted.is_(None),
            sent_documents.c.downloads < sent_documents.c.downloads_permitted,
        ),
    )


def locked(row: Row[Any], now: datetime) -> bool:
    """Whether wrong passwords have locked the document of ``row`` (with its ``locked_at``)."""
    return row.locked_at is not None and row.locked_at > now - LOCK


async def find(context: Context, connection: AsyncConnection, secret: str) -> Link | None:
    """The living link with that address. Whatever is not one takes the same way and the same time."""
    found = await connection.execute(
        select(
            sent_documents.c.id,
            sent_documents.c.name,
            sent_documents.c.size,
            func.coalesce(users.c.full_name, users.c.name).label("sender"),
            sent_documents.c.settings,
            sent_documents.c.password_hash,
            sent_documents.c.expires_at,
            sent_documents.c.locked_at,
            alive(context.clock()).label("alive"),
        )
        .join(users, users.c.id == sent_documents.c.owner_id)
        .where(sent_documents.c.address_hash == context.keys.lookup(secret))
    )
    row = found.first()
    if row is None or not row.alive:
        return None
    return Link(*row[:-1])


async def count_download(
    context: Context,
    connection: AsyncConnection,
    link: Link,
    *,
    address: str | None,
    agent: str | None,
) -> str | None:
    """Counts one download of ``link`` and answers the secret of a grant; ``None`` where none is to be had.

    Limit, expiry, state and the settings that the password was checked against are looked at in the statement
    that counts, so that no two requests can both take the last one. The caller's transaction holds it all.
    """
    now = context.clock()
    is_last = sent_documents.c.downloads + 1 >= sent_documents.c.downloads_permitted
    counted = await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == link.id, sent_documents.c.settings == link.settings, alive(now))
        .values(
            downloads=sent_documents.c.downloads + 1,
            last_download_at=now,
            state=case((is_last, State.UNPUBLISHED), else_=sent_documents.c.state),
            reason=case((is_last, Reason.LIMIT), else_=sent_documents.c.reason),
        )
        .returning(sent_documents.c.downloads, sent_documents.c.downloads_permitted, sent_documents.c.state)
    )
    row = counted.first()
    if row is None:
        return None
    secret = new_secret()
    await connection.execute(
        insert(grants).values(
            hash=context.keys.lookup(secret),
            document_id=link.id,
            settings=link.settings,
            created_at=now,
            expires_at=now + await _grant_lifetime(connection),
        )
    )
    subject = audit.subject("document", link.id)
    count = {"downloads": row.downloads, "downloads_permitted": row.downloads_permitted}
    await audit.append(
        context, connection, subject, Event.DOWNLOADED, address=address, agent=agent, details=count
    )
    if row.state == State.UNPUBLISHED:
        await audit.append(context, connection, subject, Event.LIMIT_REACHED, details=count)
    return secret


async def _grant_lifetime(connection: AsyncConnection) -> timedelta:
    values = (await connection.execute(select(policy.c["values"]))).scalar() or {}
    return Policy(grant_seconds=values.get("grant_seconds")).grant_lifetime


async def settle_due(
    context: Context, connection: AsyncConnection, *where: ColumnElement[bool], limit: int | None = None
) -> int:
    """Turns published documents whose expiry has come to unpublished, within the caller's transaction.

    ``where`` narrows it down to some of ``sent_documents``; the answer is how many were turned. The audit says the
    moment of expiry. Where several do it at once, one of them turns each document: what another transaction holds is
    left to it.
    """
    due = and_(sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock())
    chosen = select(sent_documents.c.id).where(due, *where).limit(limit).with_for_update(skip_locked=True)
    turned = await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id.in_(chosen), due)
        .values(state=State.UNPUBLISHED, reason=Reason.EXPIRED, **ENDS_GRANTS)
        .returning(sent_documents.c.id, sent_documents.c.expires_at)
    )
    rows = turned.all()
    for row in rows:
        await audit.append(
            context, connection, audit.subject("document", row.id), Event.EXPIRED, at=row.expires_at
        )
    return len(rows)


async def sweep(context: Context) -> int:
    """Settles all that is due, in transactions of bounded length. To be run every few seconds."""
    total = 0
    while True:
        async with context.database.read() as connection:
            waiting = await connection.execute(
                select(sent_documents.c.id)
                .where(
                    sent_documents.c.state == State.PUBLISHED, sent_documents.c.expires_at <= context.clock()
                )
                .limit(1)
            )
            if waiting.first() is None:
                return total
        async with context.database.write() as connection:
            turned = await settle_due(context, connection, limit=_BATCH)
        if not turned:
            # Another process is at it.
            return total
        total += turned


async def unlock(context: Context, connection: AsyncConnection, document_id: str, actor: str) -> bool:
    """Lifts the lock that wrong passwords have set and forgets their tries; ``False`` where there was none."""
    now = context.clock()
    lifted = await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == document_id, sent_documents.c.locked_at > now - LOCK)
        .values(locked_at=None)
        .returning(sent_documents.c.id)
    )
    if lifted.first() is None:
        return False
    await connection.execute(wrong_passwords.delete().where(wrong_passwords.c.document_id == document_id))
    await audit.append(
        context, connection, audit.subject("document", document_id), Event.UNLOCKED, actor=actor
    )
    return True
