"""The body of a request."""

from __future__ import annotations

from starlette.requests import Request


def media_type(request: Request) -> str:
    """The media type of the body, in lower case and without parameters; empty if none is given."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
