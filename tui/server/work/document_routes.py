"""Changing a document: its profile, who may see it, moving it and deleting it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from ...rules.authorization import Action
from ...rules.errors import NotFound
from ..library import document_service, move_rules, rights
from ..library.ids import container_of, document_of
from ..library.problems import invalid_profile
from ..library.routing import LanedRoute
from ..library.security import secure_document
from ..library.types import type_of
from . import profile, serializers
from .call import SCOPE, Call, CallDep, answer
from .serializers import Json

router = APIRouter(route_class=LanedRoute)

_MAX_WORD = 32
_MAX_CLASS = 64
_MAX_PERSON = 255


@router.patch(SCOPE + "/documents/{document}")
async def patch(call: CallDep, document: str) -> Response:
    """Change a version's profile and who may see the document; what the body omits stays unchanged."""
    number, version = document_of(document)
    body = await call.body()
    fields = profile.document_profile(body)
    changed = _columns(fields)
    security = profile.security(fields, "") if profile.text(fields, "default_security") else None
    async with call.acting() as act:
        trustees = await profile.trustees_given(act.connection, body)
        with_place = security is not None
        row = await document_service.changeable(
            act, number, version, Action.CHANGE_PROFILE, with_place=with_place
        )
        await document_service.change_profile(act, row, changed)
        await secure_document(act, row, security, trustees)
    return await _shown(call, number, row.version)


def _columns(fields: Any) -> dict[str, Any]:
    """The columns of a version that a profile sets. Raises :class:`BadRequest`."""
    changed: dict[str, Any] = {}
    if "name" in fields:
        changed["name"] = profile.name(fields)
    if "extension" in fields:
        changed["extension"] = (profile.text(fields, "extension", _MAX_WORD) or "").strip(". ").lower()
        changed["type"] = type_of(changed["extension"])[:_MAX_WORD]
    for field, max_length in (("type", _MAX_WORD), ("class", _MAX_CLASS), ("author", _MAX_PERSON)):
        if value := profile.text(fields, field, max_length):
            changed[field] = value.upper()
    # An empty comment removes it.
    for field in ("comments", "comment"):
        if isinstance(fields.get(field), str):
            changed["comment"] = profile.text(fields, field, profile.MAX_COMMENT)
    return changed


@router.delete(SCOPE + "/documents/{document}")
async def remove(call: CallDep, document: str) -> Response:
    """Move one version to the trash; a document is deleted with its last version."""
    number, version = document_of(document)
    async with call.acting() as act:
        row = await document_service.changeable(act, number, version, Action.DELETE_VERSION)
        await document_service.delete_version(act, row)
    # Not 204: one client counts only responses with status 200.
    return answer({})


@router.post(SCOPE + "/folders/{folder}/documents/{document}/move")
async def move(call: CallDep, folder: str, document: str) -> Response:
    """Move a document out of the folder into ``destination_folder_id`` (or ``destination_id``)."""
    number, version = document_of(document)
    body = await call.body()
    target = destination(body)
    audit = body.get("audit")
    comments = profile.text(audit, "comments", profile.MAX_COMMENT) if isinstance(audit, dict) else None
    async with call.acting() as act:
        to = await move_rules.into(act.connection, act.person, target, Action.MOVE_DOCUMENT)
        row = await document_service.changeable(act, number, version, Action.MOVE_DOCUMENT, with_place=True)
        if row.parent != container_of(folder):
            raise invalid_profile("folder", "The document isn't in that folder. Check its path.")
        await document_service.move_document(act, row, to, comments)
    return await _shown(call, number, row.version)


def destination(body: Json) -> int:
    """The destination container of a move. Raises :class:`BadRequest`, :class:`NotFound`."""
    text = profile.text(body, "destination_folder_id") or profile.text(body, "destination_id")
    if text is None:
        raise invalid_profile("destination_folder_id", "destination_folder_id is missing.")
    return container_of(text)


@router.get(SCOPE + "/documents/{document}/security")
async def document_security(call: CallDep, document: str) -> Response:
    """Who may see a document: its ``default_security`` and its trustees."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(await serializers.trustees(connection, row), default_security=row.default_security)


async def _shown(call: Call, number: int, version: int) -> Response:
    async with call.reading() as connection:
        try:
            row = await rights.document(connection, call.person, number, version)
        except NotFound:
            # The change was made, though the caller has just lost access.
            return Response(status_code=204)
        return answer(serializers.document(row, await call.facts(connection, [row])))
