"""Presses: a button that is pressed twice counts once.

The page of a link has a random id in a hidden field, a new one each time it is opened. The secret of the grant is
derived from the link, its settings and that id, so that the same press gets the same grant and nothing has to be
stored. A request without an id (from a program) is counted each time.

A link without a limit has a budget: so many presses are counted for a network within an hour (``presses_per_hour``).
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import Throttled
from ..base.clock import recent
from ..base.keys import new_secret
from ..context import Context
from ..database.tables import grants as grant_rows
from ..database.tables import sent_documents
from ..http.visitor import Visitor
from ..share import downloads, links
from ..share.links import Link
from . import grants

# Ours are 32 hexadecimal digits; a program may send another unique id, such as a UUID.
_HOUR = timedelta(hours=1)
_PRESS_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")


class Granted(NamedTuple):
    """The secret of a grant, and until when it is valid if it isn't used."""

    secret: str
    expires_at: datetime


def is_valid(press: str) -> bool:
    """Whether ``press`` has the form of a press id."""
    return _PRESS_ID.fullmatch(press) is not None


async def find(context: Context, connection: AsyncConnection | None, secret: str, press: str) -> Link | None:
    """The live link with the address ``secret``, or an ended one if this ``press`` has a grant that is still valid.

    ``connection`` as for ``links.look_up``.
    """
    link, is_alive = await links.look_up(context, connection, secret)
    if is_alive or not is_valid(press):
        return link if is_alive else None
    # Done even for a link that never existed, so that all that aren't live take the same time.
    document_id, settings = (link.id, link.settings) if link else ("", 0)
    grant = await grants.find(context, connection, context.keys.grant_secret(document_id, settings, press))
    return link if grant else None


async def find_counted(
    context: Context, connection: AsyncConnection, link: Link, press: str
) -> tuple[bool, Granted | None]:
    """Whether a press has been counted, and its grant if that is still valid. Locks the document's row.

    If the same press arrives twice at once, the second one waits and finds the grant of the first.
    """
    await _lock(connection, link)
    if not await _is_known(context, connection, link, press):
        return False, None
    secret = context.keys.grant_secret(link.id, link.settings, press)
    grant = await grants.find(context, connection, secret)
    return True, Granted(secret, grant.expires_at) if grant and not grant.undone else None


async def _lock(connection: AsyncConnection, link: Link) -> None:
    query = select(sent_documents.c.id).where(sent_documents.c.id == link.id)
    await connection.execute(query.with_for_update())


async def _is_known(context: Context, connection: AsyncConnection, link: Link, press: str) -> bool:
    secret = context.keys.grant_secret(link.id, link.settings, press)
    query = select(grant_rows.c.hash).where(grant_rows.c.hash == context.keys.lookup(secret))
    return (await connection.execute(query)).first() is not None


async def wait(context: Context, connection: AsyncConnection, link: Link, visitor: Visitor) -> int:
    """Seconds until a download of ``link`` may be counted for the visitor's network; 0 if it may be now."""
    budget, now = context.settings.budgets.presses_per_hour, context.clock()
    if not budget or link.downloads_left is not None:
        return 0
    result = await connection.execute(
        select(grant_rows.c.created_at)
        .where(
            grant_rows.c.document_id == link.id,
            grant_rows.c.network == visitor.network,
            recent(grant_rows.c.created_at, now, _HOUR),
        )
        .order_by(grant_rows.c.created_at.desc())
        .offset(budget - 1)
        .limit(1)
    )
    first = result.scalar()
    return 0 if first is None else max(1, math.ceil((first + _HOUR - now).total_seconds()))


async def check(context: Context, link: Link, visitor: Visitor, press: str) -> None:
    """Raise :class:`Throttled` if a press would not be counted: without a transaction that writes, so that those who
    press too often hold up no one."""
    async with context.database.read() as connection:
        seconds = await wait(context, connection, link, visitor)
        if seconds and not (press and await _is_known(context, connection, link, press)):
            raise _too_many(seconds)


def _too_many(seconds: int) -> Throttled:
    return Throttled("downloads.throttled", "Too many downloads from this network; try again later.", seconds)


async def count(
    context: Context, connection: AsyncConnection, link: Link, visitor: Visitor, press: str
) -> Granted | None:
    """Count a press and create its grant; the same press again gets the same grant and isn't counted.

    ``None`` if the link gives no more downloads, or the grant of this press has ended. Raises :class:`Throttled` if the
    budget of the visitor's network is used up.
    """
    if press:
        is_known, granted = await find_counted(context, connection, link, press)
        if is_known:
            return granted
    else:
        await _lock(connection, link)
    if seconds := await wait(context, connection, link, visitor):
        raise _too_many(seconds)
    secret = context.keys.grant_secret(link.id, link.settings, press) if press else new_secret()
    ends = await downloads.count_download(
        context,
        connection,
        link,
        secret,
        network=visitor.network,
        address=visitor.address,
        agent=visitor.agent,
    )
    return Granted(secret, ends) if ends else None
