"""Checking a version out, with or without its content, and releasing it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from ...rules.authorization import Action
from ..library import rights
from ..library.actions import check_out, release
from ..library.ids import document_of
from ..library.routing import LanedRoute
from . import profile, serializers
from .call import SCOPE, Call, CallDep, answer
from .delivery import deliver
from .serializers import Json

router = APIRouter(route_class=LanedRoute)


@router.post(SCOPE + "/documents/{document}/checkout")
async def take(call: CallDep, document: str) -> Response:
    """Check a version out for the caller, and return its content."""
    await _take(call, document)
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
    return await deliver(call, row, "VIEW")


@router.post(SCOPE + "/documents/{document}/lock")
async def lock(call: CallDep, document: str) -> Response:
    """Check a version out for the caller, and return its profile."""
    await _take(call, document)
    return answer(await _shown(call, document))


@router.delete(SCOPE + "/documents/{document}/lock")
async def unlock(call: CallDep, document: str) -> Response:
    """End the caller's check-out of a version."""
    number, version = document_of(document)
    async with call.acting() as act:
        row = await rights.document(act.connection, call.person, number, version, Action.RELEASE)
        await release(act, row)
    return answer(await _shown(call, document))


async def _take(call: Call, document: str) -> None:
    number, version = document_of(document)
    body = await call.body()
    due, path = profile.date(body, "due_date"), profile.text(body, "path", profile.MAX_COMMENT)
    comment = profile.text(body, "comments", profile.MAX_COMMENT)
    async with call.acting() as act:
        row = await rights.document(act.connection, call.person, number, version, Action.CHECK_OUT)
        await check_out(act, row, due=due, path=path, comment=comment)


async def _shown(call: Call, document: str) -> Json:
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return serializers.document(row, await call.facts(connection, [row]))
