"""The client for Share: one method for each endpoint, returning the models of ``wire/``.

Uploads are in :mod:`tui.clients.uploads`. Every method raises a :class:`~tui.rules.errors.Problem` if it fails.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import httpx

from ..rules.errors import Failed, NotFound, Problem
from ..rules.heads import Head, Kept, SignedHeads
from ..rules.text import printable
from ..wire.audit import AuditEvent, AuditEvents, AuditHeads, AuditVerdict, ChainPart, ChainsKept, LookUpHeads
from ..wire.batch import MEDIA_TYPE, BatchDocument, BatchHead, BatchResults
from ..wire.share import (
    AddMember,
    ConfirmShortcut,
    CurrentFolder,
    Document,
    Documents,
    EarlierRecipients,
    EnsureFolder,
    Folder,
    FolderDeleted,
    Folders,
    MailTemplates,
    Me,
    Member,
    Members,
    OpenSend,
    PolicyBody,
    Publish,
    PublishVersion,
    RecipientsSet,
    Resend,
    Send,
    SendState,
    SetRecipients,
    UndoUnpublish,
    UploadsEnded,
)
from .connection import call, json_of, model_of, stream
from .responses import problem_from
from .target import path_part

_BASE = "/share/v1"
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
# The server reads the whole document again before it publishes it.
_SLOWEST_BYTES_PER_SECOND = 30_000_000
# The server reads all chains of the installation.
_VERIFY_SECONDS = 3600.0
_HEADS_AT_ONCE = 1000
# The response has all documents of a send, however many.
_STATE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Content:
    """A document's bytes as they arrive. ``size`` is the number of bytes in ``chunks``, if known."""

    size: int | None
    chunks: AsyncIterator[bytes]


def _path(*parts: str) -> str:
    return "/".join((_BASE, *parts))


def _id(text: str) -> str:
    """``text`` as part of a path, or a placeholder that no document has if it can't be an id."""
    return text if _ID.fullmatch(text) else "-"


