"""Document search: newest first, by the full text index wherever possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Row, Select, and_, literal_column, type_coerce
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import Moment, documents, versions
from ..library import lookup, rights, visibility
from ..library.actions import people
from ..library.counts import visible
from ..library.ids import container_of
from ..library.index import search
from ..library.inheritance import subtree
from ..library.routing import LanedRoute
from ..limits.query_limits import LIGHT_ROWS, count_rows
from . import serializers
from .call import SCOPE, Call, CallDep, listing, overflowing
from .filters import Filter, for_documents, wants_people
from .lists import elsewhere
from .lookups import Facts
from .newest import NEWEST, NewestPart
from .pages import Counted, FoundRows, ListPart, Order, QueryPart, page_of
from .parameters import Paging, Parameters, posted

router = APIRouter(route_class=LanedRoute)

# The most containers of a tree that are looked up in the index.
_MAX_CONTAINERS = 200
# Up to this many are sorted faster than they are found by going through all in order, if each must be checked further.
_FEW_NEWEST = 2000
#: A parameter of ours, which other clients don't send: whether the copies in Secure Sent Links are among the results.
#: They then have the key ``sent_copy`` there. Without it, they are, and look like any other document.
_COPIES = "sent_copies"
# Copies belong to Share, and have no rule. An expression, since no index on rules has the results in their order.
_UNDER_A_RULE = literal_column("+documents.acl").is_not(None)


@router.get(SCOPE + "/documents")
async def search_documents(call: CallDep) -> Response:
    """The documents that match the filters, most recently edited first: latest versions unless ``latest=false``."""
    return await _listed(call, results=True)


@router.get(SCOPE + "/documents/search")
async def search_by_another_address(call: CallDep) -> Response:
    """The same at another path, as a simple list."""
    return await _listed(call, results=False)


async def _listed(call: Call, *, results: bool) -> Response:

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _search(call, connection, call.parameters, call.parameters.paging)
        facts = await call.facts(connection, found.rows)
        shown = _shown(found.rows, facts, marked=bool(call.parameters.flag(_COPIES)))
        return await listing(shown, found, results=results)

    return await call.run_in_lane(read_page)


@router.post(SCOPE + "/documents/search")
async def post_search(call: CallDep) -> Response:
    """The same search with its filters in the body; ``overflow`` says whether there are more than ``limit``."""
    parameters = posted(await call.body())
    paging = Paging(limit=parameters.paging.limit)

    async def read_page(connection: AsyncConnection) -> Response:
        found = await _search(call, connection, parameters, paging)
        facts = await call.facts(connection, found.rows)
        return await overflowing(_shown(found.rows, facts, marked=bool(parameters.flag(_COPIES))), found)

    return await call.run_in_lane(read_page)


def _shown(rows: Sequence[Row[Any]], facts: Facts, *, marked: bool) -> Iterator[serializers.Json]:
    """The documents of a page; with ``marked``, copies in Secure Sent Links can be told apart."""
    for row in rows:
        shown = serializers.document(row, facts)
        yield shown | {"sent_copy": True} if marked and row.acl is None else shown


async def _search(
    call: Call, connection: AsyncConnection, parameters: Parameters, paging: Paging
) -> FoundRows:
    names = await people(connection) if wants_people(parameters) else {}
    chosen = for_documents(parameters, names)
    if elsewhere(parameters):
        return FoundRows([], total=0 if paging.total else None)
    containers = await _containers_to_search(connection, parameters, chosen)
    copies = parameters.flag(_COPIES) is not False
    return await page_of([await _part(call, connection, chosen, containers, copies=copies)], paging)


async def _containers_to_search(
    connection: AsyncConnection, parameters: Parameters, chosen: Filter
) -> list[int] | None:
    """The containers to search; ``None`` for all, or if there are too many to look up in the index."""
    if not (text := parameters.text("container_id")):
        return None
    number = container_of(text)
    if not parameters.flag("include_subtree"):
        chosen.conditions.append(documents.c.parent == number)
        return [number]
    tree = subtree(number)
    chosen.conditions.append(documents.c.parent.in_(tree))
    found = list((await connection.execute(tree.limit(_MAX_CONTAINERS + 1))).scalars())
    return found if len(found) <= _MAX_CONTAINERS else None


async def _part(
    call: Call, connection: AsyncConnection, chosen: Filter, containers: list[int] | None, *, copies: bool
) -> ListPart:
    """The documents found; without the ``copies`` in Secure Sent Links, they aren't looked up in the first place."""
    if chosen.scans and containers is None and not chosen.narrow:
        # The database goes through everything, however few rows it returns.
        count_rows(LIGHT_ROWS + 1)
    query = rights.documents_query(call.person, latest=chosen.latest).where(*chosen.conditions)
    if not copies:
        query = query.where(_UNDER_A_RULE)
    if not chosen.latest:
        order = Order("newest.all", ("latest_edited_at", "number", "version"), descending=True)
        keys = (_edited(chosen), documents.c.number, versions.c.version)
        return QueryPart(connection, query, order, keys, chosen.test)
    rules, shares = await visibility.visible_to(connection, call.person, lookup.FEW_RULES, lookup.MOST_RULES)
    shares = shares if copies else []
    counted = None
    if chosen.takes_all:
        counted = partial(visible, connection, call.person, copies=copies)
    if call.context.database.sqlite and not chosen.narrow:
        index_query = lookup.matching(chosen.terms, rules, shares, containers)
        if index_query is not None:
            if counted is None and not chosen.conditions:
                person = call.person if rules is None else None
                counted = partial(lookup.count, connection, index_query, person, shares)
            return _from_index(connection, query, index_query, chosen, counted)
    conditions = [visibility.under(rules, shares)] if rules is not None else []
    if not copies:
        conditions.append(_UNDER_A_RULE)
    if call.context.database.sqlite or not chosen.terms:
        chosen.tests += chosen.fallback_tests
    elif not (chosen.narrow or chosen.conditions):
        return NewestPart(connection, call.person, chosen.terms, rules, shares, chosen.test)
    else:
        candidates = None
        if not chosen.narrow:
            candidates = await lookup.few_of(connection, chosen.terms, *conditions, most=_FEW_NEWEST)
        if candidates is None:
            conditions.append(lookup.has_terms(chosen.terms))
        else:
            chosen.narrow = True
            conditions.append(lookup.among(connection, documents.c.number, candidates))
    query = query.where(*conditions)
    return QueryPart(connection, query, NEWEST, (_edited(chosen), documents.c.number), chosen.test, counted)


def _from_index(
    connection: AsyncConnection, query: Select[Any], index_query: str, chosen: Filter, counted: Counted | None
) -> ListPart:
    """The matches of SQLite's full text index, whose rows are in order already."""
    rowid = search.c.rowid
    query = query.add_columns(rowid.label("search_id")).join(
        search, and_(rowid == documents.c.search_id, lookup.matches(index_query))
    )
    if chosen.before is not None:
        query = query.where(rowid <= lookup.last_of(chosen.before))
    order = Order("newest.index", ("search_id",), descending=True)
    return QueryPart(connection, query, order, (rowid,), chosen.test, counted)


def _edited(chosen: Filter) -> Any:
    """The sort key. If the conditions find only a few documents, it is an expression that no index has in order, so
    that they are found first and then sorted."""
    plain = documents.c.edited_at
    return type_coerce(literal_column("+documents.edited_at"), Moment) if chosen.narrow else plain
