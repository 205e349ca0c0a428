"""Reading a server's response: data of the expected shape, or the :class:`Problem` that it reports."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http import HTTPStatus
from time import time
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from ..rules.errors import (
    Busy,
    Conflict,
    Failed,
    InvalidValue,
    NotAllowed,
    NotFound,
    NotSignedIn,
    PolicyBreach,
    Problem,
    Throttled,
    TooLarge,
    Unavailable,
    Unreachable,
)
from ..rules.text import printable
from ..wire.problem import ProblemBody
from .bounded import bounds_of, too_large

_MAX_SENTENCE = 500
# Work's message for a request without a valid token. It doesn't tell the user what to do, so it isn't shown.
_WORK_UNAUTHORIZED = "X-Auth-Token is invalid or missing"

M = TypeVar("M", bound=BaseModel)


def json_of(response: httpx.Response) -> Any:
    """Return the body as JSON. Raises :class:`Failed` if it is something else, such as a web page."""
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    try:
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise ValueError(media_type)
        return _parsed(response)
    except (ValueError, RecursionError):
        raise _unexpected_content(response, media_type) from None


def _parsed(response: httpx.Response) -> Any:
    """The body's JSON. Raises :class:`Failed` if it has more values than fit into the memory, else ``ValueError``."""
    # Brackets and commas within texts count, too: it's an upper bound, and fast.
    values = sum(map(response.content.count, (b",", b"[", b"{")))
    if values > bounds_of(response).most_values:
        raise too_large(response)
    return response.json()


def model_of(response: httpx.Response, model: type[M]) -> M:
    """Return the body as ``model``. Raises :class:`Failed` if it is something else."""
    return model_from(response, json_of(response), model)


def model_from(response: httpx.Response, data: Any, model: type[M]) -> M:
    """Return the body as ``model``, of which :func:`json_of` has made ``data``. Raises :class:`Failed` if it is
    something else."""
    try:
        return model.model_validate(data)
    except ValidationError:
        raise _unexpected_content(response, "JSON of another shape") from None


def _server_of(response: httpx.Response) -> str:
    try:
        url = response.request.url
    except RuntimeError:
        return "The server"
    return printable(f"The server {url.scheme}://{url.netloc.decode('ascii', 'replace')}")


def _unexpected_content(response: httpx.Response, kind: str) -> Failed:
    what = "a web page" if kind == "text/html" else printable(kind) or "nothing"
    return Failed(
        "answer.not_understood",
        f"{_server_of(response)} answered with {what[:80]} instead of data; check the address.",
    )


def problem_of(response: httpx.Response) -> Problem:
    """Build the problem for an unsuccessful response; a refused access token is noted with it."""
    return _with_token(_problem_of(response), response)


def problem_within(response: httpx.Response, error: ProblemBody) -> Problem:
    """Build the problem for one of several results in ``response``, as :func:`problem_of` does for all of it."""
    problem = _problem_from(error.status, error.code, printable(error.detail), error.field)
    return _with_token(problem, response)


def _with_token(problem: Problem, response: httpx.Response) -> Problem:
    if isinstance(problem, NotSignedIn):
        problem.token = _token_of(response)
    return problem


def _token_of(response: httpx.Response) -> str | None:
    try:
        return str(response.request.headers.get("x-auth-token", ""))
    except RuntimeError:
        return None


def _problem_of(response: httpx.Response) -> Problem:
    """Build the problem for an unsuccessful response: problem+json, iManage's error object, or anything else.

    The body must have been read. The class follows from the status; code and message are the server's own if it
    sends any.
    """
    status = response.status_code
    code, sentence, field_name = error_details(response)
    if sentence == _WORK_UNAUTHORIZED:
        sentence = ""
    message = sentence or _default_message(response)
    if response.is_redirect:
        return Failed("answer.redirect", message)
    code = code or _CODES.get(status) or f"http.{status}"
    if status == 429:
        return Throttled(code, message, retry_after(response))
    if status == 503 and "retry-after" in response.headers and code not in _UNAVAILABLE:
        return Busy(code, message, retry_after(response))
    return _problem_from(status, code, message, field_name)


