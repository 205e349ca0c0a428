"""Forgetting what no longer matters of recipients: rows that only slowed down, counted or let in for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from ..context import Context
from ..database.tables import grants, views, wrong_passwords
from ..waits import FORGOTTEN
from .views import ONCE_IN

_BATCH = 500
#: A grant is kept for so long after its end, for requests that began before and are still under way.
_GRANTS_KEPT = timedelta(days=7)


async def forget_old(context: Context) -> int:
    """Removes openings, wrong passwords and grants that are over, and answers how many. To be run now and then."""
    now = context.clock()
    return (
        await _forget(context, views, views.c.at <= now - ONCE_IN)
        + await _forget(context, wrong_passwords, wrong_passwords.c.last_at <= now - FORGOTTEN)
        + await _forget(context, grants, grants.c.expires_at <= now - _GRANTS_KEPT)
    )


async def _forget(context: Context, table: Table, over: ColumnElement[bool]) -> int:
    """In transactions of bounded length, so that recipients do not wait."""
    key = tuple(table.primary_key.columns)
    total = 0
    while True:
        async with context.database.write() as connection:
            some = select(*key).where(over).limit(_BATCH)
            gone = await connection.execute(delete(table).where(tuple_(*key).in_(some), over))
        total += gone.rowcount
        if gone.rowcount < _BATCH:
            return total
