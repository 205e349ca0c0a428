"""Routes of documents and the trash."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response

from ...rules.ids import DIGITS, FEWEST_DIGITS
from ...wire.changes import ChangeDocuments, DocumentsChanged
from ...wire.share import (
    Document,
    Documents,
    DownloadsByDay,
    IdsFound,
    Purged,
    Resend,
    StoppedLink,
    UndoDelete,
    UndoUnpublish,
)
from ..library.routing import LanedRoute, in_lane
from ..limits.query_limits import Lane
from . import (
    changes,
    content,
    documents,
    download_days,
    short_ids,
    trash,
)
from .answers import PREFIX, SIGNED_IN, problems
from .caller import CallerDep
from .download_days import MOST_DAYS
from .paging import DEFAULT_LIMIT, Cursor, Limit, SortedBy
from .sent_filters import Wanted

router = APIRouter(prefix=PREFIX, route_class=LanedRoute, dependencies=SIGNED_IN)

_BYTES = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
_RANGE = {
    "name": "Range",
    "in": "header",
    "required": False,
    "description": "A single byte range; anything else returns the whole document.",
    "schema": {"type": "string"},
}

_ACTIVITY = Query(description="What it is read for: a preview is noted as such, once a person and day.")


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
