"""The library's trash: deleted versions, until they are restored or permanently removed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ..database.tables import versions
from ..library import document_service, move_rules, rights
from ..library.gc import collect
from ..library.ids import container_of, document_of
from ..library.routing import LanedRoute
from . import profile, serializers
from .call import SCOPE, CallDep, answer, listing
from .filters import for_documents
from .lookups import Facts
from .pages import Order, QueryPart, page_of

router = APIRouter(route_class=LanedRoute)


@router.get(SCOPE + "/trash-bin/documents")
async def deleted(call: CallDep) -> Response:
    """The versions in the trash that the caller may see and that match the filters, most recently deleted first."""
    chosen = for_documents(call.parameters, {}, children=True)
    query = rights.documents_query(call.person, latest=False, trash=True).where(*chosen.conditions)
    query = query.add_columns(versions.c.deleted_at, versions.c.deleted_by)
    order = Order("deleted", ("deleted_at", "number", "version"), descending=True)
    keys = (versions.c.deleted_at, versions.c.number, versions.c.version)

    async def read_page(connection: AsyncConnection) -> Response:
        found = await page_of(
            [QueryPart(connection, query, order, keys, chosen.test)], call.parameters.paging
        )
        facts = await call.facts(connection, found.rows)
        return await listing((_deleted(row, facts) for row in found.rows), found)

    return await call.run_in_lane(read_page)


def _deleted(row: Row[Any], facts: Facts) -> serializers.Json:
    deletion = {"delete_date": serializers.moment(row.deleted_at), "deleted_by": row.deleted_by}
    return serializers.document(row, facts) | {k: v for k, v in deletion.items() if v}


@router.post(SCOPE + "/trash-bin/documents/{document}/restore")
async def restore(call: CallDep, document: str) -> Response:
    """Restore a version to where it was, or into the first of ``folder_ids``."""
    number, version = document_of(document)
    body = await call.body()
    folder_ids = body.get("folder_ids")
    first = (
        folder_ids[0]
        if isinstance(folder_ids, list) and folder_ids and isinstance(folder_ids[0], str)
        else None
    )
    folder = container_of(first) if first else None
    comments = profile.text(body, "comments", profile.MAX_COMMENT)
    async with call.acting() as act:
        destination = (
            await move_rules.into(act.connection, act.person, folder, Action.RESTORE_VERSION)
            if folder is not None
            else None
        )
        row = await document_service.in_trash(act, number, version, Action.RESTORE_VERSION)
        await document_service.restore(act, row, destination, comments)
    async with call.reading() as connection:
        back = await rights.document(connection, call.person, number, row.version)
        return answer(serializers.document(back, await call.facts(connection, [back])))


@router.delete(SCOPE + "/trash-bin/documents/{document}")
async def purge(call: CallDep, document: str) -> Response:
    """Permanently remove a version."""
    number, version = document_of(document)
    async with call.acting() as act:
        await document_service.purge(
            act, await document_service.in_trash(act, number, version, Action.PURGE_VERSION)
        )
    await collect(call.context)
    return Response(status_code=204)
