"""The stream of server events, posted as messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from textual.message import Message

from ...rules.errors import NotFound, Problem

if TYPE_CHECKING:
    from ...clients.event_cursor import Cursor
    from ...clients.events import StreamEvent
    from ...session import Session


class ServerEvent(Message):
    """An event of the server, or a lost or restored connection."""

    def __init__(self, event: StreamEvent) -> None:
        super().__init__()
        self.event = event


class ServerAnswered(Message):
    """The server has responded to a request, after the connection was lost."""


class FeedStopped(Message):
    """The feed has ended: the server refuses this user, or (``None``) offers no events."""

    def __init__(self, problem: Problem | None) -> None:
        super().__init__()
        self.problem = problem


class LiveFeed:
    """Posts a message for each event; changes nothing itself."""

    def __init__(
        self,
        session: Session,
        post: Callable[[Message], object],
        cursor_of: Callable[[str], Awaitable[Cursor]],
    ) -> None:
        """``cursor_of`` returns where the stream of a user's app was at its last start, if that is known: it goes on
        from there."""
        self._session = session
        self._post = post
        self._cursor_of = cursor_of
        #: Whether the server has been silent since the connection was lost; the event is set when it responds.
        self.is_silent = False
        self._answered = asyncio.Event()
        #: Where the stream goes on if it is followed again, and whose it is.
        self._cursor: Cursor | None = None
        self._user = ""

    @property
    def cursor(self) -> Cursor | None:
        """Which events were received; ``None`` before the first attempt."""
        return self._cursor

    async def follow(self) -> None:
        """Listen until the server refuses to go on. One that offers no events isn't tried again.

        Called again, it goes on with what was missed since, unless another user has signed in."""
        from ...clients.event_cursor import Cursor
        from ...clients.events import follow, hearing

        user = self._session.user
        if self._cursor is None or (self._user and user and user != self._user):
            self._cursor = Cursor()
        if user and user != self._user:
            self._user = user
            kept = await self._cursor_of(user)
            if kept.last is not None:
                self._cursor = kept
        try:
            with hearing(self._session.http, self._hear):
                async for event in follow(self._session.http, self._answered, self._cursor):
                    self._post(ServerEvent(event))
        except NotFound:
            # There's no connection that could be lost.
            self._post(FeedStopped(None))
        except Problem as problem:
            self._post(FeedStopped(problem))

    def _hear(self) -> None:
        """Called when the server has responded to any request."""
        self._answered.set()
        if self.is_silent:
            self.is_silent = False
            self._post(ServerAnswered())
