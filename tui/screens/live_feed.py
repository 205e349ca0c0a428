"""The stream of what the server tells, for as long as somebody listens."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.message import Message

from ..rules.errors import NotFound, Problem

if TYPE_CHECKING:
    from ..clients.events import Told
    from ..session import Session


class ServerEvent(Message):
    """The server told something, or was lost."""

    def __init__(self, event: Told) -> None:
        super().__init__()
        self.event = event


class ServerAnswered(Message):
    """The server has answered a request, after the connection was lost."""


class FeedStopped(Message):
    """Nobody listens any more: the server does not let this person, or (``None``) tells no events."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__()
        self.problem = problem


class LiveFeed:
    """Posts a message for whatever comes; changes nothing itself."""

    def __init__(self, session: Session, post: Callable[[Message], object]) -> None:
        self._session = session
        self._post = post
        #: Whether the server has answered nothing since the connection was lost; and set once it has.
        self.is_silent = False
        self._answered = asyncio.Event()

    async def follow(self) -> None:
        """Listens until the server does not tell any more. One that tells no events is none to wait for."""
        from ..clients.events import follow, hearing

        try:
            with hearing(self._session.http, self._hear):
                async for event in follow(self._session.http, self._answered):
                    self._post(ServerEvent(event))
        except NotFound:
            # There is nothing that could be lost.
            self._post(FeedStopped(None))
        except Problem as problem:
            self._post(FeedStopped(problem))

    def _hear(self) -> None:
        """The server has answered a request, whichever it was."""
        self._answered.set()
        if self.is_silent:
            self.is_silent = False
            self._post(ServerAnswered())
