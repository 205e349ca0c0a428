"""Routes of sends, documents, the audit and the trash."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from ...rules.ids import DIGITS, FEWEST_DIGITS
from ...wire import batch
from ...wire.audit import AuditEvents, AuditHeads, AuditVerdict, ChainsKept, LookUpHeads
from ...wire.changes import ChangeDocuments, DocumentsChanged
from ...wire.share import (
    Document,
    Documents,
    DownloadsByDay,
    EarlierRecipients,
    IdsFound,
    OpenSend,
    Publish,
    PublishVersion,
    Purged,
    RecipientsSet,
    Resend,
    Send,
    SendState,
    SetRecipients,
    StoppedLink,
    UndoDelete,
    UndoUnpublish,
    UploadsEnded,
)
from ..http.bodies import media_type, share_of
from ..http.disconnects import while_there
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import (
    audits,
    batch_upload,
    by_reference,
    changes,
    content,
    documents,
    download_days,
    publish,
    recipients,
    send_state,
    sends,
    short_ids,
    trash,
    upload_ends,
)
from .answers import PREFIX, SIGNED_IN, WrongType, problems
from .caller import CallerDep
from .download_days import MOST_DAYS
from .idempotency import KeyHeader, key_of
from .paging import DEFAULT_LIMIT, Cursor, Limit, SortedBy
from .sent_filters import Wanted

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)
#: Routes with longer bodies than other requests, which enforce their own limit.
batches = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)

_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_RANGE = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "A single byte range; anything else returns the whole document.",
    "schema": {"type": "string"},
}

_ACTIVITY = Query(description="What it is read for: a preview is noted as such, once a person and day.")


# ---------------------------------------------------------------- sending


@router.post("/sends", status_code=201, responses=problems(401, 403, 404, 413, 422, 429))
@in_lane(Lane.PASSWORDS)
async def open_send(by: CallerDep, body: OpenSend, idempotency_key: KeyHeader = None) -> Send:
    """Open a send with its settings, after checking them against the policy. Omitted settings take their defaults."""
    return await sends.open_send(by, body, key_of(by, idempotency_key, "sends", body))


@router.get("/sends/{send_id}", responses=problems(401, 404))
async def one_send(by: CallerDep, send_id: str) -> SendState:
    """The state of one of the caller's sends: its documents with the keys they were published under, and its uploads
    with their offsets."""
    return await send_state.of(by, send_id)


@router.delete("/sends/{send_id}/uploads", responses=problems(401, 404))
async def end_uploads(by: CallerDep, send_id: str) -> UploadsEnded:
    """End all unfinished uploads of a send and discard their bytes. Published documents stay."""
    return UploadsEnded(ended=await upload_ends.end_all(by, send_id))


@router.put("/sends/{send_id}/recipients", responses=problems(401, 404, 413, 422))
async def set_recipients(by: CallerDep, send_id: str, body: SetRecipients) -> RecipientsSet:
    """Replace whom one of the caller's sends is for: the sender's note, which changes nothing about the links."""
    return await recipients.change(by, send_id, body)


@router.get("/recipients", responses=problems(401))
async def earlier_recipients(by: CallerDep) -> EarlierRecipients:
    """The addresses that the caller has sent to, those used most and most recently first."""
    return await recipients.earlier(by)


@router.post("/sends/{send_id}/documents", status_code=201, responses=problems(401, 404, 409, 413, 422))
@in_lane(Lane.TRANSFERS)
async def publish_upload(
    by: CallerDep, send_id: str, body: Publish, idempotency_key: KeyHeader = None
) -> Document:
    """Publish a complete upload as a document with its own link."""
    key = key_of(by, idempotency_key, f"sends/{send_id}/documents", body)
    return await publish.publish(by, send_id, body, key)


@router.post(
    "/sends/{send_id}/versions", status_code=201, responses=problems(401, 404, 409, 413, 422, 503, 507)
)
@in_lane(Lane.TRANSFERS)
async def publish_version(
    by: CallerDep, send_id: str, body: PublishVersion, idempotency_key: KeyHeader = None
) -> Document:
    """Publish a version of Work on this server, which the caller may read, as a document with its own link.

    Its bytes are not sent: the SHA-256 confirms that they are the ones the caller saw listed.
    """
    key = key_of(by, idempotency_key, f"sends/{send_id}/versions", body)
    return await by_reference.publish(by, send_id, body, key)


@batches.post(
    "/sends/{send_id}/batch",
    responses=problems(401, 404, 409, 413, 415, 422, 507),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {batch.MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
@in_lane(Lane.TRANSFERS)
async def publish_together(by: CallerDep, send_id: str, request: Request) -> batch.BatchResults:
    """Publish many small documents at once. The body is a line of JSON, a line feed, and the bytes of all documents.

    The JSON is `{"documents": [{"name", "size", "sha256", "source": {"label"}, "key"}]}`, for up to 64 documents of
    8 MiB in total; `key` makes each safe to send again, as an `Idempotency-Key` does. The results are in the same
    order, each with a `document` or an `error`.
    """
    if media_type(request) != batch.MEDIA_TYPE:
        raise WrongType("batch.type", f"The Content-Type of a batch must be {batch.MEDIA_TYPE}.")
    return await batch_upload.publish_all(
        by, send_id, await batch_upload.read(request.stream(), share_of(request))
    )


# ---------------------------------------------------------------- documents


@router.get("/documents", responses=problems(401, 422))
async def all_documents(
    by: CallerDep,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
    sort: SortedBy = "-sent_at",
) -> Documents:
    """A page of the documents of all the caller's folders, without the trash."""
    return await documents.of_caller(by, sort, cursor, limit, wanted)


