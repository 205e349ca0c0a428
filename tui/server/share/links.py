"""Links: their addresses, when they live, and the counting of downloads.

A link lives while its document is published, its expiry is still to come and its limit is not reached
(:func:`alive`). Whoever ends one (unpublish, delete, new settings) sets :data:`ENDS_GRANTS` in the same update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.policy import Policy
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import Moment, blobs, grants, policy, sent_documents, users, wrong_passwords
from ..keys import new_secret
from ..waits import FREE, is_recent

#: So long the lock holds that wrong passwords have set.
LOCK = timedelta(hours=1)
#: Documents that are settled in one transaction of :func:`sweep`.
_BATCH = 200

#: To be among the values of every update of ``sent_documents`` after which grants already given end: unpublishing
#: by hand (also where the limit was reached), deleting, new settings. An unpublishing before it cannot be undone.
ENDS_GRANTS: Mapping[str, Any] = {"settings": sent_documents.c.settings + 1, "unpublished_at": None}
#: To be among the values of the update that undoes the last unpublishing: the grants of before are good again.
RESTORES_GRANTS: Mapping[str, Any] = {"settings": sent_documents.c.settings - 1}


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
    #: The key of its bytes.
    blob: str | None = None
    #: How they stood when they were found damaged (``Blobs.stamp``).
    damaged: str | None = None
    sha256: str = ""


def mint(context: Context, document_id: str) -> tuple[str, bytes, bytes]:
    """A new address for a document: the secret, the hash it is looked up by, the owner's sealed copy."""
    secret = new_secret()
    return secret, context.keys.lookup(secret), context.keys.seal(secret, document_id)


def url(context: Context, document_id: str, sealed: bytes) -> str:
    """The whole address of a link from the owner's sealed copy. Raises ``Failed`` for another key's."""
    return f"{context.public_url}/s/{context.keys.unseal(sealed, document_id)}"


