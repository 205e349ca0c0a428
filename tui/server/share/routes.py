"""Share's routes under ``/share/v1``: a protocol of this project, described by ``/share/v1/openapi.json``."""

from __future__ import annotations

from fastapi import APIRouter

from . import document_routes, events, folder_routes, mail_templates, people_routes, policy, tus

router = APIRouter(prefix="/share/v1")
for part in (people_routes, policy, mail_templates, folder_routes, document_routes, events, tus):
    router.include_router(part.router)
router.include_router(document_routes.batches)
