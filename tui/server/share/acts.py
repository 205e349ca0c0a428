"""What an act does to a sent document: the effects of ``rules.state``, written to the rows of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Act, State, effect
from .. import audit
from ..blobs.dead import release
from ..database.tables import documents, sent_documents, versions
from ..work import index
from . import links
from .caller import Caller


async def apply(
    by: Caller,
    connection: AsyncConnection,
    row: Row[Any],
    act: Act,
    details: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Does ``act`` to the document of ``row``, which the caller's transaction holds; ``False`` where it does nothing.

    ``values`` are further columns that change with it.
    """
    done = effect(State(row.state), act)
    if done is None:
        return False
    now = by.context.clock()
    new: dict[str, Any] = {"state": done.state}
    if done.ends_grants:
        new.update(links.ENDS_GRANTS)
    if done.resets_counter:
        new.update(downloads=0, locked_at=None)
    if done.clears_reason:
        new["reason"] = None
    if done.reason is not None:
        new["reason"] = done.reason
    if act is Act.DELETE:
        new["deleted_at"] = now
    elif act is Act.RESTORE:
        new["deleted_at"] = None
    elif act is Act.PURGE:
        new.update(purged_at=now, blob=None, address_hash=None, address_sealed=None, password_hash=None)
    await connection.execute(
        update(sent_documents).where(sent_documents.c.id == row.id).values(**new, **(values or {}))
    )
    if act in (Act.DELETE, Act.RESTORE):
        await connection.execute(
            update(documents).where(documents.c.number == row.number).values(deleted_at=new["deleted_at"])
        )
        await index.refresh(by.context, connection, [row.number])
    elif act is Act.PURGE:
        await connection.execute(delete(versions).where(versions.c.number == row.number))
        await release(connection, row.blob, now)
    await audit.append(
        by.context,
        connection,
        audit.subject("document", row.id),
        done.event,
        **by.origin,
        details=details,
    )
    return True


async def end_grants(connection: AsyncConnection, document_id: str) -> None:
    """Ends the grants of a document that stays as it is."""
    await connection.execute(
        update(sent_documents).where(sent_documents.c.id == document_id).values(**links.ENDS_GRANTS)
    )
