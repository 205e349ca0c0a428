"""The contents of a container, and the workspaces of the library."""

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

from ...override import override
from ..accounts.users import Person
from ..database.tables import containers, documents, folders, sent_documents
from ..library import lookup, rights
from ..library.counts import ContentCounts, counts_in
from .filters import Filter
from .id_pages import NumberedPart, keys_of
from .pages import ListPart, Order, QueryPart, Values

# The most rules whose rows are merged: SQLite allows 500 terms in a compound SELECT.
_MAX_MERGED = 400


class FolderPart(QueryPart):
    """The folders of a list; its tag keeps their cursors apart from those of documents."""

    tag = "folder"


class DocumentPart(QueryPart):
    """The documents of a list; its tag keeps their cursors apart from those of folders."""

    tag = "document"


class IndexPart(NumberedPart):
    """Rows of one table in one place.

    If few of the person's rules occur there, or they see little of what is there, the rows are read from the index
    rule by rule and merged; rows under other rules are never looked at. Otherwise all rows are read in order, and
    those that the person may not see are left out. The number of rows comes from the counters.
    """

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        table: Table,
        where: ColumnElement[bool],
        counts: ContentCounts,
        order: Order,
    ) -> None:
        super().__init__(connection, person, table, order)
        self._where = where
        self._counts = counts

    @property
    def tag(self) -> str:  # type: ignore[override]
        """By its table, since one class serves both."""
        return "folder" if self.table is containers else "document"

    @override
    async def count(self) -> int:
        return self._counts.seen

    @override
    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        if not self._counts.rules:
            return []
        return list((await self.connection.execute(self._page(after, limit, offset))).scalars())

    def _page(self, after: Values | None, limit: int, offset: int) -> Select[Any]:
        table, (key, number) = self.table, self.keys
        conditions = self._where, table.c.deleted_at.is_(None)
        acls = [acl for acl, _ in self._counts.rules]
        if len(acls) == 1 or not self._merges(len(acls)):
            # The plus keeps the database from using the index by rule, which doesn't give the order.
            mixed = type_coerce(literal_column(f"+{table.name}.acl"), BigInteger)
            rule = table.c.acl == acls[0] if len(acls) == 1 else rights.readable(mixed, self.person)
            query = self.order.apply(select(number).where(*conditions, rule), self.keys, after)
            return query.limit(limit).offset(offset)
        base = select(key.label("key"), number).where(*conditions)
        pieces = (self.order.apply(base.where(table.c.acl == acl), self.keys, after) for acl in acls)
        merged = union_all(*(select(piece.limit(limit + offset).subquery()) for piece in pieces)).subquery()
        query = self.order.apply(select(merged.c.number), (merged.c.key, merged.c.number), None)
        return query.limit(limit).offset(offset)

    def _merges(self, rules: int) -> bool:
        return self._counts.by_rule and rules <= _MAX_MERGED


class SharePart(QueryPart):
    """The documents of a Secure Sent Links folder. Its trash is in the same index and is skipped row by row."""

    tag = "document"

    def __init__(self, connection: AsyncConnection, person: Person, parent: int, order: Order) -> None:
        query = rights.documents_query(person, latest=True).where(
            documents.c.parent == parent, documents.c.acl.is_(None)
        )
        super().__init__(connection, query, order, keys_of(documents, order))
        self._parent = parent

    @override
    async def count(self) -> int:
        query = (
            select(func.count())
            .select_from(sent_documents)
            .join(folders, folders.c.id == sent_documents.c.folder_id)
            .where(folders.c.container == self._parent, sent_documents.c.state.in_(rights.LISTED))
        )
        return int((await self.connection.execute(query)).scalar_one())


def _for_containers(order: Order) -> Order:
    """Containers are always sorted by name, whatever the documents are sorted by."""
    return order if order.columns[0] == "name_key" else Order.parse("name")


async def parts_of(
    connection: AsyncConnection,
    person: Person,
    parent: Row[Any],
    order: Order,
    folder_filter: Filter | None,
    document_filter: Filter | None,
) -> list[ListPart]:
    """The folders of ``parent`` and then its documents; a filter that is ``None`` leaves that kind out."""
    folder_counts, document_counts = await counts_in(connection, person, parent.number)
    parts: list[ListPart] = []
    if folder_filter is not None and parent.acl is not None:
        where = containers.c.parent == parent.number
        parts.append(
            _containers(connection, person, where, folder_counts, _for_containers(order), folder_filter)
        )
    if document_filter is not None:
        where = documents.c.parent == parent.number
        if not document_filter.takes_all:
            parts.append(await _filtered(connection, person, parent, order, document_counts, document_filter))
        elif parent.acl is None:
            parts.append(SharePart(connection, person, parent.number, order))
        else:
            parts.append(IndexPart(connection, person, documents, where, document_counts, order))
    return parts


async def _filtered(
    connection: AsyncConnection,
    person: Person,
    parent: Row[Any],
    order: Order,
    counts: ContentCounts,
    chosen: Filter,
) -> ListPart:
    """The documents that match the filters. If the index finds only a few candidates, no others are looked at."""
    keys: tuple[Any, Any] = keys_of(documents, order)
    candidates = await _candidates(connection, person, parent, counts, chosen) if chosen.terms else None
    if candidates is None:
        where = documents.c.parent == parent.number
    else:
        where = lookup.among(connection, documents.c.number, candidates)
        # Sorting by an equivalent expression keeps the database from going through all documents in order.
        column = keys[0]
        by_name = column.name == "name_key"
        expression = f"documents.{column.name} || ''" if by_name else f"+documents.{column.name}"
        keys = type_coerce(literal_column(f"({expression})"), column.type), keys[1]
    query = rights.documents_query(person, latest=True).where(where, *chosen.conditions)
    return DocumentPart(connection, query, order, keys, chosen.test)


async def _candidates(
    connection: AsyncConnection, person: Person, parent: Row[Any], counts: ContentCounts, chosen: Filter
) -> list[int] | None:
    """The numbers of the documents that have the terms of the filters; ``None`` if there are too many."""
    by_rule = counts.rules and counts.by_rule and len(counts.rules) <= lookup.MOST_RULES
    rules = [acl for acl, _ in counts.rules] if by_rule else None
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
    where: ColumnElement[bool],
    counts: ContentCounts,
    order: Order,
    chosen: Filter,
) -> ListPart:
    if chosen.takes_all:
        return IndexPart(connection, person, containers, where, counts, order)
    query = rights.containers_query(person).where(where, *chosen.conditions)
    return FolderPart(connection, query, order, keys_of(containers, order), chosen.test)


async def workspaces(
    connection: AsyncConnection, person: Person, order: Order, chosen: Filter
) -> list[ListPart]:
    """The workspaces that the person may see."""
    counts, _ = await counts_in(connection, person, 0)
    where = containers.c.kind == "workspace"
    return [_containers(connection, person, where, counts, _for_containers(order), chosen)]
