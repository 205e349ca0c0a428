"""Share's routes under ``/share/v1``: a protocol of this project, described by ``/share/v1/openapi.json``."""

from __future__ import annotations

from . import (
    audit_routes,
    document_routes,
    events,
    folder_routes,
    mail_templates,
    people_routes,
    policy,
    send_routes,
    tus,
)

_PARTS = (
    people_routes,
    policy,
    mail_templates,
    folder_routes,
    send_routes,
    document_routes,
    audit_routes,
    events,
    tus,
)
_ROUTERS = (*(part.router for part in _PARTS), send_routes.batches)

#: In the order in which they are tried.
ROUTES = [route for router in _ROUTERS for route in router.routes]
