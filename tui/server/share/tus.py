"""The addresses of uploads: tus 1.0.0 with creation, creation-with-upload, expiration, checksum, termination."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Coroutine
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from sqlalchemy import Row
from starlette.requests import ClientDisconnect

from ...rules.errors import Failed, Problem
from ..context import context_of
from ..http.bodies import media_type
from . import uploads
from .answers import SIGNED_IN, WrongType, problem_answer, problems
from .caller import By, Caller, well_formed
from .uploads import ALGORITHMS, BadHeader, Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
#: Ours: whether all that has arrived is right, and going back to where it was.
PREFIX_DIGEST, TRUNCATE = "Upload-Prefix-Digest", "Upload-Truncate"
_TYPE = "application/offset+octet-stream"
_PREFIX = "/share/v1/uploads"
_MAX_METADATA = 8192
_NUMBER = re.compile(r"\d{1,18}", re.ASCII)
_KEY = re.compile(r"[!-+\--~]+", re.ASCII)
_NO_STORE = {"Cache-Control": "no-store"}
_SIZES = {"sha256": 32, "sha1": 20}


class _WrongVersion(Failed):
    """The client speaks another version of tus."""

    http_status = 412


class _TusRoute(APIRoute):
    """Checks the version, and says it in every answer, errors included."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def tus(request: Request) -> Response:
            try:
                if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                    raise _WrongVersion("tus.version", f"Send the header Tus-Resumable: {VERSION}.")
                answer = await handler(request)
            except Problem as error:
                answer = problem_answer(error.http_status, error)
                if error.http_status == 412:
                    answer.headers["Tus-Version"] = VERSION
            except ClientDisconnect:
                # Nobody is there to read it; what arrived is kept.
                answer = Response(status_code=400)
            answer.headers["Tus-Resumable"] = VERSION
            return answer

        return tus


router = APIRouter(prefix="/uploads", route_class=_TusRoute)


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not _NUMBER.fullmatch(text):
        raise BadHeader("upload.header", f"The header {name} is a whole number from zero on.")
    return int(text)


def metadata_of(text: str) -> dict[str, bytes]:
    """The pairs of ``Upload-Metadata``. Raises :class:`BadHeader` where it cannot be read."""
    wrong = BadHeader(
        "upload.metadata", "The header Upload-Metadata holds pairs of a key and a value in Base64."
    )
    pairs: dict[str, bytes] = {}
    if len(text) > _MAX_METADATA:
        raise BadHeader("upload.metadata", f"The header Upload-Metadata is over {_MAX_METADATA:,} bytes.")
    for part in text.split(",") if text.strip() else ():
        key, _, value = part.strip().partition(" ")
        if not _KEY.fullmatch(key) or key in pairs:
            raise wrong
        try:
            pairs[key] = base64.b64decode(value.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise wrong from None
    return pairs


def _chosen_id(value: bytes | None) -> str | None:
    """The id that a client has chosen. Raises :class:`BadHeader` where it can be none."""
    if value is None:
        return None
    text = value.decode("ascii", "replace")
    if not well_formed(text):
        raise BadHeader("upload.id", "An upload's own id is 32 digits of lower-case hexadecimal.")
    return text


def _checksum(request: Request) -> Checksum | None:
    text = request.headers.get("upload-checksum")
    if text is None:
        return None
    algorithm, _, encoded = text.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        raise BadHeader("upload.algorithm", f"The checksum can be one of {', '.join(ALGORITHMS)}.")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != _SIZES[algorithm]:
        raise BadHeader("upload.checksum_form", "The checksum is no digest in Base64.")
    return Checksum(algorithm, digest)


def _is_content(request: Request) -> bool:
    return media_type(request) == _TYPE


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _facts(upload: Row[Any]) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


async def _receive(
    by: Caller, request: Request, upload: Row[Any], offset: int, checksum: Checksum | None
) -> dict[str, str]:
    """Takes the body, and answers what is to be said of it."""
    length = request.headers.get("content-length", "")
    received = await uploads.receive(
        by,
        upload,
        offset,
        request.stream(),
        int(length) if _NUMBER.fullmatch(length) else None,
        checksum,
        truncate=_wants(request, TRUNCATE, "1"),
        digest=_wants(request, PREFIX_DIGEST, "sha256"),
    )
    return {"Upload-Offset": str(received), **await _prefix_digest(by, request, upload, received)}


def _wants(request: Request, name: str, value: str) -> bool:
    text = request.headers.get(name)
    if text is not None and text.strip() != value:
        raise BadHeader("upload.header", f"The header {name} can only be {value}.")
    return text is not None


async def _prefix_digest(by: Caller, request: Request, upload: Row[Any], offset: int) -> dict[str, str]:
    """The digest of all bytes up to ``offset``, where it is asked for and quickly told."""
    if not _wants(request, PREFIX_DIGEST, "sha256"):
        return {}
    length, digest = await uploads.prefix(by, upload)
    if digest is None or length != offset:
        return {}
    return {PREFIX_DIGEST: f"sha256 {base64.b64encode(digest).decode()}"}


# ---------------------------------------------------------------- addresses


def _header(
    name: str, description: str, schema: dict[str, Any] | None = None, *, required: bool = True
) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": schema or {"type": "string"},
    }


