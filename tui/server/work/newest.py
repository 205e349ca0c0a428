"""The newest documents with words that begin so, found with PostgreSQL.

Its full text index gives no order, and it cannot tell few from many before it has looked. So a page is looked for
first among the newest documents, where words that are often met are found at once; then among all that have them,
where these are few enough to be put in order; and else by going from the newest to the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import Moment, documents, sent_documents
from ..people import Person
from . import lookup, rights
from .numbered import NumberedPart
from .pages import Order, Test, Values

# So many of the newest documents are looked through. It stands in the statement, as all that never changes, or
# PostgreSQL would plan the statement anew each time.
_NEWEST: ColumnElement[int] = literal_column("6000")
_FEW_AND_ONE: ColumnElement[int] = literal_column(str(lookup.FEW + 1))

_EDITED = documents.c.edited_at, documents.c.number
_ORDER = Order("newest", ("latest_edited_at", "number"), descending=True)
# Behind it everything comes.
_START: Values = datetime.max.replace(tzinfo=UTC), 2**63 - 1


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
        super().__init__(connection, person, documents, _ORDER, test)
        # The longer, the rarer, and the index is quickest with the rarest first.
        self._terms = sorted(terms, key=len, reverse=True)
        self._rules, self._shares = rules, shares

    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        if self._rules is None:
            found = await self._of_newest_or_few(after, limit, offset)
        else:
            found = await self._of_few(after, limit, offset)
        return found if found is not None else await self._of_all(after, limit, offset)

    async def count(self) -> int:
        query = self._found().with_only_columns(func.count())
        async with lookup.planned(self.connection):
            return int((await self.connection.execute(query)).scalar_one())

    async def _of_newest_or_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of those that are among the newest; where that is not full, as :meth:`_of_few`."""
        edited_at, number = after or _START
        given: dict[str, Any] = {"edited_at": edited_at, "number": number, "limit": limit, "offset": offset}
        given |= {"shares": self._shares, "person": self.person.id}
        given |= {f"term{n}": lookup.quoted(term) for n, term in enumerate(self._terms)}
        query = _newest_or_few(len(self._terms))
        row = (await self.connection.execute(query, given)).one()
        if len(row.newest) == limit:
            return list(row.newest)
        return list(row.few) if row.size <= lookup.FEW else None

    async def _of_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of all that are found; ``None`` where these are not few."""
        some = self._found().with_only_columns(*_EDITED).limit(lookup.FEW + 1).cte("some")
        page = _ORDER.apply(select(some.c.number), (some.c.edited_at, some.c.number), after)
        query = select(_size(some), _array(page.limit(limit).offset(offset)))
        async with lookup.planned(self.connection):
            size, numbers = (await self.connection.execute(query)).one()
        return list(numbers) if size <= lookup.FEW else None

    async def _of_all(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """A page of all that are found among all documents in order."""
        page = _ORDER.apply(self._found(), _EDITED, after).limit(limit).offset(offset)
        async with lookup.planned(self.connection):
            return list((await self.connection.execute(page)).scalars())

    def _found(self) -> Select[Any]:
        """The numbers of all that are found."""
        rule = documents.c.acl
        seen = rights.readable(rule, self.person) if self._rules is None else rule.in_(self._rules)
        if self._shares:
            seen = or_(seen, _listed(documents, literal(self._shares, ARRAY(BigInteger))))
        words = lookup.has_terms(self._terms)
        return select(documents.c.number).where(documents.c.deleted_at.is_(None), words, seen)


@lru_cache
def _newest_or_few(terms: int) -> Select[Any]:
    """A page of the ``newest`` documents, and where that is not full the ``few`` that are found at all, and how many
    they are; of as many words as ``terms``."""

    def found(table: FromClause) -> list[ColumnElement[bool]]:
        seen = rights.readable(table.c.acl, rights.ANYONE)
        shared = _listed(table, bindparam("shares", type_=ARRAY(BigInteger)))
        return [lookup.has_words(lookup.words_named(terms), table), or_(seen, shared)]

    def page(table: FromClause, *where: ColumnElement[bool]) -> ColumnElement[Any]:
        keys = table.c.edited_at, table.c.number
        query = _ORDER.apply(select(table.c.number).where(*where), keys, None)
        return _array(query.limit(limit).offset(bindparam("offset", type_=BigInteger)))

    limit = bindparam("limit", type_=BigInteger)
    here = bindparam("edited_at", type_=Moment), bindparam("number", type_=BigInteger)
    behind = documents.c.deleted_at.is_(None), _ORDER.behind(_EDITED, here)
    columns = *_EDITED, documents.c.acl, documents.c.parent, lookup.WORDS
    looked_at = _ORDER.apply(select(*columns).where(*behind), _EDITED, None).limit(_NEWEST).subquery()
    # It is named thrice, and would be done thrice.
    newest = (
        select(page(looked_at, *found(looked_at)).label("numbers")).cte("newest").prefix_with("MATERIALIZED")
    )
    some = select(*_EDITED).where(documents.c.deleted_at.is_(None), *found(documents))
    few = some.limit(_FEW_AND_ONE).cte("few")
    rest = _ORDER.behind((few.c.edited_at, few.c.number), here)
    short = func.cardinality(newest.c.numbers) < limit
    return select(
        newest.c.numbers.label("newest"),
        case((short, _size(few))).label("size"),
        case((short, page(few, rest))).label("few"),
    )


def _listed(table: FromClause, shares: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on ``table``: documents in one of the containers ``shares``, those in Share's trash excepted."""
    listed = select(sent_documents.c.number).where(
        sent_documents.c.number == table.c.number, sent_documents.c.state.in_(rights.LISTED)
    )
    return and_(table.c.acl.is_(None), table.c.parent == any_(shares), listed.exists())


def _size(table: FromClause) -> ColumnElement[Any]:
    return select(func.count()).select_from(table).scalar_subquery()


def _array(query: Select[Any]) -> ColumnElement[Any]:
    """The one column of ``query`` as one value."""
    return func.array(query.scalar_subquery(), type_=ARRAY(BigInteger))
