"""The newest documents with words that begin so, found with PostgreSQL.

Its full text index gives no order, and it cannot tell few from many before it has looked. So a page is looked for
first among the newest documents, where words that are often met are found at once; then among all that have them,
where these are few enough to be put in order; and else by going from the newest to the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import documents, sent_documents
from ..people import Person
from . import lookup, rights
from .numbered import NumberedPart
from .pages import Order, Test, Values

# So many of the newest documents are looked through.
_NEWEST = 6000

_EDITED = documents.c.edited_at, documents.c.number


class NewestPart(NumberedPart):
    """Documents that a person may see, the one edited last first: of those under ``rules`` (``None``: they are many)
    or in the containers ``shares`` the ones with ``terms``."""

    tag = "found"

    def __init__(
        self,
        connection: AsyncConnection,
        person: Person,
        terms: Sequence[str],
        rules: Sequence[int] | None,
        shares: Sequence[int],
        test: Test | None,
    ) -> None:
        order = Order("newest", ("latest_edited_at", "number"), descending=True)
        super().__init__(connection, order, _EDITED, test)
        self._person, self._terms, self._rules, self._shares = person, terms, rules, shares

    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        async with lookup.planned(self.connection):
            return await self._page_of(after, limit, offset)

    def rows_query(self) -> Select[Any]:
        return rights.documents_query(self._person, latest=True)

    async def count(self) -> int:
        found = select(func.count()).select_from(documents)
        query = found.where(documents.c.deleted_at.is_(None), *self._chosen(documents))
        async with lookup.planned(self.connection):
            return int((await self.connection.execute(query)).scalar_one())

    async def _page_of(self, after: Values | None, limit: int, offset: int) -> list[int]:
        if self._rules is None:
            numbers = await self._of_newest(after, limit, offset)
            if len(numbers) == limit:
                return numbers
        few = await self._of_few(after, limit, offset)
        return few if few is not None else await self._of_all(after, limit, offset)

    async def _of_newest(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """Of a page those that are among the newest."""
        newest = select(*_EDITED, documents.c.acl, documents.c.parent, lookup.WORDS)
        newest = self.order.apply(newest.where(documents.c.deleted_at.is_(None)), _EDITED, after)
        some = newest.limit(_NEWEST).subquery("newest")
        return await self._numbers(self._page(some, None, limit, offset))

    async def _of_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of all that are found; ``None`` where these are not few."""
        found = select(*_EDITED).where(documents.c.deleted_at.is_(None), *self._chosen(documents))
        some = found.limit(lookup.FEW + 1).cte("some")
        page = self.order.apply(select(some.c.number), (some.c.edited_at, some.c.number), after)
        numbers = func.array(page.limit(limit).offset(offset).scalar_subquery())
        count = select(func.count()).select_from(some).scalar_subquery()
        row = (await self.connection.execute(select(count, numbers))).one()
        return list(row[1]) if row[0] <= lookup.FEW else None

    async def _of_all(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """A page of all that are found among all documents in order."""
        page = self._page(documents, after, limit, offset).where(documents.c.deleted_at.is_(None))
        return await self._numbers(page)

    async def _numbers(self, page: Select[Any]) -> list[int]:
        return list((await self.connection.execute(page)).scalars())

    def _page(self, table: FromClause, after: Values | None, limit: int, offset: int) -> Select[Any]:
        query = select(table.c.number).where(*self._chosen(table))
        keys = table.c.edited_at, table.c.number
        return self.order.apply(query, keys, after).limit(limit).offset(offset)

    def _chosen(self, table: FromClause) -> list[ColumnElement[bool]]:
        """Conditions on ``table``: that the documents in it have the terms, and are the person's to see."""
        rule = table.c.acl
        seen = rights.readable(rule, self._person) if self._rules is None else rule.in_(self._rules)
        listed = select(sent_documents.c.number).where(
            sent_documents.c.number == table.c.number, sent_documents.c.state.in_(rights.LISTED)
        )
        sent = and_(rule.is_(None), table.c.parent.in_(self._shares), listed.exists())
        return [lookup.has_terms(self._terms, table), or_(seen, sent) if self._shares else seen]
