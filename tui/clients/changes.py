"""One change to many documents, in as few requests as possible."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import httpx

from ..rules.errors import Failed, NotSignedIn, Problem
from ..wire.changes import MOST_DOCUMENTS, Change, ChangeDocuments, DocumentsChanged, ToChange
from ..wire.share import Document
from .connection import call, model_of
from .responses import problem_within
from .share_paths import share_path

if TYPE_CHECKING:
    from .share import ShareClient

#: The codes of a server that has no such request.
_UNKNOWN = ("method_not_allowed", "http.405")


async def change_documents(
    share: ShareClient, change: Change, documents: Mapping[str, datetime | None]
) -> list[Document | Problem]:
    """Apply ``change`` to documents by their ids, each with the time of what is undone. Returns the result of each.

    Raises :class:`Problem` if the request for all of them failed. Of at most :data:`MOST_DOCUMENTS` it is one request,
    unless it is only one document or the server can change them one by one only.
    """
    if len(documents) > 1:
        try:
            return await _together(share, change, documents)
        except Failed as problem:
            if problem.code not in _UNKNOWN:
                raise
    return [await _outcome(share, change, ident, done_at) for ident, done_at in documents.items()]


async def _together(
    share: ShareClient, change: Change, documents: Mapping[str, datetime | None]
) -> list[Document | Problem]:
    results: list[Document | Problem] = []
    wanted = [ToChange(id=ident, done_at=done_at) for ident, done_at in documents.items()]
    for start in range(0, len(wanted), MOST_DOCUMENTS):
        part = wanted[start : start + MOST_DOCUMENTS]
        body = ChangeDocuments(change=change, documents=part).model_dump(mode="json")
        response = await call(
            share.http, "POST", share_path("documents", "changes"), body=body, patience=60, again=True
        )
        results += _results(response, len(part))
    return results


def _results(response: httpx.Response, count: int) -> Sequence[Document | Problem]:
    results: list[Document | Problem] = []
    for each in model_of(response, DocumentsChanged).results:
        if each.document:
            results.append(each.document)
        elif each.error:
            results.append(problem_within(response, each.error))
    if len(results) != count:
        raise Failed("answer.not_understood", "The server's response is missing some documents.")
    return results


async def _outcome(
    share: ShareClient, change: Change, ident: str, done_at: datetime | None
) -> Document | Problem:
    act: Callable[[], Awaitable[Document]] = {
        Change.UNPUBLISH: lambda: share.unpublish(ident),
        Change.DELETE: lambda: share.delete(ident),
        Change.UNDO_UNPUBLISH: lambda: share.undo_unpublish(ident, _known(done_at)),
        Change.UNDO_DELETE: lambda: share.undo_delete(ident, _known(done_at)),
    }[change]
    try:
        return await act()
    except NotSignedIn:
        raise
    except Problem as problem:
        return problem


def _known(done_at: datetime | None) -> datetime:
    if done_at is None:
        raise ValueError("what is undone has no time")
    return done_at
