"""What is in a container, and the workspaces that are in the library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers, documents, folders, sent_documents
from ..people import Person
from . import rights
from .filters import Filter
from .pages import Order, Part, QueryPart, Values

#: Over so many rules in one container, its plain order is read, and what is not the person's is left out.
_MOST_MERGED = 100


class FolderPart(QueryPart):
    tag = "folder"


class DocumentPart(QueryPart):
    tag = "document"


class IndexPart(Part):
    """Rows of one table at one place, read from the index of each of the person's rules that some of them have,
    and merged; what has other rules is never looked at. The number of rows is kept in counters."""

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        table: Table,
        place: ColumnElement[bool],
        held: list[tuple[int, int]],
        order: Order,
    ) -> None:
        super().__init__(connection, order, _keys(table, order))
        self._person = person
        self._table = table
        self._where = place
        self._held = held

    @property
    def tag(self) -> str:  # type: ignore[override]
        return "folder" if self._table is containers else "document"

    async def count(self) -> int:
        return sum(number for _, number in self._held)

    async def fetch(self, after: Values | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        if not self._held:
            return []
        page = self._numbers(after, limit, offset).subquery()
        if self._table is containers:
            query = rights.containers_query(self._person)
        else:
            query = rights.documents_query(self._person, latest=True)
        query = query.join(page, page.c.number == self._table.c.number)
        query = self.order.apply(query, (page.c.key, page.c.number), None)
        rows: Sequence[Row[Any]] = (await self.connection.execute(query)).all()
        return rows

    def _numbers(self, after: Values | None, limit: int, offset: int) -> Any:
        table, (key, number) = self._table, self.keys
        base = select(key.label("key"), number).where(self._where, table.c.deleted_at.is_(None))
        acls = [acl for acl, _ in self._held]
        if len(acls) == 1 or len(acls) > _MOST_MERGED:
            rule = table.c.acl == acls[0] if len(acls) == 1 else table.c.acl.in_(acls)
            return self.order.apply(base.where(rule), self.keys, after).limit(limit).offset(offset)
        pieces = (self.order.apply(base.where(table.c.acl == acl), self.keys, after) for acl in acls)
        merged = union_all(*(select(piece.limit(limit + offset).subquery()) for piece in pieces)).subquery()
        query = self.order.apply(select(merged), (merged.c.key, merged.c.number), None)
        return query.limit(limit).offset(offset)


class SharePart(QueryPart):
    """The documents of a Secure Sent Links folder. Its trash is in the same index and is left out row by row."""

    tag = "document"

    def __init__(self, connection: AsyncConnection, person: Person, parent: int, order: Order) -> None:
        query = rights.documents_query(person, latest=True).where(
            documents.c.parent == parent, documents.c.acl.is_(None)
        )
        super().__init__(connection, query, order, _keys(documents, order))
        self._parent = parent

    async def count(self) -> int:
        query = (
            select(func.count())
            .select_from(sent_documents)
            .join(folders, folders.c.id == sent_documents.c.folder_id)
            .where(folders.c.container == self._parent, sent_documents.c.state.in_(rights.LISTED))
        )
        return int((await self.connection.execute(query)).scalar_one())


def _keys(table: Table, order: Order) -> tuple[Any, Any]:
    by_name = order.columns[0] == "name_key"
    return (table.c.name_key if by_name else table.c.edited_at), table.c.number


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
    rules = await rights.rules_in(connection, person, parent.number)
    parts: list[Part] = []
    if folder_filter is not None and parent.acl is not None:
        place = containers.c.parent == parent.number
        held = [(rule.acl, rule.containers) for rule in rules if rule.containers]
        parts.append(_containers(connection, person, place, held, _for_containers(order), folder_filter))
    if document_filter is not None:
        place = documents.c.parent == parent.number
        held = [(rule.acl, rule.documents) for rule in rules if rule.documents]
        if not document_filter.takes_all:
            query = rights.documents_query(person, latest=True).where(place, *document_filter.conditions)
            keys = _keys(documents, order)
            parts.append(DocumentPart(connection, query, order, keys, document_filter.test))
        elif parent.acl is None:
            parts.append(SharePart(connection, person, parent.number, order))
        else:
            parts.append(IndexPart(connection, person, documents, place, held, order))
    return parts


def _containers(
    connection: AsyncConnection,
    person: Person,
    place: ColumnElement[bool],
    held: list[tuple[int, int]],
    order: Order,
    chosen: Filter,
) -> Part:
    if chosen.takes_all:
        return IndexPart(connection, person, containers, place, held, order)
    query = rights.containers_query(person).where(place, *chosen.conditions)
    return FolderPart(connection, query, order, _keys(containers, order), chosen.test)


async def workspaces(connection: AsyncConnection, person: Person, order: Order, chosen: Filter) -> list[Part]:
    """The workspaces that the person may see."""
    rules = await rights.rules_in(connection, person, 0)
    held = [(rule.acl, rule.containers) for rule in rules if rule.containers]
    place = containers.c.kind == "workspace"
    return [_containers(connection, person, place, held, _for_containers(order), chosen)]
