"""Opening a send on the server: its folder, and the send with its settings."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING
from uuid import uuid4

from ...clients.retries import RetryPolicy, with_retries
from ...clients.share import ShareClient
from ...rules.errors import Failed, NotFound, Problem
from ...rules.link_settings import LinkSettings, zone_offset
from ...wire.folders import Folder
from ...wire.share import OpenSend, Send
from .. import folder as folders

if TYPE_CHECKING:
    from ...clients.work import WorkClient
    from ..journal.journal import Journal
    from .look_ahead import LookAhead


class Opening:
    """Opens a send, which sets ``folder`` and ``send`` and drops the password from ``settings``."""

    def __init__(
        self,
        share: ShareClient,
        work: WorkClient | None,
        settings: LinkSettings,
        journal: Journal | None,
    ) -> None:
        self.settings = settings
        self.folder: Folder | None = None
        self.send: Send | None = None
        self._share = share
        self._work = work
        self._journal = journal
        self._lock = asyncio.Lock()
        self._key = uuid4().hex
        #: The id of the first send that was opened for this job, if it is opened again.
        opened = journal.contents.opened if journal is not None else []
        self._continues = opened[0].id if opened else None
        self._found: folders.FoundFolder | None = None

    async def look_ahead(self, ahead: LookAhead | None = None) -> None:
        """Read what :meth:`open` needs of the folder, while other requests are under way; ``ahead`` may have done so.
        :meth:`open` repeats it if it fails."""
        self._found = None if ahead is None else await ahead.found()
        if self._found is None:
            with suppress(Problem):
                self._found = await folders.look(self._share, self._work)

    async def open(self, lost: Send | None, patience: RetryPolicy) -> float | None:
        """Make sure that there is a folder and an open send other than ``lost``, which the server has lost.

        Returns after how many seconds the send was open; ``None`` if it was already. Raises :class:`Problem`.
        """
        async with self._lock:
            if self.send is not None and self.send is not lost:
                return None
            if lost is not None:
                if lost.has_password:
                    raise Failed(
                        "send.gone",
                        "The server no longer knows this send, and its password was not kept; "
                        "send the documents again.",
                    )
                self._key = uuid4().hex
                self._continues = self._continues or lost.id
            offset = zone_offset() if self.settings.zone_offset is None else self.settings.zone_offset
            began = monotonic()
            self.send = await self._open(offset, patience)
            seconds = monotonic() - began
            if self._journal is not None:
                self._journal.opened(self.send)
            # If it has to be reopened, all of its documents still get the same settings.
            self._keep_settings(self.send)
            return seconds

    async def _open(self, offset: int, patience: RetryPolicy) -> Send:
        found, self._found = self._found, None
        folder = None if found is None else folders.usable(found)
        if folder is not None:
            try:
                return await self._open_in(folder, patience)
            except NotFound:
                # It was deleted since it was read.
                found = None

        async def ensure() -> Folder:
            nonlocal found
            first, found = found, None
            return await folders.ensure(self._share, self._work, offset, first)

        return await self._open_in(await with_retries(ensure, patience), patience)

    async def _open_in(self, folder: Folder, patience: RetryPolicy) -> Send:
        request = OpenSend(folder=folder.id, continues=self._continues, **self.settings.fields())
        send = await with_retries(lambda: self._share.sends.open(request, self._key), patience)
        self.folder = folder
        return send

    def resume(self, send: Send) -> None:
        """Continue a send that was opened earlier."""
        self.send = send
        self._keep_settings(send)

    def _keep_settings(self, send: Send) -> None:
        self.settings = as_opened(self.settings, send)


def as_opened(settings: LinkSettings, send: Send) -> LinkSettings:
    """The settings with which a send was opened, without the password."""
    return replace(LinkSettings.of(send.model_dump(), password=None), zone_offset=settings.zone_offset)
