"""Reading the audit: of one document or folder, of everything the caller owns, and of the installation."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Container, Sequence
from dataclasses import asdict
from datetime import MAXYEAR, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Row, Table, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.activity_kinds import UNREADABLE
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
from ..base.signing_key import load_signing_key
from ..base.timestamps import EPOCH, moment
from ..database.tables import audit as rows
from ..database.tables import folders, installation, sent_documents, stored, users
from .caller import Caller, document_of, folder_of, may_administer, require, require_own
from .documents import settle, settle_one

#: Details that members of a folder don't see: the sender's own notes.
_OWNERS = ("recipients", "unlisted")


async def of_document(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of a document, for its owner (even if it was purged) and the folder's members.

    Raises :class:`NotFound`.
    """
    await by.context.openings.recorded()
    await settle_one(by.context, ident)
    async with by.context.database.read_any_text() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT, purged=True)
        subject = rows.c.subject == audit.subject("document", row.id)
        return await _page(
            connection, subject, cursor, limit, without=() if row.owner_id == by.id else _OWNERS
        )


async def of_folder(by: Caller, ident: str, cursor: str | None, limit: int) -> AuditEvents:
    """The events of the folder itself (members added and removed), for its owner and members.

    Raises :class:`NotFound`.
    """
    async with by.context.database.read_any_text() as connection:
        row = await folder_of(by, connection, ident, Action.READ_FOLDER, deleted=True)
        return await _page(connection, rows.c.subject == audit.subject("folder", row.id), cursor, limit)


