"""Users and their access tokens."""

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

from ...rules import accounts
from ...rules.errors import Failed, NotSignedIn
from ...rules.state import Event
from .. import audit
from ..base.clock import is_recent
from ..base.files import write_private
from ..base.keys import new_id, new_secret
from ..context import Context, context_of
from ..database import NOTE_SECONDS
from ..database.tables import Moment, tokens, users

log = logging.getLogger("sentlinks")

#: A token's last use is recorded at most this often.
_TOUCH = timedelta(minutes=5)
#: The key in a request's scope of who sent it, once that is known.
_PERSON = "sentlinks.person"
#: How long a token is kept after its end, so that a refresh token that is used twice is recognized.
_TOKENS_KEPT = timedelta(days=30)
_BATCH = 500
#: How long the token in the data folder is valid over the network, unless it is exchanged for another before.
FIRST_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Person:
    """The user that a request comes from. ``token_id`` is the id of its access token.

    ``delegated``: the token was issued to another program, which the person authorized to act for them.
    """

    id: str
    name: str
    admin: bool
    token_id: str
    delegated: bool = False


@dataclass(frozen=True, slots=True)
class SignInInfo:
    """How a person signed in: with which program, from which network address, and when, if not just now."""

    program: str | None = None
    address: str | None = None
    at: datetime | None = None


_UNKNOWN = SignInInfo()


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
    """Add a person, with ``name`` in capitals, and return their id. ``by`` (``None``: the server) is for the audit."""
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
    """Find the person that ``name``, as typed, refers to.

    ``unseen`` also finds a name that is stored exactly like this, although it contains invisible characters. With
    ``hold``, the person can't be removed until the transaction ends.
    """
    candidates = accounts.names_meant(name)
    if unseen and name not in candidates and _is_text(name):
        candidates = (name, *candidates)
    if not candidates:
        return None
    query = select(users).where(users.c.name.in_(candidates), users.c.removed_at.is_(None))
    rows = (await connection.execute(query.with_for_update(key_share=True) if hold else query)).all()
    return min(rows, key=lambda row: candidates.index(row.name), default=None)


def _is_text(name: str) -> bool:
    """Whether ``name`` can be a parameter of a query."""
    return not any(c == "\x00" or "\ud800" <= c <= "\udfff" for c in name)


async def note_person(
    context: Context,
    connection: AsyncConnection,
    user_id: str,
    event: Event,
    by: audit.Origin | None,
    details: Mapping[str, Any],
) -> None:
    """Record what was done to an account, in the audit of the person and in that of the installation."""
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
    begun: SignInInfo = _UNKNOWN,
) -> str:
    """Create and return a token; only its keyed hash is stored. Tokens of the same ``family`` end together."""
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
    """Revoke tokens, including any that are issued in exchange for one of them at the same time.

    The token in the data folder only expires over the network: anyone who can read the folder can read all its data.
    """
    first = tokens.c.kind == "first"
    # The creation time has passed even if the clock is set back.
    await connection.execute(update(tokens).where(first, *where).values(expires_at=tokens.c.created_at))
    revoke = (
        update(tokens).where(tokens.c.revoked_at.is_(None), ~first, *where).values(revoked_at=context.clock())
    )
    # A concurrent refresh may have added new tokens while this waited for the old one; the next round finds these.
    while (await connection.execute(revoke.returning(tokens.c.id))).all():
        pass


async def end_sign_ins(context: Context, connection: AsyncConnection, *where: ColumnElement[bool]) -> None:
    """Revoke tokens, each with all others of the same sign-in."""
    found = (await connection.execute(select(tokens.c.id, tokens.c.family).where(*where))).all()
    families = {row.family for row in found if row.family}
    single_ids = {row.id for row in found if not row.family}
    if found:
        affected = or_(tokens.c.family.in_(families), tokens.c.id.in_(single_ids))
        await end_tokens(context, connection, affected)


async def first_person(context: Context, name: str) -> None:
    """In a new installation, create the administrator ``name`` and write their token to ``DIR/token`` (0600).

    Anyone who can read the data folder can read all its data, so over its Unix socket the token is valid until revoked.
    """
    async with context.database.write() as connection:
        if (await connection.execute(select(func.count()).select_from(users))).scalar():
            return
        full_name = accounts.full_name(context.settings.full_name or "")
        user_id = await add_person(context, connection, name, admin=True, full_name=full_name)
        secret = await add_token(context, connection, user_id, "first", lifetime=FIRST_LIFE)
        # Within the transaction: if writing the token fails, the installation stays new.
        write_private(context.settings.data / "token", secret)