_RESUMABLE = _header("Tus-Resumable", "The version of tus.", {"type": "string", "enum": [VERSION]})
_CHECKSUM = _header(
    "Upload-Checksum",
    "Algorithm (`sha256` or `sha1`) and digest in Base64 of this request's bytes.",
    required=False,
)
_DIGEST = _header(
    PREFIX_DIGEST,
    "`sha256`: the answer has, under the same name, the algorithm and the digest in Base64 of all bytes from the first "
    "one up to its `Upload-Offset`, where that is quickly told. Where it is not that of what was sent, go back with "
    f"`{TRUNCATE}` to the last offset that was right.",
    {"type": "string", "enum": ["sha256"]},
    required=False,
)
_BYTES = {"content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
_LENGTH = {"type": "integer", "minimum": 0}


@router.options("", status_code=204, response_class=Response)
@router.options("/{upload_id}", status_code=204, response_class=Response, include_in_schema=False)
async def abilities(request: Request) -> Response:
    """What of tus is spoken here."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(context_of(request).settings.max_upload),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post(
    "",
    status_code=201,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses=problems(400, 401, 404, 408, 409, 412, 413, 415, 460, 507),
    openapi_extra={
        "parameters": [
            _RESUMABLE,
            _header("Upload-Length", "How many bytes will come.", _LENGTH),
            _header(
                "Upload-Metadata",
                "`send` with the send's id in Base64; `filename` may follow, and `upload` with an id of the client's "
                "own (32 digits of lower-case hexadecimal, at random): under it the upload is begun once, however "
                "often that is asked.",
            ),
            _CHECKSUM,
            _DIGEST,
        ],
        "requestBody": {"required": False, **_BYTES},
    },
)
async def create(by: By, request: Request) -> Response:
    """Begins an upload for a send; the body may carry its first bytes.

    One that was begun before, under the same id of the client's own, is answered as it is, with its `Upload-Offset`.
    """
    if "upload-concat" in request.headers:
        raise BadHeader(
            "upload.header", "Uploads aren't put together here; send each document as one upload."
        )
    if "upload-defer-length" in request.headers:
        raise BadHeader("upload.header", "Say how long the upload is with Upload-Length.")
    size = _number(request, "Upload-Length")
    text = request.headers.get("upload-metadata", "")
    said = metadata_of(text)
    send_id, chosen = said.get("send"), _chosen_id(said.get("upload"))
    if send_id is None:
        raise BadHeader("upload.metadata", "The header Upload-Metadata names no send.")
    checksum = _checksum(request)
    if _has_body(request) and not _is_content(request):
        raise WrongType("upload.type", f"The Content-Type of an upload is {_TYPE}.")
    created = await uploads.create(by, send_id.decode("utf-8", "replace"), size, text, chosen)
    upload = created.row
    received = 0 if created.fresh else await uploads.length(by, upload)
    told = {"Upload-Offset": str(received)}
    if _has_body(request) and received == 0:
        try:
            told = await _receive(by, request, upload, 0, checksum)
        except Problem:
            if created.fresh:
                await uploads.terminate(by, upload.id)
            raise
    headers = {"Location": f"{_PREFIX}/{upload.id}", **told, **_facts(upload)}
    return Response(status_code=201, headers=headers)


@router.head(
    "/{upload_id}",
    status_code=200,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses={status: {"description": "No body."} for status in (401, 404, 412)},
    openapi_extra={"parameters": [_RESUMABLE, _DIGEST]},
)
async def state(by: By, upload_id: str, request: Request) -> Response:
    """How many bytes have arrived."""
    upload = await uploads.find(by, upload_id)
    length = await uploads.length(by, upload)
    headers = {
        "Upload-Offset": str(length),
        **await _prefix_digest(by, request, upload, length),
        "Upload-Length": str(upload.size),
        "Upload-Metadata": upload.metadata,
        **_facts(upload),
        **_NO_STORE,
    }
    return Response(headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses=problems(400, 401, 404, 408, 409, 412, 413, 415, 423, 460),
    openapi_extra={
        "parameters": [
            _RESUMABLE,
            _header("Upload-Offset", "How many bytes have arrived.", _LENGTH),
            _CHECKSUM,
            _DIGEST,
            _header(
                TRUNCATE,
                "`1`: `Upload-Offset` may be less; what has arrived from there on is forgotten, and sent again.",
                {"type": "string", "enum": ["1"]},
                required=False,
            ),
        ],
        "requestBody": {"required": True, **_BYTES},
    },
)
async def go_on(by: By, upload_id: str, request: Request) -> Response:
    """Takes the next bytes."""
    if not _is_content(request):
        raise WrongType("upload.type", f"The Content-Type of an upload is {_TYPE}.")
    offset = _number(request, "Upload-Offset")
    upload = await uploads.find(by, upload_id)
    told = await _receive(by, request, upload, offset, _checksum(request))
    return Response(status_code=204, headers={**told, **_facts(await uploads.find(by, upload_id))})


@router.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses=problems(401, 404, 412),
    openapi_extra={"parameters": [_RESUMABLE]},
)
async def terminate(by: By, upload_id: str) -> Response:
    """Ends an upload and forgets its bytes."""
    await uploads.terminate(by, upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}", include_in_schema=False)
async def overridden(by: By, upload_id: str, request: Request) -> Response:
    """For clients that can only send POST: ``X-HTTP-Method-Override`` says what is meant."""
    meant = request.headers.get("x-http-method-override", "").upper()
    if meant == "PATCH":
        return await go_on(by, upload_id, request)
    if meant == "DELETE":
        return await terminate(by, upload_id)
    if meant == "HEAD":
        return await state(by, upload_id, request)
    answer = problem_answer(405, Failed("method_not_allowed", "Method Not Allowed."))
    answer.headers["Allow"] = "OPTIONS, HEAD, PATCH, DELETE"
    return answer
