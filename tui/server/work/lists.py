"""Lists that the server keeps: recently used documents and workspaces, and check-outs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ..database.tables import containers, documents, recent, versions
from ..library import rights
from ..library.ids import LIBRARY
from ..library.routing import LanedRoute
from . import serializers
from .call import SCOPE, Call, CallDep, listing
from .lookups import Facts
from .pages import FoundRows, Order, QueryPart, page_of
from .parameters import Parameters
from .serializers import Json

router = APIRouter(route_class=LanedRoute)

#: How long a document stays in the recent lists after it was used.
RECENT = timedelta(days=30)
_LATEST_USED = Order("used", ("activity_at", "number"), descending=True)


def elsewhere(parameters: Parameters) -> bool:
    """Whether the request names only other libraries."""
    libraries = [
        part.strip().upper() for part in (parameters.text("libraries") or "").split(",") if part.strip()
    ]
    return bool(libraries) and LIBRARY not in libraries


async def _listed(
    call: Call,
    query: Select[Any],
    order: Order,
    keys: tuple[ColumnElement[Any], ...],
    serialize: Callable[[Row[Any], Facts], Json],
    *,
    results: bool = False,
) -> Response:
    """A page of ``query``, whose ``order`` is by ``keys``; an empty one if the request names only other libraries."""

    async def read_page(connection: AsyncConnection) -> Response:
        paging = call.parameters.paging
        if elsewhere(call.parameters):
            found = FoundRows([], total=0 if paging.total else None)
        else:
            found = await page_of([QueryPart(connection, query, order, keys)], paging)
        facts = await call.facts(connection, found.rows)
        return await listing((serialize(row, facts) for row in found.rows), found, results=results)

    return await call.run_in_lane(read_page)


# ---------------------------------------------------------------- recently used


@router.get(SCOPE + "/recent-documents")
async def recent_documents(call: CallDep) -> Response:
    """The Document Worklist: versions that the caller used in the last 30 days, latest first."""
    query = (
        rights.documents_query(call.person, latest=False)
        .add_columns(recent.c.at.label("activity_at"))
        .join(recent, and_(recent.c.number == versions.c.number, recent.c.version == versions.c.version))
        .where(recent.c.user_id == call.person.id, recent.c.at > call.context.clock() - RECENT)
    )
    return await _listed(
        call, query, _LATEST_USED, (recent.c.at, recent.c.number), serializers.document, results=True
    )


@router.get(SCOPE + "/recent-workspaces")
@router.post(SCOPE + "/recent-workspaces")
async def recent_workspaces(call: CallDep) -> Response:
    """The workspaces of the documents that the caller used in the last 30 days, latest first."""
    used = (
        select(containers.c.workspace, func.max(recent.c.at).label("activity_at"))
        .select_from(recent)
        .join(documents, documents.c.number == recent.c.number)
        .join(containers, containers.c.number == documents.c.parent)
        .where(
            recent.c.user_id == call.person.id,
            recent.c.at > call.context.clock() - RECENT,
            documents.c.deleted_at.is_(None),
        )
        .group_by(containers.c.workspace)
        .subquery()
    )
    query = (
        rights.containers_query(call.person)
        .add_columns(used.c.activity_at)
        .join(used, used.c.workspace == containers.c.number)
    )
    keys = used.c.activity_at, containers.c.number
    return await _listed(call, query, _LATEST_USED, keys, serializers.container, results=True)


# ---------------------------------------------------------------- checked out


@router.get(SCOPE + "/documents/checked-out")
async def checked_out(call: CallDep) -> Response:
    """The versions that the caller, or ``user``, has checked out, latest first."""
    holder = (call.parameters.text("user") or call.person.name).upper()
    query = rights.documents_query(call.person, latest=False).where(versions.c.checked_out_by == holder)
    order = Order("taken", ("checked_out_at", "number", "version"), descending=True)
    keys = (versions.c.checked_out_at, versions.c.number, versions.c.version)
    return await _listed(call, query, order, keys, serializers.document)
