"""Routes of uploads: tus 1.0.0 with creation, creation-with-upload, expiration, checksum, termination."""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import Row
from starlette.requests import ClientDisconnect

from ...rules.errors import Failed, Problem
from ..context import Context, context_of
from ..http.bodies import share_of
from ..http.long_body import body_of
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import tus_headers, upload_ends, uploads
from .answers import PREFIX, SIGNED_IN, WrongType, problem_answer, problems
from .caller import Caller, CallerDep
from .uploads import ALGORITHMS, BadHeader, Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination"
#: Our own headers: one verifies all bytes received so far, the other goes back to an earlier offset.
PREFIX_DIGEST, TRUNCATE = "Upload-Prefix-Digest", "Upload-Truncate"
_LAST_SEGMENT = "uploads"
_PREFIX = f"{PREFIX}/{_LAST_SEGMENT}"
_NO_STORE = {"Cache-Control": "no-store"}


class _WrongVersion(Failed):
    """The client uses another version of tus."""

    http_status = 412


class _TusRoute(LanedRoute):
    """Checks the client's tus version, and sends ours in every response, including errors."""

    lane = Lane.TRANSFERS

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def tus(request: Request) -> Response:
            try:
                if request.method != "OPTIONS" and request.headers.get("tus-resumable") != VERSION:
                    raise _WrongVersion("tus.version", f"Send the header Tus-Resumable: {VERSION}.")
                response = await handler(request)
            except Problem as error:
                response = problem_answer(error.http_status, error)
                if error.http_status == 412:
                    response.headers["Tus-Version"] = VERSION
            except ClientDisconnect:
                # The client has disconnected and won't read this; what it sent is kept.
                response = Response(status_code=400)
            response.headers["Tus-Resumable"] = VERSION
            return response

        return tus


router = APIRouter(prefix=_PREFIX, route_class=_TusRoute)


