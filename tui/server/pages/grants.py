"""Grants: permissions to read the bytes of a document, each paid for by a counted download.

A grant is valid for the time set by the policy, which each request that delivers bytes starts again, up to a day in
all. What has not arrived stays available, at most ten times the bytes of the file in all. As soon as all of the file
has arrived (:mod:`.deliveries` knows), ten minutes and at most three more whole downloads remain. Bytes are reserved
before they're sent; those that the recipient's system didn't take are released if a request is broken off. If a proxy
is in between, only what it has taken is known, and nothing is shortened: recipients may come back for what broke off
behind it. A grant ends immediately, even in the middle of a request, when its document is unpublished by hand, deleted,
expired or given new settings; reaching the download limit doesn't end it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import Moment, grant_events, grants, policy, sent_documents, stored
from ..database.values import Reader
from ..http.visitor import Visitor
from ..share.downloads import grant_lifetime, undo_download
from ..share.links import damaged

#: How often a grant gives the bytes of the file, in all, until all of them have arrived; and how much is left then.
TIMES = 10
TIMES_AFTERWARDS, AFTERWARDS = 3, timedelta(minutes=10)
#: However much it is used, a grant ends this long after it was created.
LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant, with the file that it permits to read unless it ``has_ended``.

    ``given`` is the number of bytes that recipients had taken when it was loaded, ``reserved`` includes those under
    way. ``network`` is the one that pressed the button (``None``: not known); ``lifetime`` is how long it is valid
    after its last use. ``delivered_at`` is when all of the file had arrived, and ``permitted`` how many bytes it gives
    in all since then. ``damaged`` and ``unreadable`` are as in :class:`Link`; if it is ``undone``, its download was
    subtracted from the count again.
    """

    hash: bytes
    document_id: str
    name: str
    size: int
    sha256: str
    blob: str
    given: int
    reserved: int
    network: str | None
    created_at: datetime
    expires_at: datetime
    settings: int
    damaged: str | None
    undone_at: datetime | None
    lifetime: timedelta
    delivered_at: datetime | None = None
    permitted: int | None = None
    unreadable: bool = False
    has_ended: bool = False

    @property
    def bytes_in_all(self) -> int:
        """How many bytes it gives in all."""
        most = TIMES * self.size
        return most if self.permitted is None else min(self.permitted, most)

    def offered_until(self, now: datetime) -> datetime:
        """Until when its file is there even if all of it arrives now: see :data:`AFTERWARDS`."""
        return self.expires_at if self.delivered_at else min(self.expires_at, now + AFTERWARDS)

    @property
    def downloads_left(self) -> int:
        """How often it still gives the whole file; 0 for an empty one, which costs nothing."""
        return (self.bytes_in_all - self.given) // self.size if self.size else 0

    @property
    def is_used_up(self) -> bool:
        """Whether it no longer gives the whole file."""
        return self.given + self.size > self.bytes_in_all

    @property
    def undone(self) -> bool:
        return self.undone_at is not None

    def expiry_if_used(self, now: datetime) -> datetime:
        """Until when it is valid, at least, if it delivers bytes now."""
        return min(now + self.lifetime, self.created_at + LONGEST)

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'


