"""The client for Share: one method for each endpoint, returning the models of ``wire/``.

Those for sends and for the audit are parts of it, ``share.sends`` and ``share.audit``; uploads are in
:mod:`tui.clients.uploads`. Every method raises a :class:`~tui.rules.errors.Problem` if it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_type_hints

import httpx
from pydantic import create_model

from ..rules.errors import Failed, NotFound
from ..rules.link_settings import zone_offset
from ..rules.policy import Policy
from ..wire.folders import (
    AddMember,
    ConfirmShortcut,
    CurrentFolder,
    EnsureFolder,
    Folder,
    FolderDeleted,
    Folders,
    Member,
    Members,
)
from ..wire.message import Message
from ..wire.policy import MailTemplates
from ..wire.share import (
    Document,
    Documents,
    DownloadsByDay,
    IdsFound,
    Me,
    Resend,
    StoppedLink,
    UndoDelete,
    UndoUnpublish,
)
from .audit import AuditClient
from .blocks import Block, block_headers, block_of
from .bounded import PageCount
from .connection import call, json_of, model_of, stream
from .responses import model_from
from .sends import SendsClient
from .share_paths import share_id, share_path
from .target import path_part

if TYPE_CHECKING:
    from ..rules.sent_filter import SentFilter


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes as they arrive. ``size`` is the number of bytes in ``chunks``, if known."""

    size: int | None
    chunks: AsyncIterator[bytes]


#: An optional field for each key.
_KEYS: dict[str, Any] = {key: (kind, None) for key, kind in get_type_hints(Policy).items()}
_PolicyAnswer = create_model("_PolicyAnswer", __base__=Message, **_KEYS)


def _policy_of(response: httpx.Response) -> Policy:
    return Policy.of(model_of(response, _PolicyAnswer).model_dump())


