"""The OpenAPI description of Share at ``/share/v1/openapi.json``."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic_core import to_json

from ...rules.activity_kinds import UNREADABLE
from ...rules.state import Event
from ...wire.audit import AuditEvent
from ...wire.problem import MEDIA_TYPE, ProblemBody
from .answers import problems

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Make ``app`` describe its errors as they really are: problem bodies instead of the framework's errors."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            prefix = app.state.context.prefix
            schema = get_openapi(
                title=app.title,
                version=app.version,
                description=_ABOUT,
                routes=app.routes,
                servers=[{"url": prefix}] if prefix else None,
            )
            _correct_schema(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.state.description = None
    app.openapi = openapi  # type: ignore[method-assign]


async def described(app: FastAPI) -> bytes:
    """The description as JSON; made when it is first asked for, which takes a moment."""
    if app.state.description is None:
        app.state.description = await asyncio.to_thread(lambda: to_json(app.openapi()))
    found: bytes = app.state.description
    return found


def allowed(app: FastAPI, path: str) -> str:
    """The value of the ``Allow`` header for ``path``.

    The framework itself only lists the methods of one route.
    """
    methods: set[str] = set()
    for template, operations in app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^/]*\\}", "[^/]+", re.escape(template)), path):
            methods.update(method.upper() for method in operations if method in _METHODS)
    return ", ".join(sorted(methods))


def _correct_schema(schema: dict[str, Any]) -> None:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas[AuditEvent.__name__]["properties"]["event"]["description"] = _EVENTS
    schemas[ProblemBody.__name__] = ProblemBody.model_json_schema()
    refused = {str(status): response for status, response in problems(400, 413, 422).items()}
    failed = {
        **problems(500)[500],
        "description": "The server failed; 507 if its disk is full or a person's quota is used up.",
    }
    for path in schema["paths"].values():
        for method, operation in path.items():
            if method not in _METHODS:
                continue
            operation_responses = operation["responses"]
            if MEDIA_TYPE not in operation_responses.get("422", {"content": {MEDIA_TYPE: None}})["content"]:
                operation_responses["422"] = refused["422"]
            if "requestBody" in operation:
                operation_responses.setdefault("400", refused["400"])
                operation_responses.setdefault("413", refused["413"])
            operation_responses["5XX"] = failed


_EVENTS = (
    f"One of {', '.join(f'`{event}`' for event in Event)}; newer servers may have more. "
    f"`{UNREADABLE}` is in place of a row that someone changed so that it can't be shown."
)

_ABOUT = """\
Share publishes links to documents. Every request except the sign-in carries an access token; every error is
`application/problem+json` with a stable `code`. Times are RFC 3339 in UTC, sizes are bytes. Uploads follow
tus 1.0.0: core, creation, creation-with-upload, expiration, checksum (sha256, sha1), termination.

## From a file to its link

Words in capitals are yours to fill in; `folder.id` is the field `id` of the `folder` in an earlier response.

1. `POST /share/v1/login` with `{"user": NAME, "password": PASSWORD}` returns a `token`. Every other request has the
   header `X-Auth-Token: token`.
2. `GET /share/v1/folder` returns the `folder` that documents are sent to (`null` if there is none yet), its
   `generation`, and whether its shortcut in Work's favorites is `confirmed`.
3. `POST /share/v1/folder` with `{"generation": generation, "shortcut": confirmed}` returns the same fields, and creates
   the folder if it is missing. `shortcut` says whether the shortcut exists; a client that doesn't use Work repeats the
   value of `confirmed` that it received. A 409 means that the generation has changed: start again from step 2. If
   `confirmed` is `false` in the response, `POST /share/v1/folder/confirm` with
   `{"folder": folder.id, "generation": generation}`.
4. `POST /share/v1/sends` with `{"folder": folder.id}`, and optionally `password`, `expires_at`, `downloads_permitted`
   and `recipients`, opens a `send` and returns it with its `id`. The policy is checked here, and the send takes
   documents for a week. `recipients` are kept as the sender's note, and restrict nothing: the links open for anyone who
   has them.
5. `POST /share/v1/uploads` with the headers `Tus-Resumable: 1.0.0`, `Upload-Length: SIZE` and
   `Upload-Metadata: send BASE64(send.id)` begins an upload; the response's header `Location` has its address. SIZE is
   the number of bytes of the file. This step and the next are what a tus client does by itself, with
   `/share/v1/uploads` as its endpoint, the header of step 1, and the metadata `send`. `Upload-Concat` is refused: each
   document is one upload.
6. `PATCH LOCATION` with the headers `Tus-Resumable: 1.0.0`, `Content-Type: application/offset+octet-stream` and
   `Upload-Offset: 0` sends the bytes, all or some of them, as its body. If the connection breaks,
   `HEAD LOCATION` with the header `Tus-Resumable: 1.0.0` returns the `Upload-Offset` from which the next `PATCH` goes
   on. An upload can be resumed for a week. 507 means that the server has no room for it.
7. `POST /share/v1/sends/{send.id}/documents` with
   `{"upload": UPLOAD, "name": "Offer.pdf", "sha256": SHA256, "source": {"label": "file:Offer.pdf"}}` and the header
   `Idempotency-Key: KEY` publishes it and returns the `document`; its `url` is the link for the recipient. UPLOAD is
   the last part of LOCATION, SHA256 the file's digest in hexadecimal, and KEY any text that you use only for this
   document: if no response arrives, repeat the request with the same KEY, and it is still published only once.

Repeat steps 5 to 7 for each document; `POST /share/v1/sends/{send.id}/batch` takes many small documents at once.
"""