def _document_allows(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return and_(
        grants.c.settings == sent_documents.c.settings,
        or_(
            sent_documents.c.state == State.PUBLISHED,
            and_(sent_documents.c.state == State.UNPUBLISHED, sent_documents.c.reason == Reason.LIMIT),
        ),
        or_(sent_documents.c.expires_at.is_(None), sent_documents.c.expires_at > now),
        sent_documents.c.blob.is_not(None),
    )


#: What a grant has of its row, and of its document's.
_OF_GRANT = (
    "hash", "document_id", "bytes_given", "bytes_reserved", "network", "created_at", "expires_at", "settings",
    "undone_at", "delivered_at", "bytes_permitted",
)  # fmt: skip
_OF_DOCUMENT = ("name", "size", "sha256", "blob")
_READER = Reader(
    [*(grants.c[name] for name in _OF_GRANT), *(sent_documents.c[name] for name in _OF_DOCUMENT)]
)


def _bytes_in_all(size: int | ColumnElement[int]) -> ColumnElement[int]:
    permitted, most = grants.c.bytes_permitted, TIMES * size
    return case((permitted < most, permitted), else_=most)


@cache
def _grant_of_address() -> Select[Any]:
    """Built once, since it is on the path of every download."""
    now = bindparam("now", type_=Moment)
    return (
        select(
            *stored(_READER.columns),
            damaged().label("damaged"),
            select(policy.c["values"]).scalar_subquery().label("policy"),
            _document_allows(now).label("allowed"),
            and_(
                grants.c.expires_at > now,
                or_(sent_documents.c.size == 0, grants.c.bytes_given < _bytes_in_all(sent_documents.c.size)),
            ).label("good"),
        )
        .join(sent_documents, sent_documents.c.id == grants.c.document_id)
        .where(grants.c.hash == bindparam("grant"))
    )


async def find(context: Context, connection: AsyncConnection | None, secret: str) -> Grant | None:
    """The grant with the address ``secret``, if it is still valid; ``connection`` as for ``links.look_up``."""
    grant = await look_up(context, connection, secret)
    return None if grant is None or grant.has_ended else grant


async def look_up(context: Context, connection: AsyncConnection | None, secret: str) -> Grant | None:
    """The grant with the address ``secret``, also if its time or its bytes are used up, but not if its document's link
    was ended otherwise than by its limit; ``connection`` as for ``links.look_up``."""
    given = {"now": context.clock(), "grant": context.keys.lookup(secret)}
    if connection is None:
        row = await context.database.first(_grant_of_address(), given)
    else:
        row = await context.database.first_as_stored(connection, _grant_of_address(), given)
    if row is None or not row.allowed:
        return None
    values, lost = _READER.read(row)
    return Grant(
        given=values.pop("bytes_given"),
        reserved=values.pop("bytes_reserved"),
        permitted=values.pop("bytes_permitted"),
        has_ended=not row.good,
        damaged=row.damaged,
        unreadable=bool(lost),
        lifetime=grant_lifetime(row.policy),
        **values,
    )


async def may_continue(context: Context, grant: Grant, *, has_sent: bool) -> bool:
    """Whether a request that has begun may continue, which depends on the document only.

    The expiry of the grant itself stops new requests only: a slow connection gets the file that it began to fetch. If
    the request ``has_sent`` bytes since the last call, the grant is extended.
    """
    now = context.clock()
    async with context.database.read() as connection:
        result = await connection.execute(
            select(grants.c.expires_at, grants.c.bytes_permitted)
            .join(sent_documents, sent_documents.c.id == grants.c.document_id)
            .where(grants.c.hash == grant.hash, _document_allows(now))
        )
        row = result.first()
    if row is None:
        return False
    extended_until = grant.expiry_if_used(now)
    # Written only now and then: it takes a transaction each time.
    if has_sent and row.bytes_permitted is None and row.expires_at < extended_until - grant.lifetime / 2:
        async with context.database.write() as connection:
            await connection.execute(
                update(grants)
                .where(
                    grants.c.hash == grant.hash,
                    grants.c.bytes_permitted.is_(None),
                    grants.c.expires_at < extended_until,
                )
                .values(expires_at=extended_until)
            )
    return True


async def reserve(context: Context, secret: str, length: int, visitor: Visitor) -> Grant | None:
    """Reserve ``length`` bytes and return the grant; ``None`` if it isn't valid or has too few bytes left.

    The audit records it if the network differs from the one that pressed the button. Raises :class:`Throttled` if the
    bytes may become free when requests under way release theirs.
    """
    async with context.database.write() as connection:
        grant = await find(context, connection, secret)
        if grant is None or grant.unreadable:
            return None
        reserved = await connection.execute(
            update(grants)
            .where(grants.c.hash == grant.hash, grants.c.bytes_reserved + length <= _bytes_in_all(grant.size))
            .values(bytes_reserved=grants.c.bytes_reserved + length)
            .returning(grants.c.hash)
        )
        if reserved.first() is not None:
            if grant.network not in (None, visitor.network):
                await record(context, connection, grant, visitor, Event.TAKEN_ELSEWHERE)
            return grant
    if grant.given + length > grant.bytes_in_all:
        return None
    raise Throttled("grant.busy", "Other requests are fetching this file just now; try again in a moment.", 2)


async def release_left_over(context: Context) -> None:
    """Release what requests had reserved that are no longer under way: their process was killed.

    To be called only if no other process gives out bytes.
    """
    async with context.database.write() as connection:
        await connection.execute(
            update(grants)
            .where(grants.c.bytes_reserved != grants.c.bytes_given, grants.c.expires_at > context.clock())
            .values(
                bytes_reserved=grants.c.bytes_given,
                bytes_permitted=grants.c.bytes_permitted - (grants.c.bytes_reserved - grants.c.bytes_given),
            )
        )


async def record(
    context: Context,
    connection: AsyncConnection,
    grant: Grant,
    visitor: Visitor,
    event: Event,
    details: Mapping[str, Any] | None = None,
) -> bool:
    """Write ``event`` to the audit once for a grant and network; ``False`` if it is already there."""
    inserted = await connection.execute(
        context.database.insert(grant_events)
        .values(hash=grant.hash, network=visitor.network, event=str(event))
        .on_conflict_do_nothing()
        .returning(grant_events.c.hash)
    )
    if inserted.first() is None:
        return False
    await audit.append(
        context,
        connection,
        audit.subject("document", grant.document_id),
        event,
        address=visitor.address,
        agent=visitor.agent,
        details=details,
    )
    return True


async def settle(connection: AsyncConnection, grant: Grant, reserved: int, given: int, at: datetime) -> None:
    """Release what a request had ``reserved`` but not ``given``, and extend the grant if something has not arrived yet.

    ``grant`` is as it was when the bytes were reserved; ``at`` is when the request ended.
    """
    unused, extended_until, kept = reserved - given, grant.expiry_if_used(at), grants.c.expires_at
    values: dict[str, Any] = {
        "bytes_reserved": grants.c.bytes_reserved - unused,
        "bytes_given": grants.c.bytes_given + given,
    }
    if given:
        is_used = and_(grants.c.bytes_permitted.is_(None), kept < extended_until)
        values["expires_at"] = case((is_used, literal(extended_until, Moment)), else_=kept)
    if grant.permitted is None:
        # If all of the file arrived in the meantime, they were among the bytes that had been reserved by then.
        values["bytes_permitted"] = grants.c.bytes_permitted - unused
    await connection.execute(update(grants).where(grants.c.hash == grant.hash).values(values))


async def take_back(connection: AsyncConnection, grant: Grant, unused: int) -> None:
    """Release bytes that were settled as given."""
    values = {
        name: grants.c[name] - unused
        for name in (
            "bytes_reserved",
            "bytes_given",
            *(("bytes_permitted",) if grant.permitted is None else ()),
        )
    }
    await connection.execute(update(grants).where(grants.c.hash == grant.hash).values(values))


async def mark_delivered(
    connection: AsyncConnection, grant: Grant, at: datetime, *, relayed: bool = False
) -> bool:
    """Note that all of the file had arrived ``at`` that time, unless that is noted already (``False``).

    What remains is :data:`AFTERWARDS`, unless the grant ends before, and :data:`TIMES_AFTERWARDS` more whole downloads.
    If it was ``relayed``, a proxy has all of it, and what remains stays as it is.
    """
    of_grant = grants.c.hash == grant.hash
    if relayed:
        marked = await connection.execute(
            update(grants)
            .where(of_grant, grants.c.delivered_at.is_(None))
            .values(delivered_at=at)
            .returning(grants.c.hash)
        )
        return marked.first() is not None
    ends, kept = at + AFTERWARDS, grants.c.expires_at
    marked = await connection.execute(
        update(grants)
        .where(of_grant, grants.c.bytes_permitted.is_(None))
        .values(
            delivered_at=func.coalesce(grants.c.delivered_at, literal(at, Moment)),
            bytes_permitted=grants.c.bytes_reserved + TIMES_AFTERWARDS * grant.size,
            expires_at=case((kept > ends, literal(ends, Moment)), else_=kept),
        )
        .returning(grants.c.hash)
    )
    return marked.first() is not None


async def mark_later(connection: AsyncConnection, grant: Grant, at: datetime) -> None:
    """Correct a :func:`mark_delivered` of an earlier time."""
    ends = min(grant.expiry_if_used(at), at + AFTERWARDS)
    await connection.execute(
        update(grants).where(grants.c.hash == grant.hash).values(delivered_at=at, expires_at=ends)
    )


async def unmark_delivered(connection: AsyncConnection, grant: Grant, at: datetime) -> None:
    """Undo :func:`mark_delivered`, as of ``at``."""
    await connection.execute(
        update(grants)
        .where(grants.c.hash == grant.hash)
        .values(
            delivered_at=None,
            bytes_permitted=None,
            expires_at=max(grant.expires_at, grant.expiry_if_used(at)),
        )
    )


async def lock_document(connection: AsyncConnection, grant: Grant) -> None:
    """Lock the grant's document; always done before locking the grant and the audit, to avoid deadlocks."""
    query = select(sent_documents.c.id).where(sent_documents.c.id == grant.document_id)
    # When a grant is updated twice in a transaction, PostgreSQL looks at its document again, which must not wait.
    await connection.execute(query.with_for_update(key_share=True))


async def undo(context: Context, grant: Grant, visitor: Visitor) -> bool:
    """Take a grant's download off the count again, because its file turned out damaged before all of it had arrived.

    ``False`` if the whole file had arrived before, or the download was already taken off.
    """
    async with context.database.write() as connection:
        await lock_document(connection, grant)
        undone = await connection.execute(
            update(grants)
            .where(
                grants.c.hash == grant.hash,
                grants.c.undone_at.is_(None),
                grants.c.delivered_at.is_(None),
            )
            .values(undone_at=context.clock())
            .returning(grants.c.hash)
        )
        if undone.first() is None:
            return False
        await undo_download(
            context,
            connection,
            grant.document_id,
            grant.settings,
            address=visitor.address,
            agent=visitor.agent,
        )
        return True
