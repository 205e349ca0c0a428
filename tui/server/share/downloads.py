"""Downloads of a link: counting them together with the grant that is given for each, and taking damaged ones back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, insert, null, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.policy import Policy
from ...rules.state import Event, Reason, State
from .. import audit
from ..context import Context
from ..database.tables import grants, policy, sent_documents
from .links import Link, alive, delivered_count


async def count_download(
    context: Context,
    connection: AsyncConnection,
    link: Link,
    secret: str,
    *,
    network: str,
    address: str | None,
    agent: str | None,
) -> datetime | None:
    """Count one download of ``link`` and create the grant with ``secret``, in the caller's transaction.

    Returns when the grant expires; ``None`` if the link gives no more downloads. The statement that counts also checks
    the limit, the expiry, the state and the settings that the password was checked against, so that no two requests
    can both take the last download.
    """
    now = context.clock()
    is_last = sent_documents.c.downloads + 1 >= sent_documents.c.downloads_permitted
    counted = await context.database.rows_as_stored(
        connection,
        update(sent_documents)
        .where(sent_documents.c.id == link.id, sent_documents.c.settings == link.settings, alive(now))
        .values(
            downloads=sent_documents.c.downloads + 1,
            collected=True,
            last_download_at=now,
            state=case((is_last, State.UNPUBLISHED), else_=sent_documents.c.state),
            reason=case((is_last, Reason.LIMIT), else_=sent_documents.c.reason),
            # If left over from an unpublish that was undone, that would be undone once more.
            unpublished_at=case((is_last, null()), else_=sent_documents.c.unpublished_at),
        )
        .returning(*audit.COLUMNS, sent_documents.c.delivered),
    )
    if not counted:
        return None
    (row,) = counted
    # The same in the grant and in the audit: what becomes of the download is told with it.
    begun_at = context.clock()
    expires_at = begun_at + grant_lifetime((await connection.execute(select(policy.c["values"]))).scalar())
    await connection.execute(
        insert(grants).values(
            hash=context.keys.lookup(secret),
            document_id=link.id,
            settings=link.settings,
            network=network,
            created_at=begun_at,
            expires_at=expires_at,
        )
    )
    subject = audit.subject("document", link.id)
    count_details = {"downloads": row.downloads, "downloads_permitted": row.downloads_permitted}
    state = audit.state_of(context, row)
    await audit.append(
        context,
        connection,
        subject,
        Event.DOWNLOADED,
        address=address,
        agent=agent,
        details=count_details,
        at=begun_at,
        state=state,
    )
    if row.state == State.UNPUBLISHED:
        await audit.append(
            context,
            connection,
            subject,
            Event.LIMIT_REACHED,
            details=count_details | delivered_count(row),
            state=state,
        )
    return expires_at


async def undo_download(
    context: Context,
    connection: AsyncConnection,
    document_id: str,
    settings: int,
    *,
    begun_at: datetime,
    address: str | None,
    agent: str | None,
) -> None:
    """Take a download whose bytes turned out to be damaged off the count again, and note that in the audit.

    If it was the last download, the link works again. If the settings were changed since, the counter has restarted,
    so nothing is taken off.
    """
    by_limit = and_(sent_documents.c.state == State.UNPUBLISHED, sent_documents.c.reason == Reason.LIMIT)
    updated = await context.database.rows_as_stored(
        connection,
        update(sent_documents)
        .where(
            sent_documents.c.id == document_id,
            sent_documents.c.settings == settings,
            sent_documents.c.downloads > 0,
        )
        .values(
            downloads=sent_documents.c.downloads - 1,
            collected=sent_documents.c.downloads > 1,
            state=case((by_limit, State.PUBLISHED), else_=sent_documents.c.state),
            reason=case((by_limit, null()), else_=sent_documents.c.reason),
        )
        .returning(*audit.COLUMNS),
    )
    for row in updated:
        await audit.append(
            context,
            connection,
            audit.subject("document", document_id),
            Event.UNAVAILABLE,
            address=address,
            agent=agent,
            details={
                "why": "damaged",
                "begun_at": begun_at.isoformat(),
                "downloads": row.downloads,
                "downloads_permitted": row.downloads_permitted,
            },
            state=audit.state_of(context, row),
        )


def grant_lifetime(values: Mapping[str, Any] | None) -> timedelta:
    """How long a grant is valid, by the policy stored as ``values``."""
    return Policy(grant_seconds=(values or {}).get("grant_seconds")).grant_lifetime
