"""The app's connection to its server, and what each place of the tree holds.

Clients are imported when the session is opened, in a thread: the first screen is painted before that.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .rules.policy import Policy
from .widgets.tree import Place

if TYPE_CHECKING:
    import httpx

    from .clients.files import Entry
    from .clients.share import ShareClient
    from .clients.target import Target
    from .clients.work import WorkClient
    from .first import FirstPage
    from .wire.share import Document as SentDocument
    from .wire.share import Folder, Me
    from .wire.work import Container, Document, Shortcut

    Item = Document | Container | Shortcut | Entry | SentDocument


@dataclass(slots=True)
class Listing:
    """A page of a place. ``more``: there are pages behind it."""

    items: list[Item]
    more: bool
    total: int | None = None


def _import_clients() -> None:
    from .clients import connection, files, share, work  # noqa: F401
    from .sending import job  # noqa: F401


class Session:
    """What is known of the server once :meth:`open` has returned."""

    me: Me
    http: httpx.AsyncClient
    share: ShareClient
    work: WorkClient

    def __init__(
        self,
        target: Target,
        *,
        demo: bool = False,
        state: Path | None = None,
        first: Future[FirstPage | None] | None = None,
    ) -> None:
        """``first`` is the first page, asked for before the app was imported."""
        self.target = target
        self._first = first
        self.demo = demo
        #: Where the last links are kept.
        self.state = state
        self.opened = False
        #: How far the server's clock is ahead of this machine's.
        self._ahead = timedelta(0)
        #: The user's folders in Share, by the id that Work lists them under.
        self.folders: dict[str, Folder] = {}

    async def first_page(self) -> FirstPage | None:
        """The first page, where it was asked for early and came: to be shown until the session is open."""
        if self._first is None:
            return None
        first, self._first = self._first, None
        return await asyncio.wrap_future(first)

    async def open(self) -> None:
        """Connects. Raises :class:`Problem` where the server cannot be reached or does not know the token."""
        await asyncio.to_thread(_import_clients)
        await asyncio.to_thread(self._forget_old_links)
        from .clients.connection import open_http
        from .clients.share import ShareClient
        from .clients.work import WorkClient

        if not hasattr(self, "http"):
            self.http = open_http(self.target)
            self.share = ShareClient(self.http)
            self.work = WorkClient(self.http)
        self.me = await self.share.me()
        self._ahead = self.me.now - datetime.now(UTC)
        self.opened = True

    def _forget_old_links(self) -> None:
        from .terminal.clipboard import forget_old

        if self.state is not None:
            forget_old(self.state, datetime.now(UTC))

    async def close(self) -> None:
        if hasattr(self, "http"):
            await self.http.aclose()

    def now(self) -> datetime:
        """The present moment by the server's clock, in UTC: what counts for an expiry."""
        return datetime.now(UTC) + self._ahead

    async def policy(self) -> Policy:
        from .sending.settings import policy_of

        return policy_of(await self.share.policy())

    # ------------------------------------------------------------ the tree

    async def places(self, place: Place) -> list[Place]:
        """The places below one, for the tree."""
        if place.kind == "favorites":
            return [p for p in map(self._favorite_place, await self._favorites()) if p is not None]
        if place.kind == "workspaces":
            return [_container_place(w) async for w in self._workspaces()]
        if place.kind in ("workspace", "folder"):
            return [_container_place(c) for c in await self._subfolders(place.id)]
        if place.kind == "share":
            return [self._sent_place(folder) for folder in await self._load_folders()]
        if place.kind == "local":
            return [Place("local", e.name, str(e.path)) for e in await self._local(place) if e.is_folder]
        return []

    async def _subfolders(self, container: str) -> list[Container]:
        from .wire.work import Container

        found: list[Container] = []
        async for page in self.work.child_pages(container, kind="folders"):
            found.extend(item for item in page.items if isinstance(item, Container))
        return found

    async def _workspaces(self) -> AsyncIterator[Container]:
        from .clients.work import pages

        async for page in pages(self.work.workspaces):
            for workspace in page.items:
                yield workspace

    async def _favorites(self) -> list[Shortcut]:
        await self._load_folders()
        return list(await self.work.favorites())

    async def _load_folders(self) -> list[Folder]:
        folders = await self.share.folders()
        self.folders = {folder.work_id: folder for folder in folders}
        return folders

    @staticmethod
    def _sent_place(folder: Folder) -> Place:
        return Place("sent", folder.name, folder.id, opens=False)

    def _favorite_place(self, shortcut: Shortcut) -> Place | None:
        target = shortcut.target
        if target is None:
            return None
        if target.id in self.folders:
            return Place("sent", shortcut.name, self.folders[target.id].id, shortcut.id, opens=False)
        if target.wstype in ("folder", "workspace"):
            return Place(target.wstype, shortcut.name, target.id, shortcut.id)
        if target.wstype in ("document", "email"):
            return Place("document", shortcut.name, target.id, shortcut.id, opens=False)
        return None

    # ------------------------------------------------------------ lists

    async def listing(self, place: Place) -> AsyncIterator[Listing]:
        """The pages of a place."""
        if place.kind == "local":
            yield Listing(list(await self._local(place)), False)
        elif place.kind in ("sent", "trash"):
            async for page in self._sent_pages(place):
                yield page
        elif place.kind in ("workspace", "folder", "worklist", "checked_out"):
            async for page in self._work_pages(place):
                yield page
        elif place.kind == "document":
            yield Listing([await self.work.document(place.id)], False)
        else:
            yield Listing([], False)

    async def _work_pages(self, place: Place) -> AsyncIterator[Listing]:
        from .clients.work import pages

        ask = {"worklist": self.work.recent, "checked_out": self.work.checked_out}.get(place.kind)
        async for page in pages(ask) if ask else self.work.child_pages(place.id):
            yield Listing(list(page.items), page.cursor is not None, page.total)

    async def _sent_pages(self, place: Place) -> AsyncIterator[Listing]:
        pages = self.share.document_pages(place.id) if place.kind == "sent" else self.share.trash_pages()
        async for page in pages:
            yield Listing(list(page.documents), page.cursor is not None, page.total)

    async def _local(self, place: Place) -> list[Entry]:
        from .clients.files import list_folder

        return await list_folder(Path(place.id) if place.id else Path.cwd())

    # ------------------------------------------------------------ where to begin

    async def first_place(self) -> Place:
        """In the demo a workspace's folder, else the worklist, else the files of this machine."""
        if self.demo:
            for place in await self.places(Place("favorites", "")):
                if place.kind in ("folder", "workspace"):
                    return place
            async for workspace in self._workspaces():
                folders = await self._subfolders(workspace.id)
                return _container_place(folders[0] if folders else workspace)
        if (await self.work.recent(limit=1)).items:
            return Place("worklist", "Document Worklist", opens=False)
        return Place("local", Path.cwd().name or "/", str(Path.cwd()))

    async def sent_folder(self) -> Place | None:
        """The current Secure Sent Links folder, where there is one."""
        current = await self.share.current_folder()
        return self._sent_place(current.folder) if current.folder else None


def _container_place(container: Container) -> Place:
    kind = "workspace" if container.is_workspace else "folder"
    return Place(kind, container.name, container.id, opens=container.has_subfolders is not False)
