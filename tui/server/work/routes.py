"""Work's routes: the confirmed part of the iManage Work REST API v2."""

from __future__ import annotations

from fastapi.routing import APIRoute

from . import (
    auth,
    authorize,
    catalog,
    checkout,
    container_routes,
    containers,
    document_routes,
    documents,
    history,
    lists,
    search,
    shortcut_routes,
    trash,
    upload,
)
from .errors import error_answer

__all__ = ["ROUTES", "error_answer"]

_LISTS = (lists, search, containers, container_routes, shortcut_routes, catalog, trash)
_DOCUMENTS = (checkout, upload, document_routes, history, documents)

#: In the order in which they are tried: the lists come before the calls for one document, or ``checked-out`` would be
#: taken for a document's id.
ROUTES: list[APIRoute] = [
    route for part in (auth, authorize, *_LISTS, *_DOCUMENTS) for route in part.router.routes
]
for _route in ROUTES:
    _route.include_in_schema = False
