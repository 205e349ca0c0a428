"""One change to many documents, each as by a request of its own."""

from __future__ import annotations

from ...rules.errors import InvalidValue, NotSignedIn, Problem
from ...wire.changes import Change, ChangeDocuments, ChangeResult, DocumentsChanged, ToChange
from ...wire.share import Document, UndoDelete, UndoUnpublish
from . import documents
from .answers import problem_body
from .caller import Caller


async def change_all(by: Caller, body: ChangeDocuments) -> DocumentsChanged:
    """Change one document after the other, each in a transaction of its own. Those that can't be changed get errors as
    their results.

    Raises :class:`NotSignedIn` if the caller is removed or signed out meanwhile: the rest is left as it is.
    """
    return DocumentsChanged(results=[await _result(by, body.change, each) for each in body.documents])


async def _result(by: Caller, change: Change, each: ToChange) -> ChangeResult:
    try:
        return ChangeResult(document=await _change(by, change, each))
    except NotSignedIn:
        raise
    except Problem as problem:
        return ChangeResult(error=problem_body(problem.http_status, problem))


async def _change(by: Caller, change: Change, each: ToChange) -> Document:
    if change is Change.UNPUBLISH:
        return await documents.unpublish(by, each.id)
    if change is Change.DELETE:
        return await documents.delete(by, each.id)
    if each.done_at is None:
        raise InvalidValue("changes.done_at", "To undo a change, say when it was made (done_at).", "done_at")
    if change is Change.UNDO_UNPUBLISH:
        return await documents.undo_unpublish(by, each.id, UndoUnpublish(unpublished_at=each.done_at))
    return await documents.undo_delete(by, each.id, UndoDelete(deleted_at=each.done_at))
