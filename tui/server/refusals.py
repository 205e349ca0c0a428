"""Sign-ins that were refused, in the audit of whoever's they were meant to be: bounded, however much is guessed.

The first one of a network is written at once, and once its hour is over how many there were. Of one person, so many
networks an hour are told apart (:data:`MOST_NETWORKS`); what comes from others is told together. Names that nobody
has are told for the installation, and are not written down: where somebody mistypes, they may be passwords.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..rules.state import Event
from . import audit
from .context import Context
from .database.tables import refused_sign_ins
from .http.visitor import Visitor

OVER = timedelta(hours=1)
MOST_NETWORKS = 20
_OTHERS = "*"
_BATCH = 200


async def count(context: Context, connection: AsyncConnection, subject: str, visitor: Visitor) -> None:
    """Counts a refused sign-in for the chain ``subject``, within the caller's write transaction."""
    now, kept = context.clock(), refused_sign_ins.c
    known = await connection.execute(select(kept.network).where(kept.subject == subject))
    networks = set(known.scalars())
    told_apart = visitor.network in networks or len(networks - {_OTHERS}) < MOST_NETWORKS
    network = visitor.network if told_apart else _OTHERS
    dialect: Any = sqlite if context.database.sqlite else postgresql
    counted = await connection.execute(
        dialect.insert(refused_sign_ins)
        .values(subject=subject, network=network, since=now, tries=1)
        .on_conflict_do_update(index_elements=[kept.subject, kept.network], set_={"tries": kept.tries + 1})
        .returning(kept.tries, kept.since)
    )
    row = counted.one()
    if row.since <= now - OVER:
        await _total(context, connection, subject, network, row.tries - 1, row.since)
        await connection.execute(
            update(refused_sign_ins)
            .where(kept.subject == subject, kept.network == network)
            .values(since=now, tries=1)
        )
    elif row.tries > 1:
        return
    await audit.append(
        context,
        connection,
        subject,
        Event.SIGN_IN_REFUSED,
        address=visitor.address if told_apart else None,
        agent=visitor.agent if told_apart else None,
        details={"tries": 1} if told_apart else {"tries": 1, "networks": "others"},
    )


async def _total(
    context: Context, connection: AsyncConnection, subject: str, network: str, tries: int, since: datetime
) -> None:
    """Writes how many there were in an hour that is over; a single one was told already."""
    if tries < 2:
        return
    details: dict[str, Any] = {"tries": tries, "since": since.isoformat()}
    address = None
    if network == _OTHERS:
        details["networks"] = "others"
    elif network != "local":
        address = network.removesuffix("/32")
    await audit.append(context, connection, subject, Event.SIGN_IN_REFUSED, address=address, details=details)


async def close_hours(context: Context) -> None:
    """Writes the numbers of the hours that are over. To be run every minute."""
    kept = refused_sign_ins.c
    over = kept.since <= context.clock() - OVER
    some = select(kept.subject, kept.network).where(over).order_by(kept.subject, kept.network).limit(_BATCH)
    while True:
        async with context.database.read() as connection:
            found = [tuple(row) for row in await connection.execute(some)]
        if not found:
            return
        async with context.database.write() as connection:
            gone = await connection.execute(
                delete(refused_sign_ins)
                .where(tuple_(kept.subject, kept.network).in_(found), over)
                .returning(*kept)
            )
            # People first, the installation last, as everybody writes to several chains.
            for row in sorted(gone, key=lambda row: (row.subject == audit.INSTALLATION, row.subject)):
                await _total(context, connection, row.subject, row.network, row.tries, row.since)
