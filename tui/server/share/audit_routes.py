"""Routes of the audit."""

from __future__ import annotations

from fastapi import APIRouter, Request

from ...wire.audit import AuditEvents, AuditHeads, AuditVerdict, ChainsKept, LookUpHeads
from ..http.disconnects import while_there
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import (
    audits,
)
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep
from .paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)


@router.get("/documents/{document_id}/audit", responses=problems(401, 404, 422))
async def document_audit(
    by: CallerDep, document_id: str, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> AuditEvents:
    """The events of a document, newest first; for its owner, even after it was purged."""
    return await audits.of_document(by, document_id, cursor, limit)


@router.get("/audit", responses=problems(401, 422))
async def whole_audit(by: CallerDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> AuditEvents:
    """The events of all the caller's documents and folders, newest first."""
    return await audits.of_caller(by, cursor, limit)


@router.get("/audit/account", responses=problems(401, 422))
async def account_audit(by: CallerDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> AuditEvents:
    """The events of the caller's own account, newest first: sign-ins, refused sign-ins, passwords set and by whom."""
    return await audits.of_account(by, cursor, limit)


@router.get("/audit/installation", responses=problems(401, 403, 422))
async def installation_audit(
    by: CallerDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> AuditEvents:
    """The events about people and policy, newest first. For administrators."""
    return await audits.of_installation(by, cursor, limit)


@router.get("/documents/{document_id}/audit/verify", responses=problems(401, 404, 429, 503))
@in_lane(Lane.EXPENSIVE)
async def verify_document_audit(by: CallerDep, document_id: str, request: Request) -> AuditVerdict:
    """Verify that the audit of a document is as it was written."""
    return await while_there(request, audits.verify_document(by, document_id))


@router.get("/audit/verify", responses=problems(401, 429, 503))
@in_lane(Lane.EXPENSIVE)
async def verify_audit(by: CallerDep, request: Request) -> AuditVerdict:
    """Verify that the audit of everything the caller owns is as it was written; for administrators, the whole audit."""
    return await while_there(request, audits.verify_caller(by))


@router.get("/audit/heads", responses=problems(401, 409, 429, 503))
@in_lane(Lane.EXPENSIVE)
async def audit_heads(by: CallerDep, request: Request) -> AuditHeads:
    """Signed heads of the chains of everything the caller owns, to be kept elsewhere; for administrators, of all
    chains."""
    return await while_there(request, audits.signed_heads(by))


@router.post("/audit/heads/check", responses=problems(401, 403, 413, 422, 429, 503))
@in_lane(Lane.EXPENSIVE)
async def check_heads(by: CallerDep, body: LookUpHeads, request: Request) -> ChainsKept:
    """The current state of chains whose heads were kept, which reveals whether any were cut or rewritten since."""
    return await while_there(request, audits.look_up_heads(by, body))
