"""Work's addresses: the confirmed part of the iManage Work REST API v2."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from ...rules.errors import Problem

router = APIRouter(include_in_schema=False)


def error_answer(status: int, error: Problem) -> Response:
    """An error in the shape of Work's protocol."""
    return JSONResponse({"error": {"code": error.code, "message": error.message}}, status)
