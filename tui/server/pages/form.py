"""The one field of a recipient's form, out of whatever body a request has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ...rules.options import without_line_break

MAX_BODY = 64 * 1024
_MAX_FIELDS = 20


async def read_body(request: Request) -> bytes | None:
    """The body; ``None`` where it is larger than any password. Raises ``ClientDisconnect``."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


async def password_in(request: Request, body: bytes) -> str:
    """The password in the form; empty where there is none, or where ``body`` is no form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        typed = _from_fields(body)
    elif kind == "multipart/form-data":
        typed = await _from_parts(request.headers, body)
    else:
        typed = ""
    return without_line_break(typed)


def _from_fields(body: bytes) -> str:
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        return ""
    return next((value for name, value in fields if name == "password"), "")


async def _from_parts(headers: Headers, body: bytes) -> str:
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
        return ""
    try:
        value = form.get("password", "")
        return (await value.read()).decode("utf-8", "replace") if isinstance(value, UploadFile) else value
    finally:
        await form.close()
