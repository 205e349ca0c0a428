"""Uploading documents and versions into the library."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response
from sqlalchemy import Row

from ...rules.authorization import Action, Role
from ...rules.errors import TooLarge
from ..library import document_service, rights
from ..library.actions import ActingPerson, add_version, create_document
from ..library.emails import EXTENSIONS, email_in
from ..library.ids import container_of, document_of
from ..library.model import NewVersion
from ..library.problems import checked_out_by, invalid_profile
from ..library.routing import LanedRoute, change_lane, in_lane
from ..library.types import DEFAULT_CLASS, extension_of, type_of
from ..limits.query_limits import Lane
from . import profile, serializers
from .call import SCOPE, Call, CallDep, answer
from .multipart import MAX_PROFILE, MultipartUpload, receive

router = APIRouter(route_class=LanedRoute)

# Bytes that are received without checking first whether they may be added.
_SMALL = 64 * 1024
_MAX_WORD = 32
_MAX_CLASS = 64
_MAX_PERSON = 255


@router.post(SCOPE + "/folders/{folder}/documents")
@in_lane(Lane.TRANSFERS)
async def new_document(call: CallDep, folder: str) -> Response:
    """Upload a new document into a folder or a workspace."""
    parent = container_of(folder)
    if _is_large(call):
        # Before a large body is received; for a small one, the check on adding it is soon enough.
        async with call.reading() as connection:
            await rights.container(connection, call.person, parent, Action.CREATE_DOCUMENT, Role.DESTINATION)
    upload = await _receive_upload(call)
    try:
        fields = profile.document_profile(upload.profile)
        version = await _version(call, upload, fields, None)
        security = profile.security(fields, "inherit")
        async with call.acting() as act:
            number = await create_document(
                act,
                parent,
                version,
                security=security,
                trustees=await profile.trustees(act.connection, upload.profile),
                keep_locked=profile.flag(upload.profile, "keep_locked"),
            )
    except BaseException:
        await _delete_bytes(call, upload)
        raise
    return await _document_response(call, number, 1)


@router.post(SCOPE + "/documents/{document}/versions")
@in_lane(Lane.TRANSFERS)
async def new_version(call: CallDep, document: str) -> Response:
    """Upload a new version of a document, based on the version in the id; its number is the greatest plus one."""
    number, version = document_of(document)
    async with call.reading() as connection:
        base = await rights.document(connection, call.person, number, version, Action.ADD_VERSION)
    if rights.checked_out_by_another(base, call.person):
        raise checked_out_by(base.checked_out_by)
    upload = await _receive_upload(call)
    try:
        async with call.acting() as act:
            latest = await _add(act, call, upload, number, version)
    except BaseException:
        await _delete_bytes(call, upload)
        raise
    return await _document_response(call, number, latest)


async def _add(
    act: ActingPerson, call: Call, upload: MultipartUpload, number: int, version: int | None
) -> int:
    base = await document_service.changeable(act, number, version, Action.ADD_VERSION)
    new = await _version(call, upload, profile.document_profile(upload.profile), base)
    return await add_version(act, base, new, keep_locked=profile.flag(upload.profile, "keep_locked"))


@router.put(SCOPE + "/documents/{document}/file")
@in_lane(Lane.TRANSFERS)
async def replace_file(call: CallDep, document: str) -> Response:
    """Replace a version's content with an upload."""
    number, version = document_of(document)
    async with call.reading() as connection:
        base = await rights.document(connection, call.person, number, version, Action.REPLACE_CONTENT)
    if rights.checked_out_by_another(base, call.person):
        raise checked_out_by(base.checked_out_by)
    upload = await _receive_upload(call)
    try:
        async with call.acting() as act:
            row = await document_service.changeable(act, number, base.version, Action.REPLACE_CONTENT)
            new = await _version(call, upload, profile.document_profile(upload.profile), row)
            keep_locked = profile.flag(upload.profile, "keep_locked")
            await document_service.replace_content(act, row, new, keep_locked=keep_locked)
    except BaseException:
        await _delete_bytes(call, upload)
        raise
    return await _document_response(call, number, base.version, 200)


