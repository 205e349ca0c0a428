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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.link_settings import FLAGS
from ...rules.state import Reason, State
from ..context import Context
from ..database.tables import Moment, grants, policy, sent_documents, stored
from ..database.values import Reader
from ..share.downloads import grant_lifetime
from ..share.links import damaged, flags_on

#: How often a grant gives the bytes of the file, in all, until all of them have arrived; and how much is left then.
TIMES = 10
TIMES_AFTERWARDS, AFTERWARDS = 3, timedelta(minutes=10)
#: However much it is used, a grant ends this long after it was created.
LONGEST = timedelta(hours=24)
#: How often a request under way is noted at least.
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """A grant, with the file that it permits to read unless it ``has_ended``.

    ``given`` is the number of bytes that recipients had taken when it was loaded, ``reserved`` includes those under
    way. ``network`` is the one that pressed the button (``None``: not known); ``lifetime`` is how long it is valid
    after its last use. ``delivered_at`` is when all of the file had arrived, and ``permitted`` how many bytes it gives
    in all since then. ``flags``, ``damaged`` and ``unreadable`` are as in :class:`Link`; if it is ``undone``, its
    download was subtracted from the count again.
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
    flags: frozenset[str] = frozenset()
    unreadable: bool = False
    has_ended: bool = False

    @property
    def bytes_in_all(self) -> int:
        """How many bytes it gives in all."""
        most = TIMES * self.size
        return most if self.permitted is None else min(self.permitted, most)

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
        """Whether its download was subtracted from the count again."""
        return self.undone_at is not None

    def expiry_if_used(self, now: datetime) -> datetime:
        """Until when it is valid, at least, if it delivers bytes now."""
        return min(now + self.lifetime, self.created_at + LONGEST)

    @property
    def etag(self) -> str:
        """The entity tag of the file, quoted: its digest."""
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
    [*(grants.c[name] for name in _OF_GRANT), *(sent_documents.c[name] for name in (*_OF_DOCUMENT, *FLAGS))]
)
#: What is asked of those under way.
_UNDER_WAY = Reader([grants.c[name] for name in ("hash", "expires_at", "bytes_permitted", "busy_at")])


def bytes_in_all_of(size: int | ColumnElement[int]) -> ColumnElement[int]:
    """How many bytes a grant of a file of ``size`` bytes gives in all, as an expression of its row."""
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
                or_(
                    sent_documents.c.size == 0, grants.c.bytes_given < bytes_in_all_of(sent_documents.c.size)
                ),
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
        flags=flags_on(values),
        unreadable=bool(lost),
        lifetime=grant_lifetime(row.policy),
        **values,
    )


async def may_continue(context: Context, grant: Grant, *, has_sent: bool) -> bool:
    """Whether a request that has begun may continue, which depends on the document only.

    The expiry of the grant itself stops new requests only: a slow connection gets the file that it began to fetch. If
    the request ``has_sent`` bytes since the last call, the grant is extended. Requests that ask at the same moment are
    answered by one statement.
    """
    return await context.under_way.ask((grant, has_sent), partial(_may_continue, context))


async def _may_continue(context: Context, asked: Sequence[tuple[Grant, bool]]) -> list[bool]:
    now = context.clock()
    query: Select[Any] = (
        select(*stored(_UNDER_WAY.columns))
        .join(sent_documents, sent_documents.c.id == grants.c.document_id)
        .where(grants.c.hash.in_({grant.hash for grant, _ in asked}), _document_allows(now))
    )
    async with context.database.read() as connection:
        found = await context.database.rows_as_stored(connection, query)
    # As stored, so that one that can't be read is only its own reader's trouble.
    rows = {row.hash: _UNDER_WAY.read(row)[0] for row in found}
    # Written only now and then: it takes a transaction each time.
    unseen = [
        ident
        for ident, row in rows.items()
        if row["busy_at"] is None or abs(now - row["busy_at"]) > SEEN_EVERY
    ]
    used = {grant.hash: grant for grant, has_sent in asked if has_sent and grant.hash in rows}
    extended = [grant for grant in used.values() if _ends_soon(rows[grant.hash], grant, now)]
    if unseen or extended:
        async with context.database.write() as connection:
            if unseen:
                await connection.execute(update(grants).where(grants.c.hash.in_(unseen)).values(busy_at=now))
            for grant in extended:
                await _extend(connection, grant, now)
    return [grant.hash in rows for grant, _ in asked]


def _ends_soon(row: Mapping[str, Any], grant: Grant, now: datetime) -> bool:
    used_until = grant.expiry_if_used(now)
    return row["bytes_permitted"] is None and row["expires_at"] < used_until - grant.lifetime / 2


async def _extend(connection: AsyncConnection, grant: Grant, now: datetime) -> None:
    extended_until = grant.expiry_if_used(now)
    await connection.execute(
        update(grants)
        .where(
            grants.c.hash == grant.hash,
            grants.c.bytes_permitted.is_(None),
            grants.c.expires_at < extended_until,
        )
        .values(expires_at=extended_until)
    )
