"""The library's trash: the versions that were deleted, until they are brought back or removed for good."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ..database.tables import versions
from ..gc import bury
from ..library import edits, placing, rights
from ..library.ids import container_of, document_of
from . import profile, shapes
from .call import SCOPE, Asks, answer, listing
from .facts import Facts
from .filters import for_documents
from .pages import Order, QueryPart, page_of

router = APIRouter()


@router.get(SCOPE + "/trash-bin/documents")
async def deleted(call: Asks) -> Response:
    """The versions in the trash that the caller may see, or those that filters pick; what was deleted last first."""
    chosen = for_documents(call.asked, {}, children=True)
    query = rights.documents_query(call.person, latest=False, trash=True).where(*chosen.conditions)
    query = query.add_columns(versions.c.deleted_at, versions.c.deleted_by)
    order = Order("deleted", ("deleted_at", "number", "version"), descending=True)
    keys = (versions.c.deleted_at, versions.c.number, versions.c.version)

    async def look(connection: AsyncConnection) -> Response:
        found = await page_of([QueryPart(connection, query, order, keys, chosen.test)], call.asked.paging)
        facts = await call.facts(connection, found.rows)
        return await listing((_deleted(row, facts) for row in found.rows), found)

    return await call.looked(look)


def _deleted(row: Row[Any], facts: Facts) -> shapes.Json:
    told = {"delete_date": shapes.moment(row.deleted_at), "deleted_by": row.deleted_by}
    return shapes.document(row, facts) | {k: v for k, v in told.items() if v}


@router.post(SCOPE + "/trash-bin/documents/{document}/restore")
async def restore(call: Asks, document: str) -> Response:
    """Brings a version back, to where it was or into the first of ``folder_ids``."""
    number, version = document_of(document)
    body = await call.body()
    given = body.get("folder_ids")
    first = given[0] if isinstance(given, list) and given and isinstance(given[0], str) else None
    folder = container_of(first) if first else None
    comments = profile.text(body, "comments", profile.MAX_COMMENT)
    async with call.acting() as act:
        place = (
            await placing.into(act.connection, act.person, folder, Action.RESTORE_VERSION)
            if folder is not None
            else None
        )
        row = await edits.in_trash(act, number, version, Action.RESTORE_VERSION)
        await edits.restore(act, row, place, comments)
    async with call.reading() as connection:
        back = await rights.document(connection, call.person, number, row.version)
        return answer(shapes.document(back, await call.facts(connection, [back])))


@router.delete(SCOPE + "/trash-bin/documents/{document}")
async def purge(call: Asks, document: str) -> Response:
    """Removes a version for good."""
    number, version = document_of(document)
    async with call.acting() as act:
        await edits.purge(act, await edits.in_trash(act, number, version, Action.PURGE_VERSION))
    await bury(call.context)
    return Response(status_code=204)
