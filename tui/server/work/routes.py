"""Work's routes: the confirmed part of the iManage Work REST API v2."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.routing import APIRoute

from . import (
    auth,
    authorize,
    catalog,
    changes,
    checkout,
    containers,
    documents,
    favorites,
    history,
    lists,
    matters,
    places,
    search,
    trash,
    upload,
)
from .errors import error_answer

__all__ = ["error_answer", "router"]

_LISTS = (lists, search, containers, places, favorites, matters, catalog, trash)
_DOCUMENTS = (checkout, upload, changes, history, documents)

router = APIRouter()
# The lists come before the calls for one document, or ``checked-out`` would be taken for a document's id.
for part in (auth, authorize, *_LISTS, *_DOCUMENTS):
    for route in part.router.routes:
        assert isinstance(route, APIRoute)
        route.include_in_schema = False
        # One flat list: nested routers would be searched twice for each request.
        router.routes.append(route)
