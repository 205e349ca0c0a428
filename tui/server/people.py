"""People and their access tokens."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules import accounts
from ..rules.errors import Failed, NotSignedIn
from ..rules.state import Event
from . import audit
from .context import Context, context_of
from .database import NOTE_SECONDS
from .database.tables import Moment, tokens, users
from .files import write_private
from .keys import new_id, new_secret

log = logging.getLogger("sentlinks")

#: A token's last use is written at most this often.
_TOUCH = timedelta(minutes=5)
#: A token is kept for so long after its end, so that one that comes a second time is known.
_TOKENS_KEPT = timedelta(days=30)
_BATCH = 500
#: The token of the data folder is good over the network for so long, and until it was exchanged for another.
FIRST_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """Who a request comes from. ``token_id`` is the id of the access token that it carried.

    ``delegated``: that was given to a program which the person signed in at, and which acts for them.
    """

    id: str
    name: str
    admin: bool
    token_id: str
    delegated: bool = False


@dataclass(frozen=True, slots=True)
class Begun:
    """How somebody signed in: with which program, from which network address, and when, if that is a while ago."""

    program: str | None = None
    address: str | None = None
    at: datetime | None = None


_UNTOLD = Begun()


async def add_person(
    context: Context,
    connection: AsyncConnection,
    name: str,
    *,
    admin: bool,
    password_hash: str | None = None,
    full_name: str | None = None,
    email: str | None = None,
    by: audit.Origin | None = None,
) -> str:
    """Adds a person (``name`` in capitals) and answers their id. The audit says by whom (``None``: by the server)."""
    user_id = new_id()
    await connection.execute(
        insert(users).values(
            id=user_id,
            name=name.upper(),
            full_name=full_name,
            email=email,
            admin=admin,
            password_hash=password_hash,
            created_at=context.clock(),
        )
    )
    await note_person(
        context, connection, user_id, Event.PERSON_ADDED, by, {"person": name.upper(), "admin": admin}
    )
    return user_id


async def find_person(
    connection: AsyncConnection, name: str, *, hold: bool = False, unseen: bool = False
) -> Row[Any] | None:
    """The person whom somebody means by ``name``. ``unseen``: also one whose name is kept just so, though there is
    something in it that nobody sees. With ``hold``, they stay until the transaction ends."""
    meant = accounts.names_meant(name)
    if unseen and name not in meant and _is_text(name):
        meant = (name, *meant)
    if not meant:
        return None
    query = select(users).where(users.c.name.in_(meant), users.c.removed_at.is_(None))
    rows = (await connection.execute(query.with_for_update(key_share=True) if hold else query)).all()
    return min(rows, key=lambda row: meant.index(row.name), default=None)


def _is_text(name: str) -> bool:
    """Whether a database can be asked for it."""
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in name)


async def note_person(
    context: Context,
    connection: AsyncConnection,
    user_id: str,
    event: Event,
    by: audit.Origin | None,
    details: Mapping[str, Any],
) -> None:
    """Writes to the audit of a person what was done to their account, and to that of the installation."""
    for subject in (audit.subject("person", user_id), audit.INSTALLATION):
        await audit.append(context, connection, subject, event, **(by or audit.NOBODY), details=details)


async def add_token(
    context: Context,
    connection: AsyncConnection,
    user_id: str,
    kind: str,
    *,
    lifetime: timedelta | None = None,
    idle: timedelta | None = None,
    family: str | None = None,
    begun: Begun = _UNTOLD,
) -> str:
    """Makes a token and answers it; only its keyed hash is kept. Those of a ``family`` end together."""
    secret = new_secret()
    now = context.clock()
    await connection.execute(
        insert(tokens).values(
            id=new_id(),
            hash=context.keys.lookup(secret),
            user_id=user_id,
            kind=kind,
            created_at=now,
            used_at=now,
            expires_at=now + lifetime if lifetime else None,
            idle_seconds=int(idle.total_seconds()) if idle else None,
            family=family,
            begun_at=begun.at or now,
            program=begun.program,
            address=begun.address,
        )
    )
    return secret


async def end_tokens(context: Context, connection: AsyncConnection, *where: ColumnElement[bool]) -> None:
    """Revokes tokens, also those that are given meanwhile for one of them. That of the data folder ends over the
    network only: whoever has the folder has all that is in it."""
    first = tokens.c.kind == "first"
    # Before anything that a clock could be put back to.
    await connection.execute(update(tokens).where(first, *where).values(expires_at=tokens.c.created_at))
    ending = (
        update(tokens).where(tokens.c.revoked_at.is_(None), ~first, *where).values(revoked_at=context.clock())
    )
    # A renewal that was under way has put new ones in while its old one was waited for: they are seen the next time.
    while (await connection.execute(ending.returning(tokens.c.id))).all():
        pass


async def end_sign_ins(context: Context, connection: AsyncConnection, *where: ColumnElement[bool]) -> None:
    """Revokes tokens, and of each that came of a sign-in all that did."""
    found = (await connection.execute(select(tokens.c.id, tokens.c.family).where(*where))).all()
    families = {row.family for row in found if row.family}
    alone = {row.id for row in found if not row.family}
    if found:
        same = or_(tokens.c.family.in_(families), tokens.c.id.in_(alone))
        await end_tokens(context, connection, same)


async def first_person(context: Context, name: str) -> None:
    """On fresh data: makes the administrator ``name`` and writes their token to ``DIR/token`` (0600).

    Whoever has the data folder has all that is in it: over the socket there, the token is good until it is revoked.
    """
    async with context.database.write() as connection:
        if (await connection.execute(select(func.count()).select_from(users))).scalar():
            return
        full_name = accounts.full_name(context.settings.full_name or "")
        user_id = await add_person(context, connection, name, admin=True, full_name=full_name)
        secret = await add_token(context, connection, user_id, "first", lifetime=FIRST_LIFE)
        # Within the transaction: data whose token was never written stays fresh.
        write_private(context.settings.data / "token", secret)


async def forget_old(context: Context) -> None:
    """Removes tokens whose end is long past: revoked, expired, or not used for too long."""
    end = context.clock() - _TOKENS_KEPT
    idle = type_coerce(tokens.c.used_at, BigInteger) + cast(tokens.c.idle_seconds, BigInteger) * 1_000_000
    over = or_(
        tokens.c.revoked_at <= end,
        and_(tokens.c.expires_at <= end, tokens.c.kind != "first"),
        type_coerce(idle, Moment) <= end,
    )
    some = select(tokens.c.id).where(over).limit(_BATCH)
    while True:
        async with context.database.read() as connection:
            ids = (await connection.execute(some)).scalars().all()
        if not ids:
            return
        async with context.database.write() as connection:
            await connection.execute(delete(tokens).where(tokens.c.id.in_(ids), over))


def secret_of(request: Request) -> str:
    """The token that a request carries, good or not; empty without one."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret:
        return secret.strip()
    return request.headers.get("x-auth-token", "")


