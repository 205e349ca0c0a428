"""What rows of the library only refer to, looked up for a whole page of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Row, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts.users import Person
from ..context import Context
from ..database.tables import containers, emails, users
from ..library import lookup, rights
from ..library.counts import contents_of
from ..library.emails import EXTENSIONS
from ..library.ids import LIBRARY


@dataclass(slots=True)
class Facts:
    """Full names of people, names of workspaces, whether containers have contents, and headers of e-mails."""

    now: datetime
    host: str
    #: Whether the rows say when their document or workspace was last used.
    used: bool = False
    people: dict[str, str] = field(default_factory=dict)
    workspaces: dict[int, str] = field(default_factory=dict)
    contents: dict[int, tuple[bool, bool]] = field(default_factory=dict)
    #: Rows of ``emails``, by number and version.
    emails: dict[tuple[int, int], Row[Any]] = field(default_factory=dict)

    def full_name(self, name: str | None) -> str | None:
        """A person's full name; one who isn't known is called as in the row."""
        return self.people.get(name, name) if name else None

    def iwl(self, number: int, version: int) -> str:
        """The address by which iManage's own programs open that version."""
        return f"iwl:dms={self.host}&&lib={LIBRARY}&&num={number}&&ver={version}"


_NAME_COLUMNS = ("author", "operator", "last_user", "checked_out_by", "owner", "user")


async def facts_for(
    context: Context,
    connection: AsyncConnection,
    person: Person,
    host: str,
    rows: Iterable[Row[Any]],
) -> Facts:
    """Look up what is needed to show ``rows`` (of documents, containers or history)."""
    names: set[str | None] = set()
    workspace_numbers: set[int | None] = set()
    container_numbers: set[int] = set()
    email_numbers: set[int] = set()
    used = False
    for kind in _by_kind(rows):
        fields = kind[0]._fields
        for key in (*_NAME_COLUMNS, "workspace"):
            if key in fields:
                index = fields.index(key)
                (workspace_numbers if key == "workspace" else names).update(row[index] for row in kind)
        if "kind" in fields:
            container_numbers.update(row.number for row in kind)
        used |= "activity_at" in fields
        if "extension" in fields:
            email_numbers.update(row.number for row in kind if row.extension in EXTENSIONS)
    facts = Facts(context.clock(), host, used)
    sqlite = context.database.sqlite
    people, numbers = sorted(filter(None, names)), sorted(filter(None, workspace_numbers))
    if people or numbers:
        parameters = {"people": people, "numbers": numbers, "person": person.id}
        for number, name, full_name in await connection.execute(_names(sqlite), parameters):
            if number is None:
                facts.people[name] = full_name
            else:
                facts.workspaces[number] = name
    if email_numbers:
        headers = await connection.execute(
            select(emails).where(lookup.among(connection, emails.c.number, sorted(email_numbers)))
        )
        facts.emails = {(row.number, row.version): row for row in headers}
    if container_numbers:
        facts.contents = await contents_of(connection, person, sorted(container_numbers))
    return facts


@cache
def _names(sqlite: bool) -> CompoundSelect[Any]:
    """Rows of null, name and full name for people; of number, name and null for workspaces that the person may see."""
    people = select(null(), users.c.name, users.c.full_name).where(
        lookup.one_of(users.c.name, sqlite, "people"), users.c.full_name.is_not(None)
    )
    columns = containers.c.number, containers.c.name, null()
    visible = rights.containers_query(rights.ANYONE).with_only_columns(*columns)
    return union_all(visible.where(lookup.one_of(containers.c.number, sqlite, "numbers")), people)


def _by_kind(rows: Iterable[Row[Any]]) -> list[list[Row[Any]]]:
    """The rows of a list, grouped by the query that they come from."""
    found: dict[tuple[str, ...], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(row._fields, []).append(row)
    return list(found.values())
