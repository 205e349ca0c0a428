"""Appending and reading rows of the audit."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypedDict

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..base.timestamps import micros
from ..context import Context
from ..database.tables import audit, audit_heads
from ..http.visitor import MOST_AGENT

#: A row to be inserted, by column.
Row = dict[str, Any]

#: The subject of rows about the installation as a whole: its people, its policy.
INSTALLATION = "installation"
#: What the subjects of states begin with, which have heads but no rows (``guards``).
STATES = "state:"
#: SQLite limits the number of parameters in one statement.
_SUBJECTS_AT_ONCE = 500
_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class Origin(TypedDict):
    """Who did something and from where. ``actor`` is a person's name, or ``None`` for recipients and for what happened
    automatically."""

    actor: str | None
    address: str | None
    agent: str | None


#: For what happened automatically.
NOBODY: Origin = {"actor": None, "address": None, "agent": None}


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row; ``actor``, ``address`` and ``agent`` as in :class:`Origin`."""

    id: int
    subject: str
    sequence: int
    at: datetime
    event: str
    actor: str | None
    address: str | None
    agent: str | None
    details: dict[str, Any]


def subject(kind: Literal["document", "folder", "person"], ident: str) -> str:
    """The subject of rows about a document, a folder or a person: ``document:ID``."""
    return f"{kind}:{ident}"


def covered(value: Any, kind: type[str | bytes]) -> bytes:
    """What a MAC covers of a value: its bytes. If it isn't of that ``kind``, someone else wrote it: bytes that the
    server never writes, so that the MAC is a different one."""
    if not isinstance(value, kind):
        return b"\0" + repr(value).encode()
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def details_of(text: Any) -> dict[str, Any]:
    """The details in a row's column; empty if someone wrote something else there, which :func:`verify` reports."""
    try:
        details = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return {}
    return details if isinstance(details, dict) else {}


def row_parts(row: Mapping[str, Any]) -> list[bytes]:
    """The canonical form of ``row`` (the columns of the table, or what is ``stored`` in them), without its MAC."""
    at = row["at"]
    fields = (
        row["subject"],
        str(row["sequence"]),
        str(micros(at) if isinstance(at, datetime) else at),
        row["event"],
        row["actor"],
        row["address"],
        row["agent"],
        row["details"],
    )
    # Distinguishes missing fields from empty ones.
    parts = [b"" if f is None else b"=" + covered(f, str) for f in fields]
    return parts if row["state"] is None else [*parts, covered(row["state"], bytes)]


def row_mac(context: Context, before: bytes, row: Mapping[str, Any]) -> bytes:
    """The MAC of ``row`` (the columns of the table), which follows a row whose MAC is ``before``."""
    return context.keys.audit_mac(b"row", covered(before, bytes), *row_parts(row))


def head_mac(context: Context, subject: str, sequence: int, mac: bytes) -> bytes:
    """The MAC of a chain's head, so that no one else can set it back to an earlier row."""
    return context.keys.audit_mac(b"head", covered(subject, str), str(sequence).encode(), covered(mac, bytes))


async def lock_chain(connection: AsyncConnection, subject: str) -> None:
    """Lock a chain: no one else can append to it or seal it until the transaction ends."""
    query = select(audit_heads.c.subject).where(audit_heads.c.subject == subject)
    await connection.execute(query.with_for_update())


async def append(  # noqa: PLR0913
    context: Context,
    connection: AsyncConnection,
    subject: str,
    event: Event,
    *,
    actor: str | None = None,
    address: str | None = None,
    agent: str | None = None,
    details: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    state: bytes | None = None,
) -> None:
    """Append a row to the chain of ``subject``, within the caller's write transaction.

    ``details`` can be anything that JSON can represent, but never a secret; ``at`` defaults to the current time.
    ``state`` is that of the document (``states.state_of``) if it has just changed.
    """
    # Incrementing the sequence locks the head until the transaction ends, which serializes appends to a chain.
    next_row = context.database.insert(audit_heads).values(subject=subject, sequence=1, mac=b"", sealed=0)
    next_row = next_row.on_conflict_do_update(
        index_elements=[audit_heads.c.subject], set_={"sequence": audit_heads.c.sequence + 1}
    ).returning(audit_heads.c.sequence, audit_heads.c.mac)
    sequence, before = (await connection.execute(next_row)).one()
    origin = Origin(actor=actor, address=address, agent=agent)
    entry = NewRow(event, details or {}, at or context.clock(), origin, state)
    row = _row(context, subject, sequence, before, entry)
    await connection.execute(insert(audit).values(**row))
    await connection.execute(
        update(audit_heads)
        .where(audit_heads.c.subject == subject)
        .values(mac=row["mac"], head_mac=head_mac(context, subject, sequence, row["mac"]))
    )


@dataclass(frozen=True, slots=True)
class NewRow:
    """The content of a row to be written. ``details`` and ``state`` as in :func:`append`."""

    event: Event
    details: Mapping[str, Any]
    at: datetime
    origin: Origin
    state: bytes | None = None


def begin(context: Context, subject: str, entries: Sequence[NewRow]) -> tuple[list[Row], Row]:
    """The rows of a new chain, and the row of its head, to be inserted together with those of others."""
    rows: list[Row] = []
    for sequence, entry in enumerate(entries, 1):
        rows.append(_row(context, subject, sequence, rows[-1]["mac"] if rows else b"", entry))
    mac = rows[-1]["mac"]
    return rows, {
        "subject": subject,
        "sequence": len(rows),
        "mac": mac,
        "head_mac": head_mac(context, subject, len(rows), mac),
        "sealed": 0,
    }


def _row(context: Context, subject: str, sequence: int, before: bytes, entry: NewRow) -> Row:
    agent = entry.origin["agent"]
    row: Row = {
        "subject": subject,
        "sequence": sequence,
        "at": entry.at,
        "event": str(entry.event),
        "actor": entry.origin["actor"],
        "address": entry.origin["address"],
        "agent": agent[:MOST_AGENT] if agent is not None else None,
        "details": _JSON.encode(dict(entry.details)),
        "state": entry.state,
    }
    row["mac"] = row_mac(context, before, row)
    return row


async def read(
    context: Context,
    connection: AsyncConnection,
    subjects: str | Iterable[str],
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[AuditEntry]:
    """The rows of one or more subjects, newest first; ``before`` is the ``id`` of the last one on the previous page."""
    wanted = [subjects] if isinstance(subjects, str) else list(dict.fromkeys(subjects))
    found: list[AuditEntry] = []
    for start in range(0, len(wanted), _SUBJECTS_AT_ONCE):
        query = select(audit).where(audit.c.subject.in_(wanted[start : start + _SUBJECTS_AT_ONCE]))
        if before is not None:
            query = query.where(audit.c.id < before)
        rows = await connection.execute(query.order_by(audit.c.id.desc()).limit(limit))
        found.extend(
            AuditEntry(
                id=row.id,
                subject=row.subject,
                sequence=row.sequence,
                at=row.at,
                event=row.event,
                actor=row.actor,
                address=row.address,
                agent=row.agent,
                details=json.loads(row.details),
            )
            for row in rows
        )
    found.sort(key=lambda entry: -entry.id)
    return found[:limit]