def alive(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
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
    return is_recent(row.locked_at, now, LOCK)


def throttled_at() -> ColumnElement[datetime | None]:
    """Of a row of ``sent_documents``: when a network that wrong passwords slow down last tried one."""
    tries = wrong_passwords.c
    return (
        select(func.max(tries.last_at))
        .where(
            tries.document_id == sent_documents.c.id,
            tries.settings == sent_documents.c.settings,
            tries.tries > FREE,
        )
        .scalar_subquery()
    )


def throttled(row: Row[Any], now: datetime) -> bool:
    """Whether wrong passwords slow down some network at the document of ``row`` (with its ``throttled_at``)."""
    return is_recent(row.throttled_at, now)


def damaged() -> ColumnElement[str | None]:
    """Of a row of ``sent_documents``: how its bytes stood when they were found damaged."""
    return select(blobs.c.damaged).where(blobs.c.key == sent_documents.c.blob).scalar_subquery()


async def find(context: Context, connection: AsyncConnection, secret: str) -> Link | None:
    """The living link with that address. Whatever is not one takes the same way and the same time."""
    link, is_alive = await look_up(context, connection, secret)
    return link if is_alive else None


@cache
def _link_of_address() -> Select[Any]:
    """Built once: strangers wait for it."""
    return (
        select(
            sent_documents.c.id,
            sent_documents.c.name,
            sent_documents.c.size,
            func.coalesce(users.c.full_name, users.c.name).label("sender"),
            sent_documents.c.settings,
            sent_documents.c.password_hash,
            sent_documents.c.expires_at,
            sent_documents.c.locked_at,
            sent_documents.c.blob,
            damaged().label("damaged"),
            sent_documents.c.sha256,
            alive(bindparam("now", type_=Moment)).label("alive"),
        )
        .join(users, users.c.id == sent_documents.c.owner_id)
        .where(sent_documents.c.address_hash == bindparam("hash"))
    )


async def look_up(context: Context, connection: AsyncConnection, secret: str) -> tuple[Link | None, bool]:
    """The link with that address, and whether it lives; ``None`` where there has never been one."""
    given = {"now": context.clock(), "hash": context.keys.lookup(secret)}
    row = (await connection.execute(_link_of_address(), given)).first()
    return (None, False) if row is None else (Link(*row[:-1]), bool(row.alive))


async def count_download(
    context: Context,
    connection: AsyncConnection,
    link: Link,
    secret: str,
    *,
    network: str,
    address: str | None,
    agent: str | None,
) -> datetime | None:
    """Counts one download of ``link``, makes the grant with that secret and answers until when it is good.

    ``None`` where none is to be had: limit, expiry, state and the settings that the password was checked against
    are looked at in the statement that counts, so that no two requests can both take the last one. The caller's
    transaction holds it all.
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
            # An unpublishing that was undone is long past: a next one is the first.
            unpublished_at=case((is_last, null()), else_=sent_documents.c.unpublished_at),
        )
        .returning(*audit.COLUMNS)
    )
    row = counted.first()
    if row is None:
        return None
    ends = now + grant_lifetime((await connection.execute(select(policy.c["values"]))).scalar())
    await connection.execute(
        insert(grants).values(
            hash=context.keys.lookup(secret),
            document_id=link.id,
            settings=link.settings,
            network=network,
            created_at=now,
            expires_at=ends,
        )
    )
    subject = audit.subject("document", link.id)
    count = {"downloads": row.downloads, "downloads_permitted": row.downloads_permitted}
    state = audit.state_of(context, row)
    await audit.append(
        context,
        connection,
        subject,
        Event.DOWNLOADED,
        address=address,
        agent=agent,
        details=count,
        state=state,
    )
    if row.state == State.UNPUBLISHED:
        await audit.append(context, connection, subject, Event.LIMIT_REACHED, details=count, state=state)
    return ends


async def undo_download(
    context: Context,
    connection: AsyncConnection,
    document_id: str,
    settings: int,
    *,
    address: str | None,
    agent: str | None,
) -> None:
    """Takes a download off the count again whose bytes turned out damaged, which the audit says.

    Where it was the last one, the link works again; where it has other settings by now, its counter began anew.
    """
    by_limit = and_(sent_documents.c.state == State.UNPUBLISHED, sent_documents.c.reason == Reason.LIMIT)
    undone = await connection.execute(
        update(sent_documents)
        .where(
            sent_documents.c.id == document_id,
            sent_documents.c.settings == settings,
            sent_documents.c.downloads > 0,
        )
        .values(
            downloads=sent_documents.c.downloads - 1,
            state=case((by_limit, State.PUBLISHED), else_=sent_documents.c.state),
            reason=case((by_limit, null()), else_=sent_documents.c.reason),
        )
        .returning(*audit.COLUMNS)
    )
    row = undone.first()
    if row is not None:
        await audit.append(
            context,
            connection,
            audit.subject("document", document_id),
            Event.UNAVAILABLE,
            address=address,
            agent=agent,
            details={
                "why": "damaged",
                "downloads": row.downloads,
                "downloads_permitted": row.downloads_permitted,
            },
            state=audit.state_of(context, row),
        )


def grant_lifetime(values: Mapping[str, Any] | None) -> timedelta:
    """How long a grant lives by the policy that is kept as ``values``."""
    return Policy(grant_seconds=(values or {}).get("grant_seconds")).grant_lifetime


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
        .returning(*audit.COLUMNS)
    )
    rows = turned.all()
    for row in rows:
        await audit.append(
            context,
            connection,
            audit.subject("document", row.id),
            Event.EXPIRED,
            at=row.expires_at,
            state=audit.state_of(context, row),
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


async def unlock(context: Context, connection: AsyncConnection, row: Row[Any], actor: str) -> bool:
    """Lifts the lock and the waits of all networks that wrong passwords have set; ``False`` where there was nothing.

    ``row`` is the document's, which the caller's transaction holds.
    """
    now = context.clock()
    forgotten = await connection.execute(
        delete(wrong_passwords)
        .where(wrong_passwords.c.document_id == row.id)
        .returning(wrong_passwords.c.settings, wrong_passwords.c.last_at)
    )
    tried = any(r.settings == row.settings and is_recent(r.last_at, now) for r in forgotten)
    if not locked(row, now) and not tried:
        return False
    await connection.execute(
        update(sent_documents).where(sent_documents.c.id == row.id).values(locked_at=None)
    )
    await audit.append(context, connection, audit.subject("document", row.id), Event.UNLOCKED, actor=actor)
    return True
