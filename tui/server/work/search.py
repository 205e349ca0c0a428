"""The search for documents: newest first, from the full text index wherever that knows the answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Select, and_, literal_column, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import Moment, documents, versions
from ..library import lookup, rights, visibility
from ..library.actions import people
from ..library.counts import visible
from ..library.ids import container_of
from ..library.index import search
from ..library.inheritance import subtree
from . import shapes
from .call import SCOPE, Asks, Call, listing, overflowing
from .filters import Filter, for_documents, wants_people
from .lists import elsewhere
from .newest import NEWEST, NewestPart
from .pages import Counted, Found, Order, Part, QueryPart, page_of
from .parameters import Paging, Parameters, posted

router = APIRouter()

# So many containers of a tree are looked up in the index.
_MOST_PLACES = 200
# So many are sorted sooner than they are met among all that are in order, where each is looked at more closely.
_FEW_NEWEST = 2000


@router.get(SCOPE + "/documents")
async def search_documents(call: Asks) -> Response:
    """The documents that filters pick, the one edited last first: last versions unless ``latest=false``."""
    return await _listed(call, results=True)


@router.get(SCOPE + "/documents/search")
async def search_by_another_address(call: Asks) -> Response:
    """The same by another address, as a simple list."""
    return await _listed(call, results=False)


async def _listed(call: Call, *, results: bool) -> Response:

    async def look(connection: AsyncConnection) -> Response:
        found = await _search(call, connection, call.asked, call.asked.paging)
        facts = await call.facts(connection, found.rows)
        return await listing((shapes.document(row, facts) for row in found.rows), found, results=results)

    return await call.looked(look)


@router.post(SCOPE + "/documents/search")
async def post_search(call: Asks) -> Response:
    """The same search with its filters in the body; ``overflow`` tells whether there are more than ``limit``."""
    asked = posted(await call.body())
    paging = Paging(limit=asked.paging.limit)

    async def look(connection: AsyncConnection) -> Response:
        found = await _search(call, connection, asked, paging)
        facts = await call.facts(connection, found.rows)
        return await overflowing((shapes.document(row, facts) for row in found.rows), found)

    return await call.looked(look)


async def _search(call: Call, connection: AsyncConnection, asked: Parameters, paging: Paging) -> Found:
    names = await people(connection) if wants_people(asked) else {}
    chosen = for_documents(asked, names)
    if elsewhere(asked):
        return Found([], total=0 if paging.total else None)
    places = await _places(connection, asked, chosen)
    return await page_of([await _part(call, connection, chosen, places)], paging)


async def _places(connection: AsyncConnection, asked: Parameters, chosen: Filter) -> list[int] | None:
    """The containers that are searched; ``None`` for all, or where there are too many to be looked up."""
    if not (text := asked.text("container_id")):
        return None
    number = container_of(text)
    if not asked.flag("include_subtree"):
        chosen.conditions.append(documents.c.parent == number)
        return [number]
    tree = subtree(number)
    chosen.conditions.append(documents.c.parent.in_(tree))
    found = list((await connection.execute(tree.limit(_MOST_PLACES + 1))).scalars())
    return found if len(found) <= _MOST_PLACES else None


async def _part(call: Call, connection: AsyncConnection, chosen: Filter, places: list[int] | None) -> Part:
    query = rights.documents_query(call.person, latest=chosen.latest).where(*chosen.conditions)
    if not chosen.latest:
        order = Order("newest.all", ("latest_edited_at", "number", "version"), descending=True)
        keys = (_edited(chosen), documents.c.number, versions.c.version)
        return QueryPart(connection, query, order, keys, chosen.test)
    rules, shares = await visibility.sight_of(connection, call.person, lookup.FEW_RULES, lookup.MOST_RULES)
    counted = None
    if chosen.takes_all:
        counted = partial(visible, connection, call.person)
    if call.context.database.sqlite and not chosen.narrow:
        asked = lookup.matching(chosen.terms, rules, shares, places)
        if asked is not None:
            if counted is None and not chosen.conditions:
                person = call.person if rules is None else None
                counted = partial(lookup.count, connection, asked, person, shares)
            return _from_index(connection, query, asked, chosen, counted)
    seen = [visibility.under(rules, shares)] if rules is not None else []
    if call.context.database.sqlite or not chosen.terms:
        chosen.tests += chosen.instead
    elif not (chosen.narrow or chosen.conditions):
        return NewestPart(connection, call.person, chosen.terms, rules, shares, chosen.test)
    else:
        few = None
        if not chosen.narrow:
            few = await lookup.few_of(connection, chosen.terms, *seen, most=_FEW_NEWEST)
        if few is None:
            seen.append(lookup.has_terms(chosen.terms))
        else:
            chosen.narrow = True
            seen.append(lookup.among(connection, documents.c.number, few))
    query = query.where(*seen)
    return QueryPart(connection, query, NEWEST, (_edited(chosen), documents.c.number), chosen.test, counted)


def _from_index(
    connection: AsyncConnection, query: Select[Any], asked: str, chosen: Filter, counted: Counted | None
) -> Part:
    """What SQLite's full text index gives, whose rows are in order already."""
    rowid = search.c.rowid
    query = query.add_columns(rowid.label("search_id")).join(
        search, and_(rowid == documents.c.search_id, lookup.matches(asked))
    )
    if chosen.before is not None:
        query = query.where(rowid <= lookup.last_of(chosen.before))
    order = Order("newest.index", ("search_id",), descending=True)
    return QueryPart(connection, query, order, (rowid,), chosen.test, counted)


def _edited(chosen: Filter) -> Any:
    """What is sorted by: where the conditions find few, nothing that an index gives in order, so that they are
    found first and sorted then."""
    plain = documents.c.edited_at
    return type_coerce(literal_column("+documents.edited_at"), Moment) if chosen.narrow else plain
