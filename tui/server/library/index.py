"""Keeping the full text index. ``database/full_text.py`` describes where it is stored, :mod:`.lookup` queries it.

It is updated in the transaction of each change. :func:`refresh` brings it up to date with the documents as they are
now; a change of rule that affects many of them is made by one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    case,
    column,
    delete,
    func,
    select,
    table,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from ..base.timestamps import micros
from ..context import Context
from ..database.driver import Statement, run_all
from ..database.full_text import period
from ..database.tables import documents, users, versions
from .name_match import terms_of

Json = dict[str, Any]

search = table("search", column("rowid", BigInteger), column("words"), column("place"))

_AT_ONCE = 500
#: How far, in microseconds, the number of a document's row can be past its last edit.
ROOM = 1_000_000
# Rules and containers are single characters, from ranges that no word uses: the longer a term, the more prefixes of it
# are in the index.
_DIGITS = 0xFFFD
_RULES, _CONTAINERS = 0xF0000, 0x100000


def _token(plane: int, number: int) -> str:
    found = chr(plane + number % _DIGITS)
    while number := number // _DIGITS:
        found = chr(plane + number % _DIGITS) + found
    return found


def place_of(acl: int | None, parent: int) -> str:
    """The tokens of a document's rule (``None``: it belongs to Share) and of its container."""
    tokens = [container_token(parent)]
    if acl is not None:
        tokens.append(rule_token(acl))
    return " ".join(tokens)


def container_token(number: int) -> str:
    """The word of the full text index that everything in that container has."""
    return _token(_CONTAINERS, number)


def rule_token(number: int) -> str:
    """The word of the full text index that everything under that access rule has."""
    return _token(_RULES, number)


#: What PostgreSQL stores for ``{words}``: every prefix of every word, since collecting the words with a prefix takes
#: longer the more documents there are; and the period of the last edit.
KEPT = """
array_to_tsvector({period} || ARRAY(
    SELECT left(word, n)
    FROM unnest(string_to_array({words}, ' ')) AS word, generate_series(1, length(word)) AS n
))
""".replace("{period}", period("edited_at"))


async def refresh(context: Context, connection: AsyncConnection, numbers: Sequence[int]) -> None:
    """Bring the index up to date with documents that were added, changed, moved or deleted."""
    for start in range(0, len(numbers), _AT_ONCE):
        await _refresh(context, connection, numbers[start : start + _AT_ONCE])


async def refresh_author(context: Context, author: str) -> None:
    """Bring the index up to date with the author's current full name, some documents at a time."""
    last = 0
    query = (
        select(documents.c.number)
        .join(
            versions,
            and_(versions.c.number == documents.c.number, versions.c.version == documents.c.latest),
        )
        .where(versions.c.author == author, documents.c.deleted_at.is_(None))
        .order_by(documents.c.number)
        .limit(_AT_ONCE)
    )
    while True:
        async with context.database.write() as connection:
            numbers = (await connection.execute(query.where(documents.c.number > last))).scalars().all()
            if not numbers:
                return
            await _refresh(context, connection, numbers)
        last = numbers[-1]


async def _refresh(context: Context, connection: AsyncConnection, numbers: Sequence[int]) -> None:
    rows = await _present(connection, numbers)
    full_names = await _full_names(connection, {row.author for row in rows if row.author})
    words = {
        row.number: words_of(row.number, row._mapping, full_names.get(row.author))
        for row in rows
        if row.deleted_at is None and row.name is not None
    }
    if context.database.sqlite:
        await _put_rows(connection, rows, words)
    else:
        stored = KEPT.format(words="CAST(:words AS text)")
        query = f"UPDATE documents SET words = {stored} WHERE number = :n"  # noqa: S608 - a text of our own
        found = [{"n": row.number, "words": words.get(row.number)} for row in rows]
        await connection.execute(text(query), found)


async def prepare(connection: AsyncConnection, new: Sequence[tuple[Json, Json]]) -> list[Json]:
    """The rows of SQLite's index for new documents, given as their rows of ``documents``, which get their
    ``search_id``, and those of their latest ``versions``."""
    ordered = sorted(new, key=lambda rows: (rows[0]["edited_at"], rows[0]["number"]))
    full_names = await _full_names(connection, {version["author"] for _, version in ordered})
    found: list[Json] = []
    for start in range(0, len(ordered), _AT_ONCE):
        chunk = ordered[start : start + _AT_ONCE]
        last = found[-1]["id"] if found else 0
        ids = await _free(connection, [max(micros(document["edited_at"]), last + 1) for document, _ in chunk])
        for search_id, (document, version) in zip(ids, chunk, strict=True):
            document["search_id"] = search_id
            words = words_of(document["number"], version, full_names.get(version["author"]))
            found.append(
                {"id": search_id, "words": words, "place": place_of(document["acl"], document["parent"])}
            )
    return found


async def add_words(connection: AsyncConnection, new: Sequence[tuple[Json, Json]]) -> None:
    """Add their words to PostgreSQL's rows of new documents, which are given as for :func:`prepare`."""
    full_names = await _full_names(connection, {version["author"] for _, version in new})
    for document, version in new:
        document["words"] = words_of(document["number"], version, full_names.get(version["author"]))


