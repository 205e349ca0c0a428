"""Routes of sends: to open one, to publish what was uploaded, to end it."""

from __future__ import annotations

from fastapi import APIRouter, Request

from ...wire import batch
from ...wire.share import (
    Document,
    EarlierRecipients,
    OpenSend,
    Publish,
    PublishVersion,
    RecipientsSet,
    Send,
    SendState,
    SetRecipients,
    UploadsEnded,
)
from ..http.bodies import media_type, share_of
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import (
    batch_upload,
    by_reference,
    publish,
    recipients,
    send_state,
    sends,
    upload_ends,
)
from .answers import PREFIX, SIGNED_IN, WrongType, problems
from .caller import CallerDep
from .idempotency import KeyHeader, key_of

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)
#: Routes with longer bodies than other requests, which enforce their own limit.
batches = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)


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