async def of_caller(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """The events of all the caller's documents and folders, including purged and deleted ones."""
    await by.context.openings.recorded()
    await settle(by.context, sent_documents.c.owner_id == by.id)
    own_documents = select(literal("document:").concat(sent_documents.c.id)).where(
        sent_documents.c.owner_id == by.id
    )
    own_folders = select(literal("folder:").concat(folders.c.id)).where(folders.c.owner_id == by.id)
    own = or_(rows.c.subject.in_(own_documents), rows.c.subject.in_(own_folders))
    async with by.context.database.read_any_text() as connection:
        return await _page(connection, own, cursor, limit)


async def of_account(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """The events of the caller's own account: sign-ins, refused sign-ins, and passwords set and by whom."""
    require_own(by, Action.READ_ACCOUNT)
    async with by.context.database.read_any_text() as connection:
        return await _page(connection, rows.c.subject == audit.subject("person", by.id), cursor, limit)


async def of_installation(by: Caller, cursor: str | None, limit: int) -> AuditEvents:
    """The events about people and policy. Raises :class:`NotAllowed` unless the caller is an administrator."""
    require(by, Action.READ_INSTALLATION)
    async with by.context.database.read_any_text() as connection:
        return await _page(connection, rows.c.subject == audit.INSTALLATION, cursor, limit)


async def verify_document(by: Caller, ident: str) -> AuditVerdict:
    """Verify the chain of a document, for those who may call :func:`of_document`. Raises :class:`NotFound`."""
    async with by.context.database.scan() as connection:
        row = await document_of(by, connection, ident, Action.READ_SENT, purged=True)
        return _verdict(await audit.verify(by.context, connection, [audit.subject("document", row.id)]))


async def verify_caller(by: Caller) -> AuditVerdict:
    """Verify the chains of everything the caller owns; for an administrator, all chains of the installation."""
    async with by.context.database.scan() as connection:
        return _verdict(await audit.verify(by.context, connection, await _own_subjects(by, connection)))


async def _own_subjects(by: Caller, connection: AsyncConnection) -> list[str] | None:
    """The subjects of all chains the caller owns.

    ``None`` (all chains) for an administrator, who is only shown what reveals nothing of the chains' content.
    """
    if may_administer(by, Action.CHECK_ALL_CHAINS):
        return None
    subjects = [audit.subject("person", by.id)]
    for kind, table in (("document", sent_documents), ("folder", folders)):
        owned = await connection.execute(select(table.c.id).where(table.c.owner_id == by.id))
        subjects += [f"{kind}:{ident}" for ident in owned.scalars()]
    return subjects


async def signed_heads(by: Caller) -> AuditHeads:
    """Signed heads of the chains that :func:`verify_caller` checks.

    Raises :class:`Conflict` if one of them is broken, :class:`Failed` if the signing key is lost.
    """
    context = by.context
    async with by.context.database.scan() as connection:
        public = (await connection.execute(select(installation.c.signing_key))).scalar()
        key = await asyncio.to_thread(load_signing_key, context.settings.data, public)
        subjects = await _own_subjects(by, connection)
        broken = (await audit.verify(context, connection, subjects)).broken
        if broken is not None:
            raise Conflict(
                "audit.broken",
                f"The audit is broken ({broken.subject}: {broken.why}), so it wasn't signed. "
                "Check it with: sentlinks audit --verify",
            )
        heads = await audit.heads.collect(connection, subjects)
    at = context.clock().isoformat()
    return AuditHeads(
        at=at,
        heads=[AuditHead(subject=head.subject, sequence=head.sequence, digest=head.digest) for head in heads],
        public_key=key.public.hex(),
        fingerprint=fingerprint(key.public),
        signature=key.sign(signed_text(at, heads)).hex(),
    )


async def look_up_heads(by: Caller, body: LookUpHeads) -> ChainsKept:
    """The current state of chains whose heads were signed. Raises :class:`NotAllowed` for other people's chains."""
    wanted = {chain.subject: chain.sequence for chain in body.chains}
    if len(wanted) < len(body.chains):
        raise InvalidValue("chains.twice", "A chain is named twice.", "chains")
    async with by.context.database.scan() as connection:
        own = await _own_subjects(by, connection)
        kept_chains = await audit.heads.look_up(connection, wanted)
        public = (await connection.execute(select(installation.c.signing_key))).scalar()
    others = [] if own is None else set(wanted) - set(own)
    if any(chain_kept.rows for chain, chain_kept in zip(wanted, kept_chains, strict=True) if chain in others):
        raise NotAllowed(
            "audit.not_yours",
            "Some of these chains belong to other people. Ask an administrator to check them.",
        )
    chains = [ChainKept(rows=chain_kept.rows, digest=chain_kept.digest) for chain_kept in kept_chains]
    return ChainsKept(chains=chains, public_key=(public or b"").hex())


def _verdict(verdict: audit.Verdict) -> AuditVerdict:
    broken = verdict.broken
    return AuditVerdict(
        chains=verdict.chains,
        rows=verdict.rows,
        broken=BrokenRow(subject=broken.subject, sequence=broken.sequence, why=broken.why)
        if broken
        else None,
        accepted=[AcceptedAudit(**asdict(acceptance)) for acceptance in verdict.accepted],
    )


async def _page(
    connection: AsyncConnection,
    where: ColumnElement[bool],
    cursor: str | None,
    limit: int,
    *,
    without: Container[str] = (),
) -> AuditEvents:
    """A page of events; ``without`` are details that the caller may not see."""
    query = select(*stored(rows.c)).where(where).order_by(rows.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        if not cursor.isascii() or not cursor.isdigit() or len(cursor) > 18:
            raise InvalidValue(
                "cursor.invalid", "The cursor is not from this list. Start again without it.", "cursor"
            )
        query = query.where(rows.c.id < int(cursor))
    page_rows = (await connection.execute(query)).all()
    names = await _names(connection, page_rows[:limit])
    events = [_event(row, names.get(row.subject), without) for row in page_rows[:limit]]
    return AuditEvents(events=events, cursor=str(page_rows[limit - 1].id) if len(page_rows) > limit else None)


async def _names(connection: AsyncConnection, event_rows: Sequence[Row[Any]]) -> dict[str, str]:
    """The names of the documents, folders and people that the rows are about, by the rows' subjects; without those
    that someone changed to what is no text."""
    names: dict[str, str] = {}
    tables: dict[Literal["document", "folder", "person"], Table] = {
        "document": sent_documents,
        "folder": folders,
        "person": users,
    }
    for kind, table in tables.items():
        idents = {
            ident for row in event_rows for start, _, ident in [row.subject.partition(":")] if start == kind
        }
        if idents:
            named = await connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(idents)))
            names.update(
                (audit.subject(kind, row.id), row.name) for row in named if isinstance(row.name, str)
            )
    return names


def _event(row: Any, name: str | None, without: Container[str]) -> AuditEvent:
    """The row as an event; if someone wrote what is no event into it, an unreadable one in its place."""
    kind, _, ident = row.subject.partition(":")
    about = {
        "id": str(row.id),
        "document": ident if kind == "document" else None,
        "folder": ident if kind == "folder" else None,
        "person": name if kind == "person" else None,
        "name": name,
    }
    at = None
    try:
        at = _moment(row.at)
        details = {key: value for key, value in json.loads(row.details).items() if key not in without}
        # Half of a character can't be sent.
        json.dumps(details, ensure_ascii=False).encode()
        done = {"event": row.event, "actor": row.actor, "address": row.address, "agent": row.agent}
        return AuditEvent.model_validate({**about, **done, "at": at, "details": details})
    except (AttributeError, OverflowError, RecursionError, TypeError, ValueError):
        details = {"row": row.sequence, "why": "changed"}
        done = {"event": UNREADABLE, "actor": None, "address": None, "agent": None}
        return AuditEvent.model_validate({**about, **done, "at": at, "details": details})


def _moment(since: int) -> datetime:
    at = moment(since)
    if not EPOCH.year <= at.year < MAXYEAR:
        raise ValueError("a year that some time zones can't show")
    return at
