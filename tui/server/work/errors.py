"""Errors as Work's protocol tells them: an object with Work's own code and a sentence."""

from __future__ import annotations

import secrets
from typing import Any

from fastapi.responses import JSONResponse, Response

from ...rules.errors import Conflict, InvalidValue, NotAllowed, NotFound, NotSignedIn, Problem

#: The release of iManage's server whose protocol this is.
DMS_VERSION = "10.4.1.0"


class BadRequest(InvalidValue):
    """A value that Work's protocol does not take."""

    http_status = 400


class SignInRefused(NotSignedIn):
    """The token address refuses; told in the form of OAuth as well."""


class GrantRefused(BadRequest):
    """The token address does not take what it was given; told in the form of OAuth as well."""


def no_record() -> NotFound:
    """The one error for what is not there and for what one may not see."""
    return NotFound("NRC_NO_RECORD", "There is no such record, or you have no access to it.")


def invalid(field: str, message: str) -> BadRequest:
    """A parameter, or a field of a body, that is wrong."""
    return BadRequest("NRC_INVALID_PARAM", message, field)


def invalid_profile(field: str, message: str) -> BadRequest:
    """A field of a profile that is wrong."""
    return BadRequest("NRC_INVALID_PROFILE", message, field)


def not_indexed(field: str) -> BadRequest:
    """A filter that exists and is not served here: an error, since all documents would be the wrong answer."""
    return BadRequest("NRC_INDEX_UNAVAILABLE", f"This library has no index for {field}; leave it out.", field)


def no_access(message: str = "You may read this, but not change it.") -> NotAllowed:
    return NotAllowed("NRC_ACCESS_DENIED", message)


def checked_out_by(name: str) -> Conflict:
    return Conflict("NRC_CHECKED_OUT", f"{name} has this version checked out; try again when it is released.")


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
