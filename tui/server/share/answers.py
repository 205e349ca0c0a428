"""What Share's addresses have in common: bounded bodies, and errors as ``application/problem+json``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import Request, Security
from fastapi.responses import JSONResponse, Response
from fastapi.routing import APIRoute
from fastapi.security import APIKeyHeader, HTTPBearer

from ...rules.errors import InvalidValue, Problem, Throttled, TooLarge
from ...wire.problem import MEDIA_TYPE, ProblemBody

#: The longest body of a request that is not an upload, in bytes.
MAX_BODY = 1024 * 1024

_PHRASES = {460: "Checksum Mismatch"}

#: Both ways to carry the access token, for the description only: ``people.person_of`` reads it.
SIGNED_IN = [
    Security(HTTPBearer(auto_error=False, description="The access token.")),
    Security(APIKeyHeader(name="X-Auth-Token", auto_error=False, description="The access token.")),
]


class WrongType(InvalidValue):
    """The body is of another type than its address takes."""

    http_status = 415


def phrase(status: int) -> str:
    """The name of a status, also of one that HTTP itself does not know."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return _PHRASES.get(status, "Error")


def what_is_wrong(errors: Sequence[Any], whole: str) -> str:
    """The first of what pydantic complains of, in a sentence; ``whole`` is what it is told of where it is no part."""
    first = errors[0]
    parts = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    return f"{'.'.join(parts) or whole}: {first['msg']}."


def problem_body(status: int, error: Problem) -> ProblemBody:
    """What is told of an error."""
    return ProblemBody(
        title=phrase(status),
        status=status,
        detail=error.message,
        code=error.code,
        field=error.field if isinstance(error, InvalidValue) else None,
    )


def problem_answer(status: int, error: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the protocol tells it."""
    body = problem_body(status, error)
    answer = JSONResponse(body.model_dump(exclude_none=True), status, headers, media_type=MEDIA_TYPE)
    if isinstance(error, Throttled):
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The description of a route's errors."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemBody.__name__}"}}}
    return {status: {"description": phrase(status), "content": content} for status in statuses}


class _Bounded(Request):
    async def body(self) -> bytes:
        """The whole body. Raises :class:`TooLarge` before more than ``MAX_BODY`` is taken."""
        if not hasattr(self, "_body"):
            declared = self.headers.get("content-length", "")
            taken = int(declared[:18]) if declared.isdigit() else 0
            pieces = []
            if taken <= MAX_BODY:
                taken = 0
                async for piece in self.stream():
                    taken += len(piece)
                    if taken > MAX_BODY:
                        break
                    pieces.append(piece)
            if taken > MAX_BODY:
                raise TooLarge("body.too_large", f"The request's body is over {MAX_BODY:,} bytes.")
            self._body = b"".join(pieces)
        return self._body


class BoundedRoute(APIRoute):
    """A route that takes no more of a body than ``MAX_BODY``, whether it needs one or not."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            request = _Bounded(request.scope, request.receive)
            await request.body()
            return await handler(request)

        return bounded
