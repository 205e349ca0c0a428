"""Deleting what is no longer needed about recipients: old views, wrong passwords and grants."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Table, delete, select, tuple_

from ..context import Context
from ..database.tables import grants, views, wrong_passwords
from ..limits.backoff import FORGOTTEN
from ..limits.link_views import ONCE_IN

_BATCH = 500
#: How long a grant is kept after its end, for requests that began before and are still under way.
_GRANTS_KEPT = timedelta(days=7)


async def forget_old(context: Context) -> int:
    """Remove outdated views, wrong passwords and grants, and return how many. Must be run from time to time."""
    now = context.clock()
    return (
        await _forget(context, views, views.c.at <= now - ONCE_IN)
        + await _forget(context, wrong_passwords, wrong_passwords.c.last_at <= now - FORGOTTEN)
        + await _forget(context, grants, grants.c.expires_at <= now - _GRANTS_KEPT)
    )


async def _forget(context: Context, table: Table, outdated: ColumnElement[bool]) -> int:
    """Delete in transactions of bounded length, so that recipients don't have to wait."""
    key = tuple(table.primary_key.columns)
    total = 0
    while True:
        async with context.database.write() as connection:
            batch = select(*key).where(outdated).limit(_BATCH)
            deleted = await connection.execute(delete(table).where(tuple_(*key).in_(batch), outdated))
        total += deleted.rowcount
        if deleted.rowcount < _BATCH:
            return total
