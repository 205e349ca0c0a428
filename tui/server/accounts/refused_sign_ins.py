"""Refused sign-ins in the audit of the person whose name was given: bounded, however many attempts there are.

The first one from a network is recorded immediately, and the total after an hour. For each person, at most
:data:`MOST_NETWORKS` networks an hour are recorded separately, all others together. For names that don't exist, refused
sign-ins are recorded for the installation, without the name: it may be a password typed into the wrong field.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from .. import audit
from ..base.clock import is_recent, recent
from ..context import Context
from ..database.tables import refused_sign_ins
from ..http.visitor import Visitor

OVER = timedelta(hours=1)
MOST_NETWORKS = 20
_OTHER_NETWORKS = "*"
_BATCH = 200


async def count(context: Context, connection: AsyncConnection, subject: str, visitor: Visitor) -> None:
    """Count a refused sign-in for the chain ``subject``, within the caller's write transaction."""
    now, columns = context.clock(), refused_sign_ins.c
    known = await connection.execute(select(columns.network).where(columns.subject == subject))
    networks = set(known.scalars())
    is_separate = visitor.network in networks or len(networks - {_OTHER_NETWORKS}) < MOST_NETWORKS
    network = visitor.network if is_separate else _OTHER_NETWORKS
    counted = await connection.execute(
        context.database.insert(refused_sign_ins)
        .values(subject=subject, network=network, since=now, tries=1)
        .on_conflict_do_update(
            index_elements=[columns.subject, columns.network], set_={"tries": columns.tries + 1}
        )
        .returning(columns.tries, columns.since)
    )
    row = counted.one()
    if not is_recent(row.since, now, OVER):
        await _total(context, connection, subject, network, row.tries - 1, row.since)
        await connection.execute(
            update(refused_sign_ins)
            .where(columns.subject == subject, columns.network == network)
            .values(since=now, tries=1)
        )
    elif row.tries > 1:
        return
    await audit.append(
        context,
        connection,
        subject,
        Event.SIGN_IN_REFUSED,
        address=visitor.address if is_separate else None,
        agent=visitor.agent if is_separate else None,
        details={"tries": 1} if is_separate else {"tries": 1, "networks": "others"},
    )


async def _total(
    context: Context, connection: AsyncConnection, subject: str, network: str, tries: int, since: datetime
) -> None:
    """Record how many there were in an hour that has ended; a single one has been recorded already."""
    if tries < 2:
        return
    details: dict[str, Any] = {"tries": tries, "since": since.isoformat()}
    address = None
    if network == _OTHER_NETWORKS:
        details["networks"] = "others"
    elif network != "local":
        address = network.removesuffix("/32")
    await audit.append(context, connection, subject, Event.SIGN_IN_REFUSED, address=address, details=details)


async def close_hours(context: Context) -> None:
    """Record the totals of the hours that have ended. Runs every minute."""
    columns = refused_sign_ins.c
    has_ended = ~recent(columns.since, context.clock(), OVER)
    batch = (
        select(columns.subject, columns.network)
        .where(has_ended)
        .order_by(columns.subject, columns.network)
        .limit(_BATCH)
    )
    while True:
        async with context.database.read() as connection:
            found = [tuple(row) for row in await connection.execute(batch)]
        if not found:
            return
        async with context.database.write() as connection:
            ended = await connection.execute(
                delete(refused_sign_ins)
                .where(tuple_(columns.subject, columns.network).in_(found), has_ended)
                .returning(*columns)
            )
            # People first, the installation last: the order in which all code locks several chains.
            for row in sorted(ended, key=lambda row: (row.subject == audit.INSTALLATION, row.subject)):
                await _total(context, connection, row.subject, row.network, row.tries, row.since)
