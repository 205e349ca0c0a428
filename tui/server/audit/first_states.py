"""Recording the first state of documents that were sent before rows contained states (``states``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..context import Context
from ..database.tables import audit, audit_heads, sent_documents
from .chain import head_mac, row_mac
from .states import COLUMNS, state_of

_BATCH = 1000


async def record_states(context: Context, connection: AsyncConnection) -> None:
    """Append a row with its state to the chain of each document that has no such row yet.

    A document without a chain is skipped, so that verification reports the missing chain. No one else may write to the
    database at the same time.
    """
    named = literal("document:").concat(sent_documents.c.id)
    has_state = exists().where(audit.c.subject == named, audit.c.state.is_not(None))
    query: Select[Any] = (
        select(*COLUMNS, audit_heads.c.subject, audit_heads.c.sequence, audit_heads.c.mac)
        .join(audit_heads, audit_heads.c.subject == named)
        .where(~has_state.correlate(sent_documents))
        .order_by(sent_documents.c.id)
        .limit(_BATCH)
    )
    last = ""
    while found := (await connection.execute(query.where(sent_documents.c.id > last))).all():
        await _append(context, connection, found)
        last = found[-1].id


async def _append(context: Context, connection: AsyncConnection, documents: Sequence[Row[Any]]) -> None:
    """Like ``chain.append``, for many chains with few statements."""
    rows, heads = [], []
    for document in documents:
        row: dict[str, Any] = {
            "subject": document.subject,
            "sequence": document.sequence + 1,
            "at": context.clock(),
            "event": str(Event.RECORDED),
            "actor": None,
            "address": None,
            "agent": None,
            "details": "{}",
            "state": state_of(context, document),
        }
        row["mac"] = row_mac(context, document.mac, row)
        rows.append(row)
        head = head_mac(context, document.subject, row["sequence"], row["mac"])
        heads.append({"named": row["subject"], "row": row["sequence"], "made": row["mac"], "head": head})
    await connection.execute(insert(audit), rows)
    moved = (
        update(audit_heads)
        .where(audit_heads.c.subject == bindparam("named"))
        .values(sequence=bindparam("row"), mac=bindparam("made"), head_mac=bindparam("head"))
    )
    await connection.execute(moved, heads)
