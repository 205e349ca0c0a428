"""How the full text index is asked; :mod:`.index` keeps it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    FromClause,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.full_text import LONGEST, period
from ..database.tables import documents
from ..moments import micros
from ..people import Person
from . import rights, visibility
from .index import ROOM, container_token, rule_token, search

#: What PostgreSQL's index has of ``documents``.
WORDS: ColumnElement[Any] = literal_column("documents.words").label("words")
#: Up to so many rules are always looked up in the index, and up to so many at all.
FEW_RULES, MOST_RULES = 60, 500
#: Into so many queries the terms of a search are taken apart: a statement has one form for each number of them.
MOST_QUERIES = 8
#: So many documents are sorted sooner than they are met among all that are in order.
FEW = 5000


def _any(tokens: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{token}"' for token in tokens) + ")"


def _starting(term: str) -> str:
    return f'"{term}"' if len(term) >= LONGEST else f'"{term}" *'


def matching(
    terms: Sequence[str],
    rules: Sequence[int] | None,
    shares: Sequence[int],
    places: Sequence[int] | None = None,
) -> str | None:
    """What SQLite's index is asked for: documents with terms that begin so, under one of ``rules`` or in one of the
    containers ``shares`` (``rules`` that are ``None`` are not looked at), and in one of ``places``.

    ``None`` where that says nothing at all.
    """
    asked = [_starting(term) for term in terms]
    if places is not None:
        asked.append(_any(container_token(number) for number in places))
    if rules is not None:
        tokens = [rule_token(rule) for rule in rules]
        asked.append(_any([*tokens, *(container_token(number) for number in shares)]))
    return " AND ".join(asked) or None


def matches(asked: str) -> ColumnElement[bool]:
    """A condition on :data:`search`: rows that SQLite's index has for what :func:`matching` said."""
    return literal_column("search").op("MATCH")(asked)


async def count(
    connection: AsyncConnection, asked: str, person: Person | None = None, shares: Sequence[int] = ()
) -> int:
    """How many documents SQLite's index has for what :func:`matching` said; of a ``person``, those that they may
    see."""
    query = select(func.count()).select_from(search).where(matches(asked))
    if person is not None:
        seen = rights.readable(documents.c.acl, person)
        query = query.join(documents, documents.c.search_id == search.c.rowid).where(
            or_(seen, visibility.in_shares(shares))
        )
    return int((await connection.execute(query)).scalar_one())


def last_of(at: datetime) -> int:
    """The greatest number that a row of SQLite's index can have whose document was edited by then."""
    return micros(at) + ROOM


async def few_in(
    connection: AsyncConnection, terms: Sequence[str], rules: Sequence[int] | None, parent: int
) -> list[int] | None:
    """By SQLite's index: the documents of a container with terms that begin so (of ``rules``, where they are given),
    where they are few enough to be put in another order; ``None`` where they are not."""
    query = (
        select(documents.c.number)
        .join(search, search.c.rowid == documents.c.search_id)
        .where(matches(matching(terms, rules, (), [parent]) or ""))
        .limit(FEW + 1)
    )
    found = list((await connection.execute(query)).scalars())
    return found if len(found) <= FEW else None


async def few_of(
    connection: AsyncConnection, terms: Sequence[str], *where: ColumnElement[bool], most: int = FEW
) -> list[int] | None:
    """The same by PostgreSQL's index, of all documents that meet ``where``. PostgreSQL itself cannot tell few from
    many before it has looked: of words that it does not know it expects thousands."""
    query = select(documents.c.number).where(documents.c.deleted_at.is_(None), has_terms(terms), *where)
    some = query.limit(most + 1).subquery()
    # As one value, which is read sooner than rows.
    async with planned(connection):
        found = list((await connection.execute(select(func.array_agg(some.c.number)))).scalar() or ())
    return found if len(found) <= most else None


def among(
    connection: AsyncConnection, column: ColumnElement[Any], values: Sequence[Any]
) -> ColumnElement[bool]:
    """A condition: that ``column`` is one of ``values``. They are one value, so that the statement is the same for any
    number of them."""
    return one_of(column, connection.dialect.name == "sqlite", None, values)


def one_of(
    column: ColumnElement[Any], sqlite: bool, name: str | None, values: Sequence[Any] | None = None
) -> ColumnElement[bool]:
    """The same, of what a statement that is made once is given as ``name``."""
    if sqlite:
        each = func.json_each(bindparam(name, values, JSON, required=values is None)).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(name, values, ARRAY(column.type), required=values is None))


def has_terms(terms: Sequence[str]) -> ColumnElement[bool]:
    """A condition on ``documents``, by PostgreSQL's index: those with terms that begin so."""
    return meets([query(literal(text)) for text in queries_of(terms)], WORDS)


def queries_of(terms: Sequence[str]) -> list[str]:
    """What PostgreSQL's index is asked for one after the other, at most :data:`MOST_QUERIES`. It finds what meets
    them all sooner than by one query with all the terms, and soonest with the rarest first: mostly the longest."""
    quoted = [f"'{term}'" for term in sorted(dict.fromkeys(terms), key=len, reverse=True)]
    single, rest = quoted[: MOST_QUERIES - 1], quoted[MOST_QUERIES - 1 :]
    return [*single, " & ".join(rest)] if rest else single


def query(text: ColumnElement[str]) -> ColumnElement[Any]:
    """One of :func:`queries_of`, for :func:`meets`."""
    return cast(cast(text, Text), TSQUERY)


def meets(queries: Sequence[ColumnElement[Any]], words: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition: that all queries are met by ``words`` (:data:`WORDS`, or what has them)."""
    return and_(*(words.op("@@")(query) for query in queries))


def edited_about(newest: FromClause, periods: int) -> ColumnElement[bool]:
    """A condition on ``documents``, by PostgreSQL's index: those last edited in as many periods, of which the last
    has the moment ``edited_at`` of the one row of ``newest``. Without a row there are none."""
    before = func.generate_series(0, literal_column(str(periods - 1))).table_valued(name="before")
    term = func.quote_literal(literal_column(period("start.edited_at", "before")))
    asked = cast(func.string_agg(term, literal_column("'|'")), TSQUERY)
    query = select(asked).select_from(newest.alias("start").join(before, true()))
    return WORDS.op("@@")(query.scalar_subquery())


@asynccontextmanager
async def planned(connection: AsyncConnection) -> AsyncIterator[None]:
    """Within it PostgreSQL plans each statement for the values that it has: how much is found by words, and seen of
    it, decides how it is best looked up. Planning takes longer than most other statements, whose plans are kept."""
    await connection.execute(text("SET plan_cache_mode = force_custom_plan"))
    try:
        yield
    except DBAPIError:
        # Whoever gets the connection next is to have it as it was.
        await connection.invalidate()
        raise
    await connection.execute(text("RESET plan_cache_mode"))
