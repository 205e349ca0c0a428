"""People and their access tokens."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from fastapi import Request
from sqlalchemy import BigInteger, bindparam, cast, delete, func, insert, or_, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.errors import NotSignedIn
from .context import Context, context_of
from .database.tables import Moment, tokens, users
from .keys import new_id, new_secret

#: A token's last use is written at most this often.
_TOUCH = timedelta(minutes=5)
#: A token is kept for so long after its end, so that one that comes a second time is known.
_TOKENS_KEPT = timedelta(days=30)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Who a request comes from. ``token_id`` is the id of the access token that it carried."""

    id: str
    name: str
    admin: bool
    token_id: str


async def add_person(
    context: Context,
    connection: AsyncConnection,
    name: str,
    *,
    admin: bool,
    password_hash: str | None = None,
    full_name: str | None = None,
    email: str | None = None,
) -> str:
    """Adds a person (``name`` in capitals) and answers their id."""
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
    return user_id


async def add_token(
    context: Context,
    connection: AsyncConnection,
    user_id: str,
    kind: str,
    *,
    lifetime: timedelta | None = None,
    idle: timedelta | None = None,
    family: str | None = None,
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
        )
    )
    return secret


async def first_person(context: Context, name: str) -> None:
    """On fresh data: makes the administrator ``name`` and writes their token to ``DIR/token`` (0600)."""
    async with context.database.write() as connection:
        if (await connection.execute(select(func.count()).select_from(users))).scalar():
            return
        user_id = await add_person(context, connection, name, admin=True)
        secret = await add_token(context, connection, user_id, "access")
        # Within the transaction: data whose token was never written stays fresh.
        write_secret(context.settings.data / "token", secret)


async def forget_old(context: Context) -> None:
    """Removes tokens whose end is long past: revoked, expired, or not used for too long."""
    end = context.clock() - _TOKENS_KEPT
    idle = type_coerce(tokens.c.used_at, BigInteger) + cast(tokens.c.idle_seconds, BigInteger) * 1_000_000
    over = or_(
        tokens.c.revoked_at <= end,
        tokens.c.expires_at <= end,
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


def write_secret(path: Path, secret: str) -> None:
    """Writes a file of mode 0600 in one step, over an older one."""
    temporary = path.with_name(f".{path.name}-{new_id()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)


def _secret_of(request: Request) -> str:
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


async def person_of(request: Request) -> Person:
    """The person whose token the request carries (a FastAPI dependency). Raises :class:`NotSignedIn`."""
    context = context_of(request)
    refused = NotSignedIn("token.invalid", "X-Auth-Token is invalid or missing")
    secret = _secret_of(request)
    if not secret:
        raise refused
    now = context.clock()
    async with context.database.read() as connection:
        row = (await connection.execute(_TOKEN, {"secret": context.keys.lookup(secret)})).first()
    if row is None or (row.expires_at and row.expires_at <= now):
        raise refused
    if row.idle_seconds and row.used_at + timedelta(seconds=row.idle_seconds) <= now:
        raise refused
    if now - row.used_at > _TOUCH:
        async with context.database.write() as connection:
            await connection.execute(update(tokens).where(tokens.c.id == row.id).values(used_at=now))
    return Person(row.user_id, row.name, row.admin, row.id)
