"""The newest documents that match word prefixes, found with PostgreSQL.

Its full text index gives no order, and it can't tell few matches from many before it has looked. So a page is looked
for in these steps:

1. among the newest documents, if a sample of them shows that matches are frequent;
2. among the matches edited in the last few periods that the index distinguishes;
3. among all matches, if they are few enough to be sorted;
4. otherwise, by going from the newest document to the oldest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeEngine

from ...override import override
from ..accounts.users import Person
from ..database.tables import Moment, documents, sent_documents
from ..library import lookup, rights
from .id_pages import NumberedPart
from .pages import Order, Test, Values

# How many of the newest documents are sampled, and how many are searched.
_SAMPLE, _NEWEST = 1000, 6000
# How many of the last periods are searched before all.
_LAST_PERIODS = 5

_EDITED = documents.c.edited_at, documents.c.number
#: The order of the results.
NEWEST = Order("newest", ("latest_edited_at", "number"), descending=True)
# Everything comes after this.
_START: Values = datetime.max.replace(tzinfo=UTC), 2**63 - 1


class NewestPart(NumberedPart):
    """Documents with ``terms`` that a person may see, most recently edited first: those under ``rules`` (``None``:
    there are many) or in the containers ``shares``."""

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
        super().__init__(connection, person, documents, NEWEST, test)
        self._terms, self._rules, self._shares = terms, rules, shares

    @override
    async def numbers(self, after: Values | None, limit: int, offset: int) -> list[int]:
        if self._rules is None:
            found = await self._of_newest_or_few(after, limit, offset)
        else:
            found = await self._of_few(after, limit, offset)
        return found if found is not None else await self._of_all(after, limit, offset)

    @override
    async def count(self) -> int:
        query = self._matches().with_only_columns(func.count())
        async with lookup.planned(self.connection):
            return int((await self.connection.execute(query)).scalar_one())

    async def _of_newest_or_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of the matches among the newest documents or in the last periods; if that isn't full, as
        :meth:`_of_few`."""
        edited_at, number = after or _START
        parameters: dict[str, Any] = {
            "edited_at": edited_at,
            "number": number,
            "limit": limit,
            "offset": offset,
        }
        # Enough matches in the sample to expect half a page among everything that is searched.
        parameters["enough"] = 1 + (limit + offset) * _SAMPLE // _NEWEST // 2
        parameters |= {"shares": self._shares, "person": self.person.id}
        queries = lookup.queries_of(self._terms)
        parameters |= {f"query{n}": query for n, query in enumerate(queries)}
        size, numbers = (await self.connection.execute(_newest_or_few(len(queries)), parameters)).one()
        return list(numbers) if size <= lookup.FEW else None

    async def _of_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of all matches; ``None`` if there are too many."""
        matches = self._matches().with_only_columns(*_EDITED).limit(lookup.FEW + 1).cte("some")
        page = NEWEST.apply(select(matches.c.number), (matches.c.edited_at, matches.c.number), after)
        query = select(_size(matches), _array(page.limit(limit).offset(offset)))
        async with lookup.planned(self.connection):
            size, numbers = (await self.connection.execute(query)).one()
        return list(numbers) if size <= lookup.FEW else None

    async def _of_all(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """A page of the matches, found by going through all documents in order."""
        page = NEWEST.apply(self._matches(), _EDITED, after).limit(limit).offset(offset)
        async with lookup.planned(self.connection):
            return list((await self.connection.execute(page)).scalars())

    def _matches(self) -> Select[Any]:
        """The numbers of all matches."""
        rule = documents.c.acl
        readable = rights.readable(rule, self.person) if self._rules is None else rule.in_(self._rules)
        if self._shares:
            readable = or_(readable, _in_shares(documents, literal(self._shares, ARRAY(BigInteger))))
        words = lookup.has_terms(self._terms)
        return select(documents.c.number).where(documents.c.deleted_at.is_(None), words, readable)


@cache
def _newest_or_few(queries: int) -> Select[Any]:
    """The number of matches (0: more than enough among the newest) and the numbers of a page, for this many ``queries``
    on the words."""

    def match_conditions(table: FromClause) -> list[ColumnElement[bool]]:
        words = lookup.WORDS if table is documents else table.c.words
        word_queries = [_as_subquery(lookup.query(bindparam(f"query{n}"))) for n in range(queries)]
        readable = rights.readable(table.c.acl, rights.ANYONE)
        return [lookup.meets(word_queries, words), or_(readable, _in_shares(table, shares))]

    def page(table: FromClause, *where: ColumnElement[bool]) -> ColumnElement[Any]:
        keys = table.c.edited_at, table.c.number
        query = NEWEST.apply(select(table.c.number).where(*where), keys, None)
        return _array(query.limit(limit).offset(offset))

    def indexed(name: str, needed: ColumnElement[bool], *where: ColumnElement[bool]) -> CTE:
        """The number and a page of the index's matches, if ``needed``."""
        matches = select(*_EDITED).where(
            documents.c.deleted_at.is_(None), *match_conditions(documents), *where
        )
        few = matches.limit(_literal_limit(lookup.FEW + 1)).cte(f"{name}_found")
        numbers = page(few, NEWEST.behind((few.c.edited_at, few.c.number), position))
        return _step(name, case((needed, _size(few))), case((needed, numbers)))

    limit, offset, enough = _parameter("limit"), _parameter("offset"), _parameter("enough")
    # Cast, or ``any_`` would take the subquery for a set of rows.
    shares = cast(_parameter("shares", ARRAY(BigInteger)), ARRAY(BigInteger))
    position = _parameter("edited_at", Moment()), _parameter("number")
    behind = documents.c.deleted_at.is_(None), NEWEST.behind(_EDITED, position)
    columns = *_EDITED, documents.c.acl, documents.c.parent, lookup.WORDS
    ordered = NEWEST.apply(select(*columns).where(*behind), _EDITED, None)
    first, searched = (ordered.limit(_literal_limit(number)).subquery() for number in (_SAMPLE, _NEWEST))
    sample = select(first.c.number).where(*match_conditions(first)).limit(enough).subquery()
    frequent = case((_size(sample) == enough, page(searched, *match_conditions(searched))))
    newest = _step("newest", literal_column("0"), frequent)
    start = ordered.with_only_columns(documents.c.edited_at).limit(_literal_limit(1)).subquery()
    near = indexed("near", _not_full(newest, limit), lookup.edited_about(start, _LAST_PERIODS))
    few = indexed("few", and_(near.c.size <= lookup.FEW, _not_full(near, limit)))
    steps = few, near, newest
    return select(
        func.coalesce(*(step.c.size for step in steps)), func.coalesce(*(step.c.numbers for step in steps))
    ).select_from(newest.join(near, true()).join(few, true()))


