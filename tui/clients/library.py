"""Putting documents into Work's library, and taking them out for a while: what only commands do.

Profiles are answered as the server gave them: commands print Work's own fields.
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

from ..rules.errors import Failed, Throttled
from ..rules.text import printable
from ..wire import work as wire
from ..wire.work import Container, Document
from .connection import ask, json_of, problem_of, reaching
from .work import WorkClient, looking_for
from .work_session import PAGE, Page, data_of, pages

Json = dict[str, Any]

# So often is a server waited for that asks to come again.
_MOST_WAITS = 20
_LONGEST_WAIT = 60
# A server that makes a large file durable answers when it has.
_PATIENCE = httpx.Timeout(connect=10, read=600, write=120, pool=120)


@dataclass(frozen=True, slots=True)
class Content:
    """A file that is sent: ``read`` gives its bytes from the beginning, each time that it is called."""

    size: int
    read: Callable[[], AsyncIterator[bytes]]


class LibraryClient(WorkClient):
    """``http`` comes from :func:`tui.clients.connection.open_http` and is closed by whoever opened it."""

    # ---------------------------------------------------------------- containers

    async def workspaces_named(self, name: str) -> list[Container]:
        """The workspaces of exactly that name, those of the smallest numbers first."""
        address = await self.address(None, "workspaces")
        found: list[Container] = []
        # The server looks for words, and may find none in a name of signs only.
        asked = {"name": name} if any(char.isalnum() for char in name) else {}
        async for page in pages(lambda cursor: self.page(address, wire.container, cursor, PAGE, asked)):
            found += [space for space in page.items if space.name == name]
        return sorted(found, key=lambda space: _number(space.id))

    async def new_workspace(self, name: str, security: str) -> Container:
        address = await self.address(None, "workspaces")
        raw = await self.ask("POST", address, body={"name": name, "default_security": security})
        return self.found(wire.container(data_of(raw)))

    async def new_folder(self, parent: Container, name: str) -> Container:
        """Makes a folder in a workspace or a folder; it inherits who sees it."""
        kind, tail = ("workspaces", "folders") if parent.is_workspace else ("folders", "subfolders")
        address = await self.address(parent.id, kind, parent.id, tail)
        raw = await self.ask("POST", address, body={"name": name, "default_security": "inherit"})
        return self.found(wire.container(data_of(raw)))

    # ---------------------------------------------------------------- documents

    async def upload(self, folder: str, profile: Mapping[str, Any], content: Content) -> Document:
        """Puts a new document into a folder or a workspace. ``profile`` is that of the protocol."""
        address = await self.address(folder, "folders", folder, "documents")
        return self.found(wire.document(data_of(await self._send(address, profile, content))))

    async def new_version(self, document: str, profile: Mapping[str, Any], content: Content) -> Json:
        """Adds a version to the document; answers its profile."""
        address = await self.address(document, "documents", document, "versions")
        return self._profile(await self._send(address, profile, content))

    async def profile(self, document: str) -> Json:
        """The version's profile with ``is_latest``; of an id without a version, the latest one's."""
        latest = None if _has_version(document) else await self.document(document)
        ident = latest.id if latest else document
        address = await self.address(ident, "documents", ident)
        return self._profile(await self.ask("GET", address, {"is_latest": "true"}))

    async def lock(self, document: str, path: str | None = None) -> None:
        """Checks the version out for the caller; ``path`` says where to."""
        address = await self.address(document, "documents", document, "lock")
        await self.ask("POST", address, body={"path": path} if path else {})

    async def unlock(self, document: str) -> None:
        """Ends the caller's check-out of the version."""
        address = await self.address(document, "documents", document, "lock")
        response = await self.response("DELETE", address)
        # Some servers answer with the profile, some with nothing.
        if not response.is_success:
            raise problem_of(response)

    async def version_out(self, document: str) -> str:
        """The id of the version that the caller has checked out, of the document (or version) ``document``.

        Raises :class:`NotFound`, and :class:`Failed` ``checkout.none`` where it is not checked out by the caller.
        """
        profile, mine = await self._mine(document)
        chosen = [ident for ident in mine if ident == profile["id"] or not _has_version(document)]
        if not chosen:
            raise Failed(
                "checkout.none",
                f"You have not checked out {printable(document)}; run sentlinks checkout first.",
            )
        return chosen[0]

    async def version_held(self, document: str) -> str:
        """The id of the version ``document``; of an id without one, the version that the caller has checked out, or
        else the latest. Raises :class:`NotFound`."""
        profile, mine = await self._mine(document)
        return str(profile["id"] if _has_version(document) or not mine else mine[0])

    async def _mine(self, document: str) -> tuple[Json, list[str]]:
        """The profile, and the versions of the document that the caller has checked out, the newest first."""
        profile = await self.profile(document)
        me = (await self.discover()).user_id.lower()
        versions = await self.versions(profile["id"])
        mine = [found.id for found in versions if me and (found.checked_out_by or "").lower() == me]
        return profile, mine

    async def find_profiles(self, text: str, cursor: str | None = None, limit: int = PAGE) -> Page[Json]:
        """As :meth:`find`: a page of the profiles of the documents that ``text`` finds."""
        address = await self.address(None, "documents")
        return await self.page(
            address, _object, cursor, limit, looking_for(text), by_offset=True, counted=False
        )

    def _profile(self, raw: Any) -> Json:
        data = data_of(raw)
        if not isinstance(data, dict) or wire.document(data) is None:
            self.found(None)
        return dict(data)

    # ---------------------------------------------------------------- sending

    async def _send(self, address: str, profile: Mapping[str, Any], content: Content) -> Any:
        """One upload; where the token has ended it is renewed once, and where the server asks for patience it gets
        some. A connection that breaks is not tried again: the document may be there."""
        waits = 0
        while True:
            try:
                return await self.authorized(lambda: self._send_once(address, profile, content))
            except Throttled as problem:
                waits += 1
                if waits > _MOST_WAITS or problem.retry_after > _LONGEST_WAIT:
                    raise
                await asyncio.sleep(problem.retry_after)

    async def _send_once(self, address: str, profile: Mapping[str, Any], content: Content) -> Any:
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
                self.http, "POST", address, content=body(), headers=headers, timeout=_PATIENCE
            )
        if not response.is_success:
            raise problem_of(response)
        raw = json_of(response)
        _check_arrived(wire.document(data_of(raw)), content.size, digest.hexdigest())
        return raw