class ShareClient:
    """Share. ``http`` comes from :func:`tui.clients.connection.open_http`; the caller closes it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def me(self) -> Me:
        """The user that the token belongs to, and facts about the server."""
        return model_of(await call(self.http, "GET", _path("me")), Me)

    # ---------------------------------------------------------------- policy

    async def policy(self) -> PolicyBody:
        return model_of(await call(self.http, "GET", _path("policy")), PolicyBody)

    async def change_policy(self, values: Mapping[str, str | None]) -> PolicyBody:
        """Set the keys of ``values``; an empty value or ``None`` unsets a key. For administrators."""
        response = await call(self.http, "PATCH", _path("policy"), body=dict(values))
        return model_of(response, PolicyBody)

    async def mail_templates(self) -> MailTemplates:
        """The administrator's templates of the e-mail; a server that doesn't know of any has none."""
        try:
            return model_of(await call(self.http, "GET", _path("mail-templates")), MailTemplates)
        except NotFound:
            return MailTemplates()

    # ---------------------------------------------------------------- the current folder

    async def current_folder(self) -> CurrentFolder:
        return model_of(await call(self.http, "GET", _path("folder")), CurrentFolder)

    async def ensure_folder(self, generation: int, shortcut: bool, zone_offset: int = 0) -> CurrentFolder:
        """See :class:`EnsureFolder`. Raises :class:`Conflict` ``folder.changed`` if ``generation`` is outdated."""
        body = EnsureFolder(generation=generation, shortcut=shortcut, zone_offset=zone_offset)
        response = await call(self.http, "POST", _path("folder"), body=body.model_dump(mode="json"))
        return model_of(response, CurrentFolder)

    async def confirm_shortcut(self, folder: str, generation: int) -> CurrentFolder:
        """Confirm that the folder's shortcut exists. Raises :class:`Conflict` as :meth:`ensure_folder` does."""
        body = ConfirmShortcut(folder=folder, generation=generation)
        response = await call(
            self.http, "POST", _path("folder", "confirm"), body=body.model_dump(mode="json")
        )
        return model_of(response, CurrentFolder)

    # ---------------------------------------------------------------- sending

    async def open_send(self, request: OpenSend, key: str) -> Send:
        """Open a send, once for each idempotency ``key``. Only fields that were set are included in the request."""
        response = await call(
            self.http,
            "POST",
            _path("sends"),
            body=request.model_dump(mode="json", exclude_unset=True),
            headers={"Idempotency-Key": key},
            again=True,
        )
        return model_of(response, Send)

    async def send_state(self, send_id: str) -> SendState:
        """The state of a send: its documents with their keys, and its uploads with their offsets."""
        response = await call(self.http, "GET", _path("sends", _id(send_id)), patience=_STATE_SECONDS)
        return model_of(response, SendState)

    async def end_uploads(self, send_id: str) -> int:
        """End all unfinished uploads of a send. Returns how many there were."""
        response = await call(self.http, "DELETE", _path("sends", _id(send_id), "uploads"), again=True)
        return model_of(response, UploadsEnded).ended

    async def set_recipients(
        self, send_id: str, recipients: Sequence[str], documents: Sequence[str] | None = None
    ) -> RecipientsSet:
        """Replace whom a send is for, or only some of its documents. The links stay as they are."""
        chosen = None if documents is None else list(documents)
        body = SetRecipients(recipients=list(recipients), documents=chosen)
        response = await call(
            self.http,
            "PUT",
            _path("sends", _id(send_id), "recipients"),
            body=body.model_dump(mode="json", exclude_none=True),
            again=True,
        )
        return model_of(response, RecipientsSet)

    async def earlier_recipients(self) -> list[str]:
        """The addresses that the caller has sent to, those used most and most recently first."""
        return model_of(await call(self.http, "GET", _path("recipients")), EarlierRecipients).recipients

    async def publish(self, send_id: str, request: Publish, key: str, size: int = 0) -> Document:
        """Publish an upload, once for each idempotency ``key``; the timeout grows with ``size`` (bytes)."""
        response = await call(
            self.http,
            "POST",
            _path("sends", _id(send_id), "documents"),
            body=request.model_dump(mode="json"),
            headers={"Idempotency-Key": key},
            patience=60 + size / _SLOWEST_BYTES_PER_SECOND,
            again=True,
        )
        return model_of(response, Document)

    async def publish_version(self, send_id: str, request: PublishVersion, key: str) -> Document:
        """Publish a Work version that is stored on this server, once for each idempotency ``key``."""
        response = await call(
            self.http,
            "POST",
            _path("sends", _id(send_id), "versions"),
            body=request.model_dump(mode="json"),
            headers={"Idempotency-Key": key},
            again=True,
        )
        return model_of(response, Document)

    async def publish_all(
        self, send_id: str, documents: Sequence[BatchDocument], contents: Sequence[bytes]
    ) -> list[Document | Problem]:
        """Publish small documents in one request, each once for its idempotency key. Returns the result of each."""
        head = BatchHead(documents=list(documents)).model_dump_json().encode()
        response = await call(
            self.http,
            "POST",
            _path("sends", _id(send_id), "batch"),
            content=b"".join((head, b"\n", *contents)),
            headers={"Content-Type": MEDIA_TYPE},
            patience=60 + sum(map(len, contents)) / _SLOWEST_BYTES_PER_SECOND,
            again=True,
        )
        results = model_of(response, BatchResults).results
        found = [each.document or each.error for each in results]
        if len(found) != len(documents) or not all(found):
            raise Failed("answer.not_understood", "The server's response is missing some documents.")
        return [
            each
            if isinstance(each, Document)
            else problem_from(each.status, each.code, printable(each.detail), each.field)
            for each in found
            if each is not None
        ]

    # ---------------------------------------------------------------- folders and documents

    async def folders(self) -> list[Folder]:
        """The caller's folders, including those no longer used and those that they are a member of."""
        return model_of(await call(self.http, "GET", _path("folders")), Folders).folders

    async def delete_folder(self, folder_id: str) -> int:
        """Delete a folder. Returns how many documents went to the trash with it."""
        response = await call(self.http, "DELETE", _path("folders", _id(folder_id)))
        return model_of(response, FolderDeleted).deleted

    async def members(self, folder_id: str) -> list[Member]:
        """The members of a folder."""
        response = await call(self.http, "GET", _path("folders", _id(folder_id), "members"))
        return model_of(response, Members).members

    async def add_member(self, folder_id: str, name: str) -> list[Member]:
        """Add a member, who can then see everything in the folder. Returns all members."""
        path, body = _path("folders", _id(folder_id), "members"), AddMember(name=name)
        response = await call(self.http, "POST", path, body=body.model_dump(mode="json"), again=True)
        return model_of(response, Members).members

    async def remove_member(self, folder_id: str, name: str) -> list[Member]:
        """Remove a member, effective immediately. Returns the remaining members."""
        path = _path("folders", _id(folder_id), "members", path_part(name))
        return model_of(await call(self.http, "DELETE", path, again=True), Members).members

    async def documents(
        self,
        folder_id: str,
        cursor: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        name: str | None = None,
    ) -> Documents:
        """One page of a folder's documents, the last sent first; ``cursor`` comes from the previous page.

        ``name`` returns only documents that have it in their name.
        """
        params = {"cursor": cursor, "limit": limit, "sort": sort, "name": name}
        return await self._page(_path("folders", _id(folder_id), "documents"), params)

    async def all_documents(self, cursor: str | None = None, limit: int | None = None) -> Documents:
        """One page of the documents in all of the caller's own folders, without the trash."""
        return await self._page(_path("documents"), {"cursor": cursor, "limit": limit})

    async def trash(self, cursor: str | None = None, limit: int | None = None) -> Documents:
        """One page of the trash."""
        return await self._page(_path("trash"), {"cursor": cursor, "limit": limit})

    def document_pages(self, folder_id: str, limit: int | None = None) -> AsyncIterator[Documents]:
        """All pages of :meth:`documents`, one after the other."""
        return _pages(lambda cursor: self.documents(folder_id, cursor, limit))

    def all_document_pages(self, limit: int | None = None) -> AsyncIterator[Documents]:
        """All pages of :meth:`all_documents`, one after the other."""
        return _pages(lambda cursor: self.all_documents(cursor, limit))

    def trash_pages(self, limit: int | None = None) -> AsyncIterator[Documents]:
        """All pages of :meth:`trash`, one after the other."""
        return _pages(lambda cursor: self.trash(cursor, limit))

    async def _page(self, path: str, params: Mapping[str, Any]) -> Documents:
        return model_of(await call(self.http, "GET", path, params=params), Documents)

    async def document(self, document_id: str) -> Document:
        return model_of(await call(self.http, "GET", _path("documents", _id(document_id))), Document)

    async def unpublish(self, document_id: str) -> Document:
        """Stop the link immediately. Does nothing if it is unpublished already."""
        response = await call(
            self.http, "POST", _path("documents", _id(document_id), "unpublish"), again=True
        )
        return model_of(response, Document)

    async def undo_unpublish(self, document_id: str, unpublished_at: datetime) -> Document:
        """Undo the unpublishing at ``unpublished_at``. Raises :class:`Conflict` if it can no longer be undone."""
        body = UndoUnpublish(unpublished_at=unpublished_at)
        path = _path("documents", _id(document_id), "unpublish", "undo")
        response = await call(self.http, "POST", path, body=body.model_dump(mode="json"), again=True)
        return model_of(response, Document)

    async def resend(self, document_id: str, request: Resend) -> Document:
        """Send again with new settings. Only fields that were set are in the request; the others are kept."""
        response = await call(
            self.http,
            "POST",
            _path("documents", _id(document_id), "resend"),
            body=request.model_dump(mode="json", exclude_unset=True),
        )
        return model_of(response, Document)

    async def delete(self, document_id: str) -> Document:
        """Move the document to the trash. Does nothing if it is there already."""
        response = await call(self.http, "DELETE", _path("documents", _id(document_id)), again=True)
        return model_of(response, Document)

    @asynccontextmanager
    async def content(self, document_id: str, start: int = 0) -> AsyncIterator[Content]:
        """The document's bytes from ``start`` on, for its owner and the folder's members. Not counted as a download."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        path = _path("documents", _id(document_id), "content")
        async with stream(self.http, path, headers=headers) as response:
            if start and response.status_code != 206:
                raise Failed(
                    "content.no_ranges", "The server can't resume this download; get the whole document."
                )
            length = response.headers.get("content-length", "")
            yield Content(int(length) if length.isdigit() else None, response.aiter_bytes())

    async def unlock(self, document_id: str) -> Document:
        """Lift the lock and the delays caused by wrong passwords. Does nothing if there are none."""
        response = await call(self.http, "POST", _path("documents", _id(document_id), "unlock"), again=True)
        return model_of(response, Document)

    def audit(self, document_id: str | None = None) -> AsyncIterator[AuditEvent]:
        """The audit events of a document, or of everything that the caller owns; the latest first."""
        path = _path("audit") if document_id is None else _path("documents", _id(document_id), "audit")
        return self._events(path)

    def audit_of(self, whose: Literal["account", "installation"]) -> AsyncIterator[AuditEvent]:
        """The audit events of the caller's own account, or of the installation; the latest first.

        Raises :class:`NotAllowed` for the installation's unless the caller is an administrator.
        """
        return self._events(_path("audit", whose))

    async def _events(self, path: str) -> AsyncIterator[AuditEvent]:
        cursor = None
        while True:
            found = model_of(await call(self.http, "GET", path, params={"cursor": cursor}), AuditEvents)
            for event in found.events:
                yield event
            if not found.cursor or found.cursor == cursor:
                return
            cursor = found.cursor

    async def verify_audit(self, document_id: str | None = None) -> AuditVerdict:
        """Verify that the audit of a document, or of everything that the caller owns, is unchanged."""
        path = _path("audit") if document_id is None else _path("documents", _id(document_id), "audit")
        response = await call(self.http, "GET", f"{path}/verify", patience=_VERIFY_SECONDS)
        return model_of(response, AuditVerdict)

    async def audit_heads(self) -> SignedHeads:
        """The signed heads of the chains of everything that the caller owns; for administrators, of all chains."""
        response = await call(self.http, "GET", _path("audit", "heads"), patience=_VERIFY_SECONDS)
        found = model_of(response, AuditHeads)
        heads = [Head(head.subject, head.sequence, head.digest) for head in found.heads]
        return SignedHeads(found.at, heads, found.public_key, found.signature)

    async def kept_of(self, heads: Sequence[Head]) -> tuple[list[Kept], str]:
        """The current state of the chains of ``heads`` (one or more), in the same order, and the key that the server
        itself signs with (hexadecimal)."""
        found: list[Kept] = []
        public_key = ""
        for start in range(0, len(heads), _HEADS_AT_ONCE):
            part = heads[start : start + _HEADS_AT_ONCE]
            body = LookUpHeads(chains=[ChainPart(subject=h.subject, sequence=h.sequence) for h in part])
            response = await call(
                self.http,
                "POST",
                _path("audit", "heads", "check"),
                body=body.model_dump(mode="json"),
                patience=_VERIFY_SECONDS,
                again=True,
            )
            answer = model_of(response, ChainsKept)
            chains, public_key = answer.chains, answer.public_key
            if len(chains) != len(part):
                raise Failed("answer.not_understood", "The server's response is missing some chains.")
            found += [Kept(chain.rows, chain.digest) for chain in chains]
        return found, public_key

    async def restore(self, document_id: str) -> Document:
        """Restore a document from the trash, unpublished."""
        response = await call(self.http, "POST", _path("trash", _id(document_id), "restore"))
        return model_of(response, Document)

    async def empty_trash(self) -> int:
        """Permanently remove everything in the trash. Returns how many documents there were."""
        found = json_of(await call(self.http, "POST", _path("trash", "empty")))
        purged = found.get("purged") if isinstance(found, dict) else None
        if not isinstance(purged, int):
            raise Failed("answer.not_understood", "The server did not say how many documents it removed.")
        return purged


async def _pages(
    page: Callable[[str | None], Coroutine[Any, Any, Documents]],
) -> AsyncIterator[Documents]:
    cursor = None
    while True:
        found = await page(cursor)
        yield found
        if not found.cursor or found.cursor == cursor:
            return
        cursor = found.cursor
