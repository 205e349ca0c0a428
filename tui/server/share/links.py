"""Links: their addresses, when they are live, and what wrong passwords have done to them.

A link is live while its document is published, it has not expired and its limit is not reached (:func:`alive`). Code
that ends one (unpublish, delete, new settings) sets :data:`ENDS_GRANTS` in the same update.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.link_settings import FLAGS
from ...rules.state import Event, State
from .. import audit
from ..base.clock import is_recent
from ..base.keys import new_secret
from ..context import Context
from ..database.tables import ABOUT_TRIES, Moment, blobs, sent_documents, stored, users, wrong_passwords
from ..database.tables import audit as audit_rows
from ..database.values import Reader
from ..limits.backoff import FORGOTTEN, FREE

#: How long wrong passwords lock a document.
LOCK = timedelta(hours=1)

#: More wrong tries of a network aren't counted one by one.
_MOST_TRIES = 1_000_000
#: Values for every update of ``sent_documents`` that must end existing grants: unpublishing by hand (also after the
#: limit was reached), deleting, new settings. After the update, an earlier unpublish can't be undone.
ENDS_GRANTS: Mapping[str, Any] = {"settings": sent_documents.c.settings + 1, "unpublished_at": None}
#: Values for the update that undoes the last unpublish: earlier grants become valid again.
RESTORES_GRANTS: Mapping[str, Any] = {"settings": sent_documents.c.settings - 1}


@dataclass(frozen=True, slots=True)
class Link:
    """What a recipient's request needs of a link."""

    id: str
    name: str
    size: int
    #: The sender's display name.
    sender: str
    settings: int
    password_hash: str | None
    expires_at: datetime | None
    locked_at: datetime | None
    #: The key of its bytes.
    blob: str | None = None
    #: The stamp of its bytes (``Blobs.stamp``) when they were found damaged.
    damaged: str | None = None
    sha256: str = ""
    #: How many more downloads may be counted; ``None`` if it has no limit.
    downloads_left: int | None = None
    #: Its settings that are on, of those that are on or off.
    flags: frozenset[str] = frozenset()
    #: Its row was changed by hand, to what can't be read: nothing of it is delivered.
    unreadable: bool = False


def mint(context: Context, document_id: str) -> tuple[str, bytes, bytes]:
    """A new address for a document: the secret, the hash for looking it up, and the owner's sealed copy."""
    secret = new_secret()
    return secret, context.keys.lookup(secret), context.keys.seal(secret, document_id)


def url(context: Context, document_id: str, sealed: bytes) -> str:
    """The full URL of a link, from the owner's sealed copy. Raises ``Failed`` if that was sealed with another key."""
    return f"{context.public_url}/s/{context.keys.unseal(sealed, document_id)}"