def _check_arrived(found: Document | None, size: int, sha256: str) -> None:
    """Raises :class:`Failed` where the server says that it has other bytes than were sent."""
    if found is None:
        return
    if found.size not in (None, size) or found.sha256 not in (None, sha256):
        raise Failed(
            "upload.differs",
            f"{printable(found.id)} arrived changed (size or checksum); look at it in Work, and upload it again.",
        )


def _frame(boundary: str, profile: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """What stands before the file's bytes and behind them. The profile says what the file is called."""
    said = json.dumps(profile, ensure_ascii=False, separators=(",", ":")).encode()
    head = (
        f"--{boundary}\r\n"
        'Content-Disposition: form-data; name="profile"\r\nContent-Type: application/json\r\n\r\n'
    ).encode()
    file = (
        f"\r\n--{boundary}\r\n"
        'Content-Disposition: form-data; name="file"; filename="file"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    return head + said + file, f"\r\n--{boundary}--\r\n".encode()


def _has_version(ident: str) -> bool:
    return "." in ident.rpartition("!")[2]


def _object(raw: Any) -> Json | None:
    return dict(raw) if wire.document(raw) is not None else None


def _number(ident: str) -> int:
    tail = ident.rpartition("!")[2]
    return int(tail) if tail.isdecimal() else 0
