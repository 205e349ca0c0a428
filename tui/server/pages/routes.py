"""What a recipient meets: the page of a link, the grant, and the one *Not Found*."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

router = APIRouter(include_in_schema=False)


def not_found(request: Request) -> Response:
    """The one answer for every link or grant that is not, or no longer, good."""
    return HTMLResponse("Not Found", 404)
