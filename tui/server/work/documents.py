"""A document: its profile, its versions, where it is, and its bytes."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ..database.tables import documents, versions
from ..library import edits, rights
from ..library.ids import document_of
from . import operations, pairs, shapes
from .call import SCOPE, Asks, answer, listing
from .delivery import deliver
from .pages import Order, QueryPart, page_of

router = APIRouter()

_VERSION = re.compile(r"[vV]?([0-9]{1,9})")


@router.get(SCOPE + "/documents/{document}")
async def one_document(call: Asks, document: str) -> Response:
    """A version's profile."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        facts = await call.facts(connection, [row])
        shown = shapes.document(row, facts, latest=bool(call.asked.flag("is_latest")))
        if call.asked.flag("include_operations"):
            shown["operations"] = operations.of_version(row, call.person)
        return answer(shown)


@router.get(SCOPE + "/documents/{document}/versions")
@router.get(SCOPE + "/documents/{document}/history/versions")
async def all_versions(call: Asks, document: str) -> Response:
    """All versions of a document, newest first."""
    number, version = document_of(document)

    async def look(connection: AsyncConnection) -> Response:
        await rights.document(connection, call.person, number, version)
        query = rights.documents_query(call.person, latest=False).where(documents.c.number == number)
        order = Order("version", ("version",), descending=True)
        part = QueryPart(connection, query, order, (versions.c.version,))
        found = await page_of([part], call.asked.paging)
        facts = await call.facts(connection, found.rows)
        latest = bool(call.asked.flag("is_latest"))
        return await listing((shapes.document(row, facts, latest=latest) for row in found.rows), found)

    return await call.looked(look)


@router.get(SCOPE + "/documents/{document}/path")
async def document_path(call: Asks, document: str) -> Response:
    """The ways to a document: here one, its containers from the outermost on."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        way = await rights.way_to(connection, call.person, row.parent)
        facts = await call.facts(connection, way)
        return answer([[shapes.container(step, facts) for step in way]])


@router.get(SCOPE + "/documents/{document}/operations")
async def document_operations(call: Asks, document: str) -> Response:
    """What the caller may do with a version."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(operations.of_version(row, call.person))


@router.api_route(SCOPE + "/documents/{document}/download", methods=["GET", "HEAD"])
@router.api_route(SCOPE + "/documents/{document}/download/{file_name}", methods=["GET", "HEAD"])
async def download(call: Asks, document: str) -> Response:
    """A version's bytes; with ``version=2`` (or ``v2``) that one's, with ``latest=true`` the last one's. The history
    tells it as a view, or with ``activity=export`` as an export; ``HEAD`` gives the length and writes nothing.
    A file's name at the end is the client's own affair."""
    number, version = document_of(document)
    if asked := _VERSION.fullmatch(call.asked.text("version") or ""):
        version = int(asked[1])
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        if call.asked.flag("latest"):
            row = await rights.document(connection, call.person, number, None)
    export = (call.asked.text("activity") or "").lower() in ("export", "download")
    return await deliver(call, row, "EXPORT" if export else "VIEW")


# ---------------------------------------------------------------- what programs keep


@router.get(SCOPE + "/documents/{document}/name-value-pairs")
async def read_pairs(call: Asks, document: str) -> Response:
    """What programs keep about a version, by name."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(await pairs.read(connection, row))


@router.post(SCOPE + "/documents/{document}/name-value-pairs")
@router.patch(SCOPE + "/documents/{document}/name-value-pairs")
async def write_pairs(call: Asks, document: str) -> Response:
    """Keeps the body's values by their names, besides those that are kept; a null takes one away."""
    number, version = document_of(document)
    changed = pairs.checked(await call.body())
    async with call.acting() as act:
        row = await edits.changeable(act, number, version, Action.CHANGE_PROFILE)
        await pairs.write(act, row, changed)
        return answer(await pairs.read(act.connection, row))
