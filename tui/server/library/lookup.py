"""Querying the full text index, which :mod:`.index` keeps."""

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
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from ..accounts.users import Person
from ..base.timestamps import micros
from ..database.full_text import LONGEST, period
from ..database.tables import documents
from . import rights, visibility
from .index import ROOM, container_token, rule_token, search

#: The column of ``documents`` that PostgreSQL's index is on.
WORDS: ColumnElement[Any] = literal_column("documents.words").label("words")
#: Up to this many rules are always looked up in the index, and never more than this many.
FEW_RULES, MOST_RULES = 60, 500
#: The most queries that the terms of a search are split into: there is a separate statement for each number of them.
MOST_QUERIES = 8
#: Up to this many documents are sorted faster than they are found by going through all of them in order.
FEW = 5000


def _any(tokens: Iterable[str]) -> str:
    return "(" + " OR ".join(f'"{token}"' for token in tokens) + ")"


def _starting(term: str) -> str:
    return f'"{term}"' if len(term) >= LONGEST else f'"{term}" *'


def matching(
    terms: Sequence[str],
    rules: Sequence[int] | None,
    shares: Sequence[int],
    containers: Sequence[int] | None = None,
) -> str | None:
    """The query for SQLite's index: documents with terms that start with ``terms``, under one of ``rules`` or in one of
    the containers ``shares`` (neither is checked if ``rules`` is ``None``), and in one of ``containers``.

    Returns ``None`` if there is nothing to look up.
    """
    conditions = [_starting(term) for term in terms]
    if containers is not None:
        conditions.append(_any(container_token(number) for number in containers))
    if rules is not None:
        tokens = [rule_token(rule) for rule in rules]
        conditions.append(_any([*tokens, *(container_token(number) for number in shares)]))
    return " AND ".join(conditions) or None


def matches(match_query: str) -> ColumnElement[bool]:
    """A condition on :data:`search`: rows of SQLite's index that match a query of :func:`matching`."""
    return literal_column("search").op("MATCH")(match_query)


async def count(
    connection: AsyncConnection, match_query: str, person: Person | None = None, shares: Sequence[int] = ()
) -> int:
    """How many documents in SQLite's index match a query of :func:`matching`; with ``person``, only those that they may
    see."""
    query = select(func.count()).select_from(search).where(matches(match_query))
    if person is not None:
        readable = rights.readable(documents.c.acl, person)
        query = query.join(documents, documents.c.search_id == search.c.rowid).where(
            or_(readable, visibility.in_shares(shares))
        )
    return int((await connection.execute(query)).scalar_one())


def last_of(at: datetime) -> int:
    """The greatest number that a row of SQLite's index can have if its document was last edited by ``at``."""
    return micros(at) + ROOM


async def few_in(
    connection: AsyncConnection, terms: Sequence[str], rules: Sequence[int] | None, parent: int
) -> list[int] | None:
    """By SQLite's index: the documents of a container with terms that start with ``terms`` (under ``rules``, if given);
    ``None`` if they are too many to be put in another order."""
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
    """The same by PostgreSQL's index, for all documents that meet ``where``. PostgreSQL itself can't tell few from many
    before it has looked: for words that it doesn't know it expects thousands."""
    query = select(documents.c.number).where(documents.c.deleted_at.is_(None), has_terms(terms), *where)
    limited = query.limit(most + 1).subquery()
    # As one array, which is read faster than rows.
    async with planned(connection):
        found = list((await connection.execute(select(func.array_agg(limited.c.number)))).scalar() or ())
    return found if len(found) <= most else None


def among(
    connection: AsyncConnection, column: ColumnElement[Any], values: Sequence[Any]
) -> ColumnElement[bool]:
    """A condition: that ``column`` is one of ``values``. They are passed as one value, so that the statement is the
    same for any number of them."""
    return one_of(column, connection.dialect.name == "sqlite", None, values)


def one_of(
    column: ColumnElement[Any], sqlite: bool, name: str | None, values: Sequence[Any] | None = None
) -> ColumnElement[bool]:
    """The same for a statement that is built once: the values are its parameter ``name``."""
    if sqlite:
        each = func.json_each(bindparam(name, values, JSON, required=values is None)).table_valued("value")
        return column.in_(select(each.c.value))
    return column == any_(bindparam(name, values, ARRAY(column.type), required=values is None))


def has_terms(terms: Sequence[str]) -> ColumnElement[bool]:
    """A condition on ``documents``, by PostgreSQL's index: those with terms that start with ``terms``."""
    return meets([query(literal(text)) for text in queries_of(terms)], WORDS)


def queries_of(terms: Sequence[str]) -> list[str]:
    """The queries for PostgreSQL's index, at most :data:`MOST_QUERIES`. It finds what meets all of them faster than by
    one query with all the terms, and fastest with the rarest first: mostly the longest."""
    quoted = [f"'{term}'" for term in sorted(dict.fromkeys(terms), key=len, reverse=True)]
    single, rest = quoted[: MOST_QUERIES - 1], quoted[MOST_QUERIES - 1 :]
    return [*single, " & ".join(rest)] if rest else single


def query(text: ColumnElement[str]) -> ColumnElement[Any]:
    """One of :func:`queries_of`, for :func:`meets`."""
    return _as_query(cast(text, Text))


def _as_query(text: ColumnElement[str]) -> ColumnElement[Any]:
    from sqlalchemy.dialects.postgresql import TSQUERY

    return cast(text, TSQUERY)


def meets(queries: Sequence[ColumnElement[Any]], words: ColumnElement[Any]) -> ColumnElement[bool]:
    """A condition: that ``words`` (:data:`WORDS`, or a column with its values) meet all queries."""
    return and_(*(words.op("@@")(query) for query in queries))


def edited_about(newest: FromClause, periods: int) -> ColumnElement[bool]:
    """A condition on ``documents``, by PostgreSQL's index: those last edited in this many ``periods``, up to the one
    that contains ``edited_at`` of the single row of ``newest``. Without a row, no documents meet it."""
    before = func.generate_series(0, literal_column(str(periods - 1))).table_valued(name="before")
    term = func.quote_literal(literal_column(period("start.edited_at", "before")))
    any_period = _as_query(func.string_agg(term, literal_column("'|'")))
    query = select(any_period).select_from(newest.alias("start").join(before, true()))
    return WORDS.op("@@")(query.scalar_subquery())


@asynccontextmanager
async def planned(connection: AsyncConnection) -> AsyncIterator[None]:
    """A context in which PostgreSQL plans each statement for its actual values: the best plan depends on how many
    documents match, and how many of those may be seen. Planning takes longer than most other statements, whose plans
    are cached."""
    await connection.execute(text("SET plan_cache_mode = force_custom_plan"))
    try:
        yield
    except DBAPIError:
        # The setting must not leak to the connection's next user.
        await connection.invalidate()
        raise
    await connection.execute(text("RESET plan_cache_mode"))
