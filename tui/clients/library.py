"""Adding documents to Work's library, and checking them in and out: what only commands do.

Profiles are returned as the server sent them, because commands print Work's own fields.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from ..rules.errors import Busy, Failed, Throttled
from ..rules.text import printable
from ..wire import work_reading as wire
from ..wire.work import Container, Document
from .connection import ask, json_of, problem_of, reaching
from .work import WorkClient
from .work_session import PAGE, Page, data_of, pages

Json = dict[str, Any]

# How often an upload is repeated for a server that asks to be called again later, and the longest such wait in seconds.
_MOST_WAITS = 20
_LONGEST_WAIT = 60
# The server responds only after it has made a large file durable.
_UPLOAD_TIMEOUT = httpx.Timeout(connect=10, read=600, write=120, pool=120)


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file to upload: each call of ``read`` yields its bytes from the beginning."""

    size: int
    read: Callable[[], AsyncIterator[bytes]]


class LibraryClient(WorkClient):
    """Work's library. ``http`` comes from :func:`tui.clients.connection.open_http`; the caller closes it."""

    # ---------------------------------------------------------------- containers

    async def workspaces_named(self, name: str) -> list[Container]:
        """The workspaces of exactly this name, in ascending order of their numbers."""
        address = await self.session.address(None, "workspaces")
        workspaces: list[Container] = []
        # The server searches for words, and a name of punctuation only has none.
        params = {"name": name} if any(char.isalnum() for char in name) else {}
        async for page in pages(
            lambda cursor: self.session.page(address, wire.container, cursor, PAGE, params)
        ):
            workspaces += [workspace for workspace in page.items if workspace.name == name]
        return sorted(workspaces, key=lambda workspace: _number(workspace.id))

    async def new_workspace(self, name: str, security: str) -> Container:
        """Create a workspace; ``security`` is ``public``, ``view`` or ``private``. Raises :class:`Problem`."""
        address = await self.session.address(None, "workspaces")
        raw = await self.session.ask("POST", address, body={"name": name, "default_security": security})
        return self.session.found(wire.container(data_of(raw)))

    async def new_folder(self, parent: Container, name: str) -> Container:
        """Create a folder in a workspace or a folder; it inherits the parent's security."""
        kind, tail = ("workspaces", "folders") if parent.is_workspace else ("folders", "subfolders")
        address = await self.session.address(parent.id, kind, parent.id, tail)
        raw = await self.session.ask("POST", address, body={"name": name, "default_security": "inherit"})
        return self.session.found(wire.container(data_of(raw)))

    # ---------------------------------------------------------------- documents

    async def upload(self, folder: str, profile: Mapping[str, Any], content: FileContent) -> Document:
        """Add a new document to a folder or a workspace. ``profile`` has the protocol's fields."""
        address = await self.session.address(folder, "folders", folder, "documents")
        return self.session.found(wire.document(data_of(await self._upload(address, profile, content))))

    async def new_version(self, document: str, profile: Mapping[str, Any], content: FileContent) -> Json:
        """Add a version to the document. Returns the version's profile."""
        address = await self.session.address(document, "documents", document, "versions")
        return self._profile(await self._upload(address, profile, content))

    async def profile(self, document: str) -> Json:
        """The version's profile with ``is_latest``; for an id without a version, the latest version's."""
        latest = None if _has_version(document) else await self.document(document)
        ident = latest.id if latest else document
        address = await self.session.address(ident, "documents", ident)
        return self._profile(await self.session.ask("GET", address, {"is_latest": "true"}))

    async def lock(self, document: str, path: str | None = None) -> None:
        """Check the version out for the caller, to ``path``."""
        address = await self.session.address(document, "documents", document, "lock")
        await self.session.ask("POST", address, body={"path": path} if path else {})

    async def unlock(self, document: str) -> None:
        """End the caller's check-out of the version."""
        address = await self.session.address(document, "documents", document, "lock")
        response = await self.session.response("DELETE", address)
        # Some servers return the profile, some nothing.
        if not response.is_success:
            raise problem_of(response)

    async def version_out(self, document: str) -> str:
        """The id of the caller's checked-out version of ``document`` (a document or one of its versions).

        Raises :class:`NotFound`, and :class:`Failed` ``checkout.none`` if the caller hasn't checked it out.
        """
        profile, mine = await self._checked_out_by_me(document)
        candidates = [ident for ident in mine if ident == profile["id"] or not _has_version(document)]
        if not candidates:
            raise Failed(
                "checkout.none",
                f"You have not checked out {printable(document)}; run sentlinks checkout first.",
            )
        return candidates[0]

    async def version_held(self, document: str) -> str:
        """The id of the version ``document``. For an id without a version: the one that the caller has checked out,
        or else one that someone has. Raises :class:`NotFound`, and :class:`Failed` ``checkout.none`` if nobody has."""
        profile, mine = await self._checked_out_by_me(document)
        if mine and not _has_version(document):
            return mine[0]
        versions = await self.versions(profile["id"])
        held = [each.id for each in versions if each.checked_out_by is not None]
        found = [ident for ident in held if ident == profile["id"] or not _has_version(document)]
        if not found:
            raise Failed("checkout.none", f"{printable(document)} is not checked out.")
        return found[0]

    async def _checked_out_by_me(self, document: str) -> tuple[Json, list[str]]:
        """The profile, and the document's versions that the caller has checked out, newest first."""
        profile = await self.profile(document)
        me = (await self.discover()).user_id.lower()
        versions = await self.versions(profile["id"])
        mine = [version.id for version in versions if me and (version.checked_out_by or "").lower() == me]
        return profile, mine

    async def find_profiles(
        self, text: str, cursor: str | None = None, limit: int = PAGE, *, copies: bool = False
    ) -> Page[Json]:
        """A page of the profiles of the documents that match ``text``; see :meth:`find`."""
        search = await self.search_for(text, copies=copies)
        return await self.results(search, _object, wire.document, cursor, limit)

    def _profile(self, raw: Any) -> Json:
        data = data_of(raw)
        if not isinstance(data, dict) or wire.document(data) is None:
            self.session.found(None)
        return dict(data)

    # ---------------------------------------------------------------- sending

    async def _upload(self, address: str, profile: Mapping[str, Any], content: FileContent) -> Any:
        """Upload once, after renewing an expired token and waiting for a busy server as needed.

        A broken connection is not retried: the document may have arrived.
        """
        waits = 0
        while True:
            try:
                return await self.session.authorized(lambda: self._upload_once(address, profile, content))
            except (Throttled, Busy) as problem:
                waits += 1
                if waits > _MOST_WAITS or problem.retry_after > _LONGEST_WAIT:
                    raise
                await asyncio.sleep(problem.retry_after)

    async def _upload_once(self, address: str, profile: Mapping[str, Any], content: FileContent) -> Any:
        boundary = secrets.token_hex(16)
        head, tail = _frame(boundary, profile)
        digest = hashlib.sha256()

        async def body() -> AsyncIterator[bytes]:
            yield head
            async for piece in content.read():
                digest.update(piece)
                yield piece
            yield tail

        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(len(head) + content.size + len(tail)),
        }
        with reaching(self.http):
            response = await ask(
                self.http, "POST", address, content=body(), headers=headers, timeout=_UPLOAD_TIMEOUT
            )
        if not response.is_success:
            raise problem_of(response)
        raw = json_of(response)
        _check_arrived(wire.document(data_of(raw)), content.size, digest.hexdigest())
        return raw


def _check_arrived(document: Document | None, size: int, sha256: str) -> None:
    """Raise :class:`Failed` if the server reports other bytes than were sent."""
    if document is None:
        return
    if document.size not in (None, size) or document.sha256 not in (None, sha256):
        raise Failed(
            "upload.differs",
            f"{printable(document.id)} arrived damaged (size or checksum); check it in Work, and upload it again.",
        )


def _frame(boundary: str, profile: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The multipart body before and after the file's bytes. The file's name is in the profile."""
    encoded = json.dumps(profile, ensure_ascii=False, separators=(",", ":")).encode()
    head = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="profile"\r\nContent-Type: application/json\r\n\r\n'
    ).encode()
    file_header = (
        f"\r\n--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    return head + encoded + file_header, f"\r\n--{boundary}--\r\n".encode()


def _has_version(ident: str) -> bool:
    return "." in ident.rpartition("!")[2]


def _object(raw: Any) -> Json | None:
    return dict(raw) if wire.document(raw) is not None else None


def _number(ident: str) -> int:
    tail = ident.rpartition("!")[2]
    return int(tail) if tail.isdecimal() else 0
