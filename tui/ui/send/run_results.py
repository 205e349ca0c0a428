"""The results of the runs of a send, handed to what opened its dialog, which shows their links."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .send_state import Sent


class RunResults:
    """At most one is waiting: nothing runs again before its links have been shown."""

    def __init__(self, is_covered: Callable[[], bool], take: Callable[[], Sent | None]) -> None:
        """``is_covered``: whether another screen lies over the dialog. ``take`` returns the result that is due."""
        self._is_covered = is_covered
        self._take = take
        self._news = asyncio.Event()
        self._is_over = False

    async def next(self) -> Sent | None:
        """Wait for links to show: those of a run that has ended. ``None``: there are none, and the dialog is closed.

        What shows them does so at once, before anything else can open over the dialog.
        """
        while True:
            if self._is_over or not self._is_covered():
                sent = self._take()
                if sent is not None or self._is_over:
                    return sent
            self._news.clear()
            await self._news.wait()

    def look_again(self) -> None:
        """There is a result, or nothing covers the dialog any more."""
        self._news.set()

    def end(self) -> None:
        """The dialog has been closed, or wasn't opened at all."""
        self._is_over = True
        self._news.set()
