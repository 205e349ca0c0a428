"""What rows of the library only name, looked up for a whole page of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Row, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import containers, emails, users
from ..library import lookup, rights
from ..library.counts import contents_of
from ..library.emails import EXTENSIONS
from ..library.ids import LIBRARY
from ..people import Person


@dataclass(slots=True)
class Facts:
    """People's full names, workspaces, what containers hold, what e-mails say."""

    now: datetime
    host: str
    #: Whether rows tell when somebody used what they are about.
    used: bool = False
    people: dict[str, str] = field(default_factory=dict)
    workspaces: dict[int, str] = field(default_factory=dict)
    contents: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    #: What e-mails say, by number and version.
    emails: dict[tuple[int, int], Row[Any]] = field(default_factory=dict)

    def full_name(self, name: str | None) -> str | None:
        return self.people.get(name, name) if name else None

    def iwl(self, number: int, version: int) -> str:
        return f"iwl:dms={self.host}&&lib={LIBRARY}&&num={number}&&ver={version}"


_NAMING = ("author", "operator", "last_user", "checked_out_by", "owner", "user")


async def facts_for(
    context: Context,
    connection: AsyncConnection,
    person: Person,
    host: str,
    rows: Iterable[Row[Any]],
) -> Facts:
    """The facts that showing ``rows`` (of documents, containers or history) takes."""
    named: set[str | None] = set()
    spaces: set[int | None] = set()
    holders: set[int] = set()
    mails: set[int] = set()
    used = False
    for kind in _by_kind(rows):
        fields = kind[0]._fields
        for key in (*_NAMING, "workspace"):
            if key in fields:
                place = fields.index(key)
                (spaces if key == "workspace" else named).update(row[place] for row in kind)
        if "kind" in fields:
            holders.update(row.number for row in kind)
        used |= "activity_at" in fields
        if "extension" in fields:
            mails.update(row.number for row in kind if row.extension in EXTENSIONS)
    facts = Facts(context.clock(), host, used)
    sqlite = context.database.sqlite
    people, numbers = sorted(filter(None, named)), sorted(filter(None, spaces))
    if people or numbers:
        given = {"people": people, "numbers": numbers, "person": person.id}
        for number, name, full_name in await connection.execute(_names(sqlite), given):
            if number is None:
                facts.people[name] = full_name
            else:
                facts.workspaces[number] = name
    if mails:
        said = await connection.execute(
            select(emails).where(lookup.among(connection, emails.c.number, sorted(mails)))
        )
        facts.emails = {(row.number, row.version): row for row in said}
    if holders:
        facts.contents = await contents_of(connection, person, sorted(holders))
    return facts


@cache
def _names(sqlite: bool) -> CompoundSelect[Any]:
    """Of people: no number, name and full name; of workspaces that the person may see: number, name, nothing."""
    people = select(null(), users.c.name, users.c.full_name).where(
        lookup.one_of(users.c.name, sqlite, "people"), users.c.full_name.is_not(None)
    )
    columns = containers.c.number, containers.c.name, null()
    visible = rights.containers_query(rights.ANYONE).with_only_columns(*columns)
    return union_all(visible.where(lookup.one_of(containers.c.number, sqlite, "numbers")), people)


def _by_kind(rows: Iterable[Row[Any]]) -> list[list[Row[Any]]]:
    """The rows of each query that a list was made of."""
    found: dict[tuple[str, ...], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row._fields, []).append(row)
    return list(found.values())
