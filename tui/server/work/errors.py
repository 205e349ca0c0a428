"""Errors in the form of Work's protocol: an object with Work's own code and a message."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi.responses import JSONResponse, Response

from ...rules.errors import InvalidValue, NotSignedIn, Problem
from ..library.problems import BadRequest

#: The release of iManage's server whose protocol this is.
DMS_VERSION = "10.4.1.0"
#: The protocol's codes for errors of all routes.
_CODES = {"body.too_large": "NRC_TOO_LARGE"}


class SignInRefused(NotSignedIn):
    """A sign-in that the token endpoint refuses; reported in OAuth's form as well."""


class GrantRefused(BadRequest):
    """A grant that the token endpoint doesn't accept; reported in OAuth's form as well."""


def error_answer(status: int, error: Problem) -> Response:
    """``error`` as the protocol's error object, with its HTTP status."""
    code = _CODES.get(error.code, error.code)
    if not code.startswith("NRC_") and not isinstance(error, SignInRefused | GrantRefused):
        code = "NRC_" + code.upper().replace(".", "_").replace(" ", "_")
    details: dict[str, Any] = {
        "code": code,
        "code_message": error.message,
        "message": error.message,
        "dms_version": DMS_VERSION,
        "transaction": secrets.token_hex(8),
    }
    if isinstance(error, InvalidValue) and error.field:
        details["messages"] = [{"field": error.field, "code": code, "code_message": error.message}]
    body: dict[str, Any] = {"error": details}
    if isinstance(error, SignInRefused | GrantRefused):
        body["error_description"] = error.message
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