async def forget_old(context: Context) -> None:
    """Delete tokens that ended long ago: revoked, expired, or not used for too long."""
    end = context.clock() - _TOKENS_KEPT
    idle = type_coerce(tokens.c.used_at, BigInteger) + cast(tokens.c.idle_seconds, BigInteger) * 1_000_000
    has_ended = or_(
        tokens.c.revoked_at <= end,
        and_(tokens.c.expires_at <= end, tokens.c.kind != "first"),
        type_coerce(idle, Moment) <= end,
    )
    batch = select(tokens.c.id).where(has_ended).limit(_BATCH)
    while True:
        async with context.database.read() as connection:
            ids = (await connection.execute(batch)).scalars().all()
        if not ids:
            return
        async with context.database.write() as connection:
            await connection.execute(delete(tokens).where(tokens.c.id.in_(ids), has_ended))


def secret_of(request: Request) -> str:
    """The token that a request carries, valid or not; empty if none."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer" and secret:
        return secret.strip()
    return request.headers.get("x-auth-token", "")


# Built once, since every request runs it.
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
    """The network address of a request's client; ``None`` over a Unix socket."""
    return request.client.host if request.client else None


def over_socket(request: Request) -> bool:
    """Whether a request came over the Unix socket, which is in the data folder and only open to its owner."""
    server = request.scope.get("server")
    return server is not None and server[1] is None


def ends_at(row: Row[Any]) -> datetime | None:
    """When a token ends if it isn't used again; ``None`` for never."""
    idle: datetime | None = None
    if row.idle_seconds:
        idle = row.used_at + timedelta(seconds=row.idle_seconds)
    ends = [end for end in (row.expires_at, idle) if end]
    return min(ends, default=None)


def refused() -> NotSignedIn:
    """Return the error for a token that is missing or not (or no longer) valid."""
    return NotSignedIn("token.invalid", "X-Auth-Token is invalid or missing")


#: One row if the person exists and their token wasn't revoked. It may have expired during the request.
_STILL_SIGNED_IN = (
    select(users.c.id)
    .join(tokens, tokens.c.user_id == users.c.id)
    .where(
        users.c.id == bindparam("person"),
        users.c.removed_at.is_(None),
        tokens.c.id == bindparam("token"),
        tokens.c.revoked_at.is_(None),
    )
)
_HELD = _STILL_SIGNED_IN.with_for_update(read=True, of=users)


async def is_still_signed_in(connection: AsyncConnection, person: Person) -> bool:
    """Whether the person, whose request is being handled, still exists and hasn't been signed out."""
    values = {"person": person.id, "token": person.token_id}
    return (await connection.execute(_STILL_SIGNED_IN, values)).first() is not None


async def hold_person(connection: AsyncConnection, person: Person) -> None:
    """Raise :class:`NotSignedIn` if the person was removed or signed out while the request was being handled.

    Otherwise they can't be removed until the transaction ends, so nothing is stored for a person already removed.
    """
    values = {"person": person.id, "token": person.token_id}
    if (await connection.execute(_HELD, values)).first() is None:
        raise refused()


async def _touch(context: Context, token_id: str, used: Mapping[str, Any]) -> None:
    """Record when and from where a token was used. If that can't be written, the request goes ahead without delay."""
    if context.disk.is_full:
        return
    try:
        async with context.database.write(patience=NOTE_SECONDS) as connection:
            await connection.execute(update(tokens).where(tokens.c.id == token_id).values(used))
    except Failed as error:
        log.warning("the use of a token wasn't recorded: %s", error.message)


async def person_of(request: Request) -> Person:
    """The person whose token the request carries (a FastAPI dependency). Raises :class:`NotSignedIn`."""
    known: Person | None = request.scope.get(_PERSON)
    return known or await identify(request)


async def identify(request: Request) -> Person:
    """Find out whose token the request carries, for :func:`person_of` too. Raises :class:`NotSignedIn`."""
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
    if not is_recent(row.used_at, now, _TOUCH):
        used = {"used_at": now, "address": address_of(request)}
        await _touch(context, row.id, used)
    person = request.scope[_PERSON] = Person(row.user_id, row.name, row.admin, row.id, row.kind == "grant")
    return person
