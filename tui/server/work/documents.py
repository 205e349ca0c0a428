"""A document: its profile, versions, path and content."""

from __future__ import annotations

import re

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...wire.work import PREVIEW
from ..database.tables import documents, versions
from ..library import document_service, rights
from ..library.ids import document_of
from ..library.routing import LanedRoute
from . import operations, pairs, serializers
from .call import SCOPE, CallDep, answer, listing
from .delivery import deliver
from .pages import Order, QueryPart, page_of

router = APIRouter(route_class=LanedRoute)

#: What the history records of a download, by its parameter ``activity``; a view without one.
_ACTIVITIES = {"export": "EXPORT", "download": "EXPORT", "preview": PREVIEW}
_VERSION = re.compile(r"[vV]?([0-9]{1,9})")


@router.get(SCOPE + "/documents/{document}")
async def one_document(call: CallDep, document: str) -> Response:
    """A version's profile."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        facts = await call.facts(connection, [row])
        shown = serializers.document(row, facts, latest=bool(call.parameters.flag("is_latest")))
        if call.parameters.flag("include_operations"):
            shown["operations"] = operations.of_version(row, call.person)
        return answer(shown)


@router.get(SCOPE + "/documents/{document}/versions")
@router.get(SCOPE + "/documents/{document}/history/versions")
async def all_versions(call: CallDep, document: str) -> Response:
    """All versions of a document, newest first."""
    number, version = document_of(document)

    async def read_page(connection: AsyncConnection) -> Response:
        await rights.document(connection, call.person, number, version)
        query = rights.documents_query(call.person, latest=False).where(documents.c.number == number)
        order = Order("version", ("version",), descending=True)
        part = QueryPart(connection, query, order, (versions.c.version,))
        found = await page_of([part], call.parameters.paging)
        facts = await call.facts(connection, found.rows)
        latest = bool(call.parameters.flag("is_latest"))
        return await listing((serializers.document(row, facts, latest=latest) for row in found.rows), found)

    return await call.run_in_lane(read_page)


@router.get(SCOPE + "/documents/{document}/path")
async def document_path(call: CallDep, document: str) -> Response:
    """The paths to a document: in this library a single one, its containers from the outermost in."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        path = await rights.way_to(connection, call.person, row.parent)
        facts = await call.facts(connection, path)
        return answer([[serializers.container(step, facts) for step in path]])


@router.get(SCOPE + "/documents/{document}/operations")
async def document_operations(call: CallDep, document: str) -> Response:
    """What the caller may do with a version."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(operations.of_version(row, call.person))


@router.api_route(SCOPE + "/documents/{document}/download", methods=["GET", "HEAD"])
@router.api_route(SCOPE + "/documents/{document}/download/{file_name}", methods=["GET", "HEAD"])
async def download(call: CallDep, document: str) -> Response:
    """A version's content; ``version=2`` (or ``v2``) chooses another version, ``latest=true`` the latest.

    The history records a view, or with ``activity=export`` an export; with ``activity=preview`` it records a preview,
    once a person, version and day, and the version doesn't count as used. ``HEAD`` returns the length and records
    nothing.
    A file name at the end of the path is ignored.
    """
    number, version = document_of(document)
    if match := _VERSION.fullmatch(call.parameters.text("version") or ""):
        version = int(match[1])
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        if call.parameters.flag("latest"):
            row = await rights.document(connection, call.person, number, None)
    asked = (call.parameters.text("activity") or "").lower()
    return await deliver(call, row, _ACTIVITIES.get(asked, "VIEW"))


# ---------------------------------------------------------------- name-value pairs


@router.get(SCOPE + "/documents/{document}/name-value-pairs")
async def read_pairs(call: CallDep, document: str) -> Response:
    """A version's name-value pairs."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(await pairs.read(connection, row))


@router.post(SCOPE + "/documents/{document}/name-value-pairs")
@router.patch(SCOPE + "/documents/{document}/name-value-pairs")
async def write_pairs(call: CallDep, document: str) -> Response:
    """Add or change the name-value pairs in the body; a null removes one, and the others stay."""
    number, version = document_of(document)
    changed = pairs.checked(await call.body())
    async with call.acting() as act:
        row = await document_service.changeable(act, number, version, Action.CHANGE_PROFILE)
        await pairs.write(act, row, changed)
        return answer(await pairs.read(act.connection, row))
