"""State transitions of sent documents: the effects that ``rules.state`` defines, written to Share's and Work's rows."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Act, EndedBy, State, effect
from .. import audit
from ..database.tables import documents, sent_documents, versions
from ..library import index
from ..library.gc import release
from . import links
from .caller import Caller

#: How long a transaction goes on to change documents one after another.
_SHORT_SECONDS = 0.05
#: What nothing is left of after a document was purged.
_SECRETS = (
    *("blob", "address_hash", "address_sealed", "password_hash"),
    *("recipients", "recipients_key", "recipients_rest"),
)


async def apply(
    by: Caller,
    connection: AsyncConnection,
    row: Row[Any],
    act: Act,
    details: Mapping[str, Any] | None = None,
    values: Mapping[str, Any] | None = None,
) -> bool:
    """Apply ``act`` to the document of ``row``, which the caller's transaction has locked.

    ``values`` are further columns to change in the same update. Returns ``False`` if ``act`` has no effect.
    """
    outcome = effect(State(row.state), act)
    if outcome is None:
        return False
    now = by.context.clock()
    changes: dict[str, Any] = {"state": outcome.state}
    if outcome.ends_grants:
        changes.update(links.ENDS_GRANTS)
    if outcome.restores_grants:
        changes.update(links.RESTORES_GRANTS)
    if outcome.resets_counter:
        changes.update(downloads=0, delivered=0, collected=False, locked_at=None)
    if outcome.clears_reason:
        changes |= {"reason": None, "ended_by": None}
    if outcome.reason is not None:
        changes |= {"reason": outcome.reason, "ended_by": _ended_by(by, row, act)}
    changes |= _more_changes(row, act, now)
    (changed,) = await by.context.database.rows_as_stored(
        connection,
        update(sent_documents)
        .where(sent_documents.c.id == row.id)
        .values(**changes, **(values or {}))
        .returning(*audit.COLUMNS),
    )
    state = audit.state_of(by.context, changed)
    if State.TRASHED in (row.state, outcome.state) and act is not Act.PURGE:
        deleted_at = now if act is Act.DELETE else None
        await connection.execute(
            update(documents).where(documents.c.number == row.number).values(deleted_at=deleted_at)
        )
        await index.refresh(by.context, connection, [row.number])
    elif act is Act.PURGE:
        await connection.execute(delete(versions).where(versions.c.number == row.number))
        await release(connection, row.blob, now)
    await audit.append(
        by.context,
        connection,
        audit.subject("document", row.id),
        outcome.event,
        **by.origin,
        details=details,
        state=state,
    )
    return True


def _ended_by(by: Caller, row: Row[Any], act: Act) -> EndedBy | None:
    """Who or what ends the link with the act, if that is by hand."""
    if act is Act.DELETE:
        return EndedBy.DELETION
    if act not in (Act.UNPUBLISH, Act.CUT_OFF):
        return None
    return EndedBy.OWNER if by.id == row.owner_id else EndedBy.ADMINISTRATOR


def was_published(row: Row[Any]) -> bool:
    """Whether a document in the trash was published until it was deleted."""
    # Of one that was restored and deleted again, only the first is true; of one unpublished in that moment, the second.
    return bool(row.ended_by == EndedBy.DELETION and row.unpublished_at == row.deleted_at)


def _more_changes(row: Row[Any], act: Act, now: datetime) -> dict[str, Any]:
    """The columns that an act changes besides what its effect says."""
    if act in (Act.UNPUBLISH, Act.CUT_OFF):
        return {"unpublished_at": now}
    if act is Act.DELETE:
        # What undoing the deletion depends on (:func:`was_published`), and then undoing what came before it.
        unpublished_at = now if row.state == State.PUBLISHED else row.unpublished_at
        return {"deleted_at": now, "unpublished_at": unpublished_at}
    if act is Act.RESTORE:
        return {"deleted_at": None, "unpublished_at": None}
    if act in (Act.UNDELETE, Act.PUT_BACK) and was_published(row):
        return {"unpublished_at": None}
    if act is Act.PURGE:
        secrets = dict.fromkeys(_SECRETS)
        return {"purged_at": now, **secrets}
    return {}


async def apply_some(
    by: Caller,
    connection: AsyncConnection,
    rows: Sequence[Row[Any]],
    act: Act,
    details: Mapping[str, Any] | None = None,
) -> int:
    """Apply ``act`` to as many of the documents as :data:`_SHORT_SECONDS` are enough for, and at least to the first.
    Returns how many these are: everyone else who writes waits for the end of the transaction."""
    ends = time.monotonic() + _SHORT_SECONDS
    for done, row in enumerate(rows, 1):
        await apply(by, connection, row, act, details)
        if time.monotonic() > ends:
            return done
    return len(rows)