class ShareClient:
    """Share. ``http`` comes from :func:`tui.clients.connection.open_http`; the caller closes it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.sends = SendsClient(http)
        self.audit = AuditClient(http)

    async def me(self) -> Me:
        """The user that the token belongs to, and facts about the server."""
        return model_of(await call(self.http, "GET", share_path("me")), Me)

    # ---------------------------------------------------------------- policy

    async def policy(self) -> Policy:
        """The policy in effect."""
        return _policy_of(await call(self.http, "GET", share_path("policy")))

    async def change_policy(self, values: Mapping[str, str | None]) -> Policy:
        """Set the keys of ``values``; an empty value or ``None`` unsets a key. For administrators."""
        response = await call(self.http, "PATCH", share_path("policy"), body=dict(values))
        return _policy_of(response)

    async def mail_templates(self) -> MailTemplates:
        """The administrator's templates of the e-mail; a server that doesn't know of any has none."""
        try:
            return model_of(await call(self.http, "GET", share_path("mail-templates")), MailTemplates)
        except NotFound:
            return MailTemplates()

    # ---------------------------------------------------------------- the current folder

    async def current_folder(self) -> CurrentFolder:
        """The folder that new links go to, if there is one, and whether its shortcut was ever seen."""
        return model_of(await call(self.http, "GET", share_path("folder")), CurrentFolder)

    async def ensure_folder(self, generation: int, shortcut: bool, zone_offset: int = 0) -> CurrentFolder:
        """See :class:`EnsureFolder`. Raises :class:`Conflict` ``folder.changed`` if ``generation`` is outdated."""
        body = EnsureFolder(generation=generation, shortcut=shortcut, zone_offset=zone_offset)
        response = await call(self.http, "POST", share_path("folder"), body=body.model_dump(mode="json"))
        return model_of(response, CurrentFolder)

    async def confirm_shortcut(self, folder: str, generation: int) -> CurrentFolder:
        """Confirm that the folder's shortcut exists. Raises :class:`Conflict` as :meth:`ensure_folder` does."""
        body = ConfirmShortcut(folder=folder, generation=generation)
        response = await call(
            self.http, "POST", share_path("folder", "confirm"), body=body.model_dump(mode="json")
        )
        return model_of(response, CurrentFolder)

    async def ids(self, beginning: str) -> IdsFound:
        """The caller's own documents and folders whose ids begin so; none on a server that can't look for them."""
        try:
            return model_of(await call(self.http, "GET", share_path("ids", share_id(beginning))), IdsFound)
        except NotFound:
            return IdsFound(documents=[], folders=[])

    # ---------------------------------------------------------------- folders and documents

    async def folders(self) -> list[Folder]:
        """The caller's folders, including those no longer used and those that they are a member of."""
        return model_of(await call(self.http, "GET", share_path("folders")), Folders).folders

    async def delete_folder(self, folder_id: str) -> int:
        """Delete a folder. Returns how many documents went to the trash with it."""
        response = await call(self.http, "DELETE", share_path("folders", share_id(folder_id)))
        return model_of(response, FolderDeleted).deleted

    async def members(self, folder_id: str) -> list[Member]:
        """The members of a folder."""
        response = await call(self.http, "GET", share_path("folders", share_id(folder_id), "members"))
        return model_of(response, Members).members

    async def add_member(self, folder_id: str, name: str) -> list[Member]:
        """Add a member, who can then see everything in the folder. Returns all members."""
        path, body = share_path("folders", share_id(folder_id), "members"), AddMember(name=name)
        response = await call(self.http, "POST", path, body=body.model_dump(mode="json"), again=True)
        return model_of(response, Members).members

    async def remove_member(self, folder_id: str, name: str) -> list[Member]:
        """Remove a member, effective immediately. Returns the remaining members."""
        path = share_path("folders", share_id(folder_id), "members", path_part(name))
        return model_of(await call(self.http, "DELETE", path, again=True), Members).members

    async def documents(
        self,
        folder_id: str,
        cursor: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        wanted: str = "",
    ) -> Documents:
        """One page of a folder's documents, the last sent first; ``cursor`` comes from the previous page.

        ``wanted`` is a filter (``rules/sent_filter.py``). Raises :class:`InvalidValue` if it can't be read.
        """
        params = {"cursor": cursor, "limit": limit, "sort": sort}
        return await self._fitting(share_path("folders", share_id(folder_id), "documents"), params, wanted)

    async def all_documents(
        self, cursor: str | None = None, limit: int | None = None, wanted: str = ""
    ) -> Documents:
        """One page of the documents in all of the caller's own folders that fit ``wanted``, without the trash."""
        return await self._fitting(share_path("documents"), {"cursor": cursor, "limit": limit}, wanted)

    async def downloads_by_day(self, document_id: str, days: int = 30) -> DownloadsByDay:
        """How often a document was downloaded on each of the last ``days``, by the days of this machine's time zone."""
        params = {"days": days, "zone_offset": zone_offset()}
        path = share_path("documents", share_id(document_id), "downloads")
        return model_of(await call(self.http, "GET", path, params=params), DownloadsByDay)

    async def trash(self, cursor: str | None = None, limit: int | None = None) -> Documents:
        """One page of the trash."""
        return await self._page(share_path("trash"), {"cursor": cursor, "limit": limit})

    def document_pages(
        self, folder_id: str, limit: int | None = None, wanted: str = ""
    ) -> AsyncIterator[Documents]:
        """All pages of :meth:`documents`, one after the other."""
        return self._pages(share_path("folders", share_id(folder_id), "documents"), limit, wanted)

    def all_document_pages(self, limit: int | None = None, wanted: str = "") -> AsyncIterator[Documents]:
        """All pages of :meth:`all_documents`, one after the other."""
        return self._pages(share_path("documents"), limit, wanted)

    def trash_pages(self, limit: int | None = None) -> AsyncIterator[Documents]:
        """All pages of :meth:`trash`, one after the other."""
        return self._pages(share_path("trash"), limit)

    async def _fitting(self, path: str, params: Mapping[str, Any], text: str) -> Documents:
        """A page of what fits the filter ``text``."""
        wanted = _read_filter(text)
        found = await self._page(path, {**params, "filter": text} if wanted else params)
        return _those_that_fit(found, wanted) if wanted else found

    async def _pages(self, path: str, limit: int | None, text: str = "") -> AsyncIterator[Documents]:
        """All pages of what fits the filter ``text``. The server works on the next one while one is read."""
        wanted, count = _read_filter(text), PageCount()

        def fetch(cursor: str | None) -> asyncio.Task[httpx.Response]:
            params = {"cursor": cursor, "limit": limit, **({"filter": text} if wanted else {})}
            task = asyncio.create_task(call(self.http, "GET", path, params=params))
            # Of a page that isn't wanted any more, nobody asks.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            return task

        cursor, coming = None, fetch(None)
        try:
            while True:
                response = await coming
                data = json_of(response)
                before, cursor = cursor, data.get("cursor") if isinstance(data, dict) else None
                more = isinstance(cursor, str) and bool(cursor) and cursor != before
                if more:
                    coming = fetch(cursor)
                # In a thread, so that the request for the next page goes out.
                found = await asyncio.to_thread(model_from, response, data, Documents)
                count.add(len(found.documents))
                yield _those_that_fit(found, wanted) if wanted else found
                if not more:
                    return
        finally:
            coming.cancel()
            await asyncio.wait({coming})

    async def _page(self, path: str, params: Mapping[str, Any]) -> Documents:
        return model_of(await call(self.http, "GET", path, params=params), Documents)

    async def document(self, document_id: str) -> Document:
        """A sent document, by its whole id. Raises :class:`NotFound`, also if the user may not see it."""
        return model_of(
            await call(self.http, "GET", share_path("documents", share_id(document_id))), Document
        )

    async def unpublish(self, document_id: str) -> Document:
        """Stop the link immediately. Does nothing if it is unpublished already."""
        response = await call(
            self.http, "POST", share_path("documents", share_id(document_id), "unpublish"), again=True
        )
        return model_of(response, Document)

    async def stop(self, document_id: str) -> StoppedLink:
        """Unpublish any person's document, as an administrator."""
        path = share_path("documents", share_id(document_id), "stop")
        return model_of(await call(self.http, "POST", path, again=True), StoppedLink)

    async def undo_unpublish(self, document_id: str, unpublished_at: datetime) -> Document:
        """Undo the unpublishing at ``unpublished_at``. Raises :class:`Conflict` if it can no longer be undone."""
        body = UndoUnpublish(unpublished_at=unpublished_at)
        path = share_path("documents", share_id(document_id), "unpublish", "undo")
        response = await call(self.http, "POST", path, body=body.model_dump(mode="json"), again=True)
        return model_of(response, Document)

    async def resend(self, document_id: str, request: Resend) -> Document:
        """Send again with new settings. Only fields that were set are in the request; the others are kept."""
        response = await call(
            self.http,
            "POST",
            share_path("documents", share_id(document_id), "resend"),
            body=request.model_dump(mode="json", exclude_unset=True),
        )
        return model_of(response, Document)

    async def delete(self, document_id: str) -> Document:
        """Move the document to the trash. Does nothing if it is there already."""
        response = await call(self.http, "DELETE", share_path("documents", share_id(document_id)), again=True)
        return model_of(response, Document)

    async def undo_delete(self, document_id: str, deleted_at: datetime) -> Document:
        """Undo the deletion at ``deleted_at``. Raises :class:`Conflict` if it can no longer be undone."""
        body, path = UndoDelete(deleted_at=deleted_at), share_path("trash", share_id(document_id), "undo")
        response = await call(self.http, "POST", path, body=body.model_dump(mode="json"), again=True)
        return model_of(response, Document)

    @asynccontextmanager
    async def content(self, document_id: str, start: int = 0) -> AsyncIterator[Content]:
        """The document's bytes from ``start`` on, for its owner and the folder's members. Not counted as a download."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        path = share_path("documents", share_id(document_id), "content")
        async with stream(self.http, path, headers=headers) as response:
            if start and response.status_code != 206:
                raise Failed(
                    "content.no_ranges", "The server can't resume this download; get the whole document."
                )
            length = response.headers.get("content-length", "")
            yield Content(int(length) if length.isdigit() else None, response.aiter_bytes())

    async def block(self, document_id: str, start: int, length: int) -> Block:
        """Some of the document's bytes, as for :meth:`content`; fewer at its end. The audit says that it was
        previewed."""
        path = share_path("documents", share_id(document_id), "content")
        headers, params = block_headers(start, length), {"activity": "preview"}
        async with stream(self.http, path, headers=headers, params=params) as response:
            return await block_of(response, start, length)

    async def unlock(self, document_id: str) -> Document:
        """Lift the lock and the delays caused by wrong passwords. Does nothing if there are none."""
        response = await call(
            self.http, "POST", share_path("documents", share_id(document_id), "unlock"), again=True
        )
        return model_of(response, Document)

    async def restore(self, document_id: str) -> Document:
        """Restore a document from the trash, unpublished."""
        response = await call(self.http, "POST", share_path("trash", share_id(document_id), "restore"))
        return model_of(response, Document)

    async def empty_trash(self) -> int:
        """Permanently remove everything in the trash. Returns how many documents there were."""
        found = json_of(await call(self.http, "POST", share_path("trash", "empty")))
        purged = found.get("purged") if isinstance(found, dict) else None
        if not isinstance(purged, int):
            raise Failed("answer.not_understood", "The server did not say how many documents it removed.")
        return purged


def _read_filter(text: str) -> SentFilter | None:
    """What a filter asks for; ``None`` for everything. Raises :class:`InvalidValue`."""
    if not text:
        return None
    # Most lists are never filtered.
    from ..rules.sent_filter import parse

    return parse(text) or None


def _those_that_fit(page: Documents, wanted: SentFilter) -> Documents:
    """Of a page, what fits: a server that doesn't know filters returns everything."""
    fitting = [document for document in page.documents if wanted.fits(document)]
    return page if len(fitting) == len(page.documents) else page.model_copy(update={"documents": fitting})
