"""Counters of what the library's containers hold, by container and by rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, delete, func, insert, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts.users import Person
from ..context import Context
from ..database.tables import containers, counters, documents, folders, sent_documents
from . import rights

_SMALL_PART = 0.1


#: Up to this many rules in one container are few: all of them are looked up.
FEW = 60


@dataclass(frozen=True, slots=True)
class ContentCounts:
    """How many objects of one kind a container holds: under each of the person's rules, and in total (0 if there are at
    most :data:`FEW` rules)."""

    rules: list[tuple[int, int]]
    total: int

    @property
    def seen(self) -> int:
        """How many of them the person may see."""
        return sum(number for _, number in self.rules)

    @property
    def by_rule(self) -> bool:
        """Whether looking them up rule by rule is better than picking them out of everything in the container."""
        return len(self.rules) <= FEW or self.seen < _SMALL_PART * self.total


_HERE = counters.c.parent == bindparam("here", type_=BigInteger)
_TOTALS = select(func.sum(counters.c.containers), func.sum(counters.c.documents)).where(_HERE)


_SEEN = select(counters.c.acl, counters.c.containers, counters.c.documents).where(
    _HERE, rights.readable(counters.c.acl, rights.ANYONE)
)


async def counts_in(
    connection: AsyncConnection, person: Person, parent: int
) -> tuple[ContentCounts, ContentCounts]:
    """Counts of the containers and of the documents in the container ``parent`` (0: the library)."""
    parameters = {"here": parent}
    rows = (await connection.execute(_SEEN, {**parameters, "person": person.id})).all()
    totals: Any = (0, 0)
    if len(rows) > FEW:
        totals = (await connection.execute(_TOTALS, parameters)).one()
    return (
        ContentCounts([(acl, number) for acl, number, _ in rows if number], int(totals[0] or 0)),
        ContentCounts([(acl, number) for acl, _, number in rows if number], int(totals[1] or 0)),
    )


async def visible(connection: AsyncConnection, person: Person, *, copies: bool = True) -> int:
    """How many documents the person may see in total, with or without the ``copies`` in folders of Share."""
    in_work = select(func.coalesce(func.sum(counters.c.documents), 0)).where(
        rights.readable(counters.c.acl, person)
    )
    in_share = (
        select(func.count())
        .select_from(sent_documents)
        .join(folders, folders.c.id == sent_documents.c.folder_id)
        .where(rights.share_folders(person), sent_documents.c.state.in_(rights.LISTED))
    )
    total = in_work.scalar_subquery() + in_share.scalar_subquery() if copies else in_work.scalar_subquery()
    return int((await connection.execute(select(total))).scalar_one())


async def contents_of(
    connection: AsyncConnection, person: Person, parents: list[int]
) -> dict[int, tuple[bool, bool]]:
    """For each container: whether the person sees containers in it, and whether they see documents."""
    query = select(counters.c.parent, counters.c.containers, counters.c.documents).where(
        counters.c.parent.in_(parents), rights.readable(counters.c.acl, person)
    )
    found: dict[int, tuple[bool, bool]] = {}
    for parent, container_count, document_count in await connection.execute(query):
        before = found.get(parent, (False, False))
        found[parent] = (before[0] or container_count > 0, before[1] or document_count > 0)
    return found


# ---------------------------------------------------------------- updating


#: :func:`add_counts` as an SQLite statement for rows of ``parent``, ``acl``, containers and documents.
COUNTED = """
INSERT INTO counters (parent, acl, containers, documents) VALUES (?, ?, ?, ?)
ON CONFLICT (parent, acl) DO UPDATE
SET containers = containers + excluded.containers, documents = documents + excluded.documents
"""


async def add_counts(
    context: Context,
    connection: AsyncConnection,
    parent: int,
    acl: int,
    container_count: int,
    document_count: int,
) -> None:
    """Add to the numbers of containers and documents under the rule ``acl`` in ``parent`` (0: the library)."""
    row = context.database.insert(counters).values(
        parent=parent, acl=acl, containers=container_count, documents=document_count
    )
    await connection.execute(
        row.on_conflict_do_update(
            index_elements=[counters.c.parent, counters.c.acl],
            set_={
                "containers": counters.c.containers + row.excluded.containers,
                "documents": counters.c.documents + row.excluded.documents,
            },
        )
    )


async def recount(connection: AsyncConnection, numbers: Select[Any]) -> None:
    """Recount the contents of the containers whose numbers ``numbers`` selects."""
    container_rows = select(
        containers.c.parent, containers.c.acl, literal(1).label("inner"), literal(0).label("papers")
    )
    document_rows = select(documents.c.parent, documents.c.acl, literal(0), literal(1))
    contents = union_all(
        container_rows.where(containers.c.parent.in_(numbers), containers.c.deleted_at.is_(None)),
        document_rows.where(documents.c.parent.in_(numbers), documents.c.deleted_at.is_(None)),
    ).subquery()
    sums = func.sum(contents.c.inner), func.sum(contents.c.papers)
    counted = select(contents.c.parent, contents.c.acl, *sums).group_by(contents.c.parent, contents.c.acl)
    columns = ("parent", "acl", "containers", "documents")
    await connection.execute(delete(counters).where(counters.c.parent.in_(numbers)))
    await connection.execute(insert(counters).from_select(columns, counted))