def alive(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    """The condition on ``sent_documents`` for a link to be live."""
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
    """For a row of ``sent_documents``: the last wrong try from any network that is being slowed down."""
    tries = wrong_passwords.c
    return _of_tries(func.max(tries.last_at), tries.tries > FREE)


def next_try_at() -> ColumnElement[datetime | None]:
    """For a row of ``sent_documents``: when the last of the networks that are being slowed down may try again."""
    tries = wrong_passwords.c
    return _of_tries(func.max(tries.wait_until), tries.tries > FREE)


def resent_at() -> ColumnElement[datetime | None]:
    """For a row of ``sent_documents``: when it was sent again for the last time, which its audit has."""
    mine = audit_rows.c.subject == audit.subject("document", "") + sent_documents.c.id
    # The first of the conditions is that of the index, word for word: SQLite uses it only then.
    again = and_(ABOUT_TRIES, audit_rows.c.event == Event.RESENT)
    return select(func.max(audit_rows.c.at)).where(mine, again).scalar_subquery()


def wrong_tries() -> ColumnElement[int]:
    """For a row of ``sent_documents``: how many wrong tries there were, from all networks."""
    tries = wrong_passwords.c.tries
    # Someone may have written into the table by hand what can't be added up; texts are more than any number.
    counted = case((tries > _MOST_TRIES, _MOST_TRIES), else_=tries)
    return cast(func.coalesce(_of_tries(func.sum(counted)), 0), Integer)


def _of_tries(what: ColumnElement[Any], *of: ColumnElement[bool]) -> ColumnElement[Any]:
    """``what`` over the wrong tries at the document of a row of ``sent_documents``, with its present settings."""
    tries = wrong_passwords.c
    mine = (tries.document_id == sent_documents.c.id, tries.settings == sent_documents.c.settings)
    return select(what).where(*mine, *of).scalar_subquery()


def throttled(row: Row[Any], now: datetime) -> bool:
    """Whether any network is slowed down by wrong passwords at the document of ``row`` (with ``throttled_at``)."""
    return is_recent(row.throttled_at, now, FORGOTTEN)


def damaged() -> ColumnElement[str | None]:
    """For a row of ``sent_documents``: the stamp of its bytes when they were found damaged."""
    return select(blobs.c.damaged).where(blobs.c.key == sent_documents.c.blob).scalar_subquery()


async def find(context: Context, connection: AsyncConnection, secret: str) -> Link | None:
    """The live link with the address ``secret``. Anything else takes the same code path and the same time."""
    link, is_alive = await look_up(context, connection, secret)
    return link if is_alive else None


#: What a link has of its document, and behind that what else decides whether a download may be counted.
_OF_LINK = ("id", "name", "size", "settings", "password_hash", "expires_at", "locked_at", "blob", "sha256")
_COUNTED = ("downloads", "downloads_permitted")
_READER = Reader(sent_documents.c[name] for name in (*_OF_LINK, *_COUNTED, *FLAGS))


@cache
def _link_of_address() -> Select[Any]:
    """Built once, since it is on the path of every recipient's request."""
    return (
        select(
            *stored(_READER.columns),
            func.coalesce(users.c.full_name, users.c.name).label("sender"),
            damaged().label("damaged"),
            alive(bindparam("now", type_=Moment)).label("alive"),
        )
        .join(users, users.c.id == sent_documents.c.owner_id)
        .where(sent_documents.c.address_hash == bindparam("hash"))
    )


async def look_up(
    context: Context, connection: AsyncConnection | None, secret: str
) -> tuple[Link | None, bool]:
    """The link with the address ``secret`` and whether it is live; ``None`` if there has never been one.

    As it is in the transaction of ``connection``, or without one, as it is committed now.
    """
    given = {"now": context.clock(), "hash": context.keys.lookup(secret)}
    if connection is None:
        row = await context.database.first(_link_of_address(), given)
    else:
        row = await context.database.first_as_stored(connection, _link_of_address(), given)
    if row is None:
        return None, False
    values, lost = _READER.read(row)
    downloads, permitted = (values.pop(name) for name in _COUNTED)
    left = None if permitted is None or downloads is None else max(0, permitted - downloads)
    link = Link(
        flags=flags_on(values),
        sender=row.sender,
        damaged=row.damaged,
        downloads_left=left,
        unreadable=bool(lost),
        **values,
    )
    return link, bool(row.alive)


def flags_on(values: dict[str, Any]) -> frozenset[str]:
    """Takes the settings that are on or off out of a document's ``values``, and returns those that are on."""
    return frozenset([name for name in FLAGS if values.pop(name)])


async def unlock(context: Context, connection: AsyncConnection, row: Row[Any], actor: str) -> bool:
    """Lift the lock and the waiting times of all networks caused by wrong passwords; ``False`` if there were none.

    ``row`` is the document's, locked by the caller's transaction.
    """
    now = context.clock()
    removed_tries = await connection.execute(
        delete(wrong_passwords)
        .where(wrong_passwords.c.document_id == row.id)
        .returning(wrong_passwords.c.settings, wrong_passwords.c.last_at)
    )
    was_throttled = any(
        r.settings == row.settings and is_recent(r.last_at, now, FORGOTTEN) for r in removed_tries
    )
    if not locked(row, now) and not was_throttled:
        return False
    await connection.execute(
        update(sent_documents).where(sent_documents.c.id == row.id).values(locked_at=None)
    )
    await audit.append(context, connection, audit.subject("document", row.id), Event.UNLOCKED, actor=actor)
    return True


def delivered_count(row: Row[Any]) -> dict[str, int]:
    """How many downloads of a document had arrived when its link ended, for the audit; nothing if what is stored of
    that was changed by hand to what is no number."""
    return {"delivered": row.delivered} if type(row.delivered) is int else {}
