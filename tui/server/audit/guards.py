"""The states of all objects that decide who may do what (``database.watched.KINDS``): accounts, access tokens, the
policy, access rules, owners, members, and the versions of documents.

The state of each is a MAC over what the database stores of it. It is kept like the head of a chain without rows, with
a number that increases with each change, and is sealed like one: what is put back doesn't match it, even if the state
is put back as well. It is recorded in the transaction that changes the object, and only if the object was as recorded
before: what was changed by hand isn't taken over by a later change of the program.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, func, insert, select, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import NullType

from ...rules.state import Event
from ..context import Context
from ..database.tables import audit, audit_heads, sealed_heads, stored
from ..database.watched import DAY, KINDS, Changed, GuardedSource, subject_of
from .chain import INSTALLATION, STATES, append, details_of, head_mac
from .states import parts_of

log = logging.getLogger("sentlinks")

_BATCH = 500

#: What exists of objects: the parts that their MACs cover, by ident; empty for one that doesn't exist.
Contents = dict[str, list[bytes]]


@dataclass(frozen=True, slots=True)
class RecordedState:
    """The recorded state of an object. ``subject`` begins with :data:`STATES`."""

    subject: str
    sequence: Any
    mac: Any
    head_mac: Any
    #: The newest that seals cover, as it says and as they say.
    sealed: Any
    reached: Any

    def covers(self, context: Context, mac: bytes) -> bool:
        """Whether the object has this MAC, the server wrote the state, and it is the newest one that it wrote."""
        # If it said that it is sealed further than it is, it would no longer be sealed.
        is_newest = self.sealed == (self.reached or 0) and _is_at_most(self.sealed, self.sequence)
        return (
            is_newest
            and self.mac == mac
            and self.head_mac == head_mac(context, self.subject, self.sequence, mac)
        )


def state_mac(context: Context, subject: str, content: Sequence[bytes]) -> bytes:
    """The MAC of an object with this content."""
    return context.keys.audit_mac(b"state", subject.encode("utf-8", "surrogatepass"), *content)


def _is_at_most(number: Any, other: Any) -> bool:
    """Whether both are numbers, which someone may have changed to anything else, and the first isn't greater."""
    return isinstance(number, int) and isinstance(other, int) and number <= other


def states_of(*columns: ColumnElement[Any]) -> Select[Any]:
    """A query for states, each with how far it is sealed; and for ``columns``."""
    reached = select(func.max(type_coerce(sealed_heads.c.sequence, NullType())))
    reached = reached.where(sealed_heads.c.subject == audit_heads.c.subject)
    return select(*stored(audit_heads.c), reached.scalar_subquery().label("reached"), *columns)


async def macs_of(
    context: Context, connection: AsyncConnection, names: Iterable[str]
) -> dict[str, bytes | None]:
    """The MACs of objects as they are, by their names (``KIND:IDENT``); ``None`` for those that don't exist."""
    idents: dict[str, list[str]] = {}
    for name in names:
        kind, _, ident = name.partition(":")
        idents.setdefault(kind, []).append(ident)
    found: dict[str, bytes | None] = {}
    for kind, group in idents.items():
        for ident, content in (await contents(context, connection, kind, group)).items():
            name = subject_of(kind, ident)
            found[name] = state_mac(context, name, content) if content else None
    return found


async def contents(
    context: Context, connection: AsyncConnection, kind: str, idents: Sequence[str]
) -> Contents:
    """What the database stores of objects of one kind."""
    found: Contents = {ident: [] for ident in idents}
    for source in KINDS[kind]:
        for ident, row in await _rows(context, connection, source, idents):
            found.setdefault(ident, []).extend([source.table.name.encode(), *_parts(source, row)])
    return found


async def _rows(
    context: Context, connection: AsyncConnection, source: GuardedSource, idents: Sequence[str]
) -> list[tuple[str, Row[Any]]]:
    keys: list[Any] = list(idents)
    if source.ident.type.python_type is int:
        keys = [int(ident) for ident in idents if ident.isascii() and ident.lstrip("-").isdigit()]
    query = (
        select(*stored((*source.columns, *source.days)))
        .where(source.ident.in_(keys))
        .order_by(source.ident, *source.order)
    )
    rows = await context.database.rows_as_stored(connection, query)
    place = source.columns.index(source.ident)
    return [(str(row[place]), row) for row in rows]


