"""What happened to a document, and what programs did with it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ...rules.authorization import Action
from ...wire.work import ACTIVITY_CODES, PREVIEW
from ..database.tables import history, users
from ..library import rights
from ..library.ids import document_of
from ..library.problems import invalid, invalid_profile
from ..library.routing import LanedRoute
from . import profile, serializers
from .call import SCOPE, Call, CallDep, answer, listing, whole
from .pages import Order, QueryPart, page_of

router = APIRouter(route_class=LanedRoute)

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
#: Activities that a program may report; all others are recorded by the action itself.
_MAY_BE_ADDED = ("VIEW", "EXPORT", "PRINT", "MAIL", "COPYDOC", *_FILTERS["share"])
_MAX_DURATION = 10**9
_DESCRIPTIONS = {
    "NEWDOCUMENT": "Created",
    "NEWDOCVER": "New version",
    "PROFILEEDIT": "Profile changed",
    "SECURITYCHANGE": "Security changed",
    "CHECKOUT": "Checked out",
    "CHECKIN": "Checked in",
    "RELEASE": "Released",
    "VIEW": "Viewed",
    "EXPORT": "Exported",
    PREVIEW: "Previewed",
    "MODIFY": "Changed",
    "MAIL": "E-mailed",
    "COPYDOC": "Copied",
    "PRINT": "Printed",
    "SHARED": "Shared",
    "SHARE_EXPIRATION_MODIFIED": "Expiry of share changed",
    "SHARE_REVOKED": "Share revoked",
    "DELETE": "Deleted",
    "RESTORE": "Restored",
}


@router.get(SCOPE + "/documents/{document}/history")
async def read_history(call: CallDep, document: str) -> Response:
    """The history of a version, or with ``all_versions=true`` of all versions, latest first."""
    parameters = call.parameters

    async def read_page(connection: AsyncConnection) -> Response:
        query = await _filtered(call, connection, document, select(history))
        if text := parameters.text("user"):
            query = query.where(history.c.user == text.upper())
        if (start := parameters.moment("activity_date_start")) is not None:
            query = query.where(history.c.at >= start)
        if (end := parameters.moment("activity_date_end")) is not None:
            query = query.where(history.c.at <= end)
        order = Order("history", ("at", "id"), descending=True)
        part = QueryPart(connection, query, order, (history.c.at, history.c.id))
        found = await page_of([part], parameters.paging)
        facts = await call.facts(connection, found.rows)
        return await listing((serializers.activity(row, facts) for row in found.rows), found)

    return await call.run_in_lane(read_page)


@router.get(SCOPE + "/documents/{document}/history/activities")
async def activities(call: CallDep, document: str) -> Response:
    """How often each activity happened."""
    async with call.reading() as connection:
        query = (
            select(history.c.activity, func.count()).group_by(history.c.activity).order_by(history.c.activity)
        )
        rows = await connection.execute(await _filtered(call, connection, document, query))
        found = [
            {"alias": name, "count": count, "description": _DESCRIPTIONS.get(name, name.title())}
            for name, count in rows
        ]
    return await whole(call, found)


@router.get(SCOPE + "/documents/{document}/history/users")
async def history_users(call: CallDep, document: str) -> Response:
    """Who did something with the document, and how often."""
    async with call.reading() as connection:
        query = select(history.c.user, func.count()).group_by(history.c.user).order_by(history.c.user)
        rows = (await connection.execute(await _filtered(call, connection, document, query))).all()
        known = select(users).where(
            users.c.name.in_([name for name, _ in rows]), users.c.removed_at.is_(None)
        )
        people = {row.name: row for row in await connection.execute(known)}
        found = [serializers.user(name, people.get(name)) | {"activity_count": count} for name, count in rows]
    return await whole(call, found)


async def _filtered(call: Call, connection: Any, document: str, query: Select[Any]) -> Select[Any]:
    """``query`` on the history of the version, or with ``all_versions=true`` of all versions, filtered by ``activity``.

    Raises :class:`NotFound`, and :class:`BadRequest` for an unknown filter.
    """
    number, version = document_of(document)
    kind = (call.parameters.text("activity") or "all").lower()
    if kind != "all" and kind not in _FILTERS:
        raise invalid("activity", f"activity must be one of all, {', '.join(_FILTERS)}.")
    row = await rights.document(connection, call.person, number, version)
    query = query.where(history.c.number == number)
    if not call.parameters.flag("all_versions"):
        query = query.where(history.c.version == row.version)
    return query if kind == "all" else query.where(history.c.activity.in_(_FILTERS[kind]))


@router.post(SCOPE + "/documents/{document}/history")
async def add_history(call: CallDep, document: str) -> Response:
    """Record what a program did with a version: ``activity_code`` or ``activity``, ``comments``, ``duration``.

    Activities that only an action itself may record (a new version, a check-out) are refused.
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
        raise invalid_profile("activity_code", f"A program can only add {', '.join(_MAY_BE_ADDED)}.")
    if not isinstance(duration, int | float) or not 0 <= duration <= _MAX_DURATION:
        duration = 0
    async with call.acting() as act:
        row = await rights.document(act.connection, call.person, number, version, Action.NOTE_HISTORY)
        await act.note(row.number, row.version, activity, comments=comments, duration=int(duration))
    return answer({"activity": activity, "activity_code": ACTIVITY_CODES[activity]}, 201)