async def _receive_upload(call: Call) -> MultipartUpload:
    """Receive the upload. Raises what :func:`.multipart.receive` does, and :class:`NoRoom` if it exceeds the person's
    quota: before any bytes are received, if the request declares its length. What follows is in the light lane."""
    quotas, max_size = call.context.quotas, call.context.settings.max_upload
    declared = _declared(call)
    left = await quotas.left(call.person.name, max_size if declared is None else min(declared, max_size))
    if declared is not None and declared - MAX_PROFILE > left:
        raise quotas.full()
    try:
        upload = await receive(call.request, call.context.blobs, min(max_size, max(left, declared or 0)))
    except TooLarge:
        if left < max_size and (declared is None or declared <= max_size):
            raise quotas.full() from None
        raise
    try:
        await quotas.take(call.person.name, upload.size)
        # Adding what was received costs as much as any other change, and many can have been received together.
        await change_lane(call.request, call.person, Lane.LIGHT)
    except BaseException:
        await _delete_bytes(call, upload)
        raise
    return upload


def _declared(call: Call) -> int | None:
    length = call.request.headers.get("content-length", "")
    return int(length) if length.isdecimal() and len(length) < 19 else None


def _is_large(call: Call) -> bool:
    declared = _declared(call)
    return declared is None or declared > _SMALL


async def _delete_bytes(call: Call, upload: MultipartUpload) -> None:
    with suppress(OSError):
        await call.context.blobs.delete(upload.key)


async def _document_response(call: Call, number: int, version: int, status: int = 201) -> Response:
    async with call.reading() as connection:
        row = await rights.document(connection, call.person, number, version)
        shown = serializers.document(row, await call.facts(connection, [row]))
    return answer(shown, status, warnings=[])


async def _version(
    call: Call, upload: MultipartUpload, fields: Mapping[str, Any], base: Row[Any] | None
) -> NewVersion:
    """The version that an upload makes; what its profile omits is taken from ``base`` or from the file's name.

    Raises :class:`BadRequest` for an invalid field, and for a checksum that doesn't match.
    """
    _check_sum(upload, fields)
    stem, extension = _names(upload, fields, base)
    alias = (profile.text(fields, "type", _MAX_WORD) or "").upper()
    kind = (profile.text(fields, "class", _MAX_CLASS) or "").upper()
    author = (profile.text(fields, "author", _MAX_PERSON) or "").upper()
    audit = upload.profile.get("audit")
    comment = profile.text(audit, "comments", profile.MAX_COMMENT) if isinstance(audit, Mapping) else None
    now = call.context.clock()
    return NewVersion(
        name=stem,
        extension=extension,
        type=alias or type_of(extension)[:_MAX_WORD],
        document_class=kind or (base._mapping["class"] if base is not None else DEFAULT_CLASS),
        author=author or (base.author if base is not None else call.person.name),
        operator=call.person.name,
        size=upload.size,
        sha256=upload.sha256,
        blob=upload.key,
        created_at=now,
        edited_at=now,
        comment=profile.text(fields, "comment", profile.MAX_COMMENT) or comment,
        file_created_at=profile.date(fields, "file_create_date"),
        file_edited_at=profile.date(fields, "file_edit_date"),
        email=await email_in(call.context.blobs, upload.key, upload.size)
        if extension in EXTENSIONS
        else None,
    )


def _names(upload: MultipartUpload, fields: Mapping[str, Any], base: Row[Any] | None) -> tuple[str, str]:
    file_stem, dot, file_extension = upload.file_name.rpartition(".")
    if not dot:
        file_stem, file_extension = upload.file_name, ""
    alias = profile.text(fields, "type", _MAX_WORD) or ""
    extension = (profile.text(fields, "extension", _MAX_WORD) or "").strip(". ").lower()
    extension = extension or profile.text({"file": file_extension.lower()}, "file", _MAX_WORD) or ""
    extension = extension or extension_of(alias) or (base.extension if base is not None else "")
    stem = profile.text(fields, "name") or (base.name if base is not None else None)
    stem = stem or profile.text({"name": file_stem}, "name")
    if stem is None:
        raise invalid_profile("name", "A name is required, in the profile or as the file name.")
    return stem, extension


def _check_sum(upload: MultipartUpload, fields: Mapping[str, Any]) -> None:
    kind, _, digits = (profile.text(fields, "checksum") or "").rpartition(":")
    known = kind.upper().replace("-", "") in ("", "SHA256") and len(digits) == len(upload.sha256)
    if known and digits.lower() != upload.sha256:
        raise invalid_profile("checksum", "The received file has a different checksum. Send it again.")
