"""Finding objects that were changed, removed, added or put back by hand: they don't match their states (``guards``)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import String, cast, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import audit_heads, sealed_heads, sent_documents, stored, tokens, users
from ..database.watched import KINDS, subject_of
from .chain import STATES
from .guards import RecordedState, is_recorded, macs_of, states_of
from .report import Broken

_BATCH = 500
#: What they are called; an account and a token are named by their person.
_NAMES = {
    "policy": "the policy",
    "account": "the account",
    "token": "an access token",
    "members": "a folder of Share or its members",
    "rule": "an access rule of the library",
    "container": "a workspace or folder",
    "versions": "a document of the library or its versions",
}


@dataclass(frozen=True, slots=True)
class ChangedObject:
    """An object that isn't as its state says; ``state`` is ``None`` if it has none. ``name`` is ``KIND:IDENT``."""

    name: str
    why: str
    state: RecordedState | None

    @property
    def broken(self) -> Broken:
        """The same as a broken place of the audit, with 0 for the row's number."""
        return Broken(self.name, 0, self.why)


async def changed_objects(
    context: Context, connection: AsyncConnection, subjects: Sequence[str] | None = None
) -> AsyncIterator[ChangedObject]:
    """The objects that were changed by hand: all, or those that belong to what ``subjects`` (of chains) are about."""
    if subjects is None:
        for kind in KINDS:
            async for states in _states_of_kind(context, connection, kind):
                async for found in _compare(context, connection, states):
                    yield found
            async for found in _without_state(connection, kind):
                yield found
        async for found in _sealed_and_lost(connection):
            yield found
        return
    names = await _names_of(connection, subjects)
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        query = states_of().where(audit_heads.c.subject.in_([STATES + name for name in part]))
        rows = await context.database.rows_as_stored(connection, query)
        async for found in _compare(context, connection, dict.fromkeys(part) | _by_name(rows)):
            yield found


def _by_name(rows: Iterable[Any]) -> dict[str, RecordedState | None]:
    return {str(row.subject).removeprefix(STATES): RecordedState(**row._asdict()) for row in rows}


async def _states_of_kind(
    context: Context, connection: AsyncConnection, kind: str
) -> AsyncIterator[dict[str, RecordedState | None]]:
    start = STATES + subject_of(kind, "")
    query = states_of().where(audit_heads.c.subject.startswith(start, autoescape=True))
    query = query.order_by(audit_heads.c.subject).limit(_BATCH)
    last = start
    while True:
        part = query.where(audit_heads.c.subject > last)
        rows = await context.database.rows_as_stored(connection, part)
        if not rows:
            return
        yield _by_name(rows)
        last = rows[-1].subject
        # Other requests are served in between.
        await asyncio.sleep(0)


async def _compare(
    context: Context, connection: AsyncConnection, states: Mapping[str, RecordedState | None]
) -> AsyncIterator[ChangedObject]:
    macs = await macs_of(context, connection, states)
    for name, state in states.items():
        mac = macs.get(name)
        if is_recorded(context, name, mac, state):
            continue
        if mac is None:
            how = "removed"
        elif state is None:
            how = "added"
        else:
            how = "changed, or put back as it was earlier,"
        yield ChangedObject(name, f"{await _called(connection, name)} was {how} by hand", state)


async def _called(connection: AsyncConnection, name: str) -> str:
    kind, _, ident = name.partition(":")
    query = select(*stored([users.c.name])).where(users.c.id == ident)
    if kind == "token":
        query = select(*stored([users.c.name])).join(tokens).where(tokens.c.id == ident)
    person = (await connection.execute(query)).scalar() if kind in ("account", "token") else None
    called = _NAMES[kind]
    return f"{called} of {person}" if isinstance(person, str) else called


async def _without_state(connection: AsyncConnection, kind: str) -> AsyncIterator[ChangedObject]:
    """Objects that have no state at all."""
    ident = KINDS[kind][0].ident
    subject = literal(STATES + subject_of(kind, "")).concat(cast(ident, String))
    query = (
        select(*stored([ident]))
        .outerjoin(audit_heads, audit_heads.c.subject == subject)
        .where(audit_heads.c.subject.is_(None))
    )
    async for row in await connection.stream(query):
        name = subject_of(kind, row[0])
        yield ChangedObject(
            name, f"{await _called(connection, name)} was added by hand, or its state was removed", None
        )


async def _sealed_and_lost(connection: AsyncConnection) -> AsyncIterator[ChangedObject]:
    """Objects that are gone together with their states, which were sealed."""
    query = (
        select(*stored([sealed_heads.c.subject]))
        .outerjoin(audit_heads, audit_heads.c.subject == sealed_heads.c.subject)
        .where(sealed_heads.c.subject.startswith(STATES, autoescape=True), audit_heads.c.subject.is_(None))
        .distinct()
    )
    for subject in (await connection.execute(query)).scalars().all():
        name = str(subject).removeprefix(STATES)
        if name.partition(":")[0] in KINDS:
            called = await _called(connection, name)
            yield ChangedObject(name, f"{called} was removed by hand, and so was its state", None)


async def _names_of(connection: AsyncConnection, subjects: Sequence[str]) -> list[str]:
    """The guarded objects that belong to people, folders and sent documents."""
    found: list[str] = []
    for start in range(0, len(subjects), _BATCH):
        idents: dict[str, list[str]] = {"person": [], "folder": [], "document": []}
        for kind, _, ident in (subject.partition(":") for subject in subjects[start : start + _BATCH]):
            idents.setdefault(kind, []).append(ident)
        found += [subject_of("account", ident) for ident in idents["person"]]
        found += [subject_of("members", ident) for ident in idents["folder"]]
        for kind, column, of in (
            ("token", tokens.c.id, tokens.c.user_id.in_(idents["person"])),
            ("versions", sent_documents.c.number, sent_documents.c.id.in_(idents["document"])),
        ):
            rows = (await connection.execute(select(*stored([column])).where(of))).scalars()
            found += [subject_of(kind, ident) for ident in rows]
    return found
