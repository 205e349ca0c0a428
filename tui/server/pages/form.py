"""Reading a recipient's form from the body of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ...rules.errors import TooLarge
from ...rules.typed_values import without_line_break
from ..context import context_of
from ..http.bodies import media_type, receive_body
from ..limits.buffers import Share

MAX_BODY = 64 * 1024
_MAX_FIELDS = 20
_NAMES = ("password", "press")


async def read_body(request: Request, share: Share) -> bytes | None:
    """The body, whose bytes count as ``share``; ``None`` if it is larger than :data:`MAX_BODY`. Raises what
    :func:`receive_body` raises otherwise."""
    try:
        return await receive_body(request, share, context_of(request).settings.budgets, MAX_BODY)
    except TooLarge:
        return None


@dataclass(frozen=True, slots=True)
class Form:
    """The password that was typed, and the id of the press; empty if the form doesn't have them."""

    password: str = ""
    press: str = ""


async def form_in(request: Request, body: bytes | None) -> Form:
    """The form in ``body``; its fields are empty if ``body`` is ``None``."""
    content_type = media_type(request)
    if body is None:
        fields = {}
    elif content_type == "application/x-www-form-urlencoded":
        fields = _from_fields(body)
    elif content_type == "multipart/form-data":
        fields = await _from_parts(request.headers, body)
    else:
        fields = {}
    return Form(*(without_line_break(fields.get(name, "")) for name in _NAMES))


def _from_fields(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        return {}
    # If a name occurs several times, the first one counts.
    return dict(reversed(fields))


async def _from_parts(headers: Headers, body: bytes) -> dict[str, str]:
    async def stream() -> AsyncIterator[bytes]:
        yield body
        yield b""

    try:
        form = await MultiPartParser(
            headers,
            stream(),  # type: ignore[arg-type]
            max_files=_MAX_FIELDS,
            max_fields=_MAX_FIELDS,
            max_part_size=MAX_BODY,
        ).parse()
    except (MultiPartException, KeyError, ValueError):
        return {}
    try:
        return {name: await _text(form[name]) for name in _NAMES if name in form}
    finally:
        await form.close()


async def _text(value: UploadFile | str) -> str:
    return (await value.read()).decode("utf-8", "replace") if isinstance(value, UploadFile) else value
