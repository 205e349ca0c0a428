"""The body of every error of Share: ``application/problem+json`` (RFC 9457) with a stable code."""

from __future__ import annotations

from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


class ProblemBody(BaseModel):
    """``type`` is always ``about:blank``; ``detail`` is the message for the user."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    #: The form field that is wrong, if any.
    field: str | None = None
