"""Changing a document: its profile, who sees it, where it is, and its way to the trash."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from ...rules.authorization import Action
from ...rules.errors import NotFound
from ..library import edits, placing, rights
from ..library.ids import container_of, document_of
from ..library.problems import invalid_profile
from ..library.security import secure_document
from ..library.types import type_of
from . import profile, shapes
from .call import SCOPE, Asks, Call, answer
from .shapes import Json

router = APIRouter()

_MAX_WORD = 32
_MAX_CLASS = 64
_MAX_PERSON = 255


@router.patch(SCOPE + "/documents/{document}")
async def patch(call: Asks, document: str) -> Response:
    """Changes a version's profile, and who sees the document; what the body leaves out stays as it is."""
    number, version = document_of(document)
    body = await call.body()
    said = profile.said(body)
    changed = _columns(said)
    security = profile.security(said, "") if profile.text(said, "default_security") else None
    async with call.acting() as act:
        trustees = await profile.trustees_given(act.connection, body)
        with_place = security is not None
        row = await edits.changeable(act, number, version, Action.CHANGE_PROFILE, with_place=with_place)
        await edits.change_profile(act, row, changed)
        await secure_document(act, row, security, trustees)
    return await _shown(call, number, row.version)


def _columns(said: Any) -> dict[str, Any]:
    """The columns of a version that a profile speaks of. Raises :class:`BadRequest`."""
    changed: dict[str, Any] = {}
    if "name" in said:
        changed["name"] = profile.name(said)
    if "extension" in said:
        changed["extension"] = (profile.text(said, "extension", _MAX_WORD) or "").strip(". ").lower()
        changed["type"] = type_of(changed["extension"])[:_MAX_WORD]
    for field, most in (("type", _MAX_WORD), ("class", _MAX_CLASS), ("author", _MAX_PERSON)):
        if value := profile.text(said, field, most):
            changed[field] = value.upper()
    # An empty comment takes it away.
    for field in ("comments", "comment"):
        if isinstance(said.get(field), str):
            changed["comment"] = profile.text(said, field, profile.MAX_COMMENT)
    return changed


@router.delete(SCOPE + "/documents/{document}")
async def remove(call: Asks, document: str) -> Response:
    """Moves one version to the trash; with its last one a document is gone."""
    number, version = document_of(document)
    async with call.acting() as act:
        row = await edits.changeable(act, number, version, Action.DELETE_VERSION)
        await edits.delete_version(act, row)
    # Not 204: there is a client that counts what was answered with 200.
    return answer({})


@router.post(SCOPE + "/folders/{folder}/documents/{document}/move")
async def move(call: Asks, folder: str, document: str) -> Response:
    """Moves a document out of the folder into ``destination_folder_id`` (or ``destination_id``)."""
    number, version = document_of(document)
    body = await call.body()
    place = destination(body)
    audit = body.get("audit")
    comments = profile.text(audit, "comments", profile.MAX_COMMENT) if isinstance(audit, dict) else None
    async with call.acting() as act:
        to = await placing.into(act.connection, act.person, place, Action.MOVE_DOCUMENT)
        row = await edits.changeable(act, number, version, Action.MOVE_DOCUMENT, with_place=True)
        if row.parent != container_of(folder):
            raise invalid_profile("folder", "The document is not in that folder; see where it is.")
        await edits.move_document(act, row, to, comments)
    return await _shown(call, number, row.version)


def destination(body: Json) -> int:
    """The container that something is to be moved into. Raises :class:`BadRequest`, :class:`NotFound`."""
    text = profile.text(body, "destination_folder_id") or profile.text(body, "destination_id")
    if text is None:
        raise invalid_profile("destination_folder_id", "destination_folder_id says where to, and is missing.")
    return container_of(text)


@router.get(SCOPE + "/documents/{document}/security")
async def document_security(call: Asks, document: str) -> Response:
    """Who sees a document: its ``default_security`` beside the people who may do more."""
    number, version = document_of(document)
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        return answer(await shapes.trustees(connection, row), default_security=row.default_security)


async def _shown(call: Call, number: int, version: int) -> Response:
    async with call.reading() as connection:
        try:
            row = await rights.document(connection, call.person, number, version)
        except NotFound:
            # Whoever has just shut themselves out has still done it.
            return Response(status_code=204)
        return answer(shapes.document(row, await call.facts(connection, [row])))
