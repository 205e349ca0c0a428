"""How the full text index is asked; :mod:`.index` keeps it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Text,
    and_,
    any_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.full_text import LONGEST
from ..database.tables import documents
from ..people import Person
from . import rights
from .index import ROOM, container_token, rule_token, search
from .pages import micros

#: Up to so many rules are always looked up in the index, and up to so many at all.
FEW_RULES, MOST_RULES = 60, 500
#: So many documents of a container are sorted sooner than they are met among all of it that are in order; and of
#: those that are found everywhere, of which the newest are wanted.
FEW, FEW_NEWEST = 5000, 2000


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
        sent = and_(documents.c.acl.is_(None), documents.c.parent.in_(shares))
        query = query.join(documents, documents.c.search_id == search.c.rowid).where(or_(seen, sent))
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
    found = list((await connection.execute(select(func.array_agg(some.c.number)))).scalar() or ())
    return found if len(found) <= most else None


def among(connection: AsyncConnection, numbers: Sequence[int]) -> ColumnElement[bool]:
    """A condition on ``documents``: those with these numbers. They are one value, where thousands would each be named
    in the statement."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(json.dumps(numbers)).table_valued("value")
        return documents.c.number.in_(select(each.c.value))
    return documents.c.number == any_(literal(numbers, ARRAY(BigInteger)))


def has_terms(terms: Sequence[str]) -> ColumnElement[bool]:
    """A condition on ``documents``, by PostgreSQL's index: those with terms that begin so."""
    asked = " & ".join(f"'{term}'" for term in terms)
    return literal_column("documents.words").op("@@")(cast(cast(asked, Text), TSQUERY))
