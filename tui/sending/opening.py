"""The folder that a send goes to, and the send itself, opened on the server with its settings."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from ..clients.patience import Patience, patiently
from ..clients.share import ShareClient
from ..rules.errors import Failed
from ..rules.link_settings import LinkSettings, zone_offset
from ..wire.share import Folder, OpenSend, Send
from . import folder as folders

if TYPE_CHECKING:
    from ..clients.work import WorkClient
    from .journal import Journal


class Opening:
    """``folder`` and ``send`` are known once it is open; the password of ``settings`` is forgotten then."""

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

    async def open(self, gone: Send | None, patience: Patience) -> None:
        """Sees to it that there is a folder and an opened send, other than the one that is ``gone``.

        Raises :class:`Problem`.
        """
        async with self._lock:
            if self.send is not None and self.send is not gone:
                return
            if gone is not None:
                if gone.has_password:
                    raise Failed(
                        "send.gone",
                        "The server no longer knows this send, and its password was not kept; "
                        "send the documents again.",
                    )
                self._key = uuid4().hex
            offset = zone_offset() if self.settings.zone_offset is None else self.settings.zone_offset
            self.folder = await patiently(lambda: folders.ensure(self._share, self._work, offset), patience)
            request = OpenSend(folder=self.folder.id, **self.settings.fields())
            self.send = await patiently(lambda: self._share.open_send(request, self._key), patience)
            if self._journal is not None:
                self._journal.opened(self.send)
            # Should it have to be opened anew, all of its documents have the same settings still.
            self._keep_settings(self.send)

    def take_up(self, send: Send) -> None:
        """Goes on with a send that was opened before."""
        self.send = send
        self._keep_settings(send)

    def _keep_settings(self, send: Send) -> None:
        self.settings = replace(
            self.settings,
            password=None,
            expires_at=send.expires_at,
            downloads_permitted=send.downloads_permitted,
        )
