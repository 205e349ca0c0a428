"""Keeps the main screen up to date with the server: rows change by themselves, and a lost connection is shown."""

from __future__ import annotations

import asyncio
from functools import cached_property
from typing import TYPE_CHECKING

from textual.worker import Worker

from ...rules.errors import NotFound, NotSignedIn, Problem, Unreachable
from ...rules.text import printable
from ..base.workers import begin_work, clear_failures, worker_action
from ..browser.live_events import SHARE, document_changed, look_at
from .live_feed import LiveFeed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...clients.event_cursor import Cursor
    from ...clients.events import StreamEvent
    from ...session.kept_notices import Kept, KeptNotices
    from ..actions.document_changes import DocumentChanges
    from ..base.host import Host
    from ..widgets.connection_line import ConnectionLine
    from .notice_board import NoticeBoard
    from .tree_loader import Branches

#: Seconds during which changes are gathered: a download is two events, and a send many.
_GATHER = 0.1
#: Seconds until notices are kept that have changed; at the end of the program they are kept at once.
_KEEP = 2.0
_FOLDERS = ("member added", "member removed")
#: The branches of the tree that have folders of Share.
_BRANCHES = ("share", "favorites")


class Live:
    """Handles the events of the :class:`LiveFeed`. Called by the screen's handlers."""

    def __init__(
        self,
        main: Host,
        branches: Branches,
        changes: DocumentChanges,
        *,
        connect: Callable[[], object],
        sign_in: Callable[[], object],
    ) -> None:
        """``connect`` opens the session, ``sign_in`` asks for name and password."""
        self.main, self.screen = main, main.screen
        self._branches = branches
        self._changes = changes
        self._connect = connect
        self._sign_in = sign_in
        self._feed = LiveFeed(main.session, main.screen.post_message, self._take_up)
        #: Whether what has changed is going to be kept for the next start.
        self.is_keeping = False
        #: What was kept last.
        self._kept_last: Kept | None = None
        #: The changed documents that have been gathered so far.
        self._changed: set[str] = set()
        self.is_lost = False
        #: What the status line said when the connection was lost.
        self._said_before = ""
        #: The line about the connection, once there was something to say about it.
        self.line: ConnectionLine | None = None
        #: Whether the feed was connected before. Until then, the branches are as new as the list.
        self._was_connected = False

    @cached_property
    def notices(self) -> NoticeBoard:
        """Shows notices; imported with the first event, or when the user asks for the list."""
        from .notice_board import NoticeBoard

        return NoticeBoard(self.main, self._keep_soon)

    @cached_property
    def _store(self) -> KeptNotices:
        """Where notices are kept for the next start; those of the demo aren't."""
        from ...sending.journal.journal import server_of
        from ...session.kept_notices import KeptNotices

        session = self.main.session
        return KeptNotices(None if session.demo else session.state, server_of(session.target))

    async def _take_up(self, user: str) -> Cursor:
        """Begin with the notices of the user's last session. Returns which events were received by its end: what has
        happened since is told now."""
        from ...clients.event_cursor import Cursor

        kept = await asyncio.to_thread(self._store.load, user)
        if kept.notices:
            self.notices.take_up(kept.notices, kept.unseen)
        return Cursor(kept.settled or None, kept.received)

    def _keep_soon(self) -> None:
        if not self.is_keeping:
            self.is_keeping = True
            self.screen.set_timer(_KEEP, self._keep)

    @worker_action(group="keep notices")
    async def _keep(self) -> None:
        self.is_keeping = False
        if (kept := self._to_keep()) is not None:
            await asyncio.to_thread(self._store.keep, kept)

    def end(self) -> None:
        """The program ends: keep what is about to be kept."""
        if self.is_keeping and (kept := self._to_keep()) is not None:
            self._store.keep(kept)

    def _to_keep(self) -> Kept | None:
        """What is to be kept; ``None`` if that is what was kept last."""
        kept = self._kept
        if kept == self._kept_last:
            return None
        self._kept_last = kept
        return kept

    @property
    def _kept(self) -> Kept | None:
        """What is to be kept; ``None`` if nothing was received."""
        session, cursor = self.main.session, self._feed.cursor
        if session.demo or not session.user or cursor is None or cursor.settled is None:
            return None
        from ...session.kept_notices import Kept

        found = self.notices.notices if self._has_board else None
        notices, unseen = (tuple(found.kept), found.unseen) if found is not None else ((), 0)
        return Kept(session.user, cursor.settled, tuple(cursor.received), unseen, notices)

    @property
    def _has_board(self) -> bool:
        return "notices" in self.__dict__

    def looked_at(self) -> None:
        """The user looks at the list: nothing that has happened in its folder is new any more."""
        place = self.main.browser.location
        if self._has_board and place is not None and self.main.browser.kind.is_share_folder:
            self.notices.folder_seen(place.id)

    def follow(self) -> Worker[None] | None:
        """Listen for as long as the screen exists."""
        if not self.screen.app.preferences.live or not self.main.session.is_connected:
            return None
        return begin_work(self.screen, self._feed.follow, exclusive=True, group="live")

    def listen_again(self) -> None:
        """Reconnect now, instead of waiting for the next try."""
        if self.is_lost:
            if self.line is not None and self.line.is_counting:
                self.line.count_down(0)
            self.follow()

    # ------------------------------------------------------------ the connection

    def server_answered(self) -> None:
        """Clear the connection message. The list may still be out of date; it is reloaded when events arrive again."""
        self._say_connected()

    def stopped(self, problem: Problem | None) -> None:
        """Handle the end of the feed."""
        self.is_lost = False
        if problem is not None and self.main.session.has_signed_in_since(problem):
            # It has been followed again since.
            return
        self._say(problem.message if problem is not None else "")
        if isinstance(problem, NotSignedIn):
            self._sign_in()

    def handle(self, event: StreamEvent) -> None:
        """Handle an event of the server, or a lost or restored connection."""
        from ...clients.events import Connected, Lost

        if isinstance(event, Lost):
            if not self.is_lost:
                self.is_lost, self._said_before = True, self.main.status.text
            silent = self._feed.is_silent = isinstance(event.problem, Unreachable)
            trouble = "Connection lost; " if silent else f"{event.problem.message} The app is "
            if self.main.session.opened:
                self._shown_line().count_down(event.wait, trouble)
        elif isinstance(event, Connected):
            self._keep_soon()
            self._feed.is_silent = False
            self._say_connected()
            if event.renumbered:
                self.notices.renumbered()
            if not self.main.session.opened:
                self._connect()
            elif self.is_lost or event.refresh:
                reconnected, self.is_lost = self.is_lost, False
                self._catch_up(reconnected)
            self._was_connected = True
        elif event.document:
            if event.event == "unavailable":
                self._say_unavailable(event.document)
            self._changes.happened_to(event.document, event.event, event.at)
            self.notices.take(event)
            self._keep_soon()
            self._document_changed(event.event, event.document, event.folder)
        elif event.event in _FOLDERS:
            self._folders_changed()

    def _say_connected(self) -> None:
        self._say("")
        clear_failures(self.screen.app, Unreachable)
        self._changes.reached_again()

    def _say(self, text: str) -> None:
        """Show a text about the connection, which is no longer waited for; an empty one hides the line."""
        if text or self.line is not None:
            line = self._shown_line()
            line.stop_counting()
            line.tell(text)

    def _shown_line(self) -> ConnectionLine:
        if self.line is None:
            from ..widgets.connection_line import ConnectionLine

            self.line = ConnectionLine(id="link")
            self.screen.mount(self.line, after="#status")
        return self.line

    def _catch_up(self, reconnected: bool) -> None:
        if reconnected:
            # Not over what has failed, nor over what came of a command in the meantime, and how to undo it.
            status = self.main.status
            if status.tone == "dim" or (
                status.tone not in ("bad", "warn") and status.text in ("", self._said_before)
            ):
                self.main.say("Reconnected.", "good")
            self._branches.refill_all()
        elif self._was_connected:
            # The server closes the stream of someone who is no longer a member of a folder.
            self._branches.refill(*_BRANCHES)
        if reconnected or any(kind.server == SHARE for kind in self.main.browser.kinds):
            self.main.reload()

    # ------------------------------------------------------------ documents and folders

    @worker_action(group="unavailable")
    async def _say_unavailable(self, ident: str) -> None:
        """Report that a recipient couldn't download one of the user's documents."""
        try:
            name = printable((await self.main.session.share.document(ident)).name)
        except NotFound:
            return
        self.main.say(
            f"A recipient could not download “{name}”: the server cannot read its file. Tell its administrator.",
            "bad",
        )

    def _folders_changed(self) -> None:
        self._branches.refill(*_BRANCHES)
        if self.main.browser.shows("folders"):
            self.main.reload()

    def _document_changed(self, event: str, document: str, folder: str | None) -> None:
        if document_changed(self.main.browser, event, document, folder):
            if not self._changed:
                self.screen.set_timer(_GATHER, self._update_changed)
            self._changed.add(document)

    def _update_changed(self) -> None:
        changed, self._changed = self._changed, set()
        look_at(self.main.browser, changed)