# Made once: every request asks for it.
_TOKEN = (
    select(tokens, users.c.name, users.c.admin)
    .join(users, users.c.id == tokens.c.user_id)
    .where(
        tokens.c.hash == bindparam("secret"),
        tokens.c.kind != "refresh",
        tokens.c.revoked_at.is_(None),
        users.c.removed_at.is_(None),
    )
)


def address_of(request: Request) -> str | None:
    """The network address that a request came from; ``None`` over a Unix socket."""
    return request.client.host if request.client else None


def over_socket(request: Request) -> bool:
    """Whether a request came over the Unix socket, which lies in the data folder and is its owner's alone."""
    server = request.scope.get("server")
    return server is not None and server[1] is None


def ends_at(row: Row[Any]) -> datetime | None:
    """When a token ends if it is not used any more; ``None`` for never."""
    idle: datetime | None = None
    if row.idle_seconds:
        idle = row.used_at + timedelta(seconds=row.idle_seconds)
    ends = [end for end in (row.expires_at, idle) if end]
    return min(ends, default=None)


def refused() -> NotSignedIn:
    """For a token that is missing, or not good (any more)."""
    return NotSignedIn("token.invalid", "X-Auth-Token is invalid or missing")


def _still_signed_in(person: Person) -> Select[Any]:
    """One row where the person is there and their token was not revoked. Its time may have run out meanwhile."""
    return (
        select(users.c.id)
        .join(tokens, tokens.c.user_id == users.c.id)
        .where(
            users.c.id == person.id,
            users.c.removed_at.is_(None),
            tokens.c.id == person.token_id,
            tokens.c.revoked_at.is_(None),
        )
    )


async def is_still_signed_in(connection: AsyncConnection, person: Person) -> bool:
    """Whether the person, whose request is under way, is still there, and was not signed out."""
    return (await connection.execute(_still_signed_in(person))).first() is not None


async def hold_person(connection: AsyncConnection, person: Person) -> None:
    """Raises :class:`NotSignedIn` where the person was removed or signed out while the request was under way.

    Nobody is removed until the transaction ends, so that nothing comes to be behind their removal.
    """
    query = _still_signed_in(person).with_for_update(read=True, of=users)
    if (await connection.execute(query)).first() is None:
        raise refused()


async def _touch(context: Context, token_id: str, used: Mapping[str, Any]) -> None:
    """Notes when and from where a token was used; nobody is kept waiting, or away, where that cannot be written."""
    if context.disk.is_full:
        return
    try:
        async with context.database.write(patience=NOTE_SECONDS) as connection:
            await connection.execute(update(tokens).where(tokens.c.id == token_id).values(used))
    except Failed as error:
        log.warning("the use of a token was not noted: %s", error.message)


async def person_of(request: Request) -> Person:
    """The person whose token the request carries (a FastAPI dependency). Raises :class:`NotSignedIn`."""
    context = context_of(request)
    secret = secret_of(request)
    if not secret:
        raise refused()
    now = context.clock()
    async with context.database.read() as connection:
        row = (await connection.execute(_TOKEN, {"secret": context.keys.lookup(secret)})).first()
    if row is None:
        raise refused()
    end = None if row.kind == "first" and over_socket(request) else ends_at(row)
    if end is not None and end <= now:
        raise refused()
    if now - row.used_at > _TOUCH:
        used = {"used_at": now, "address": address_of(request)}
        await _touch(context, row.id, used)
    return Person(row.user_id, row.name, row.admin, row.id, row.kind == "grant")
