"""Reading the audit: of one document, and of all that is the caller's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Table, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...rules.errors import Conflict, InvalidValue, NotAllowed
from ...rules.heads import fingerprint, signed_text
from ...wire.audit import (
    AcceptedAudit,
    AuditEvent,
    AuditEvents,
    AuditHead,
    AuditHeads,
    AuditVerdict,
    BrokenRow,
    ChainKept,
    ChainsKept,
    LookUpHeads,
)
from .. import audit
from ..database.tables import audit as rows
from ..database.tables import folders, installation, sent_documents, users
from ..keys import load_signing_key
from .caller import Caller, document_of, folder_of, may_administer, require, require_own
from .documents import settle, settle_one


async def of_document(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of a document, for its owner (also when it is purged) and the folder's members.

    Raises :class:`NotFound`.
    """
    await settle_one(by.context, ident)
    async with by.context.database.read() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT, purged=True)
        return await _page(connection, rows.c.subject == audit.subject("document", row.id), cursor, limit)


async def of_folder(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of a folder itself (its members), for its owner and members. Raises :class:`NotFound`."""
    async with by.context.database.read() as connection:
        row = await folder_of(by, connection, ident, Action.READ_FOLDER, deleted=True)
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


async def of_account(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """What happened to the caller's own account: sign-ins, refused ones, passwords that were set, and by whom."""
    require_own(by, Action.READ_ACCOUNT)
    async with by.context.database.read() as connection:
        return await _page(connection, rows.c.subject == audit.subject("person", by.id), cursor, limit)


async def of_installation(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """What happened to people and policy. Raises :class:`NotAllowed` unless an administrator asks."""
    require(by, Action.READ_INSTALLATION)
    async with by.context.database.read() as connection:
        return await _page(connection, rows.c.subject == audit.INSTALLATION, cursor, limit)


async def verify_document(by: Caller, ident: str) -> AuditVerdict:
    """Whether the chain of a document is whole, for whom :func:`of_document` is. Raises :class:`NotFound`."""
    async with by.context.database.scan() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT, purged=True)
        return _verdict(await audit.verify(by.context, connection, [audit.subject("document", row.id)]))


async def verify_caller(by: Caller) -> AuditVerdict:
    """Whether the chains of all that is the caller's are whole; for an administrator, those of the installation."""
    async with _look_through(by) as connection:
        return _verdict(await audit.verify(by.context, connection, await _own(by, connection)))


@asynccontextmanager
async def _look_through(by: Caller) -> AsyncIterator[AsyncConnection]:
    """A connection to go through all that ever was with: one at a time of each person, and few of all."""
    async with by.context.lanes.dear(by.id) as place, place, by.context.database.scan() as connection:
        yield connection


async def _own(by: Caller, connection: AsyncConnection) -> list[str] | None:
    """The chains of all that is the caller's; ``None`` for an administrator, who is shown all that tells nothing of
    what is in them."""
    if may_administer(by, Action.CHECK_ALL_CHAINS):
        return None
    subjects = [audit.subject("person", by.id)]
    for kind, table in (("document", sent_documents), ("folder", folders)):
        owned = await connection.execute(select(table.c.id).where(table.c.owner_id == by.id))
        subjects += [f"{kind}:{ident}" for ident in owned.scalars()]
    return subjects


async def signed_heads(by: Caller) -> AuditHeads:
    """The heads of the chains that :func:`verify_caller` looks at, signed.

    Raises :class:`Conflict` where one of them is broken, :class:`Failed` where the signing key is lost.
    """
    context = by.context
    async with _look_through(by) as connection:
        public = (await connection.execute(select(installation.c.signing_key))).scalar()
        key = await asyncio.to_thread(load_signing_key, context.settings.data, public)
        subjects = await _own(by, connection)
        broken = (await audit.verify(context, connection, subjects)).broken
        if broken is not None:
            raise Conflict(
                "audit.broken",
                f"The audit is broken at row {broken.sequence:,} of {broken.subject}, and is not signed; "
                "look at it with: sentlinks audit --verify",
            )
        heads = await audit.heads.collect(connection, subjects)
    at = context.clock().isoformat()
    return AuditHeads(
        at=at,
        heads=[AuditHead(subject=h.subject, sequence=h.sequence, digest=h.digest) for h in heads],
        public_key=key.public.hex(),
        fingerprint=fingerprint(key.public),
        signature=key.sign(signed_text(at, heads)).hex(),
    )


async def look_up_heads(by: Caller, body: LookUpHeads) -> ChainsKept:
    """What there is now of chains whose heads were signed. Raises :class:`NotAllowed` for those of others."""
    wanted = {chain.subject: chain.sequence for chain in body.chains}
    if len(wanted) < len(body.chains):
        raise InvalidValue("chains.twice", "A chain is named twice.", "chains")
    async with _look_through(by) as connection:
        own = await _own(by, connection)
        found = await audit.heads.look_up(connection, wanted)
        public = (await connection.execute(select(installation.c.signing_key))).scalar()
    others = [] if own is None else set(wanted) - set(own)
    if any(kept.rows for chain, kept in zip(wanted, found, strict=True) if chain in others):
        raise NotAllowed(
            "audit.not_yours",
            "These heads are of chains that are not yours; an administrator can check them.",
        )
    chains = [ChainKept(rows=kept.rows, digest=kept.digest) for kept in found]
    return ChainsKept(chains=chains, public_key=(public or b"").hex())


def _verdict(found: audit.Verdict) -> AuditVerdict:
    broken = found.broken
    return AuditVerdict(
        chains=found.chains,
        rows=found.rows,
        broken=BrokenRow(subject=broken.subject, sequence=broken.sequence, why=broken.why)
        if broken
        else None,
        accepted=[AcceptedAudit(**asdict(each)) for each in found.accepted],
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
    """What the documents, folders and people of some rows are called, by the rows' subjects."""
    called: dict[str, str] = {}
    tables: dict[Literal["document", "folder", "person"], Table] = {
        "document": sent_documents,
        "folder": folders,
        "person": users,
    }
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
        person=name if kind == "person" else None,
        name=name,
    )
