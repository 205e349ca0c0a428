"""A document: profile, versions, where it is, and its history."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import select

from ...wire.work import ACTIVITY_CODES
from ..database.tables import documents, history, versions
from . import profile, rights, shapes
from .call import SCOPE, Asks, answer, listing
from .delivery import deliver
from .errors import invalid, invalid_profile
from .ids import document_of
from .pages import Order, QueryPart, page_of

router = APIRouter()

#: The protocol's filters of a history, and the stored activities behind them.
_FILTERS = {
    "copy": ("COPYDOC",),
    "download": ("EXPORT",),
    "edit": ("NEWDOCUMENT", "NEWDOCVER", "MODIFY"),
    "email": ("MAIL",),
    "print": ("PRINT",),
    "share": ("SHARED", "SHARE_EXPIRATION_MODIFIED", "SHARE_REVOKED"),
    "version": ("NEWDOCVER",),
    "view": ("VIEW",),
}
#: What a program may say that it did; all else is written by the act itself.
_MAY_BE_ADDED = ("VIEW", "EXPORT", "PRINT", "MAIL", "COPYDOC", *_FILTERS["share"])
_MAX_DURATION = 10**9


@router.get(SCOPE + "/documents/{document}")
async def one_document(call: Asks, document: str) -> Response:
    """A version's profile."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        facts = await call.facts(connection, [row])
        shown = shapes.document(row, facts, latest=bool(call.asked.flag("is_latest")))
        if call.asked.flag("include_operations"):
            shown["operations"] = shapes.operations(row, call.person)
        return answer(shown)


@router.get(SCOPE + "/documents/{document}/versions")
async def all_versions(call: Asks, document: str) -> Response:
    """All versions of a document, newest first."""
    number, version = document_of(document)
    async with call.reading() as connection:
        await rights.document(connection, call.person, number, version)
        query = rights.documents_query(call.person, latest=False).where(documents.c.number == number)
        order = Order("version", ("version",), descending=True)
        part = QueryPart(connection, query, order, (versions.c.version,))
        found = await page_of([part], call.asked.paging)
        facts = await call.facts(connection, found.rows)
        latest = bool(call.asked.flag("is_latest"))
        return listing([shapes.document(row, facts, latest=latest) for row in found.rows], found)


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
        return answer(shapes.operations(row, call.person))


@router.api_route(SCOPE + "/documents/{document}/download", methods=["GET", "HEAD"])
async def download(call: Asks, document: str) -> Response:
    """A version's bytes, or with ``latest=true`` the last one's. The history tells it as a view, or with
    ``activity=export`` as an export; ``HEAD`` gives the length and writes nothing."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        if call.asked.flag("latest"):
            row = await rights.document(connection, call.person, number, None)
    export = (call.asked.text("activity") or "").lower() in ("export", "download")
    return await deliver(call, row, "EXPORT" if export else "VIEW")


# ---------------------------------------------------------------- history


@router.get(SCOPE + "/documents/{document}/history")
async def read_history(call: Asks, document: str) -> Response:
    """What happened to a version, or with ``all_versions=true`` to all of them, the latest first."""
    asked = call.asked
    number, version = document_of(document)
    kind = (asked.text("activity") or "all").lower()
    if kind != "all" and kind not in _FILTERS:
        raise invalid("activity", f"activity is one of all, {', '.join(_FILTERS)}.")
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        query = select(history).where(history.c.number == number)
        if not asked.flag("all_versions"):
            query = query.where(history.c.version == row.version)
        if kind != "all":
            query = query.where(history.c.activity.in_(_FILTERS[kind]))
        if text := asked.text("user"):
            query = query.where(history.c.user == text.upper())
        if (start := asked.moment("activity_date_start")) is not None:
            query = query.where(history.c.at >= start)
        if (end := asked.moment("activity_date_end")) is not None:
            query = query.where(history.c.at <= end)
        order = Order("history", ("at", "id"), descending=True)
        part = QueryPart(connection, query, order, (history.c.at, history.c.id))
        found = await page_of([part], asked.paging)
        facts = await call.facts(connection, found.rows)
        return listing([shapes.activity(row, facts) for row in found.rows], found)


@router.post(SCOPE + "/documents/{document}/history")
async def add_history(call: Asks, document: str) -> Response:
    """Adds what a program did with a version: ``activity_code`` or ``activity``, ``comments``, ``duration``.

    What only an act itself may write (a new version, a check-out) is refused.
    """
    number, version = document_of(document)
    body = await call.body()
    comments = profile.text(body, "comments", profile.MAX_COMMENT)
    names = {code: name for name, code in ACTIVITY_CODES.items()}
    code, duration = body.get("activity_code"), body.get("duration")
    activity = (profile.text(body, "activity") or "").upper()
    if not activity and isinstance(code, int):
        activity = names.get(code, "")
    if activity not in _MAY_BE_ADDED:
        raise invalid_profile("activity_code", f"A program can add one of {', '.join(_MAY_BE_ADDED)}.")
    if not isinstance(duration, int | float) or not 0 <= duration <= _MAX_DURATION:
        duration = 0
    async with call.acting() as act:
        row = await rights.document(act.connection, call.person, number, version)
        await act.note(row.number, row.version, activity, comments=comments, duration=int(duration))
    return answer({"activity": activity, "activity_code": ACTIVITY_CODES[activity]}, 201)