def _step(name: str, size: ColumnElement[Any], numbers: ColumnElement[Any]) -> CTE:
    # It is referred to more than once, and would run each time.
    return select(size.label("size"), numbers.label("numbers")).cte(name).prefix_with("MATERIALIZED")


def _not_full(step: CTE, limit: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition: that ``step`` found less than a full page, or nothing."""
    return func.coalesce(func.cardinality(step.c.numbers), 0) < limit


def _in_shares(table: FromClause, shares: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on ``table``: documents in one of the containers ``shares``, except those in Share's trash."""
    listed = select(sent_documents.c.number).where(
        sent_documents.c.number == table.c.number, sent_documents.c.state.in_(rights.LISTED)
    )
    return and_(table.c.acl.is_(None), table.c.parent == any_(shares), listed.exists())


def _parameter(name: str, kind: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """A parameter of the statement."""
    return _as_subquery(bindparam(name, type_=kind or BigInteger()))


def _as_subquery(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """``value`` as a subquery, which PostgreSQL plans without regard to: a cached plan is as good as a new one."""
    return select(value).scalar_subquery()


def _literal_limit(number: int) -> ColumnElement[int]:
    """A limit as a literal: of a parameter, the planner would assume a tenth of all rows."""
    fixed: ColumnElement[int] = literal_column(str(number))
    return fixed


def _size(table: FromClause) -> ColumnElement[Any]:
    return select(func.count()).select_from(table).scalar_subquery()


def _array(query: Select[Any]) -> ColumnElement[Any]:
    """The single column of ``query`` as an array."""
    return func.array(query.scalar_subquery(), type_=ARRAY(BigInteger))
