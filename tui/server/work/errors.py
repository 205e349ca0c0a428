"""Errors as Work's protocol tells them: an object with Work's own code and a sentence."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi.responses import JSONResponse, Response

from ...rules.errors import InvalidValue, NotSignedIn, Problem
from ..library.problems import BadRequest

#: The release of iManage's server whose protocol this is.
DMS_VERSION = "10.4.1.0"


class SignInRefused(NotSignedIn):
    """The token address refuses; told in the form of OAuth as well."""


class GrantRefused(BadRequest):
    """The token address does not take what it was given; told in the form of OAuth as well."""


def error_answer(status: int, error: Problem) -> Response:
    """``error`` with its HTTP status as the protocol's error object."""
    code = error.code
    if not code.startswith("NRC_") and not isinstance(error, SignInRefused | GrantRefused):
        code = "NRC_" + code.upper().replace(".", "_").replace(" ", "_")
    told: dict[str, Any] = {
        "code": code,
        "code_message": error.message,
        "message": error.message,
        "dms_version": DMS_VERSION,
        "transaction": secrets.token_hex(8),
    }
    if isinstance(error, InvalidValue) and error.field:
        told["messages"] = [{"field": error.field, "code": code, "code_message": error.message}]
    body: dict[str, Any] = {"error": told}
    if isinstance(error, SignInRefused | GrantRefused):
        body["error_description"] = error.message
    return JSONResponse(body, status, {"Cache-Control": "no-store"})
