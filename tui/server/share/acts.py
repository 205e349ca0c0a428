"""What an act does to a sent document: the effects of ``rules.state``, written to the rows of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Act, Event, State, effect
from .. import audit
from ..database.tables import documents, sent_documents, versions
from ..gc import release
from ..library import index
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
    if done.restores_grants:
        new.update(links.RESTORES_GRANTS)
    if done.resets_counter:
        new.update(downloads=0, delivered=0, locked_at=None)
    if done.clears_reason:
        new["reason"] = None
    if done.reason is not None:
        new["reason"] = done.reason
    if act is Act.UNPUBLISH:
        new["unpublished_at"] = now
    elif act is Act.DELETE:
        new["deleted_at"] = now
    elif act is Act.RESTORE:
        new["deleted_at"] = None
    elif act is Act.PURGE:
        new.update(purged_at=now, blob=None, address_hash=None, address_sealed=None, password_hash=None)
    changed = await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == row.id)
        .values(**new, **(values or {}))
        .returning(*audit.COLUMNS)
    )
    state = audit.state_of(by.context, changed.one())
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
        state=state,
    )
    return True


async def end_grants(by: Caller, connection: AsyncConnection, row: Row[Any]) -> None:
    """Ends the grants of a document that has reached its limit and stays so; the second time nothing is written."""
    ended = await connection.execute(
        update(sent_documents)
        .where(sent_documents.c.id == row.id, sent_documents.c.unpublished_at.is_(None))
        .values(**{**links.ENDS_GRANTS, "unpublished_at": by.context.clock()})
        .returning(*audit.COLUMNS)
    )
    if (changed := ended.first()) is not None:
        await audit.append(
            by.context,
            connection,
            audit.subject("document", row.id),
            Event.UNPUBLISHED,
            **by.origin,
            details={"reason": row.reason},
            state=audit.state_of(by.context, changed),
        )
