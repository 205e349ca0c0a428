"""Comparing who is an administrator, and who was removed, with the chains of these people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.state import Event
from ..database.tables import audit, stored, users
from .chain import details_of

_BATCH = 500
_PREFIX = "person:"
_EVENTS = (str(Event.PERSON_ADDED), str(Event.PERSON_REMOVED))


class ContradictingRow(NamedTuple):
    """A row of a person's chain that contradicts the database."""

    subject: str
    sequence: int


async def changed_person(
    connection: AsyncConnection, subjects: Sequence[str] | None
) -> ContradictingRow | None:
    """Find the first person, among ``subjects`` or all, whose rights differ from the last row about them."""
    # One statement for person and rows, since the person may be removed in between.
    query: Select[Any] = (
        select(
            *stored((users.c.id, users.c.admin, users.c.removed_at)),
            *stored((audit.c.sequence, audit.c.event, audit.c.details)),
        )
        .join(audit, and_(audit.c.subject == literal(_PREFIX).concat(users.c.id), audit.c.event.in_(_EVENTS)))
        .order_by(users.c.id, audit.c.sequence)
    )
    if subjects is None:
        return await _first(connection, query)
    ids = [subject.removeprefix(_PREFIX) for subject in subjects if subject.startswith(_PREFIX)]
    for start in range(0, len(ids), _BATCH):
        found = await _first(connection, query.where(users.c.id.in_(ids[start : start + _BATCH])))
        if found is not None:
            return found
    return None


async def _first(connection: AsyncConnection, query: Select[Any]) -> ContradictingRow | None:
    last: dict[str, Any] = {}
    async for row in await connection.stream(query):
        last[row.id] = row
    for row in last.values():
        added = row.event == Event.PERSON_ADDED
        # A removed person has no rights, whatever their row still says.
        other_rights = added and bool(row.admin) != bool(details_of(row.details).get("admin"))
        if other_rights or (row.removed_at is None) != added:
            return ContradictingRow(f"{_PREFIX}{row.id}", row.sequence)
    return None
