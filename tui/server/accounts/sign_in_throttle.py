"""Counting failed sign-ins: per network and name, per name from all networks, and per network for all names.

Failed attempts of a network on a name cause the waits described in ``limits/backoff``; the right password clears them.
After more than a hundred failed attempts in an hour on one name, each network has one attempt a minute on it. A network
with more than thirty in an hour, on any names, has to wait as well, from two seconds to a minute. The right password
doesn't clear that wait; otherwise anyone with an account could sign in between guesses at the passwords of others.

Whether an attempt is allowed is decided by the statements that count it, so concurrent requests get no more attempts
than sequential ones. The rows are always locked in the same order: network and name, name, network.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ..base.clock import is_recent, recent
from ..context import Context
from ..database.tables import Moment, wrong_sign_ins
from ..limits.backoff import FORGOTTEN, WrongAttempts, doubling

MOST_AN_HOUR = 100
NETWORK_FREE = 30
CROWDED_WAIT = timedelta(minutes=1)
_NETWORK_WAITS = doubling(60)
_TRIES = WrongAttempts(wrong_sign_ins)
# Stands for all names or networks; no real one can be called this.
_ALL = "*"
_ROW = wrong_sign_ins.c


def _throttled(until: datetime, now: datetime) -> Throttled:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Throttled(
        "sign_in.throttled", f"Too many wrong passwords; try again in {seconds:,} seconds.", seconds
    )


async def check(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    """Raise :class:`Throttled` if the network has to wait before its next attempt on the name."""
    now = context.clock()
    until = max(
        await _until_on_name(connection, name, network, now), await _until_on_all(connection, network, now)
    )
    if until > now:
        raise _throttled(until, now)


async def _until_on_name(connection: AsyncConnection, name: str, network: str, now: datetime) -> datetime:
    query = select(wrong_sign_ins).where(
        _ROW.name == name, _ROW.network == network, recent(_ROW.last_at, now, FORGOTTEN)
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return now
    until: datetime = row.wait_until or now
    if await _has_too_many(connection, name, now):
        until = max(until, row.last_at + CROWDED_WAIT)
    return until


async def _until_on_all(connection: AsyncConnection, network: str, now: datetime) -> datetime:
    query = select(wrong_sign_ins).where(
        _ROW.name == _ALL, _ROW.network == network, _within_the_hour(now), _ROW.tries > NETWORK_FREE
    )
    row = (await connection.execute(query)).first()
    if row is None or not is_recent(row.last_at, now, FORGOTTEN):
        return now
    until: datetime = row.last_at + _NETWORK_WAITS[min(row.tries - NETWORK_FREE, len(_NETWORK_WAITS)) - 1]
    return until


def _within_the_hour(now: datetime) -> ColumnElement[bool]:
    """Whether the hour that a row counts has not ended."""
    return recent(_ROW.wait_until, now + FORGOTTEN, FORGOTTEN)


async def _has_too_many(connection: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether the name has had too many failed attempts, from all networks together."""
    query = select(_ROW.tries).where(_ROW.name == name, _ROW.network == _ALL, _within_the_hour(now))
    return ((await connection.execute(query)).scalar() or 0) > MOST_AN_HOUR


async def forgive(connection: AsyncConnection, name: str, network: str) -> None:
    """After the right password, clear the network's failed attempts on this name, and no others."""
    await connection.execute(delete(wrong_sign_ins).where(_ROW.name == name, _ROW.network == network))


async def count_wrong(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    """Count a failed attempt. Raises :class:`Throttled`, and counts nothing, if it came too early."""
    now = context.clock()
    forgotten = _TRIES.forgotten(now)
    may_try = _TRIES.may_try(now, CROWDED_WAIT if await _has_too_many(connection, name, now) else None)
    counted = await connection.execute(
        _insert(context, name, network, now)
        .on_conflict_do_update(
            index_elements=[_ROW.name, _ROW.network],
            set_=_TRIES.one_more(now, forgotten),
            where=or_(forgotten, may_try),
        )
        .returning(_ROW.tries)
    )
    if counted.first() is None:
        await check(context, connection, name, network)
        raise _throttled(now, now)
    await _count_within_the_hour(context, connection, name, _ALL, now)
    has_waited = or_(
        _ROW.tries <= NETWORK_FREE,
        *(
            and_(_ROW.tries == NETWORK_FREE + 1 + n, _ROW.last_at <= now - wait)
            for n, wait in enumerate(_NETWORK_WAITS)
        ),
        _ROW.last_at <= now - _NETWORK_WAITS[-1],
        _TRIES.forgotten(now),
    )
    if not await _count_within_the_hour(context, connection, _ALL, network, now, has_waited):
        await check(context, connection, name, network)
        raise _throttled(now, now)


def _insert(context: Context, name: str, network: str, now: datetime, **more: Any) -> Any:
    return context.database.insert(wrong_sign_ins).values(
        name=name, network=network, tries=1, last_at=now, **more
    )


async def _count_within_the_hour(
    context: Context,
    connection: AsyncConnection,
    name: str,
    network: str,
    now: datetime,
    may_try: ColumnElement[bool] | None = None,
) -> bool:
    """Count an attempt if ``may_try``, and return whether it counted. After an hour, counting starts again at one."""
    has_ended = ~_within_the_hour(now)
    counted = await connection.execute(
        _insert(context, name, network, now, wait_until=now + FORGOTTEN)
        .on_conflict_do_update(
            index_elements=[_ROW.name, _ROW.network],
            set_={
                "tries": case((has_ended, 1), else_=_ROW.tries + 1),
                "last_at": now,
                "wait_until": case((has_ended, literal(now + FORGOTTEN, Moment)), else_=_ROW.wait_until),
            },
            where=None if may_try is None else or_(has_ended, may_try),
        )
        .returning(_ROW.tries)
    )
    return counted.first() is not None


async def forget_old(context: Context) -> None:
    """Delete attempts that no longer count."""
    old = _ROW.last_at <= context.clock() - FORGOTTEN
    async with context.database.read() as connection:
        if (await connection.execute(select(_ROW.name).where(old).limit(1))).first() is None:
            return
    async with context.database.write() as connection:
        await connection.execute(delete(wrong_sign_ins).where(old))
