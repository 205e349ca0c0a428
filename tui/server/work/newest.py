"""The newest documents with words that begin so, found with PostgreSQL.

Its full text index gives no order, and it cannot tell few from many before it has looked. So a page is looked for
first among the newest documents, where a glance at some shows that words are met often; then among those that have
them and were edited in the last periods that the index tells apart; then among all that have them, where these are
few enough to be put in order; and else by going from the newest to the oldest.
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

from ..database.tables import Moment, documents, sent_documents
from ..library import lookup, rights
from ..people import Person
from .numbered import NumberedPart
from .pages import Order, Test, Values

# So many of the newest documents are glanced at, and so many looked through.
_GLANCE, _NEWEST = 1000, 6000
# So many periods are asked for before all are.
_LAST = 5

_EDITED = documents.c.edited_at, documents.c.number
#: The order of what is found.
NEWEST = Order("newest", ("latest_edited_at", "number"), descending=True)
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
        super().__init__(connection, person, documents, NEWEST, test)
        self._terms, self._rules, self._shares = terms, rules, shares

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
        """A page of those that are among the newest, or in the last periods; where that is not full, as
        :meth:`_of_few`."""
        edited_at, number = after or _START
        given: dict[str, Any] = {"edited_at": edited_at, "number": number, "limit": limit, "offset": offset}
        # As many as would be half of the page among all that are looked through.
        given["enough"] = 1 + (limit + offset) * _GLANCE // _NEWEST // 2
        given |= {"shares": self._shares, "person": self.person.id}
        queries = lookup.queries_of(self._terms)
        given |= {f"query{n}": query for n, query in enumerate(queries)}
        size, numbers = (await self.connection.execute(_newest_or_few(len(queries)), given)).one()
        return list(numbers) if size <= lookup.FEW else None

    async def _of_few(self, after: Values | None, limit: int, offset: int) -> list[int] | None:
        """A page of all that are found; ``None`` where these are not few."""
        some = self._found().with_only_columns(*_EDITED).limit(lookup.FEW + 1).cte("some")
        page = NEWEST.apply(select(some.c.number), (some.c.edited_at, some.c.number), after)
        query = select(_size(some), _array(page.limit(limit).offset(offset)))
        async with lookup.planned(self.connection):
            size, numbers = (await self.connection.execute(query)).one()
        return list(numbers) if size <= lookup.FEW else None

    async def _of_all(self, after: Values | None, limit: int, offset: int) -> list[int]:
        """A page of all that are found among all documents in order."""
        page = NEWEST.apply(self._found(), _EDITED, after).limit(limit).offset(offset)
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


@cache
def _newest_or_few(queries: int) -> Select[Any]:
    """How many were found (0: more than enough among the newest), and the numbers of a page, by as many ``queries`` of
    their words."""

    def found(table: FromClause) -> list[ColumnElement[bool]]:
        words = lookup.WORDS if table is documents else table.c.words
        asked = [_selected(lookup.query(bindparam(f"query{n}"))) for n in range(queries)]
        seen = rights.readable(table.c.acl, rights.ANYONE)
        return [lookup.meets(asked, words), or_(seen, _listed(table, shares))]

    def page(table: FromClause, *where: ColumnElement[bool]) -> ColumnElement[Any]:
        keys = table.c.edited_at, table.c.number
        query = NEWEST.apply(select(table.c.number).where(*where), keys, None)
        return _array(query.limit(limit).offset(offset))

    def indexed(name: str, needed: ColumnElement[bool], *where: ColumnElement[bool]) -> CTE:
        """The size and a page of what the index finds where that is ``needed``."""
        some = select(*_EDITED).where(documents.c.deleted_at.is_(None), *found(documents), *where)
        few = some.limit(_fixed(lookup.FEW + 1)).cte(f"{name}_found")
        numbers = page(few, NEWEST.behind((few.c.edited_at, few.c.number), here))
        return _step(name, case((needed, _size(few))), case((needed, numbers)))

    limit, offset, enough = _given("limit"), _given("offset"), _given("enough")
    # Cast, since of what is selected it would be one of the rows.
    shares = cast(_given("shares", ARRAY(BigInteger)), ARRAY(BigInteger))
    here = _given("edited_at", Moment()), _given("number")
    behind = documents.c.deleted_at.is_(None), NEWEST.behind(_EDITED, here)
    columns = *_EDITED, documents.c.acl, documents.c.parent, lookup.WORDS
    ordered = NEWEST.apply(select(*columns).where(*behind), _EDITED, None)
    first, looked_at = (ordered.limit(_fixed(number)).subquery() for number in (_GLANCE, _NEWEST))
    glance = select(first.c.number).where(*found(first)).limit(enough).subquery()
    often = case((_size(glance) == enough, page(looked_at, *found(looked_at))))
    newest = _step("newest", literal_column("0"), often)
    start = ordered.with_only_columns(documents.c.edited_at).limit(_fixed(1)).subquery()
    near = indexed("near", _short(newest, limit), lookup.edited_about(start, _LAST))
    few = indexed("few", and_(near.c.size <= lookup.FEW, _short(near, limit)))
    steps = few, near, newest
    return select(
        func.coalesce(*(step.c.size for step in steps)), func.coalesce(*(step.c.numbers for step in steps))
    ).select_from(newest.join(near, true()).join(few, true()))


def _step(name: str, size: ColumnElement[Any], numbers: ColumnElement[Any]) -> CTE:
    # It is named more than once, and would be done as often.
    return select(size.label("size"), numbers.label("numbers")).cte(name).prefix_with("MATERIALIZED")


def _short(step: CTE, limit: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition: that the page that ``step`` found is not full, or that it found none."""
    return func.coalesce(func.cardinality(step.c.numbers), 0) < limit


def _listed(table: FromClause, shares: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition on ``table``: documents in one of the containers ``shares``, those in Share's trash excepted."""
    listed = select(sent_documents.c.number).where(
        sent_documents.c.number == table.c.number, sent_documents.c.state.in_(rights.LISTED)
    )
    return and_(table.c.acl.is_(None), table.c.parent == any_(shares), listed.exists())


def _given(name: str, kind: TypeEngine[Any] | None = None) -> ColumnElement[Any]:
    """A value that is given when the statement is executed."""
    return _selected(bindparam(name, type_=kind or BigInteger()))


def _selected(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL plans without regard to what is selected: the plan that it keeps is as good as a new one."""
    return select(value).scalar_subquery()


def _fixed(number: int) -> ColumnElement[int]:
    """A limit that stands in the statement: one that is given would count as a tenth of all in the plan."""
    fixed: ColumnElement[int] = literal_column(str(number))
    return fixed


def _size(table: FromClause) -> ColumnElement[Any]:
    return select(func.count()).select_from(table).scalar_subquery()


def _array(query: Select[Any]) -> ColumnElement[Any]:
    """The one column of ``query`` as one value."""
    return func.array(query.scalar_subquery(), type_=ARRAY(BigInteger))
