"""The description of Share at ``/share/v1/openapi.json``."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ...rules.state import Event
from ...wire.audit import AuditEvent
from ...wire.problem import MEDIA_TYPE, ProblemBody
from .answers import problems

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_FRAMEWORKS_OWN = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Lets ``app`` describe its errors as they are: problem bodies, not the framework's."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, description=_ABOUT, routes=app.routes)
            _mend(schema)
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def allowed(app: FastAPI, path: str) -> str:
    """The methods that the address ``path`` takes, as the header ``Allow`` names them.

    The framework itself names those of one route only.
    """
    methods: set[str] = set()
    for template, operations in app.openapi()["paths"].items():
        if re.fullmatch(re.sub(r"\\{[^/]*\\}", "[^/]+", re.escape(template)), path):
            methods.update(method.upper() for method in operations if method in _METHODS)
    return ", ".join(sorted(methods))


def _mend(schema: dict[str, Any]) -> None:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in _FRAMEWORKS_OWN:
        schemas.pop(name, None)
    schemas[AuditEvent.__name__]["properties"]["event"]["description"] = _EVENTS
    schemas[ProblemBody.__name__] = ProblemBody.model_json_schema()
    refused = {str(status): answer for status, answer in problems(400, 413, 422).items()}
    failed = {
        **problems(500)[500],
        "description": "The server failed; 507 where its disk, or what one person may have of it, is full.",
    }
    for path in schema["paths"].values():
        for method, operation in path.items():
            if method not in _METHODS:
                continue
            answers = operation["responses"]
            if MEDIA_TYPE not in answers.get("422", {"content": {MEDIA_TYPE: None}})["content"]:
                answers["422"] = refused["422"]
            if "requestBody" in operation:
                answers.setdefault("400", refused["400"])
                answers.setdefault("413", refused["413"])
            answers["5XX"] = failed


_EVENTS = f"One of {', '.join(f'`{event}`' for event in Event)}; a newer server may have more."

_ABOUT = """\
Share publishes links to documents. Every request but the sign-in carries an access token; every error is
`application/problem+json` with a stable `code`. Times are RFC 3339 in UTC, sizes are bytes. Uploads follow
tus 1.0.0: core, creation, creation-with-upload, expiration, checksum (sha256, sha1), termination.

## From a file to its link

1. `POST /share/v1/login` with `{"user", "password"}` gives a `token`. Every other request has it in the header
   `X-Auth-Token`.
2. `GET /share/v1/folder` tells the folder that documents are sent to (`null` where there is none yet), its
   `generation`, and whether its shortcut in Work's favorites is `confirmed`.
3. `POST /share/v1/folder` with `{"generation": …, "shortcut": confirmed}` makes it where it is missing, and gives
   it in any case. `shortcut` is whether the shortcut is there; a client that knows nothing of Work repeats what it
   was told. A 409 says that the generation has changed: begin again with step 2. Where the answer's `confirmed` is
   `false`, `POST /share/v1/folder/confirm` with `{"folder": folder.id, "generation": …}`.
4. `POST /share/v1/sends` with `{"folder": folder.id}`, and with `password`, `expires_at`, `downloads_permitted` as
   wanted, opens a send and gives its `id`. The policy is checked here.
5. `POST /share/v1/uploads` with `Tus-Resumable: 1.0.0`, `Upload-Length: BYTES` and `Upload-Metadata: send
   BASE64(send.id)` begins an upload and gives its address in `Location`. A client of tus is given this address, the
   metadata and the header of step 1, and does this and the next by itself.
6. `PATCH` to that address with `Tus-Resumable: 1.0.0`, `Content-Type: application/offset+octet-stream` and
   `Upload-Offset: 0` takes the bytes: all at once or some. After a connection broke, `HEAD` tells the
   `Upload-Offset` to go on from. 507 says that the server has no room for it. `Upload-Concat` is refused.
7. `POST /share/v1/sends/{send.id}/documents` with `{"upload": ID, "name": "Offer.pdf", "sha256": HEX, "source":
   {"label": "file:Offer.pdf"}}` publishes it and gives the document with its `url`, the link. ID is what the
   upload's address ends with. With an `Idempotency-Key` of the client's own it is safe to repeat where no answer
   came.

Steps 5 to 7 are repeated for each document; of small ones, `POST /share/v1/sends/{send.id}/batch` takes many at once.
"""
