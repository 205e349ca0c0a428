"""What Share's routes have in common: errors as ``application/problem+json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import APIKeyHeader, HTTPBearer

from ...rules.errors import InvalidValue, Problem, Throttled, Unavailable
from ...wire.problem import MEDIA_TYPE, ProblemBody

#: What the paths of all of Share's routes begin with.
PREFIX = "/share/v1"

_PHRASES = {460: "Checksum Mismatch"}

#: Both ways to send the access token. For the OpenAPI description only: ``people.person_of`` reads the token.
SIGNED_IN = [
    Security(HTTPBearer(auto_error=False, description="The access token.")),
    Security(APIKeyHeader(name="X-Auth-Token", auto_error=False, description="The access token.")),
]


class WrongType(InvalidValue):
    """The route does not accept a body of this type."""

    http_status = 415


def phrase(status: int) -> str:
    """The name of a status, including those that HTTP itself doesn't define."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _PHRASES.get(status, "Error")


def what_is_wrong(errors: Sequence[Any], whole: str) -> str:
    """The first of pydantic's ``errors``, as a sentence.

    ``whole`` is its subject if the error is about the whole value rather than a part of it.
    """
    first = errors[0]
    parts = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    return f"{'.'.join(parts) or whole}: {first['msg']}."


def problem_body(status: int, error: Problem) -> ProblemBody:
    """The body of an error response."""
    return ProblemBody(
        title=phrase(status),
        status=status,
        detail=error.message,
        code=error.code,
        field=error.field if isinstance(error, InvalidValue) else None,
    )


def problem_answer(status: int, error: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the protocol's response."""
    body = problem_body(status, error)
    response = JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)
    if isinstance(error, Throttled | Unavailable) and error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of a route's error responses."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}}}
    return {status: {"description": phrase(status), "content": content} for status in statuses}
