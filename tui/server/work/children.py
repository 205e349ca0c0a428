"""What is in a container, and the workspaces that are in the library."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Table,
    func,
    literal_column,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers, documents, folders, sent_documents
from ..library import lookup, rights
from ..library.counts import Held, held_in
from ..people import Person
from .filters import Filter
from .numbered import NumberedPart, keys_of
from .pages import Order, Part, QueryPart, Values

# So many rules are merged at most: a statement takes 500.
_MOST_MERGED = 400


class FolderPart(QueryPart):
    tag = "folder"


class DocumentPart(QueryPart):
    tag = "document"


class IndexPart(NumberedPart):
    """Rows of one table at one place. For who has few rules there, or sees little, they are read from the index of
    each of the person's rules that some of them have, and merged; what has other rules is never looked at. Else all
    are read in order, and what is not the person's is left out. The number of rows is kept in counters."""

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        table: Table,
        place: ColumnElement[bool],
        held: Held,
        order: Order,
    ) -> None:
        super().__init__(connection, person, table, order)
        self._where = place
        self._held = held

    @property
    def tag(self) -> str:  # type: ignore[override]
        return "folder" if self.table is containers else "document"

    async def count(self) -> int:
        return self._held.seen

    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        if not self._held.rules:
            return []
        return list((await self.connection.execute(self._page(after, limit, offset))).scalars())

    def _page(self, after: Values | None, limit: int, offset: int) -> Select[Any]:
        table, (key, number) = self.table, self.keys
        here = self._where, table.c.deleted_at.is_(None)
        acls = [acl for acl, _ in self._held.rules]
        if len(acls) == 1 or not self._merges(len(acls)):
            # The plus keeps the database from reading by rule, which gives no order.
            mixed = type_coerce(literal_column(f"+{table.name}.acl"), BigInteger)
            rule = table.c.acl == acls[0] if len(acls) == 1 else rights.readable(mixed, self.person)
            query = self.order.apply(select(number).where(*here, rule), self.keys, after)
            return query.limit(limit).offset(offset)
        base = select(key.label("key"), number).where(*here)
        pieces = (self.order.apply(base.where(table.c.acl == acl), self.keys, after) for acl in acls)
        merged = union_all(*(select(piece.limit(limit + offset).subquery()) for piece in pieces)).subquery()
        query = self.order.apply(select(merged.c.number), (merged.c.key, merged.c.number), None)
        return query.limit(limit).offset(offset)

    def _merges(self, rules: int) -> bool:
        return self._held.little and rules <= _MOST_MERGED


class SharePart(QueryPart):
    """The documents of a Secure Sent Links folder. Its trash is in the same index and is left out row by row."""

    tag = "document"

    def __init__(self, connection: AsyncConnection, person: Person, parent: int, order: Order) -> None:
        query = rights.documents_query(person, latest=True).where(
            documents.c.parent == parent, documents.c.acl.is_(None)
        )
        super().__init__(connection, query, order, keys_of(documents, order))
        self._parent = parent

    async def count(self) -> int:
        query = (
            select(func.count())
            .select_from(sent_documents)
            .join(folders, folders.c.id == sent_documents.c.folder_id)
            .where(folders.c.container == self._parent, sent_documents.c.state.in_(rights.LISTED))
        )
        return int((await self.connection.execute(query)).scalar_one())


def _for_containers(order: Order) -> Order:
    """Folders stand by name, whatever their documents are sorted by."""
    return order if order.columns[0] == "name_key" else Order.asked("name")


async def parts_of(
    connection: AsyncConnection,
    person: Person,
    parent: Row[Any],
    order: Order,
    folder_filter: Filter | None,
    document_filter: Filter | None,
) -> list[Part]:
    """The folders of ``parent`` and then its documents; a filter that is ``None`` leaves that kind out."""
    inner, papers = await held_in(connection, person, parent.number)
    parts: list[Part] = []
    if folder_filter is not None and parent.acl is not None:
        place = containers.c.parent == parent.number
        parts.append(_containers(connection, person, place, inner, _for_containers(order), folder_filter))
    if document_filter is not None:
        place = documents.c.parent == parent.number
        if not document_filter.takes_all:
            parts.append(await _filtered(connection, person, parent, order, papers, document_filter))
        elif parent.acl is None:
            parts.append(SharePart(connection, person, parent.number, order))
        else:
            parts.append(IndexPart(connection, person, documents, place, papers, order))
    return parts


async def _filtered(
    connection: AsyncConnection,
    person: Person,
    parent: Row[Any],
    order: Order,
    papers: Held,
    chosen: Filter,
) -> Part:
    """Documents that filters pick: where the index knows few that can be meant, only those are looked at."""
    keys: tuple[Any, Any] = keys_of(documents, order)
    few = await _few(connection, person, parent, papers, chosen) if chosen.terms else None
    if few is None:
        place = documents.c.parent == parent.number
    else:
        place = lookup.among(connection, documents.c.number, few)
        # What is the same and no column keeps the database from going through all in order.
        column = keys[0]
        by_name = column.name == "name_key"
        same = f"documents.{column.name} || ''" if by_name else f"+documents.{column.name}"
        keys = type_coerce(literal_column(f"({same})"), column.type), keys[1]
    query = rights.documents_query(person, latest=True).where(place, *chosen.conditions)
    return DocumentPart(connection, query, order, keys, chosen.test)


async def _few(
    connection: AsyncConnection, person: Person, parent: Row[Any], papers: Held, chosen: Filter
) -> list[int] | None:
    """The documents with the words that are looked for, where there are few."""
    little = papers.rules and papers.little and len(papers.rules) <= lookup.MOST_RULES
    rules = [acl for acl, _ in papers.rules] if little else None
    if connection.dialect.name == "sqlite":
        return await lookup.few_in(connection, chosen.terms, rules, parent.number)
    where = [documents.c.parent == parent.number]
    if rules is not None:
        where.append(documents.c.acl.in_(rules))
    elif parent.acl is not None:
        where.append(rights.readable(documents.c.acl, person))
    return await lookup.few_of(connection, chosen.terms, *where)


def _containers(
    connection: AsyncConnection,
    person: Person,
    place: ColumnElement[bool],
    held: Held,
    order: Order,
    chosen: Filter,
) -> Part:
    if chosen.takes_all:
        return IndexPart(connection, person, containers, place, held, order)
    query = rights.containers_query(person).where(place, *chosen.conditions)
    return FolderPart(connection, query, order, keys_of(containers, order), chosen.test)


async def workspaces(connection: AsyncConnection, person: Person, order: Order, chosen: Filter) -> list[Part]:
    """The workspaces that the person may see."""
    held, _ = await held_in(connection, person, 0)
    place = containers.c.kind == "workspace"
    return [_containers(connection, person, place, held, _for_containers(order), chosen)]
