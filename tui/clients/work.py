"""The client for Work: one method for each call of the iManage Work REST API v2 that the program needs.

It is written for any server that speaks that protocol. Reading is tolerant (``wire/work_reading.py``). Each call that
isn't publicly documented (changing My Favorites, adding to the history) has one method, which raises ``….unsupported``
if the server rejects it. Every method raises a :class:`~tui.rules.errors.Problem` if it fails. Lists are paged;
:func:`pages` iterates over their pages.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any, Literal, TypeVar

import httpx

from ..rules.errors import NotFound
from ..rules.ids import canonical
from ..rules.missing import NO_DOCUMENT
from ..wire import work_reading as wire
from ..wire.work import ACTIVITY_CODES, Activity, Container, Discovery, Document, Library, Shortcut
from .blocks import Block, block_headers, block_of
from .connection import call, stream
from .integrity import verified
from .work_search import Search
from .work_session import PAGE, Page, WorkSession, data_of, pages

T = TypeVar("T")
Entry = Document | Container | Shortcut
_MOST_CATEGORIES = 50

__all__ = ["PAGE", "Entry", "Page", "WorkClient", "pages"]

#: How many pages of nothing but copies are passed over before a page is returned empty, if the server has them all.
_MOST_SKIPPED = 25


class WorkClient:
    """Work. ``http`` comes from :func:`tui.clients.connection.open_http`; the caller closes it."""

    def __init__(self, http: httpx.AsyncClient, **sign_in: Any) -> None:
        """``sign_in`` are the arguments of :class:`~tui.clients.tokens.TokenSession`."""
        #: Its tokens, addresses and calls.
        self.session = WorkSession(http, **sign_in)

    @property
    def http(self) -> httpx.AsyncClient:
        """The connection to the server."""
        return self.session.http

    @property
    def apart(self) -> bool:
        """Whether the server isn't the one that publishes."""
        return self.session.apart

    async def discover(self) -> Discovery:
        """Who the token belongs to and the base address of the calls; cached after the first request."""
        return await self.session.discover()

    async def me(self, name: str) -> str:
        """The caller's user id in Work: ``name``, unless Work is a separate server."""
        return await self.session.me(name)

    async def libraries(self) -> list[Library]:
        """The libraries of the customer; entries that can't be read are left out."""
        raw = await self.session.ask("GET", await self.session.customer_address("libraries"))
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
        """A page of the workspaces by name: all, or those that match ``text``, or whose name matches ``name``.

        In names, ``*`` matches anything.
        """
        address = await self.session.address(None, "workspaces")
        params = {"anywhere": text, "name": name}
        return await self.session.filtered(address, wire.container, cursor, limit, params)

    async def container(self, container_id: str) -> Container:
        """A folder or a workspace."""
        raw = await self.session.ask("GET", await self.session.address(container_id, "folders", container_id))
        return self.session.found(wire.container(data_of(raw)))

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
        """A page of the content of a folder or a workspace: folders first, then the latest versions by name.

        ``sort`` is ``name`` or ``edited``, with a ``-`` before it to reverse; servers that don't support it use their
        own order. ``name`` returns only entries that have its words in their name; ``*`` in it matches anything.
        """
        address = await self.session.address(container_id, "folders", container_id, "children")
        params = {
            "exclude_docs": "true" if kind == "folders" else None,
            "exclude_folders": "true" if kind == "documents" else None,
            "sort": sort,
            "name": name,
        }
        return await self.session.filtered(address, wire.entry, cursor, limit, params)

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
        """The version's profile, with ``is_latest`` and ``latest_version``; for an id without a version
        (``ACTIVE!453``), the latest version's."""
        number = document_id.rpartition("!")[2]
        if number.isascii() and number.isdigit():
            address = await self.session.address(document_id, "documents")
            found = await self.session.page(
                address, wire.document, None, 1, {"document_number": number, "latest": "true"}
            )
            if not found.items:
                raise NotFound("NRC_NO_RECORD", NO_DOCUMENT)
            return found.items[0]
        address = await self.session.address(document_id, "documents", document_id)
        raw = await self.session.ask("GET", address, {"is_latest": "true"})
        return self.session.found(wire.document(data_of(raw)))

    async def versions(self, document_id: str) -> list[Document]:
        """All versions of the document that the version ``document_id`` belongs to, newest first."""
        address = await self.session.address(document_id, "documents", document_id, "versions")
        found: list[Document] = []
        async for page in pages(
            lambda cursor: self.session.page(address, wire.document, cursor, 500, by_offset=True)
        ):
            found += page.items
        return sorted(found, key=lambda document: -(document.version or 0))

    async def path(self, document_id: str) -> list[Container]:
        """The containers that lead to the document, the outermost first; the first path if there are several."""
        raw = await self.session.ask(
            "GET", await self.session.address(document_id, "documents", document_id, "path")
        )
        paths = wire.items(raw)
        path = paths[0] if paths and isinstance(paths[0], list) else paths
        return [container for container in map(wire.container, path) if container is not None]

    async def recent(self, cursor: str | None = None, limit: int = PAGE) -> Page[Document]:
        """A page of the Document Worklist: the versions used in the last 30 days, the latest first."""
        address = await self.session.address(None, "recent-documents")
        return await self.session.page(address, wire.document, cursor, limit, by_offset=True)

    async def checked_out(self, cursor: str | None = None, limit: int = PAGE) -> Page[Document]:
        """A page of the versions that the user has checked out."""
        address = await self.session.address(None, "documents", "checked-out")
        return await self.session.page(address, wire.document, cursor, limit, by_offset=True)

    async def find(
        self, text: str, cursor: str | None = None, limit: int = PAGE, *, copies: bool = False
    ) -> Page[Document]:
        """A page of the documents in the library that match ``text``; for ``copies`` see :class:`Search`."""
        search = await self.search_for(text, copies=copies)
        return await self.results(search, wire.document, lambda found: found, cursor, limit)

    async def search_for(self, text: str, *, copies: bool) -> Search:
        """The search for ``text``. What looks like an id with a colon (``Case:453``) is one only if there is such a
        library."""
        ident = canonical(text)
        if ident != text:
            library = ident.partition("!")[0].casefold()
            preferred = (await self.discover()).library or ""
            if library != preferred.casefold() and library not in {
                each.id.casefold() for each in await self.libraries()
            }:
                ident = text
        return Search(ident, copies)

    async def results(
        self,
        search: Search,
        read: Callable[[Any], T | None],
        document_of: Callable[[T], Document | None],
        cursor: str | None,
        limit: int,
    ) -> Page[T]:
        """A page of what ``search`` finds, as ``read`` reads it; ``document_of`` is its document.

        A server that doesn't leave copies out itself may return pages that aren't full, or even empty ones before the
        last.
        """
        address = await self.session.address(None, "documents")
        for _ in range(_MOST_SKIPPED):
            # By offset, because servers ignore ``anywhere`` in cursor mode.
            page = await self.session.page(
                address, read, cursor, limit, search.params, by_offset=True, counted=False
            )
            items = [item for item in page.items if search.finds(document_of(item))]
            cursor = page.cursor
            if items or cursor is None:
                break
        return Page(items, cursor, page.total)

    async def download(
        self, document_id: str, start: int = 0, *, size: int | None = None, sha256: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """Yield the version's bytes from ``start`` on. The document's history records an export.

        Given ``size`` or (from the beginning only) ``sha256``, raises :class:`Failed` ``document.changed`` before the
        last piece if the bytes don't match. Call ``aclose()`` if the iteration is abandoned.
        """
        address = await self.session.address(document_id, "documents", document_id, "download")
        if size is not None and start >= size:
            return
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"

        async with AsyncExitStack() as stack:

            async def begin() -> httpx.Response:
                response = stream(self.http, address, headers=headers, params={"activity": "export"})
                return await stack.enter_async_context(response)

            response = await self.session.authorized(begin)
            # A server without range requests sends the document from its beginning.
            skip = start if response.status_code != 206 else 0
            async for piece in verified(response.aiter_bytes(), document_id, start, skip, size, sha256):
                yield piece

    async def block(self, document_id: str, start: int, length: int) -> Block:
        """Some of the version's bytes; fewer at its end. The document's history records a preview, where the server
        knows that, else a view."""
        address = await self.session.address(document_id, "documents", document_id, "download")
        headers, params = block_headers(start, length), {"activity": "preview"}
        async with AsyncExitStack() as stack:

            async def begin() -> httpx.Response:
                response = stream(self.http, address, headers=headers, params=params)
                return await stack.enter_async_context(response)

            # The body isn't verified: it is only looked into.
            return await block_of(await self.session.authorized(begin), start, length)

    async def length(self, document_id: str) -> int | None:
        """The version's size in bytes, for a profile that lacks it; ``None`` if the server doesn't report it either."""
        address = await self.session.address(document_id, "documents", document_id, "download")
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        response = await self.session.authorized(lambda: call(self.http, "HEAD", address, headers=headers))
        text = response.headers.get("content-length", "")
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
        """A page of the history of the version (or of all versions), the latest first.

        ``activity`` is one of the protocol's filters: ``download``, ``edit``, ``share``, ``view`` and others.
        """
        address = await self.session.address(document_id, "documents", document_id, "history")
        params = {"activity": activity, "all_versions": "true" if all_versions else None}
        return await self.session.page(address, wire.activity, cursor, limit, params, by_offset=True)

    async def add_history(self, document_id: str, activity: str, comments: str, *, duration: int = 0) -> None:
        """Add what this program did with the version to its history. ``duration`` is in seconds.

        Raises :class:`Failed` ``history.unsupported`` if the server has no such call.
        """
        address = await self.session.address(document_id, "documents", document_id, "history")
        body = {
            "activity_code": ACTIVITY_CODES.get(activity, ACTIVITY_CODES["EXPORT"]),
            "activity": activity,
            "comments": comments,
            "duration": duration,
        }
        await self.session.guess("POST", address, body, "history", "add to a document's history")

    # ---------------------------------------------------------------- My Favorites

    async def favorites(self, category: str | None = None) -> list[Shortcut]:
        """My Favorites, or the content of one of its categories: shortcuts, and categories (without ``target``).

        Raises :class:`Failed` ``favorites.unsupported`` if the server has no My Favorites.
        """
        tail = ("categories", category, "children") if category else ("children",)
        address = await self.session.address(category, "my-favorites", *tail)
        found: list[Shortcut] = []
        try:
            async for page in pages(
                lambda cursor: self.session.page(address, wire.shortcut, cursor, 500, by_offset=True)
            ):
                found += page.items
        except NotFound as problem:
            if category is not None and problem.code == "NRC_NO_RECORD":
                raise
            raise self.session.unsupported("favorites", "show My Favorites") from problem
        return found

    async def shortcuts(self) -> list[Shortcut]:
        """All shortcuts of the My Favorites that hold those to Share's folders, including those in categories."""
        found: list[Shortcut] = []
        categories: list[str | None] = [None]
        for _ in range(_MOST_CATEGORIES):
            if not categories:
                break
            for item in await self.favorites(categories.pop(0)):
                if item.is_category:
                    categories.append(item.id)
                else:
                    found.append(item)
        return found

    async def add_favorite(self, target: str, name: str, category: str | None = None) -> Shortcut:
        """Add a shortcut to the folder, workspace or document ``target``.

        Raises :class:`Failed` ``favorites.unsupported`` if the server has no such call.
        """
        address = await self.session.address(target, "my-favorites", "children")
        body = {"target_id": target, "name": name} | ({"parent_id": category} if category else {})
        raw = await self.session.guess("POST", address, body, "favorites", "add to My Favorites")
        return self.session.found(wire.shortcut(data_of(raw)))

    async def rename_favorite(self, favorite_id: str, name: str, target: str | None = None) -> Shortcut:
        """Rename a shortcut or category and, given ``target``, point the shortcut to it.

        Raises :class:`Failed` ``favorites.unsupported`` if the server has no such call.
        """
        address = await self.session.address(favorite_id, "my-favorites", "children", favorite_id)
        body = {"name": name} | ({"target_id": target} if target else {})
        raw = await self.session.guess("PATCH", address, body, "favorites", "change My Favorites")
        return self.session.found(wire.shortcut(data_of(raw)))

    async def remove_favorite(self, favorite_id: str) -> None:
        """Remove a shortcut, or a category with its content, from My Favorites; the targets aren't deleted.

        Raises :class:`Failed` ``favorites.unsupported`` if the server has no such call.
        """
        address = await self.session.address(favorite_id, "my-favorites", "children", favorite_id)
        await self.session.guess("DELETE", address, None, "favorites", "remove anything from My Favorites")
