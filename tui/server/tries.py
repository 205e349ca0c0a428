"""Wrong tries at signing in, counted: of a network on a name, on a name from everywhere, of a network on all names.

The wrong tries of a network on a name wait as ``waits`` has it; they are forgotten by the right password too. Over a
hundred wrong tries an hour on a name leave each network one try a minute. Over thirty of a network within an hour, on
whatever names, let it wait as well, from two seconds to a minute: no right password takes that away, or whoever has an
account could guess at all others in between.

A try is judged by the statements that count it, so that of requests that came together no more are answered than one
after the other. Whoever counts takes the rows in one order: the network's on the name, the name's, the network's.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.errors import Throttled
from .context import Context
from .database.tables import Moment, wrong_sign_ins
from .waits import FORGOTTEN, Waits, doubling, is_recent, recent

MOST_AN_HOUR = 100
NETWORK_FREE = 30
CROWDED_WAIT = timedelta(minutes=1)
_NETWORK_WAITS = doubling(60)
_TRIES = Waits(wrong_sign_ins)
# No name and no network is called so.
_ALL = "*"
_ROW = wrong_sign_ins.c


def _throttled(until: datetime, now: datetime) -> Throttled:
    seconds = max(1, math.ceil((until - now).total_seconds()))
    return Throttled(
        "sign_in.throttled", f"Too many wrong passwords; try again in {seconds:,} seconds.", seconds
    )


async def check(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    """Raises :class:`Throttled` where the network has to wait before its next try on the name."""
    now = context.clock()
    until = max(
        await _until_on_name(connection, name, network, now), await _until_on_all(connection, network, now)
    )
    if until > now:
        raise _throttled(until, now)


async def _until_on_name(connection: AsyncConnection, name: str, network: str, now: datetime) -> datetime:
    query = select(wrong_sign_ins).where(
        _ROW.name == name, _ROW.network == network, recent(_ROW.last_at, now)
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return now
    until: datetime = row.wait_until or now
    if await _crowded(connection, name, now):
        until = max(until, row.last_at + CROWDED_WAIT)
    return until


async def _until_on_all(connection: AsyncConnection, network: str, now: datetime) -> datetime:
    query = select(wrong_sign_ins).where(
        _ROW.name == _ALL, _ROW.network == network, _hour(now), _ROW.tries > NETWORK_FREE
    )
    row = (await connection.execute(query)).first()
    if row is None or not is_recent(row.last_at, now):
        return now
    until: datetime = row.last_at + _NETWORK_WAITS[min(row.tries - NETWORK_FREE, len(_NETWORK_WAITS)) - 1]
    return until


def _hour(now: datetime) -> ColumnElement[bool]:
    """Whether the hour that a row counts goes on."""
    return recent(_ROW.wait_until, now + FORGOTTEN)


async def _crowded(connection: AsyncConnection, name: str, now: datetime) -> bool:
    """Whether the name has had too many wrong tries, from all networks together."""
    query = select(_ROW.tries).where(_ROW.name == name, _ROW.network == _ALL, _hour(now))
    return ((await connection.execute(query)).scalar() or 0) > MOST_AN_HOUR


async def forgive(connection: AsyncConnection, name: str, network: str) -> None:
    """After the right password: forgets the network's wrong ones on this name, and no others."""
    await connection.execute(delete(wrong_sign_ins).where(_ROW.name == name, _ROW.network == network))


async def count_wrong(context: Context, connection: AsyncConnection, name: str, network: str) -> None:
    """Counts a wrong try. Raises :class:`Throttled` where it came too early; nothing is counted then."""
    now = context.clock()
    forgotten = _TRIES.forgotten(now)
    may_try = _TRIES.may_try(now, CROWDED_WAIT if await _crowded(connection, name, now) else None)
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
    waited = or_(
        _ROW.tries <= NETWORK_FREE,
        *(
            and_(_ROW.tries == NETWORK_FREE + 1 + n, _ROW.last_at <= now - wait)
            for n, wait in enumerate(_NETWORK_WAITS)
        ),
        _ROW.last_at <= now - _NETWORK_WAITS[-1],
        _TRIES.forgotten(now),
    )
    if not await _count_within_the_hour(context, connection, _ALL, network, now, waited):
        await check(context, connection, name, network)
        raise _throttled(now, now)


def _insert(context: Context, name: str, network: str, now: datetime, **more: Any) -> Any:
    dialect: Any = sqlite if context.database.sqlite else postgresql
    return dialect.insert(wrong_sign_ins).values(name=name, network=network, tries=1, last_at=now, **more)


async def _count_within_the_hour(
    context: Context,
    connection: AsyncConnection,
    name: str,
    network: str,
    now: datetime,
    may_try: ColumnElement[bool] | None = None,
) -> bool:
    """Counts where ``may_try``, and answers whether it did; an hour after the first one it begins anew."""
    over = ~_hour(now)
    counted = await connection.execute(
        _insert(context, name, network, now, wait_until=now + FORGOTTEN)
        .on_conflict_do_update(
            index_elements=[_ROW.name, _ROW.network],
            set_={
                "tries": case((over, 1), else_=_ROW.tries + 1),
                "last_at": now,
                "wait_until": case((over, literal(now + FORGOTTEN, Moment)), else_=_ROW.wait_until),
            },
            where=None if may_try is None else or_(over, may_try),
        )
        .returning(_ROW.tries)
    )
    return counted.first() is not None


async def forget_old(context: Context) -> None:
    """Removes the tries that are forgotten anyway."""
    old = _ROW.last_at <= context.clock() - FORGOTTEN
    async with context.database.read() as connection:
        if (await connection.execute(select(_ROW.name).where(old).limit(1))).first() is None:
            return
    async with context.database.write() as connection:
        await connection.execute(delete(wrong_sign_ins).where(old))
