"""Rows of the audit: appending and reading."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..context import Context
from ..database.tables import audit, audit_heads

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_AGENT = 400
#: SQLite takes a bounded number of values in one statement.
_SUBJECTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. ``actor`` is a person's name, ``None`` for recipients and for what happened by itself."""

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


def row_mac(context: Context, before: bytes, row: Mapping[str, Any]) -> bytes:
    """The mac of ``row`` (the columns of the table) that follows a row whose mac is ``before``."""
    fields = (
        row["subject"],
        str(row["sequence"]),
        str((row["at"] - _EPOCH) // timedelta(microseconds=1)),
        row["event"],
        row["actor"],
        row["address"],
        row["agent"],
        row["details"],
    )
    # A field that is not there is told from an empty one.
    parts = (b"" if f is None else b"=" + f.encode("utf-8", "surrogatepass") for f in fields)
    return context.keys.audit_mac(b"row", before, *parts)


async def append(
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
) -> None:
    """Appends a row to the chain of ``subject``, within the caller's write transaction.

    ``details`` is anything that JSON can hold, never a secret; ``at`` is the present unless it is given.
    """
    dialect: Any = sqlite if context.database.sqlite else postgresql
    # Taking the next place holds the head until the transaction ends: appends to one chain follow each other.
    place = dialect.insert(audit_heads).values(subject=subject, sequence=1, mac=b"", sealed=0)
    place = place.on_conflict_do_update(
        index_elements=[audit_heads.c.subject], set_={"sequence": audit_heads.c.sequence + 1}
    ).returning(audit_heads.c.sequence, audit_heads.c.mac)
    sequence, before = (await connection.execute(place)).one()
    row: dict[str, Any] = {
        "subject": subject,
        "sequence": sequence,
        "at": at or context.clock(),
        "event": str(event),
        "actor": actor,
        "address": address,
        "agent": agent[:_MAX_AGENT] if agent is not None else None,
        "details": json.dumps(dict(details or {}), sort_keys=True, separators=(",", ":")),
    }
    row["mac"] = row_mac(context, before, row)
    await connection.execute(insert(audit).values(**row))
    await connection.execute(
        update(audit_heads).where(audit_heads.c.subject == subject).values(mac=row["mac"])
    )


async def read(
    context: Context,
    connection: AsyncConnection,
    subjects: str | Iterable[str],
    *,
    before: int | None = None,
    limit: int | None = None,
) -> list[Entry]:
    """The rows of one subject or of several, newest first; ``before`` is the ``id`` of the last one of a page."""
    wanted = [subjects] if isinstance(subjects, str) else list(dict.fromkeys(subjects))
    found: list[Entry] = []
    for start in range(0, len(wanted), _SUBJECTS_AT_ONCE):
        query = select(audit).where(audit.c.subject.in_(wanted[start : start + _SUBJECTS_AT_ONCE]))
        if before is not None:
            query = query.where(audit.c.id < before)
        rows = await connection.execute(query.order_by(audit.c.id.desc()).limit(limit))
        found.extend(
            Entry(
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
