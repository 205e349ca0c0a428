"""Reading the audit: of one document, and of all that is the caller's."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Table, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.errors import InvalidValue
from ...wire.share import AuditEvent, AuditEvents, AuditVerdict, BrokenRow
from .. import audit
from ..database.tables import audit as rows
from ..database.tables import folders, sent_documents
from .caller import Caller, document_of, folder_of
from .documents import settle, settle_one


async def of_document(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of a document, for its owner (also when it is purged) and the folder's members.

    Raises :class:`NotFound`.
    """
    await settle_one(by.context, ident)
    async with by.context.database.read() as connection:
        row = await document_of(by, connection, ident, change=False, purged=True)
        return await _page(connection, rows.c.subject == audit.subject("document", row.id), cursor, limit)


async def of_folder(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of a folder itself (its members), for its owner and members. Raises :class:`NotFound`."""
    async with by.context.database.read() as connection:
        row = await folder_of(by, connection, ident, change=False, deleted=True)
        return await _page(connection, rows.c.subject == audit.subject("folder", row.id), cursor, limit)


async def of_caller(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """The events of all of the caller's documents and folders, whatever became of them."""
    await settle(by.context, sent_documents.c.owner_id == by.id)
    own_documents = select(literal("document:").concat(sent_documents.c.id)).where(
        sent_documents.c.owner_id == by.id
    )
    own_folders = select(literal("folder:").concat(folders.c.id)).where(folders.c.owner_id == by.id)
    own = or_(rows.c.subject.in_(own_documents), rows.c.subject.in_(own_folders))
    async with by.context.database.read() as connection:
        return await _page(connection, own, cursor, limit)


async def verify_document(by: Caller, ident: str) -> AuditVerdict:
    """Whether the chain of a document is whole, for whom :func:`of_document` is. Raises :class:`NotFound`."""
    async with by.context.database.scan() as connection:
        row = await document_of(by, connection, ident, change=False, purged=True)
        return _verdict(await audit.verify(by.context, connection, [audit.subject("document", row.id)]))


async def verify_caller(by: Caller) -> AuditVerdict:
    """Whether the chains of all that is the caller's are whole; for an administrator, those of the installation."""
    async with by.context.database.scan() as connection:
        if by.person.admin:
            return _verdict(await audit.verify(by.context, connection))
        subjects = []
        for kind, table in (("document", sent_documents), ("folder", folders)):
            owned = await connection.execute(select(table.c.id).where(table.c.owner_id == by.id))
            subjects += [f"{kind}:{ident}" for ident in owned.scalars()]
        return _verdict(await audit.verify(by.context, connection, subjects))


def _verdict(found: audit.Verdict) -> AuditVerdict:
    broken = found.broken
    return AuditVerdict(
        chains=found.chains,
        rows=found.rows,
        broken=BrokenRow(subject=broken.subject, sequence=broken.sequence, why=broken.why)
        if broken
        else None,
    )


async def _page(
    connection: AsyncConnection, where: ColumnElement[bool], cursor: str | None, limit: int
) -> AuditEvents:
    query = select(rows).where(where).order_by(rows.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            raise InvalidValue(
                "cursor.invalid", "The cursor is not one of this list; begin again without.", "cursor"
            )
        query = query.where(rows.c.id < int(cursor))
    found = (await connection.execute(query)).all()
    called = await _names(connection, found[:limit])
    events = [_event(row, called.get(row.subject)) for row in found[:limit]]
    return AuditEvents(events=events, cursor=str(found[limit - 1].id) if len(found) > limit else None)


async def _names(connection: AsyncConnection, found: Sequence[Row[Any]]) -> dict[str, str]:
    """What the documents and folders of some rows are called, by the rows' subjects."""
    called: dict[str, str] = {}
    tables: dict[Literal["document", "folder"], Table] = {"document": sent_documents, "folder": folders}
    for kind, table in tables.items():
        wanted = {ident for row in found for start, _, ident in [row.subject.partition(":")] if start == kind}
        if wanted:
            named = await connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(wanted)))
            called.update((audit.subject(kind, row.id), row.name) for row in named)
    return called


def _event(row: Any, name: str | None) -> AuditEvent:
    kind, _, ident = row.subject.partition(":")
    return AuditEvent(
        id=str(row.id),
        at=row.at,
        event=row.event,
        actor=row.actor,
        address=row.address,
        agent=row.agent,
        details=json.loads(row.details),
        document=ident if kind == "document" else None,
        folder=ident if kind == "folder" else None,
        name=name,
    )