@router.get("/ids/{beginning}", responses=problems(401, 422))
async def find_ids(
    by: CallerDep,
    beginning: Annotated[
        str,
        Path(pattern=rf"^[0-9a-f]{{{FEWEST_DIGITS},{DIGITS}}}$", description="The first digits of an id."),
    ],
) -> IdsFound:
    """The caller's own documents and folders whose ids begin so, also documents in the trash and purged ones."""
    return await short_ids.begin_with(by, beginning)


@router.get("/documents/{document_id}", responses=problems(401, 404))
async def one_document(by: CallerDep, document_id: str) -> Document:
    """One document, for its owner and the folder's members."""
    return await documents.show(by, document_id)


@router.delete("/documents/{document_id}", responses=problems(401, 403, 404))
async def delete_document(by: CallerDep, document_id: str) -> Document:
    """Move a document to the trash. Its link stops working."""
    return await documents.delete(by, document_id)


@router.post("/documents/{document_id}/unpublish", responses=problems(401, 403, 404))
async def unpublish_document(by: CallerDep, document_id: str) -> Document:
    """Unpublish a document: its link stops working at once."""
    return await documents.unpublish(by, document_id)


@router.post("/documents/changes", responses=problems(401, 413, 422, 429, 503))
@in_lane(Lane.LIGHT)
async def change_documents(by: CallerDep, body: ChangeDocuments) -> DocumentsChanged:
    """Unpublish or delete several documents, or undo that: each as its own request would. What can't be done to one of
    them is its result, and keeps back none of the others."""
    return await changes.change_all(by, body)


@router.post("/documents/{document_id}/stop", responses=problems(401, 403, 404))
async def stop_link(by: CallerDep, document_id: str) -> StoppedLink:
    """Unpublish any person's document, as an administrator. The document's audit and the installation's have it."""
    return await documents.stop(by, document_id)


@router.post("/documents/{document_id}/unpublish/undo", responses=problems(401, 403, 404, 409, 413, 422))
async def undo_unpublish(by: CallerDep, document_id: str, body: UndoUnpublish) -> Document:
    """Undo an unpublish of the last half minute: state, counter and settings are as before, and grants work again."""
    return await documents.undo_unpublish(by, document_id, body)


@router.post("/documents/{document_id}/resend", responses=problems(401, 403, 404, 409, 413, 422, 429))
@in_lane(Lane.PASSWORDS)
async def resend_document(by: CallerDep, document_id: str, body: Resend) -> Document:
    """Publish a document again. Omitted settings are kept, `null` removes one; the counter restarts at zero."""
    return await documents.resend(by, document_id, body)


@router.post("/documents/{document_id}/unlock", responses=problems(401, 403, 404))
async def unlock_document(by: CallerDep, document_id: str) -> Document:
    """Lift the lock caused by wrong passwords, and the waiting times of all networks."""
    return await documents.unlock(by, document_id)


@router.get(
    "/documents/{document_id}/content",
    response_class=Response,
    responses={
        200: {"description": "The document.", "content": _BYTES},
        206: {"description": "The requested range.", "content": _BYTES},
        304: {"description": "The client has it already."},
        **problems(401, 404, 409, 416, 422),
    },
    openapi_extra={"parameters": [_RANGE]},
)
async def document_content(
    by: CallerDep,
    document_id: str,
    request: Request,
    activity: Annotated[Literal["preview"] | None, _ACTIVITY] = None,
) -> Response:
    """The document itself, for its owner and the folder's members; not counted as a download."""
    return await content.answer(by, request, document_id, preview=activity == "preview")


@router.head("/documents/{document_id}/content", include_in_schema=False)
async def document_content_head(by: CallerDep, document_id: str, request: Request) -> Response:
    """The headers of the corresponding GET; nothing is written to the audit."""
    return await content.answer(by, request, document_id)


@router.get("/documents/{document_id}/downloads", responses=problems(401, 404, 422))
async def downloads_by_day(
    by: CallerDep,
    document_id: str,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many days, today included.")] = 30,
    zone_offset: Annotated[
        int, Query(ge=-1440, le=1440, description="The caller's offset from UTC in minutes, for the days.")
    ] = 0,
) -> DownloadsByDay:
    """How often a document was downloaded on each day, oldest first; also before it was sent again."""
    return await download_days.of_document(by, document_id, days, zone_offset)


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


# ---------------------------------------------------------------- trash


@router.get("/trash", responses=problems(401, 422))
async def trash_documents(by: CallerDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT) -> Documents:
    """A page of the caller's trash, most recently deleted first."""
    return await trash.listing(by, cursor, limit)


@router.post("/trash/empty", responses=problems(401))
@in_lane(Lane.EXPENSIVE)
async def empty_trash(by: CallerDep) -> Purged:
    """Permanently remove everything in the caller's trash."""
    return await trash.empty(by)


@router.post("/trash/{document_id}/undo", responses=problems(401, 403, 404, 409, 413, 422))
async def undo_delete(by: CallerDep, document_id: str, body: UndoDelete) -> Document:
    """Undo a deletion of the last half minute: a document that was published until then is published again, its counter
    and settings are as before, and grants work again."""
    return await documents.undo_delete(by, document_id, body)


@router.post("/trash/{document_id}/restore", responses=problems(401, 403, 404, 409, 422))
async def restore_document(
    by: CallerDep,
    document_id: str,
    zone_offset: Annotated[
        int,
        Query(
            ge=-1440, le=1440, description="The caller's offset from UTC in minutes, for a new folder's name."
        ),
    ] = 0,
) -> Document:
    """Restore a document, unpublished: to its folder, to the current one if that was deleted, or to a new one."""
    return await trash.restore(by, document_id, zone_offset)
