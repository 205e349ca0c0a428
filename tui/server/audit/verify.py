"""Proving that no row of the audit was changed, left out, put in or cut off, and that no chain is missing.

A document that was changed by hand is told by the last row about a change of it, and so is who was made an
administrator by hand.

Heads have macs, so that a chain cannot be cut together with its head; each document and each person has a chain, and
so has the installation; of the others (a folder's), one that is younger than the next seal could be taken away whole.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Row, Select, Table, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit, audit_heads, sent_documents, users
from .chain import INSTALLATION, head_mac, row_mac, subject
from .people import changed_person
from .sealed import all_seals, anchored, let_go, seals_of
from .seals import Head
from .states import COLUMNS, is_state
from .verdict import Broken, Verdict, accepted

_BATCH = 500
#: Rows that are looked at in one go.
_AT_ONCE = 100
_WITH_CHAINS: dict[Literal["document", "person"], Table] = {"document": sent_documents, "person": users}


async def verify(
    context: Context,
    connection: AsyncConnection,
    subjects: Iterable[str] | None = None,
    *,
    with_anchors: bool = True,
) -> Verdict:
    """Recomputes the chains of ``subjects`` with their seals, or all of them where it is ``None``; ``with_anchors``,
    looks at the anchors as well.

    Rows that are appended meanwhile do not disturb it.
    """
    chosen = None if subjects is None else sorted(set(subjects))
    chains = rows = 0
    async for found in _heads(connection, chosen):
        chains += len(found)
        heads = {row.subject: Head(row.subject, row.sequence, row.mac) for row in found}
        async for checked, broken in _chains(context, connection, heads):
            rows += checked
            if broken is not None:
                return Verdict(chains, rows, broken)
        for row in found:
            if row.head_mac != head_mac(context, row.subject, row.sequence, row.mac):
                why = "it is missing at the end, or the chain's head was changed"
                return Verdict(chains, rows, Broken(row.subject, row.sequence + 1, why))
    broken = (
        await _without_chain(connection, chosen)
        or await _changed(context, connection, chosen)
        or await _with_other_rights(connection, chosen)
    )
    if broken is None and chosen is None:
        broken = await _without_head(connection) or await all_seals(context, connection)
    elif broken is None and chosen is not None:
        broken = await seals_of(context, connection, chosen)
    if broken is None and with_anchors:
        broken = await anchored(context, connection)
    broken = broken or await let_go(connection, chosen)
    return Verdict(chains, rows, broken, await accepted(connection))


async def _heads(
    connection: AsyncConnection, subjects: Sequence[str] | None
) -> AsyncIterator[Sequence[Row[Any]]]:
    query = select(audit_heads)
    if subjects is not None:
        for start in range(0, len(subjects), _BATCH):
            part = query.where(audit_heads.c.subject.in_(subjects[start : start + _BATCH]))
            yield (await connection.execute(part)).all()
        return
    last = ""
    query = query.order_by(audit_heads.c.subject).limit(_BATCH)
    while True:
        found = (await connection.execute(query.where(audit_heads.c.subject > last))).all()
        if found:
            yield found
        if len(found) < _BATCH:
            return
        last = found[-1].subject


async def _chains(
    context: Context, connection: AsyncConnection, heads: dict[str, Head]
) -> AsyncIterator[tuple[int, Broken | None]]:
    """For each chain of ``heads``: how many rows were looked at, and the first broken one."""
    stream = await connection.stream(
        select(audit).where(audit.c.subject.in_(heads)).order_by(audit.c.subject, audit.c.sequence)
    )
    chain, sequence, before, ends = "", 0, b"", True
    looked_at = 0
    async for row in stream:
        if row.subject != chain:
            if not ends:
                break
            chain, sequence, before, ends = row.subject, 0, b"", False
        sequence += 1
        looked_at += 1
        if not looked_at % _AT_ONCE:
            # Others are answered in between.
            await asyncio.sleep(0)
        if row.sequence != sequence:
            yield 1, Broken(chain, sequence, "it is missing")
            return
        if not hmac.compare_digest(row.mac, row_mac(context, before, row._asdict())):
            yield 1, Broken(chain, sequence, "it was changed, or put in")
            return
        before = row.mac
        head = heads[chain]
        if sequence == head.sequence:
            if head.mac != row.mac:
                yield 1, Broken(chain, sequence, "it is not the row that the chain's head names")
                return
            ends = True
        yield 1, None
    if not ends:
        yield 0, Broken(chain, sequence + 1, "it is missing at the end")
        return
    gone = await _without_rows(connection, heads)
    if gone is not None:
        yield 0, Broken(gone, 1, "it is missing")


async def _without_rows(connection: AsyncConnection, heads: dict[str, Head]) -> str | None:
    query = (
        select(audit_heads.c.subject)
        .outerjoin(audit, and_(audit.c.subject == audit_heads.c.subject, audit.c.sequence == 1))
        .where(audit_heads.c.subject.in_(heads), audit.c.id.is_(None))
        .limit(1)
    )
    return (await connection.execute(query)).scalar()


async def _without_chain(connection: AsyncConnection, subjects: Sequence[str] | None) -> Broken | None:
    """A document, a person or the installation whose chain is not there at all."""
    for kind, table in _WITH_CHAINS.items():
        named = literal(f"{kind}:").concat(table.c.id)
        query = (
            select(table.c.id)
            .outerjoin(audit_heads, audit_heads.c.subject == named)
            .where(audit_heads.c.subject.is_(None))
            .limit(1)
        )
        ids = None
        if subjects is not None:
            ids = [ident for s in subjects for k, _, ident in [s.partition(":")] if k == kind]
        parts = [None] if ids is None else [ids[n : n + _BATCH] for n in range(0, len(ids), _BATCH)]
        for part in parts:
            within = query if part is None else query.where(table.c.id.in_(part))
            ident = (await connection.execute(within)).scalar()
            if ident is not None:
                return Broken(subject(kind, ident), 1, "the whole chain is missing")
    if subjects is None or INSTALLATION in subjects:
        query = select(audit_heads.c.subject).where(audit_heads.c.subject == INSTALLATION)
        if (await connection.execute(query)).first() is None:
            return Broken(INSTALLATION, 1, "the whole chain is missing")
    return None


async def _changed(
    context: Context, connection: AsyncConnection, subjects: Sequence[str] | None
) -> Broken | None:
    """A document that is not as the last row about a change of it says, or is not there at all."""
    rows = audit.alias()
    named = literal("document:").concat(sent_documents.c.id)
    last = (
        select(rows.c.sequence)
        .where(rows.c.subject == named, rows.c.state.is_not(None))
        .order_by(rows.c.sequence.desc())
        .limit(1)
        .correlate(sent_documents)
        .scalar_subquery()
    )
    # In one statement with the document, which may change meanwhile.
    query = (
        select(*COLUMNS, audit.c.sequence.label("row"), audit.c.state.label("said"))
        .select_from(sent_documents)
        .join(audit, and_(audit.c.subject == named, audit.c.sequence == last))
        .order_by(sent_documents.c.id)
        .limit(_BATCH)
    )
    async for found in _documents(connection, query, subjects):
        for row in found:
            if not is_state(context, row, row.said):
                why = "the document was changed by hand: it is not as this row left it"
                return Broken(subject("document", row.id), row.row, why)
    query = (
        select(audit_heads.c.subject, audit_heads.c.sequence)
        .outerjoin(sent_documents, sent_documents.c.id == func.substr(audit_heads.c.subject, 10))
        .where(audit_heads.c.subject.startswith("document:"), sent_documents.c.id.is_(None))
        .limit(1)
    )
    if subjects is not None:
        return None
    gone = (await connection.execute(query)).first()
    return Broken(gone.subject, gone.sequence, "the document itself is missing") if gone else None


async def _with_other_rights(connection: AsyncConnection, subjects: Sequence[str] | None) -> Broken | None:
    row = await changed_person(connection, subjects)
    why = (
        "the person was changed by hand: whether they are there, or an administrator, is not as this row says"
    )
    return Broken(row.subject, row.sequence, why) if row else None


async def _documents(
    connection: AsyncConnection, query: Select[Any], subjects: Sequence[str] | None
) -> AsyncIterator[Sequence[Row[Any]]]:
    if subjects is not None:
        ids = [ident for s in subjects for kind, _, ident in [s.partition(":")] if kind == "document"]
        for start in range(0, len(ids), _BATCH):
            part = sent_documents.c.id.in_(ids[start : start + _BATCH])
            yield (await connection.execute(query.where(part))).all()
        return
    last = ""
    while True:
        found = (await connection.execute(query.where(sent_documents.c.id > last))).all()
        if not found:
            return
        yield found
        last = found[-1].id


async def _without_head(connection: AsyncConnection) -> Broken | None:
    query = (
        select(audit.c.subject, audit.c.sequence)
        .outerjoin(audit_heads, audit_heads.c.subject == audit.c.subject)
        .where(audit_heads.c.subject.is_(None))
        .limit(1)
    )
    row = (await connection.execute(query)).first()
    return Broken(row.subject, row.sequence, "its chain has no head") if row else None
