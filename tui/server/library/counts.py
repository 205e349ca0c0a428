"""How much is in the library's containers, kept in counters: by container and by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, func, insert, literal, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from ..context import Context
from ..database.tables import containers, counters, documents, folders, sent_documents
from ..people import Person
from . import rights

_LITTLE = 0.1


#: Up to so many rules in one place are few: they are all looked up.
FEW = 60


@dataclass(frozen=True, slots=True)
class Held:
    """What of one kind is in a container: how much under each of the person's rules; and how much in all, where
    the rules are not :data:`FEW`."""

    rules: list[tuple[int, int]]
    total: int

    @property
    def seen(self) -> int:
        return sum(number for _, number in self.rules)

    @property
    def little(self) -> bool:
        """Whether it is better found rule by rule than picked out of all that is there."""
        return len(self.rules) <= FEW or self.seen < _LITTLE * self.total


_HERE = counters.c.parent == bindparam("here", type_=BigInteger)
_TOTALS = select(func.sum(counters.c.containers), func.sum(counters.c.documents)).where(_HERE)


_SEEN = select(counters.c.acl, counters.c.containers, counters.c.documents).where(
    _HERE, rights.readable(counters.c.acl, rights.ANYONE)
)


async def held_in(connection: AsyncConnection, person: Person, parent: int) -> tuple[Held, Held]:
    """The containers and the documents that are in the container ``parent`` (0: the library)."""
    here = {"here": parent}
    rows = (await connection.execute(_SEEN, {**here, "person": person.id})).all()
    totals: Any = (0, 0)
    if len(rows) > FEW:
        totals = (await connection.execute(_TOTALS, here)).one()
    return (
        Held([(acl, number) for acl, number, _ in rows if number], int(totals[0] or 0)),
        Held([(acl, number) for acl, _, number in rows if number], int(totals[1] or 0)),
    )


async def visible(connection: AsyncConnection, person: Person) -> int:
    """How many documents the person may see in all."""
    kept = select(func.coalesce(func.sum(counters.c.documents), 0)).where(
        rights.readable(counters.c.acl, person)
    )
    sent = (
        select(func.count())
        .select_from(sent_documents)
        .join(folders, folders.c.id == sent_documents.c.folder_id)
        .where(rights.share_folders(person), sent_documents.c.state.in_(rights.LISTED))
    )
    return int(
        (await connection.execute(select(kept.scalar_subquery() + sent.scalar_subquery()))).scalar_one()
    )


async def contents_of(
    connection: AsyncConnection, person: Person, parents: list[int]
) -> dict[int, tuple[bool, bool]]:
    """Of each container: whether the person sees containers in it, and documents."""
    query = select(counters.c.parent, counters.c.containers, counters.c.documents).where(
        counters.c.parent.in_(parents), rights.readable(counters.c.acl, person)
    )
    found: dict[int, tuple[bool, bool]] = {}
    for parent, inner, papers in await connection.execute(query):
        before = found.get(parent, (False, False))
        found[parent] = (before[0] or inner > 0, before[1] or papers > 0)
    return found


# ---------------------------------------------------------------- keeping


#: :func:`add_counts` for rows of ``parent``, ``acl``, containers and documents, as SQLite takes it.
COUNTED = """
INSERT INTO counters (parent, acl, containers, documents) VALUES (?, ?, ?, ?)
ON CONFLICT (parent, acl) DO UPDATE
SET containers = containers + excluded.containers, documents = documents + excluded.documents
"""


async def add_counts(
    context: Context, connection: AsyncConnection, parent: int, acl: int, folders: int, papers: int
) -> None:
    """Adds to how many containers and documents with the rule ``acl`` are in ``parent`` (0: the library)."""
    dialect: Any = sqlite if context.database.sqlite else postgresql
    row = dialect.insert(counters).values(parent=parent, acl=acl, containers=folders, documents=papers)
    await connection.execute(
        row.on_conflict_do_update(
            index_elements=[counters.c.parent, counters.c.acl],
            set_={
                "containers": counters.c.containers + row.excluded.containers,
                "documents": counters.c.documents + row.excluded.documents,
            },
        )
    )


async def recount(connection: AsyncConnection, places: Select[Any]) -> None:
    """Counts anew what is in the containers whose numbers ``places`` selects."""
    inner = select(
        containers.c.parent, containers.c.acl, literal(1).label("inner"), literal(0).label("papers")
    )
    papers = select(documents.c.parent, documents.c.acl, literal(0), literal(1))
    there = union_all(
        inner.where(containers.c.parent.in_(places), containers.c.deleted_at.is_(None)),
        papers.where(documents.c.parent.in_(places), documents.c.deleted_at.is_(None)),
    ).subquery()
    sums = func.sum(there.c.inner), func.sum(there.c.papers)
    counted = select(there.c.parent, there.c.acl, *sums).group_by(there.c.parent, there.c.acl)
    columns = ("parent", "acl", "containers", "documents")
    await connection.execute(delete(counters).where(counters.c.parent.in_(places)))
    await connection.execute(insert(counters).from_select(columns, counted))