def _parts(source: GuardedSource, row: Row[Any]) -> Iterator[bytes]:
    number = len(source.columns)
    yield from parts_of(row[:number])
    for moment in row[number:]:
        yield from parts_of([moment // DAY if isinstance(moment, int) else moment])


# ---------------------------------------------------------------- recording


async def record(context: Context, connection: AsyncConnection, changed: Changed) -> None:
    """Record the new states of objects that the connection's transaction has ``changed``.

    All lock states in the same order, and nothing after them.
    """
    names = sorted(changed)
    for start in range(0, len(names), _BATCH):
        part = {name: changed[name] for name in names[start : start + _BATCH]}
        await _record_some(context, connection, part)


async def _record_some(context: Context, connection: AsyncConnection, changed: Changed) -> None:
    states = await _lock(context, connection, changed)
    # What the transaction has inserted, and has no state, can't have existed before.
    before = [name for name, inserted in changed.items() if not inserted or name in states]
    doubtful = {name async for name in _changed_by_hand(context, before, states)}
    for name in doubtful:
        log.error("%s was changed by hand; check with: sentlinks audit --verify", name)
    macs = await macs_of(context, connection, changed.keys() - doubtful)
    await write(context, connection, macs, states)


async def _lock(
    context: Context, connection: AsyncConnection, names: Iterable[str]
) -> dict[str, RecordedState]:
    """The states of objects that have one, by their names, locked until the transaction ends. With PostgreSQL, the
    others are locked, too: with SQLite, no one else writes."""
    subjects = [STATES + name for name in names]
    if not context.database.sqlite:
        rows = [{"subject": subject, "sequence": 0, "mac": b"", "sealed": 0} for subject in subjects]
        new = context.database.insert(audit_heads).values(rows).on_conflict_do_nothing()
        made = set((await connection.execute(new.returning(audit_heads.c.subject))).scalars())
        subjects = [subject for subject in subjects if subject not in made]
        if not subjects:
            return {}
        # In a statement of its own: what waits for a lock sees that row as it is by then, but not the seals.
        locked = select(audit_heads.c.subject).where(audit_heads.c.subject.in_(subjects))
        await connection.execute(locked.order_by(audit_heads.c.subject).with_for_update())
    found = await context.database.rows_as_stored(
        connection, states_of().where(audit_heads.c.subject.in_(subjects))
    )
    return {row.subject.removeprefix(STATES): RecordedState(**row._asdict()) for row in found}


async def _changed_by_hand(
    context: Context, names: Sequence[str], states: Mapping[str, RecordedState]
) -> AsyncIterator[str]:
    """Those of ``names`` that weren't as recorded, before the transaction."""
    if not names:
        return
    async with context.database.read_committed() as connection:
        macs = await macs_of(context, connection, names)
    for name in names:
        if not is_recorded(context, name, macs[name], states.get(name)):
            yield name


def is_recorded(context: Context, name: str, mac: bytes | None, state: RecordedState | None) -> bool:
    """Whether an object with this MAC (``None``: that doesn't exist) is as its state says."""
    if state is None:
        return mac is None
    return state.covers(context, mac or state_mac(context, name, ()))


async def write(
    context: Context,
    connection: AsyncConnection,
    macs: Mapping[str, bytes | None],
    states: Mapping[str, RecordedState],
    *,
    locked: bool = True,
) -> None:
    """Write the states of objects; ``states`` are those that they have, if any, and are ``locked`` (:func:`_lock`)."""
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for name, mac_found in macs.items():
        mac, state = mac_found or state_mac(context, name, ()), states.get(name)
        if state is not None and state.covers(context, mac):
            continue
        sequence = _next(state)
        row = {"sequence": sequence, "mac": mac, "head_mac": head_mac(context, STATES + name, sequence, mac)}
        is_new = state is None and (context.database.sqlite or not locked)
        (new if is_new else changed).append({"subject" if is_new else "named": STATES + name, **row})
    if new:
        await connection.execute(insert(audit_heads), [{**row, "sealed": 0} for row in new])
    if changed:
        await connection.execute(_MOVED, changed)


def _next(state: RecordedState | None) -> int:
    """The number of the next state; it is greater than that of any before."""
    if state is None:
        return 1
    return (
        max(number for number in (state.sequence, state.reached, state.sealed, 0) if isinstance(number, int))
        + 1
    )


_MOVED = (
    update(audit_heads)
    .where(audit_heads.c.subject == bindparam("named"))
    .values(sequence=bindparam("sequence"), mac=bindparam("mac"), head_mac=bindparam("head_mac"))
)


async def renew(context: Context, connection: AsyncConnection, names: Sequence[str]) -> None:
    """Record the states of objects as they are, whatever they were."""
    for start in range(0, len(names), _BATCH):
        part = names[start : start + _BATCH]
        states = await _lock(context, connection, part)
        await write(context, connection, await macs_of(context, connection, part), states)


# ---------------------------------------------------------------- beginning


async def begin(context: Context, connection: AsyncConnection) -> None:
    """Record the states of everything in the database, once for an installation: its chain says that it was done.

    No one else may write to the database at the same time.
    """
    if await _has_begun(connection):
        return
    count = 0
    for kind, sources in KINDS.items():
        async for idents in all_idents(connection, sources[0]):
            macs = await macs_of(context, connection, [subject_of(kind, ident) for ident in idents])
            await write(context, connection, macs, {}, locked=False)
            count += len(idents)
    await append(context, connection, INSTALLATION, Event.RECORDED, details={"guarded": count})


async def _has_begun(connection: AsyncConnection) -> bool:
    query = select(audit.c.details).where(
        audit.c.subject == INSTALLATION, audit.c.event.in_((str(Event.INSTALLED), str(Event.RECORDED)))
    )
    return any("guarded" in details_of(details) for details in (await connection.execute(query)).scalars())


async def all_idents(connection: AsyncConnection, source: GuardedSource) -> AsyncIterator[list[str]]:
    """The ids of all objects in a table, in parts."""
    query = select(source.ident).order_by(source.ident).limit(_BATCH)
    part = query
    while idents := (await connection.execute(part)).scalars().all():
        yield [str(ident) for ident in idents]
        part = query.where(source.ident > idents[-1])
