"""Verifying that no row of the audit was changed, removed, inserted or cut off, and that no chain is missing.

Documents and administrator rights that were changed by hand are detected too: they don't match the last row about them.
So is everything else that decides who may do what (``guards``).

Heads have MACs, so a chain can't be cut off together with its head. Each document and each person has a chain, and so
does the installation. Other chains (those of folders) could be removed completely before the next seal is made.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import Row, Select, Table, and_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit, audit_heads, sent_documents, stored, users
from .admins import changed_person
from .chain import INSTALLATION, STATES, covered, head_mac, row_mac, subject
from .changed_states import changed_objects
from .report import Broken, Verdict, accepted
from .seals import SealedHead
from .states import COLUMNS, is_state
from .verify_seals import check_all_seals, check_anchors, check_marks, check_seals_of

_BATCH = 500
#: Rows that are checked before other requests get a turn.
_AT_ONCE = 25
_WITH_CHAINS: dict[Literal["document", "person"], Table] = {"document": sent_documents, "person": users}


async def verify(
    context: Context,
    connection: AsyncConnection,
    subjects: Iterable[str] | None = None,
    *,
    with_anchors: bool = True,
    with_states: bool = True,
) -> Verdict:
    """Recompute the chains of ``subjects`` (``None``: all chains) and their seals; ``with_anchors`` also checks the
    anchors, ``with_states`` whether what decides who may do what was changed by hand.

    Rows may be appended at the same time.
    """
    chosen = None if subjects is None else sorted(set(subjects))
    chains = rows = 0
    async for found in _heads(connection, chosen):
        chains += len(found)
        heads = {row.subject: SealedHead(row.subject, row.sequence, row.mac) for row in found}
        async for checked, broken in _chains(context, connection, heads):
            rows += checked
            if broken is not None:
                return Verdict(chains, rows, broken)
        for row in found:
            if row.head_mac != head_mac(context, row.subject, row.sequence, row.mac):
                why = "it is missing at the end, or the chain's head was changed"
                end = row.sequence + 1 if isinstance(row.sequence, int) else 0
                return Verdict(chains, rows, Broken.at(row.subject, end, why))
    broken = (
        await _without_chain(connection, chosen)
        or await _changed(context, connection, chosen)
        or await _changed_rights(connection, chosen)
    )
    if broken is None and chosen is None:
        broken = await _without_head(connection) or await check_all_seals(context, connection)
    elif broken is None and chosen is not None:
        broken = await check_seals_of(context, connection, chosen)
    if broken is None and with_states:
        async for changed in changed_objects(context, connection, chosen):
            broken = changed.broken
            break
    if broken is None and with_anchors:
        broken = await check_anchors(context, connection)
    broken = broken or await check_marks(connection, chosen)
    return Verdict(chains, rows, broken, await accepted(connection))


async def _heads(
    connection: AsyncConnection, subjects: Sequence[str] | None
) -> AsyncIterator[Sequence[Row[Any]]]:
    # States have no rows (``guards``).
    query = select(*stored(audit_heads.c)).where(~audit_heads.c.subject.startswith(STATES))
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
    context: Context, connection: AsyncConnection, heads: dict[str, SealedHead]
) -> AsyncIterator[tuple[int, Broken | None]]:
    """Check the chains of ``heads`` up to the first broken row. Yields the number of rows checked, and the break."""
    stream = await connection.stream(
        select(*stored(audit.c)).where(audit.c.subject.in_(heads)).order_by(audit.c.subject, audit.c.sequence)
    )
    chain, sequence, before, is_complete = "", 0, b"", True
    looked_at = 0
    async for row in stream:
        if row.subject != chain:
            if not is_complete:
                break
            chain, sequence, before, is_complete = row.subject, 0, b"", False
        sequence += 1
        looked_at += 1
        if not looked_at % _AT_ONCE:
            # Other requests are served in between.
            await asyncio.sleep(0)
        if row.sequence != sequence:
            yield 1, Broken.at(chain, sequence, "it is missing")
            return
        if not hmac.compare_digest(covered(row.mac, bytes), row_mac(context, before, row._asdict())):
            yield 1, Broken.at(chain, sequence, "it was changed or inserted")
            return
        before = row.mac
        head = heads[chain]
        if sequence == head.sequence:
            if head.mac != row.mac:
                yield 1, Broken.at(chain, sequence, "the chain's head names a different row")
                return
            is_complete = True
        yield 1, None
    if not is_complete:
        yield 0, Broken.at(chain, sequence + 1, "it is missing at the end")
        return
    missing = await _without_rows(connection, heads)
    if missing is not None:
        yield 0, Broken.at(missing, 1, "it is missing")


async def _without_rows(connection: AsyncConnection, heads: dict[str, SealedHead]) -> str | None:
    query = (
        select(audit_heads.c.subject)
        .outerjoin(audit, and_(audit.c.subject == audit_heads.c.subject, audit.c.sequence == 1))
        .where(audit_heads.c.subject.in_(heads), audit.c.id.is_(None))
        .limit(1)
    )
    return (await connection.execute(query)).scalar()


async def _without_chain(connection: AsyncConnection, subjects: Sequence[str] | None) -> Broken | None:
    """Find a document or person that has no chain at all, or the installation if it has none."""
    for kind, table in _WITH_CHAINS.items():
        chain_of = literal(f"{kind}:").concat(table.c.id)
        query = (
            select(table.c.id)
            .outerjoin(audit_heads, audit_heads.c.subject == chain_of)
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
    """Find a document that differs from the last row about a change of it, or is missing."""
    rows = audit.alias()
    chain_of = literal("document:").concat(sent_documents.c.id)
    last = (
        select(rows.c.sequence)
        .where(rows.c.subject == chain_of, rows.c.state.is_not(None))
        .order_by(rows.c.sequence.desc())
        .limit(1)
        .correlate(sent_documents)
        .scalar_subquery()
    )
    # One statement for document and row, since the document may change in between.
    query = (
        select(*COLUMNS, audit.c.sequence.label("row"), audit.c.state.label("stored"))
        .select_from(sent_documents)
        .join(audit, and_(audit.c.subject == chain_of, audit.c.sequence == last))
        .order_by(sent_documents.c.id)
        .limit(_BATCH)
    )
    async for found in _documents(connection, query, subjects):
        for row in found:
            if not is_state(context, row, row.stored):
                why = "the document was changed by hand: it doesn't match this row"
                return Broken.at(subject("document", row.id), row.row, why)
    query = (
        select(audit_heads.c.subject, audit_heads.c.sequence)
        .outerjoin(sent_documents, sent_documents.c.id == func.substr(audit_heads.c.subject, 10))
        .where(audit_heads.c.subject.startswith("document:"), sent_documents.c.id.is_(None))
        .limit(1)
    )
    if subjects is not None:
        return None
    missing = (await connection.execute(query)).first()
    return Broken.at(missing.subject, missing.sequence, "the document itself is missing") if missing else None


async def _changed_rights(connection: AsyncConnection, subjects: Sequence[str] | None) -> Broken | None:
    row = await changed_person(connection, subjects)
    why = "the person was changed by hand: their rights don't match this row"
    return Broken.at(row.subject, row.sequence, why) if row else None


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
    return Broken.at(row.subject, row.sequence, "its chain has no head") if row else None