def rows_of(prepared: Sequence[Json]) -> Statement:
    """The statement that inserts the rows of :func:`prepare` into SQLite's index."""
    sql = "INSERT INTO search (rowid, words, place) VALUES (?, ?, ?)"
    return sql, [(row["id"], row["words"], row["place"]) for row in prepared]


async def _full_names(connection: AsyncConnection, authors: set[str]) -> dict[str, str]:
    query = select(users.c.name, users.c.full_name).where(
        users.c.name.in_(authors), users.c.full_name.is_not(None)
    )
    return {row.name: row.full_name for row in await connection.execute(query)}


async def _present(connection: AsyncConnection, numbers: Sequence[int]) -> Sequence[Row[Any]]:
    query = (
        select(documents, versions.c.name, versions.c.extension, versions.c.author, versions.c.comment)
        .add_columns(versions.c["class"])
        .outerjoin(
            versions,
            and_(
                versions.c.number == documents.c.number,
                versions.c.version == documents.c.latest,
                versions.c.deleted_at.is_(None),
            ),
        )
        .where(documents.c.number.in_(numbers))
        .order_by(documents.c.edited_at, documents.c.number)
    )
    return (await connection.execute(query)).all()


def words_of(number: int, version: Any, full_name: str | None) -> str:
    """The words of a document, from its number, its latest version (the mapping of a row), and its author's full
    name."""
    fields = ("name", "author", "class", "extension", "comment")
    return " ".join(terms_of([str(number), *(version[field] for field in fields), full_name]))


async def _put_rows(connection: AsyncConnection, rows: Sequence[Row[Any]], words: Mapping[int, str]) -> None:
    old = [{"id": row.search_id} for row in rows if row.search_id is not None]
    if old:
        await connection.execute(text("DELETE FROM search WHERE rowid = :id"), old)
        forget = update(documents).where(documents.c.number.in_([row.number for row in rows]))
        await connection.execute(forget.values(search_id=None))
    live = [row for row in rows if row.number in words]
    if not live:
        return
    ids = await _free(connection, [_wanted(row) for row in live])
    new = [
        {"id": i, "n": row.number, "words": words[row.number], "place": place_of(row.acl, row.parent)}
        for i, row in zip(ids, live, strict=True)
    ]
    await connection.execute(text("UPDATE documents SET search_id = :id WHERE number = :n"), new)
    await run_all(connection, [rows_of(new)])


def _wanted(row: Row[Any]) -> int:
    """The preferred number for a document's row: the time of its last edit, or the number close to it that it has."""
    at = micros(row.edited_at)
    return row.search_id if row.search_id and at <= row.search_id < at + ROOM else at


async def _free(connection: AsyncConnection, wanted: Sequence[int]) -> list[int]:
    """Numbers that no row has, in the order of ``wanted`` and as close to them as possible."""
    start, end = min(wanted), max(wanted) + len(wanted)
    while True:
        query = select(documents.c.search_id).where(documents.c.search_id.between(start, end))
        taken = set((await connection.execute(query)).scalars())
        found = list(_next_free(wanted, taken))
        if found[-1] <= end:
            return found
        end += 2 * (end - start)


def _next_free(wanted: Sequence[int], taken: set[int]) -> Iterator[int]:
    before = 0
    for number in wanted:
        number = max(number, before + 1)
        while number in taken:
            number += 1
        before = number
        yield number


async def forget(context: Context, connection: AsyncConnection, chosen: Select[Any]) -> None:
    """Remove the documents whose numbers ``chosen`` selects from the index, all at once."""
    if not context.database.sqlite:
        return
    indexed = and_(documents.c.number.in_(chosen), documents.c.search_id.is_not(None))
    await connection.execute(
        delete(search).where(search.c.rowid.in_(select(documents.c.search_id).where(indexed)))
    )
    await connection.execute(update(documents).where(indexed).values(search_id=None))


async def update_places(context: Context, connection: AsyncConnection, chosen: Select[Any]) -> None:
    """Update, in one statement, the rules and containers in the index of the documents whose numbers ``chosen``
    selects."""
    if not context.database.sqlite:
        return
    rule = case((documents.c.acl.is_(None), ""), else_=_token_of(_RULES, documents.c.acl))
    tokens = select(_token_of(_CONTAINERS, documents.c.parent) + " " + rule)
    row_ids = select(documents.c.search_id).where(documents.c.number.in_(chosen))
    await connection.execute(
        update(search)
        .where(search.c.rowid.in_(row_ids.where(documents.c.search_id.is_not(None))))
        .values(place=tokens.where(documents.c.search_id == search.c.rowid).scalar_subquery())
    )


def _token_of(plane: int, number: ColumnElement[int]) -> ColumnElement[str]:
    """:func:`_token` as an SQLite expression."""
    low = func.char(plane + number % _DIGITS, type_=Text)
    high = case((number >= _DIGITS, func.char(plane + number // _DIGITS, type_=Text)), else_="")
    return high + low