def _problem_from(status: int, code: str, message: str, field_name: str | None = None) -> Problem:
    """Build the problem for an HTTP status, code and message."""
    if status in (400, 422):
        breach = code.startswith("policy.") and code not in ("policy.value", "policy.unknown_key")
        return (PolicyBreach if breach else InvalidValue)(code, message, field_name)
    if code in _UNAVAILABLE:
        return Unavailable(code, message)
    return _CLASSES.get(status, Failed)(code, message)


#: Failures that a retry can't fix, whatever their status.
_UNAVAILABLE = ("NRC_CONTENT_MISSING", "document.unavailable")
_CLASSES: dict[int, type[Problem]] = {
    401: NotSignedIn,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    413: TooLarge,
    423: Conflict,
    502: Unreachable,
    503: Unreachable,
    504: Unreachable,
}
_CODES = {
    401: "not_signed_in",
    403: "not_allowed",
    404: "not_found",
    409: "conflict",
    410: "not_found",
    413: "too_large",
    423: "locked",
    429: "throttled",
    500: "server.error",
    502: "server.unreachable",
    503: "server.unreachable",
    504: "server.unreachable",
    507: "disk_full",
}


def retry_after(response: httpx.Response) -> int:
    """The delay in seconds that ``Retry-After`` (seconds or a date) asks for; 1 if there is none."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), 86400)
    try:
        return min(max(1, round(parsedate_to_datetime(text).timestamp() - time())), 86400)
    except (ValueError, TypeError, OverflowError):
        return 1


def _clean_text(value: Any) -> str:
    return printable(value.strip())[:_MAX_SENTENCE] if isinstance(value, str) else ""


def error_details(response: httpx.Response) -> tuple[str, str, str | None]:
    """The code, message and field in the server's error body; empty if it has none."""
    try:
        body = _parsed(response)
    except (ValueError, RecursionError):
        return "", "", None
    if not isinstance(body, dict):
        return "", "", None
    error = body.get("error")
    if isinstance(error, dict):
        sentence = _clean_text(error.get("message")) or _clean_text(error.get("code_message"))
        return _clean_text(error.get("code")), sentence or _clean_text(body.get("error_description")), None
    if isinstance(error, str):
        return _clean_text(error), _clean_text(body.get("error_description")), None
    return (
        _clean_text(body.get("code")),
        _clean_text(body.get("detail")),
        _clean_text(body.get("field")) or None,
    )


def _default_message(response: httpx.Response) -> str:
    """The message for a response that has none of its own."""
    server, status = _server_of(response), response.status_code
    if response.is_redirect:
        target = _clean_text(response.headers.get("location")) or "somewhere else"
        return f"{server} redirects to {target}; if that is right, use that address."
    reasons = {
        401: "rejects this access token; sign in again",
        403: "does not allow this; ask its administrator",
        404: "found nothing there; it may have been deleted, or the server's address is wrong",
        407: "cannot be reached without signing in to the proxy; see HTTPS_PROXY",
        409: "refused this because something changed; reload and try again",
        413: "doesn't accept anything this large; send a smaller document or ask its administrator",
        423: "is still busy with this; try again shortly",
        429: f"got too many requests; try again in {retry_after(response)} seconds",
        502: "is down behind its gateway; try again later",
        503: "is not available at the moment; try again later",
        504: "is not answering its gateway; try again later",
        507: "is out of disk space; free some and try again",
    }
    if status in reasons:
        return f"{server} {reasons[status]}."
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = "unknown"
    hint = (
        "try again, and tell its administrator if that doesn't help" if status >= 500 else "check its version"
    )
    return f"{server} answered with an error ({status} {phrase}); {hint}."
