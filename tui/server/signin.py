"""Signing in with a name and a password, slowed down where it goes wrong.

As with links, the first five wrong tries of a network on a name cost no wait; each later one doubles it, from two
seconds to an hour, and they are forgotten after an hour or by the right password. Over a hundred wrong tries an hour
on a name leave each network one try a minute. A try is judged by the one statement that counts it, so that of
requests that came together no more are answered than one after the other. Names that nobody has are treated alike.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, case, delete, literal, null, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.errors import NotSignedIn, Throttled
from .context import Context
from .database.tables import Moment, users, wrong_sign_ins

FREE = 5
MOST_AN_HOUR = 100
FORGOTTEN = timedelta(hours=1)
CROWDED_WAIT = timedelta(minutes=1)
_WAITS = [timedelta(seconds=min(2 << n, 3600)) for n in range(12)]
_EVERYWHERE = "*"
# Of a random password that was thrown away: a name that nobody has takes as long as another.
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$9i7EB2DXYTCz26CqpqeZWg$ZvRiA72Ry0CgSbvyjAmPSxGjRK69BMlK/olyCi1cFso"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in."""

    id: str
    name: str
    admin: bool


def kept_name(name: str) -> str:
    """A person's name as it is kept: in capitals."""
    return unicodedata.normalize("NFC", name.strip()).upper()


def _refused() -> NotSignedIn:
    return NotSignedIn("sign_in.refused", "The name or the password is wrong.")


def _throttled(until: datetime, now: datetime) -> Throttled:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Throttled(
        "sign_in.throttled", f"Too many wrong passwords; try again in {seconds:,} seconds.", seconds
    )


async def sign_in(context: Context, name: str, password: str, network: str) -> SignedIn:
    """The person with that name and password. Raises :class:`NotSignedIn`, and :class:`Throttled`.

    ``network`` is what shares a throttle (``pages.visitor.network_of``).
    """
    name = kept_name(name)[:255]
    if not name.isprintable() or len(password.encode("utf-8", "surrogatepass")) > 4096:
        raise _refused()

    async def may_try() -> None:
        async with context.database.read() as connection:
            await _check(context, connection, name, network)

    async with context.database.read() as connection:
        row = await _find(connection, name)
    kept = row.password_hash if row is not None and row.password_hash else None
    right = await context.passwords.verify(kept or _NOBODY, password, may_try) and kept is not None
    async with context.database.write() as connection:
        if not right or row is None:
            await _count_wrong(context, connection, name, network)
        else:
            await _check(context, connection, name, network)
            await connection.execute(
                delete(wrong_sign_ins).where(
                    wrong_sign_ins.c.name == name, wrong_sign_ins.c.network == network
                )
            )
            return SignedIn(row.id, row.name, row.admin)
    raise _refused()


async def _find(connection: AsyncConnection, name: str) -> Row[Any] | None:
    query = select(users).where(users.c.name == name, users.c.removed_at.is_(None))
    return (await connection.execute(query)).first()


async def _crowded(connection: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether the name has had too many wrong tries, from all networks together."""
    query = select(wrong_sign_ins.c.tries).where(
        wrong_sign_ins.c.name == name,
        wrong_sign_ins.c.network == _EVERYWHERE,
        wrong_sign_ins.c.wait_until > now,
    )
    return ((await connection.execute(query)).scalar() or 0) > MOST_AN_HOUR


async def _check(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    now = context.clock()
    query = select(wrong_sign_ins).where(
        wrong_sign_ins.c.name == name,
        wrong_sign_ins.c.network == network,
        wrong_sign_ins.c.last_at > now - FORGOTTEN,
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return
    until = row.wait_until or now
    if await _crowded(connection, name, now):
        until = max(until, row.last_at + CROWDED_WAIT)
    if until > now:
        raise _throttled(until, now)


async def _count_wrong(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    now = context.clock()
    kept = wrong_sign_ins.c
    forgotten = kept.last_at <= now - FORGOTTEN
    may_try: Any = or_(kept.wait_until.is_(None), kept.wait_until <= now)
    if await _crowded(connection, name, now):
        may_try = and_(may_try, kept.last_at <= now - CROWDED_WAIT)
    waits = [(kept.tries == FREE + n, literal(now + wait, Moment)) for n, wait in enumerate(_WAITS)]
    dialect: Any = sqlite if context.database.sqlite else postgresql
    counted = await connection.execute(
        dialect.insert(wrong_sign_ins)
        .values(name=name, network=network, tries=1, last_at=now)
        .on_conflict_do_update(
            index_elements=[kept.name, kept.network],
            set_={
                "tries": case((forgotten, 1), else_=kept.tries + 1),
                "last_at": now,
                "wait_until": case(
                    (forgotten, null()),
                    (kept.tries < FREE, null()),
                    *waits,
                    else_=literal(now + _WAITS[-1], Moment),
                ),
            },
            where=or_(forgotten, may_try),
        )
        .returning(kept.tries)
    )
    if counted.first() is None:
        await _check(context, connection, name, network)
        raise _throttled(now, now)
    over = kept.wait_until <= now
    await connection.execute(
        dialect.insert(wrong_sign_ins)
        .values(name=name, network=_EVERYWHERE, tries=1, last_at=now, wait_until=now + FORGOTTEN)
        .on_conflict_do_update(
            index_elements=[kept.name, kept.network],
            set_={
                "tries": case((over, 1), else_=kept.tries + 1),
                "last_at": now,
                "wait_until": case((over, literal(now + FORGOTTEN, Moment)), else_=kept.wait_until),
            },
        )
    )


async def forget_old(context: Context) -> None:
    """Removes the tries that are forgotten anyway."""
    old = wrong_sign_ins.c.last_at <= context.clock() - FORGOTTEN
    async with context.database.read() as connection:
        if (await connection.execute(select(wrong_sign_ins.c.name).where(old).limit(1))).first() is None:
            return
    async with context.database.write() as connection:
        await connection.execute(delete(wrong_sign_ins).where(old))
