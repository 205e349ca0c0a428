"""What a request brings."""

from __future__ import annotations

from starlette.requests import Request


def media_type(request: Request) -> str:
    """The type of the body, in lower case and without its parameters; empty where none is told."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
