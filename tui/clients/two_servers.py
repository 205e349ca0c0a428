"""Work on one server, publishing on another.

The separate Work server knows nothing of Share's folders, so its shortcuts can't point to them. The publishing server
has a Work API too: it stores those shortcuts, and My Favorites shows the two servers' shortcuts together. Ids from the
publishing server get the prefix :data:`MARK`, because both servers count from one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from ..override import override
from ..rules.errors import Failed
from ..wire.folders import CurrentFolder, Folder
from ..wire.work import Shortcut
from .connection import open_http
from .share import ShareClient
from .target import Target
from .work import WorkClient
from .work_target import WorkTarget

MARK = "share:"


def _marked(ident: str) -> str:
    return MARK + ident


def _plain(ident: str) -> str:
    return ident.removeprefix(MARK)


class MarkedShareClient(ShareClient):
    """Share, with the Work ids of its folders marked."""

    def __init__(self, http: Any) -> None:
        super().__init__(http)
        #: The Work ids of all folders returned so far, including a deleted one.
        self.known: set[str] = set()

    def _mark(self, folder: Folder) -> Folder:
        marked = folder.model_copy(update={"work_id": _marked(folder.work_id)})
        self.known.add(marked.work_id)
        return marked

    def _current(self, current: CurrentFolder) -> CurrentFolder:
        deleted_id = current.gone_work_id and _marked(current.gone_work_id)
        if deleted_id:
            self.known.add(deleted_id)
        folder = current.folder and self._mark(current.folder)
        return current.model_copy(update={"folder": folder, "gone_work_id": deleted_id})

    @override
    async def current_folder(self) -> CurrentFolder:
        return self._current(await super().current_folder())

    @override
    async def ensure_folder(self, generation: int, shortcut: bool, zone_offset: int = 0) -> CurrentFolder:
        return self._current(await super().ensure_folder(generation, shortcut, zone_offset))

    @override
    async def confirm_shortcut(self, folder: str, generation: int) -> CurrentFolder:
        return self._current(await super().confirm_shortcut(folder, generation))

    @override
    async def folders(self) -> list[Folder]:
        return [self._mark(folder) for folder in await super().folders()]


class MergedWorkClient(WorkClient):
    """Work, with the shortcuts to the folders of ``share`` added to My Favorites."""

    def __init__(self, http: Any, share: MarkedShareClient, **more: Any) -> None:
        super().__init__(http, apart=True, **more)
        self._share = share
        self._share_work = WorkClient(share.http)

    async def favorites(self, category: str | None = None) -> list[Shortcut]:
        """See the base class. A Work server without My Favorites is not an error if there are shortcuts to Share."""
        if category is not None:
            return await super().favorites(category)
        await self._share.folders()
        share_shortcuts = [f for f in await self.shortcuts() if f.target and f.target.id in self._share.known]
        try:
            return [*share_shortcuts, *await super().favorites()]
        except Failed as problem:
            if problem.code != "favorites.unsupported" or not share_shortcuts:
                raise
            return share_shortcuts

    @override
    async def shortcuts(self) -> list[Shortcut]:
        return [_with_marked_ids(shortcut) for shortcut in await self._share_work.shortcuts()]

    @override
    async def add_favorite(self, target: str, name: str, category: str | None = None) -> Shortcut:
        if not target.startswith(MARK):
            return await super().add_favorite(target, name, category)
        return _with_marked_ids(await self._share_work.add_favorite(_plain(target), name))

    @override
    async def rename_favorite(self, favorite_id: str, name: str, target: str | None = None) -> Shortcut:
        if not favorite_id.startswith(MARK):
            return await super().rename_favorite(favorite_id, name, target)
        marked_target = _plain(target) if target else None
        return _with_marked_ids(
            await self._share_work.rename_favorite(_plain(favorite_id), name, marked_target)
        )

    @override
    async def remove_favorite(self, favorite_id: str) -> None:
        if not favorite_id.startswith(MARK):
            return await super().remove_favorite(favorite_id)
        return await self._share_work.remove_favorite(_plain(favorite_id))


def _with_marked_ids(shortcut: Shortcut) -> Shortcut:
    target = shortcut.target
    marked_target = target and target.model_copy(update={"id": _marked(target.id)})
    return shortcut.model_copy(update={"id": _marked(shortcut.id), "target": marked_target})


@asynccontextmanager
async def connected(target: Target, work: WorkTarget | None) -> AsyncIterator[tuple[ShareClient, WorkClient]]:
    """Connect to Share and Work, on the same server unless ``work`` is given. Raises as :func:`open_http` does."""
    async with open_http(target) as http:
        if work is None:
            yield clients_over(http, http, None)
            return
        async with open_http(work.target) as work_http:
            yield clients_over(http, work_http, work)


def clients_over(
    http: httpx.AsyncClient, work_http: httpx.AsyncClient, work: WorkTarget | None
) -> tuple[ShareClient, WorkClient]:
    """Clients for Share over ``http`` and Work over ``work_http``, the same connection if ``work`` is ``None``."""
    if work is None:
        return ShareClient(http), WorkClient(work_http)
    share = MarkedShareClient(http)
    return share, MergedWorkClient(work_http, share, **sign_in_of(work))


def sign_in_of(work: WorkTarget) -> dict[str, Any]:
    """The sign-in arguments for a client of ``work``."""
    return {"registration": work.registration, "grant": work.grant, "store": work.store}
