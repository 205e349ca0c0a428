"""Work, as a client sees it: one method for each call of the iManage Work REST API v2 that is used here.

It is written for any server that speaks that protocol: what is read is in ``wire/work.py`` and tolerant, and what
no public source tells how to do (changing My Favorites, adding to the history) is one method each, which says so
where the server does not take it. Every method raises a :class:`~tui.rules.errors.Problem` where it does not
succeed. Lists come by the page; :func:`pages` walks through them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Literal

import httpx

from ..rules.errors import NotFound
from ..rules.ids import number_of
from ..rules.text import printable
from ..rules.versions import Version
from ..wire import work as wire
from ..wire.work import Activity, Container, Document, Library, Shortcut
from .checked import checked
from .connection import call, stream
from .work_session import PAGE, Page, WorkSession, data_of, pages

Entry = Document | Container | Shortcut
_MOST_CATEGORIES = 50

__all__ = ["PAGE", "Entry", "Page", "WorkClient", "pages", "version_of"]


def looking_for(text: str) -> dict[str, str]:
    """The parameters of a search: by its number for a document whose id the text is, in one word."""
    number = number_of(text) if len(text.split()) == 1 else None
    return {"anywhere": text} if number is None else {"document_number": str(number)}


def version_of(document: Document) -> Version:
    """What the questions before a send need to know of a version."""
    return Version(
        id=document.id,
        number=document.document_number or 0,
        version=document.version or 1,
        name=document.file_name,
        checked_out_by=_holder(document),
        checked_out_at=document.checkout_date,
        edited_at=document.edit_date,
        author=document.author or "",
        comment=document.comment or "",
    )


def _holder(document: Document) -> str | None:
    if document.checked_out_by is None:
        return None
    return document.in_use_by_description or document.checked_out_by or "somebody"


class WorkClient(WorkSession):
    """``http`` comes from :func:`tui.clients.connection.open_http` and is closed by whoever opened it."""

    async def libraries(self) -> list[Library]:
        raw = await self.ask("GET", await self.customer_address("libraries"))
        return [found for found in map(wire.library, wire.items(raw)) if found is not None]

    # ---------------------------------------------------------------- containers

    async def workspaces(
        self,
        cursor: str | None = None,
        limit: int = PAGE,
        *,
        text: str | None = None,
        name: str | None = None,
    ) -> Page[Container]:
        """A page of the workspaces by name, or of those that ``text`` finds, or whose name ``name`` finds.

        In names, ``*`` stands for anything.
        """
        address = await self.address(None, "workspaces")
        params = {"anywhere": text, "name": name}
        return await self.filtered(address, wire.container, cursor, limit, params)

    async def recent_workspaces(self, cursor: str | None = None, limit: int = PAGE) -> Page[Container]:
        """A page of the workspaces of the documents used in the last 30 days, the latest first."""
        address = await self.address(None, "recent-workspaces")
        return await self.page(address, wire.container, cursor, limit, by_offset=True)

    async def container(self, container_id: str) -> Container:
        """A folder or a workspace."""
        raw = await self.ask("GET", await self.address(container_id, "folders", container_id))
        return self.found(wire.container(data_of(raw)))

    async def children(
        self,
        container_id: str,
        cursor: str | None = None,
        limit: int = PAGE,
        *,
        kind: Literal["all", "folders", "documents"] = "all",
        sort: str | None = None,
        name: str | None = None,
    ) -> Page[Entry]:
        """A page of what is in a folder or a workspace: folders first, then the latest versions by name.

        ``sort`` is ``name``, ``edited`` or one of them after ``-``; a server that does not know it gives its own.
        ``name`` gives those only that have its words in their name; ``*`` in it stands for anything.
        """
        address = await self.address(container_id, "folders", container_id, "children")
        params = {
            "exclude_docs": "true" if kind == "folders" else None,
            "exclude_folders": "true" if kind == "documents" else None,
            "sort": sort,
            "name": name,
        }
        return await self.filtered(address, wire.entry, cursor, limit, params)

    def child_pages(
        self,
        container_id: str,
        limit: int = PAGE,
        *,
        kind: Literal["all", "folders", "documents"] = "all",
    ) -> AsyncIterator[Page[Entry]]:
        """All pages of :meth:`children`, one after the other."""
        return pages(lambda cursor: self.children(container_id, cursor, limit, kind=kind))

    # ---------------------------------------------------------------- documents

    async def document(self, document_id: str) -> Document:
        """The version's profile, with ``is_latest`` and ``latest_version``; of an id without a version
        (``ACTIVE!453``), the latest one's."""
        number = document_id.rpartition("!")[2]
        if number.isascii() and number.isdigit():
            address = await self.address(document_id, "documents")
            found = await self.page(
                address, wire.document, None, 1, {"document_number": number, "latest": "true"}
            )
            if not found.items:
                raise NotFound("NRC_NO_RECORD", f"There is no document {printable(document_id)}.")
            return found.items[0]
        address = await self.address(document_id, "documents", document_id)
        raw = await self.ask("GET", address, {"is_latest": "true"})
        return self.found(wire.document(data_of(raw)))

    async def versions(self, document_id: str) -> list[Document]:
        """All versions of the document that ``document_id`` is one of, newest first."""
        address = await self.address(document_id, "documents", document_id, "versions")
        found: list[Document] = []
        async for page in pages(
            lambda cursor: self.page(address, wire.document, cursor, 500, by_offset=True)
        ):
            found += page.items
        return sorted(found, key=lambda document: -(document.version or 0))

    async def path(self, document_id: str) -> list[Container]:
        """The containers that lead to the document, the outermost first; the first way where there are more."""
        raw = await self.ask("GET", await self.address(document_id, "documents", document_id, "path"))
        ways = wire.items(raw)
        way = ways[0] if ways and isinstance(ways[0], list) else ways
        return [found for found in map(wire.container, way) if found is not None]

    async def recent(self, cursor: str | None = None, limit: int = PAGE) -> Page[Document]:
        """A page of the Document Worklist: the versions used in the last 30 days, the latest first."""
        address = await self.address(None, "recent-documents")
        return await self.page(address, wire.document, cursor, limit, by_offset=True)

    async def checked_out(self, cursor: str | None = None, limit: int = PAGE) -> Page[Document]:
        """A page of the versions that the user has checked out."""
        address = await self.address(None, "documents", "checked-out")
        return await self.page(address, wire.document, cursor, limit, by_offset=True)

    async def find(self, text: str, cursor: str | None = None, limit: int = PAGE) -> Page[Document]:
        """A page of the documents of the library that ``text`` finds."""
        address = await self.address(None, "documents")
        # In cursor mode a server ignores ``anywhere``.
        params = looking_for(text)
        return await self.page(address, wire.document, cursor, limit, params, by_offset=True, counted=False)

    async def download(
        self, document_id: str, start: int = 0, *, size: int | None = None, sha256: str | None = None
    ) -> AsyncIterator[bytes]:
        """The version's bytes from ``start`` on; the history tells it as an export.

        Given ``size`` or (from the beginning only) ``sha256``, raises :class:`Failed` ``document.changed`` before
        the last piece where the bytes are others. An iteration that is given up wants ``aclose()``.
        """
        address = await self.address(document_id, "documents", document_id, "download")
        if size is not None and start >= size:
            return
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"

        async with AsyncExitStack() as stack:

            async def begin() -> httpx.Response:
                asked = stream(self.http, address, headers=headers, params={"activity": "export"})
                return await stack.enter_async_context(asked)

            answer = await self.authorized(begin)
            # A server that knows no ranges sends it from its beginning.
            skip = start if answer.status_code != 206 else 0
            async for piece in checked(answer.aiter_bytes(), document_id, start, skip, size, sha256):
                yield piece

    async def length(self, document_id: str) -> int | None:
        """How many bytes the version has, where its profile does not say; ``None`` where the server does not either."""
        address = await self.address(document_id, "documents", document_id, "download")
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        answer = await self.authorized(lambda: call(self.http, "HEAD", address, headers=headers))
        text = answer.headers.get("content-length", "")
        return int(text) if text.isascii() and text.isdigit() else None

    # ---------------------------------------------------------------- history

    async def history(
        self,
        document_id: str,
        cursor: str | None = None,
        limit: int = PAGE,
        *,
        activity: str | None = None,
        all_versions: bool = False,
    ) -> Page[Activity]:
        """A page of what happened to the version (or all of them), the latest first.

        ``activity`` is one of the protocol's filters: ``download``, ``edit``, ``share``, ``view`` and others.
        """
        address = await self.address(document_id, "documents", document_id, "history")
        params = {"activity": activity, "all_versions": "true" if all_versions else None}
        return await self.page(address, wire.activity, cursor, limit, params, by_offset=True)

    async def add_history(self, document_id: str, activity: str, comments: str, *, duration: int = 0) -> None:
        """Adds to the version's history what this program did with it. ``duration`` is seconds.

        Raises :class:`Failed` ``history.unsupported`` where the server has no such call.
        """
        address = await self.address(document_id, "documents", document_id, "history")
        body = {
            "activity_code": wire.ACTIVITY_CODES.get(activity, wire.ACTIVITY_CODES["EXPORT"]),
            "activity": activity,
            "comments": comments,
            "duration": duration,
        }
        await self.guess("POST", address, body, "history", "add to a document's history")

    # ---------------------------------------------------------------- My Favorites

    async def favorites(self, category: str | None = None) -> list[Shortcut]:
        """My Favorites, or what is in one of its categories: shortcuts, and categories (without ``target``).

        Raises :class:`Failed` ``favorites.unsupported`` where the server has no My Favorites.
        """
        tail = ("categories", category, "children") if category else ("children",)
        address = await self.address(category, "my-favorites", *tail)
        found: list[Shortcut] = []
        try:
            async for page in pages(
                lambda cursor: self.page(address, wire.shortcut, cursor, 500, by_offset=True)
            ):
                found += page.items
        except NotFound as problem:
            if category is not None and problem.code == "NRC_NO_RECORD":
                raise
            raise self.unsupported("favorites", "show My Favorites") from problem
        return found

    async def shortcuts(self) -> list[Shortcut]:
        """The shortcuts of My Favorites among which those to folders of Share are, also what is in categories."""
        found: list[Shortcut] = []
        waiting: list[str | None] = [None]
        for _ in range(_MOST_CATEGORIES):
            if not waiting:
                break
            for item in await self.favorites(waiting.pop(0)):
                if item.is_category:
                    waiting.append(item.id)
                else:
                    found.append(item)
        return found

    async def add_favorite(self, target: str, name: str, category: str | None = None) -> Shortcut:
        """Adds a shortcut to the folder, workspace or document ``target``.

        Raises :class:`Failed` ``favorites.unsupported`` where the server has no such call.
        """
        address = await self.address(target, "my-favorites", "children")
        body = {"target_id": target, "name": name} | ({"parent_id": category} if category else {})
        raw = await self.guess("POST", address, body, "favorites", "add to My Favorites")
        return self.found(wire.shortcut(data_of(raw)))

    async def rename_favorite(self, favorite_id: str, name: str, target: str | None = None) -> Shortcut:
        """Renames a shortcut or category and, given ``target``, makes the shortcut lead there.

        Raises :class:`Failed` ``favorites.unsupported`` where the server has no such call.
        """
        address = await self.address(favorite_id, "my-favorites", "children", favorite_id)
        body = {"name": name} | ({"target_id": target} if target else {})
        raw = await self.guess("PATCH", address, body, "favorites", "change My Favorites")
        return self.found(wire.shortcut(data_of(raw)))

    async def remove_favorite(self, favorite_id: str) -> None:
        """Takes a shortcut, or a category with all that is in it, out of My Favorites; what it led to stays.

        Raises :class:`Failed` ``favorites.unsupported`` where the server has no such call.
        """
        address = await self.address(favorite_id, "my-favorites", "children", favorite_id)
        await self.guess("DELETE", address, None, "favorites", "take anything out of My Favorites")
