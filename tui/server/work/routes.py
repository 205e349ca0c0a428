"""Work's addresses: the confirmed part of the iManage Work REST API v2."""

from __future__ import annotations

from fastapi import APIRouter

from . import auth, checkout, containers, documents, favorites, lists, search, upload
from .errors import error_answer

__all__ = ["error_answer", "router"]

router = APIRouter(include_in_schema=False)
# The lists come before the calls for one document: checked-out is no document's id.
for part in (auth, lists, search, containers, favorites, checkout, upload, documents):
    router.include_router(part.router)