def _expiry_header(upload: Row[Any]) -> dict[str, str]:
    return {"Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


async def _receive(
    by: Caller, request: Request, upload: Row[Any], offset: int, checksum: Checksum | None
) -> dict[str, str]:
    """Receive the body, and return the headers that report it."""
    length = request.headers.get("content-length", "")
    received = await uploads.receive(
        by,
        upload,
        offset,
        body_of(request, share_of(request)),
        int(length) if tus_headers.NUMBER.fullmatch(length) else None,
        checksum,
        truncate=tus_headers.wants(request, TRUNCATE, "1"),
        digest=tus_headers.wants(request, PREFIX_DIGEST, "sha256"),
    )
    return {"Upload-Offset": str(received), **await _prefix_digest(by, request, upload, received)}


async def _prefix_digest(by: Caller, request: Request, upload: Row[Any], offset: int) -> dict[str, str]:
    """The header with the digest of all bytes up to ``offset``, if requested and available without reading them."""
    if not tus_headers.wants(request, PREFIX_DIGEST, "sha256"):
        return {}
    length, digest = await uploads.prefix(by, upload)
    if digest is None or length != offset:
        return {}
    return {PREFIX_DIGEST: f"sha256 {base64.b64encode(digest).decode()}"}


# ---------------------------------------------------------------- routes


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
    "`sha256`: the response has a header of the same name with the algorithm and the Base64 digest of all bytes up to "
    "its `Upload-Offset`, if the server has it at hand. If it differs from that of the bytes sent, go back with "
    f"`{TRUNCATE}` to the last offset that was right.",
    {"type": "string", "enum": ["sha256"]},
    required=False,
)
_BYTES = {"content": {tus_headers.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
_LENGTH = {"type": "integer", "minimum": 0}


def _returned(description: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"description": description, "required": True, "schema": schema or {"type": "string"}}


_PLACE = {"Location": _returned("The address of the upload.")}
_PROGRESS = {
    "Upload-Offset": _returned("How many bytes have been received.", _LENGTH),
    "Upload-Expires": _returned("When the upload expires unless it is continued, as an HTTP date."),
}
_SIZE = {"Upload-Length": _returned("The total number of bytes.", _LENGTH)}


@router.options("", status_code=204, response_class=Response)
@router.options("/{upload_id}", status_code=204, response_class=Response, include_in_schema=False)
@in_lane(Lane.FREE)
async def abilities(request: Request) -> Response:
    """The supported version, extensions and limits of tus."""
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
    responses={
        201: {"description": "The upload.", "headers": _PLACE | _PROGRESS},
        **problems(400, 401, 404, 408, 409, 412, 413, 415, 460, 507),
    },
    openapi_extra={
        "parameters": [
            _RESUMABLE,
            _header("Upload-Length", "The total number of bytes.", _LENGTH),
            _header(
                "Upload-Metadata",
                "`send` with the send's id in Base64; optionally `filename`, and `upload` with an id chosen by the "
                "client (32 random lower-case hexadecimal digits), which makes the request safe to repeat: it begins "
                "the upload only once.",
            ),
            _CHECKSUM,
            _DIGEST,
        ],
        "requestBody": {"required": False, **_BYTES},
    },
)
async def create(by: CallerDep, request: Request) -> Response:
    """Begin an upload for a send; the body may carry its first bytes.

    If it was begun before under the same client-chosen id, the response describes that upload, with its
    `Upload-Offset`.
    """
    if "upload-concat" in request.headers:
        raise BadHeader("upload.header", "Uploads can't be concatenated; send each document as one upload.")
    if "upload-defer-length" in request.headers:
        raise BadHeader("upload.header", "State the upload's length with Upload-Length.")
    size = tus_headers.number(request, "Upload-Length")
    text = request.headers.get("upload-metadata", "")
    metadata = tus_headers.metadata_of(text)
    send_id, chosen = metadata.get("send"), tus_headers.chosen_id(metadata.get("upload"))
    if send_id is None:
        raise BadHeader("upload.metadata", "The header Upload-Metadata names no send.")
    checksum = tus_headers.checksum(request)
    if tus_headers.has_body(request) and not tus_headers.is_content(request):
        raise WrongType("upload.type", f"The Content-Type of an upload must be {tus_headers.CONTENT_TYPE}.")
    created = await uploads.create(by, send_id.decode("utf-8", "replace"), size, text, chosen)
    upload = created.row
    received = 0 if created.fresh else await uploads.length(by, upload)
    progress = {"Upload-Offset": str(received)}
    if tus_headers.has_body(request) and received == 0:
        try:
            progress = await _receive(by, request, upload, 0, checksum)
        except Problem:
            if created.fresh:
                await upload_ends.terminate(by, upload.id)
            raise
    headers = {"Location": _address(by.context, upload.id), **progress, **_expiry_header(upload)}
    return Response(status_code=201, headers=headers)


def _address(context: Context, upload_id: str) -> str:
    """The reference to an upload, from the address at which it was created."""
    # Relative, if the proxy removes a prefix from the path: not every request comes through the proxy.
    return f"{_LAST_SEGMENT}/{upload_id}" if context.prefix else f"{_PREFIX}/{upload_id}"


@router.head(
    "/{upload_id}",
    status_code=200,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses={
        200: {"description": "The state of the upload.", "headers": _SIZE | _PROGRESS},
        **{status: {"description": "No body."} for status in (401, 404, 412)},
    },
    openapi_extra={"parameters": [_RESUMABLE, _DIGEST]},
)
async def state(by: CallerDep, upload_id: str, request: Request) -> Response:
    """How many bytes have been received."""
    upload = await uploads.find(by, upload_id)
    length = await uploads.length(by, upload)
    headers = {
        "Upload-Offset": str(length),
        **await _prefix_digest(by, request, upload, length),
        "Upload-Length": str(upload.size),
        "Upload-Metadata": upload.metadata,
        **_expiry_header(upload),
        **_NO_STORE,
    }
    return Response(headers=headers)


@router.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses={
        204: {"description": "The bytes were received.", "headers": _PROGRESS},
        **problems(400, 401, 404, 408, 409, 412, 413, 415, 423, 460),
    },
    openapi_extra={
        "parameters": [
            _RESUMABLE,
            _header("Upload-Offset", "How many bytes have been received.", _LENGTH),
            _CHECKSUM,
            _DIGEST,
            _header(
                TRUNCATE,
                "`1`: `Upload-Offset` may be lower; the bytes received beyond it are discarded and sent again.",
                {"type": "string", "enum": ["1"]},
                required=False,
            ),
        ],
        "requestBody": {"required": True, **_BYTES},
    },
)
async def go_on(by: CallerDep, upload_id: str, request: Request) -> Response:
    """Receive the next bytes."""
    if not tus_headers.is_content(request):
        raise WrongType("upload.type", f"The Content-Type of an upload must be {tus_headers.CONTENT_TYPE}.")
    offset = tus_headers.number(request, "Upload-Offset")
    upload = await uploads.find(by, upload_id)
    progress = await _receive(by, request, upload, offset, tus_headers.checksum(request))
    return Response(
        status_code=204, headers={**progress, **_expiry_header(await uploads.find(by, upload_id))}
    )


@router.delete(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    dependencies=SIGNED_IN,
    responses=problems(401, 404, 412),
    openapi_extra={"parameters": [_RESUMABLE]},
)
async def terminate(by: CallerDep, upload_id: str) -> Response:
    """End an upload and discard its bytes."""
    await upload_ends.terminate(by, upload_id)
    return Response(status_code=204)


@router.post("/{upload_id}", include_in_schema=False)
async def overridden(by: CallerDep, upload_id: str, request: Request) -> Response:
    """For clients that can only send POST: ``X-HTTP-Method-Override`` names the actual method."""
    method = request.headers.get("x-http-method-override", "").upper()
    if method == "PATCH":
        return await go_on(by, upload_id, request)
    if method == "DELETE":
        return await terminate(by, upload_id)
    if method == "HEAD":
        return await state(by, upload_id, request)
    response = problem_answer(405, Failed("method_not_allowed", "Method Not Allowed."))
    response.headers["Allow"] = "OPTIONS, HEAD, PATCH, DELETE"
    return response
