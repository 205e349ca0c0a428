"""What is in a container: folders first, then documents, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers, documents, folders, sent_documents
from ..people import Person
from . import rights
from .pages import Accept, Found, Order, numbers_in, ordered, pick
from .parameters import Paging, foreign_cursor

_ALL = 2**31


def takes_all(_row: Row[Any]) -> bool:
    """The filter that leaves nothing out."""
    return True


@dataclass(frozen=True, slots=True)
class Children:
    """The list of a container's folders and documents, as one person sees it.

    ``accept_folder`` and ``accept_document`` pick some; ``None`` leaves that kind out.
    """

    connection: AsyncConnection
    person: Person
    parent: Row[Any]
    order: Order
    accept_folder: Accept | None = takes_all
    accept_document: Accept | None = takes_all

    async def page(self, paging: Paging) -> Found:
        """A page of it. Raises :class:`BadRequest` for another list's cursor."""
        rules = await rights.rules_in(self.connection, self.person, self.parent.number)
        folder_list, document_list = self._folders(rules), self._documents(rules)
        wanted = paging.limit + 1
        tag = paging.position[0].partition(".")[0] if paging.position else ""
        if tag not in ("", "folder", "document"):
            raise foreign_cursor()
        offset = paging.offset if paging.position is None else 0
        rows: list[Row[Any]] = []
        if tag != "document":
            after = folder_list.order.after(paging, "folder") if tag else None
            rows, offset = await folder_list.rows(after, wanted, offset)
        split = len(rows)
        if split < wanted:
            after = document_list.order.after(paging, "document") if tag == "document" else None
            rows += (await document_list.rows(after, wanted - split, offset))[0]
        cursor = None
        if len(rows) > paging.limit:
            rows = rows[: paging.limit]
            ended = (folder_list, "folder") if len(rows) <= split else (document_list, "document")
            cursor = ended[0].order.cursor(rows[-1], ended[1])
        total = await folder_list.total() + await document_list.total() if paging.total else None
        return Found(rows, cursor if paging.by_cursor else None, total)

    def _folders(self, rules: list[rights.Here]) -> _Part:
        return _Part(
            self.connection,
            self.person,
            self.parent.number,
            containers,
            self.order.for_containers,
            [(rule.acl, rule.containers) for rule in rules if rule.containers],
            self.accept_folder,
        )

    def _documents(self, rules: list[rights.Here]) -> _Part:
        held = [(rule.acl, rule.documents) for rule in rules if rule.documents]
        kind = _SharePart if self.parent.acl is None else _Part
        return kind(
            self.connection,
            self.person,
            self.parent.number,
            documents,
            self.order,
            held,
            self.accept_document,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    """The folders, or the documents, of a container."""

    connection: AsyncConnection
    person: Person
    parent: int
    table: Table
    order: Order
    #: The person's rules that some of them have, and how many.
    held: list[tuple[int, int]]
    accept: Accept | None

    async def rows(
        self, after: tuple[Any, int] | None, limit: int, offset: int
    ) -> tuple[list[Row[Any]], int]:
        """Rows from behind ``after`` and ``offset`` more on; and what of the offset is left for the next part."""
        if self.accept is None or self._empty:
            return [], offset
        if self.accept is takes_all:
            count = await self.total() if offset else 0
            if offset and offset >= count:
                return [], offset - count
            return list(await self._fetch(after, limit, offset)), 0

        async def batch(after: tuple[Any, int] | None, number: int) -> Sequence[Row[Any]]:
            return await self._fetch(after, number, 0)

        found = await pick(batch, self.order, self.accept, after, offset + limit)
        return found[offset:], max(0, offset - len(found))

    async def total(self) -> int:
        if self.accept is None or self._empty:
            return 0
        if self.accept is takes_all:
            return await self._count()

        async def batch(after: tuple[Any, int] | None, number: int) -> Sequence[Row[Any]]:
            return await self._fetch(after, number, 0)

        return len(await pick(batch, self.order, self.accept, None, _ALL))

    @property
    def _empty(self) -> bool:
        return not self.held

    async def _count(self) -> int:
        return sum(number for _, number in self.held)

    async def _fetch(self, after: tuple[Any, int] | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        place = self.table.c.parent == self.parent
        acls = [acl for acl, _ in self.held]
        page = numbers_in(self.table, place, acls, self.order, after, limit, offset).subquery()
        if self.table is containers:
            query = rights.containers_query(self.person)
        else:
            query = rights.documents_query(self.person, latest=True)
        query = query.join(page, page.c.number == self.table.c.number)
        query = ordered(query, page.c.key, page.c.number, None, self.order.descending)
        return (await self.connection.execute(query)).all()


class _SharePart(_Part):
    """The documents of a Secure Sent Links folder. Its trash is in the same index and is left out row by row."""

    __slots__ = ()

    @property
    def _empty(self) -> bool:
        return False

    async def _count(self) -> int:
        query = (
            select(func.count())
            .select_from(sent_documents)
            .join(folders, folders.c.id == sent_documents.c.folder_id)
            .where(folders.c.container == self.parent, sent_documents.c.state.in_(rights.LISTED))
        )
        return int((await self.connection.execute(query)).scalar_one())

    async def _fetch(self, after: tuple[Any, int] | None, limit: int, offset: int) -> Sequence[Row[Any]]:
        query = rights.documents_query(self.person, latest=True).where(
            documents.c.parent == self.parent, documents.c.acl.is_(None)
        )
        key = self.order.key(documents)
        query = ordered(query, key, documents.c.number, after, self.order.descending)
        return (await self.connection.execute(query.limit(limit).offset(offset))).all()
