"""Work on a server of its own, beside the server that publishes.

That server knows nothing of the folders of Share, so no shortcut there can lead to one. The server that publishes has
a Work side too: it keeps those shortcuts, and My Favorites here are both together. What is on that side has ids that
begin with :data:`MARK`, since both servers count from one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from ..rules.errors import Failed
from ..wire.share import CurrentFolder, Folder
from ..wire.work import Shortcut
from .connection import open_http
from .share import ShareClient
from .target import Target, WorkTarget
from .work import WorkClient

MARK = "share:"


def _marked(ident: str) -> str:
    return MARK + ident


def _plain(ident: str) -> str:
    return ident.removeprefix(MARK)


class ShareBeside(ShareClient):
    """Share, whose folders have marked ids in Work."""

    def __init__(self, http: Any) -> None:
        super().__init__(http)
        #: The ids in Work of the folders that were told so far, also of one that is gone.
        self.known: set[str] = set()

    def _mark(self, folder: Folder) -> Folder:
        marked = folder.model_copy(update={"work_id": _marked(folder.work_id)})
        self.known.add(marked.work_id)
        return marked

    def _current(self, found: CurrentFolder) -> CurrentFolder:
        gone = found.gone_work_id and _marked(found.gone_work_id)
        if gone:
            self.known.add(gone)
        folder = found.folder and self._mark(found.folder)
        return found.model_copy(update={"folder": folder, "gone_work_id": gone})

    async def current_folder(self) -> CurrentFolder:
        return self._current(await super().current_folder())

    async def ensure_folder(self, generation: int, shortcut: bool, zone_offset: int = 0) -> CurrentFolder:
        return self._current(await super().ensure_folder(generation, shortcut, zone_offset))

    async def confirm_shortcut(self, folder: str, generation: int) -> CurrentFolder:
        return self._current(await super().confirm_shortcut(folder, generation))

    async def folders(self) -> list[Folder]:
        return [self._mark(folder) for folder in await super().folders()]


class WorkBeside(WorkClient):
    """Work, whose My Favorites have the shortcuts to folders of ``share`` too."""

    def __init__(self, http: Any, share: ShareBeside, **more: Any) -> None:
        super().__init__(http, apart=True, **more)
        self._share = share
        self._keeper = WorkClient(share.http)

    async def favorites(self, category: str | None = None) -> list[Shortcut]:
        """As there. What Work's server has none of is left out where there are shortcuts to folders of Share."""
        if category is not None:
            return await super().favorites(category)
        await self._share.folders()
        kept = [f for f in await self.shortcuts() if f.target and f.target.id in self._share.known]
        try:
            return [*kept, *await super().favorites()]
        except Failed as problem:
            if problem.code != "favorites.unsupported" or not kept:
                raise
            return kept

    async def shortcuts(self) -> list[Shortcut]:
        return [_shown(shortcut) for shortcut in await self._keeper.shortcuts()]

    async def add_favorite(self, target: str, name: str, category: str | None = None) -> Shortcut:
        if not target.startswith(MARK):
            return await super().add_favorite(target, name, category)
        return _shown(await self._keeper.add_favorite(_plain(target), name))

    async def rename_favorite(self, favorite_id: str, name: str, target: str | None = None) -> Shortcut:
        if not favorite_id.startswith(MARK):
            return await super().rename_favorite(favorite_id, name, target)
        leads_to = _plain(target) if target else None
        return _shown(await self._keeper.rename_favorite(_plain(favorite_id), name, leads_to))

    async def remove_favorite(self, favorite_id: str) -> None:
        if not favorite_id.startswith(MARK):
            return await super().remove_favorite(favorite_id)
        return await self._keeper.remove_favorite(_plain(favorite_id))


def _shown(shortcut: Shortcut) -> Shortcut:
    target = shortcut.target
    leads_to = target and target.model_copy(update={"id": _marked(target.id)})
    return shortcut.model_copy(update={"id": _marked(shortcut.id), "target": leads_to})


@asynccontextmanager
async def connected(target: Target, work: WorkTarget | None) -> AsyncIterator[tuple[ShareClient, WorkClient]]:
    """Share and Work: both of the one server, or Work of a server of its own. Raises as :func:`open_http` does."""
    async with open_http(target) as http:
        if work is None:
            yield clients_over(http, http, None)
            return
        async with open_http(work.target) as there:
            yield clients_over(http, there, work)


def clients_over(
    http: httpx.AsyncClient, there: httpx.AsyncClient, work: WorkTarget | None
) -> tuple[ShareClient, WorkClient]:
    """Share over ``http`` and Work over ``there``, which is the same where Work has no server of its own (``work``)."""
    if work is None:
        return ShareClient(http), WorkClient(there)
    share = ShareBeside(http)
    return share, WorkBeside(there, share, **sign_in_of(work))


def sign_in_of(work: WorkTarget) -> dict[str, Any]:
    """What a client of ``work`` is made with."""
    return {"registration": work.registration, "grant": work.grant, "store": work.store}
