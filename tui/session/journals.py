"""The journals of sends: those of this program, and those of interrupted sends on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from ..rules.errors import Problem

if TYPE_CHECKING:
    from pathlib import Path

    from ..clients.share import ShareClient
    from ..clients.target import Target
    from ..sending.journal.journal import Journal
    from ..sending.resuming import SendStatus
    from ..terminal.kept_links import LinkFile
    from ..wire.share import Me

    class JournalOwner(Protocol):
        """Who is signed in, and where."""

        target: Target
        share: ShareClient
        me: Me
        #: Where journals are kept, if they are.
        state: Path | None


class Journals:
    """The journals in the session's folder; without one, none are kept."""

    def __init__(self, session: JournalOwner) -> None:
        self._session = session
        #: Locked while the program runs.
        self._held: list[Journal] = []
        self._links: LinkFile | None = None
        self._has_told = False

    @property
    def _state(self) -> Path | None:
        return self._session.state

    def new(self) -> Journal | None:
        """Return a journal for a new send, which is kept until the send is done and its links were shown."""
        if self._state is None:
            return None
        from ..sending.journal.journal import Journal, server_of

        return self._hold(Journal(self._state, server_of(self._session.target), self._session.me.user))

    def _hold(self, journal: Journal) -> Journal:
        """Hold a journal until the program ends. Its links also go into the file with the last links."""
        assert self._state is not None
        from ..terminal.kept_links import LinkFile

        self._links = links = LinkFile(self._state)
        journal.on_published = lambda document: links.add(document.url or "")
        self._held.append(journal)
        return journal

    def links_problem(self) -> str:
        """Return why the links of the last send aren't in the file with the last links; empty if they are, or that was
        returned before."""
        if self._links is None or not self._links.problem or self._has_told:
            return ""
        self._has_told = True
        return self._links.problem

    async def unfinished(self, only: Collection[str] = ()) -> list[SendStatus]:
        """Return the sends that were interrupted or left to another process, and those whose links no one has seen.

        ``only`` are the ids of those that are asked for; if it is empty, all are.
        """
        if self._state is None:
            return []
        from ..sending.journal.journal import server_of
        from ..sending.journal.unfinished import unfinished_sends
        from ..sending.resuming import query_status, status_from_journal

        server, now = server_of(self._session.target), datetime.now(UTC)
        found = []
        for each in await asyncio.to_thread(
            unfinished_sends, self._state, server, self._session.me.user, now
        ):
            if each.running and not each.contents.in_background:
                continue
            if only and each.contents.id not in only:
                continue
            try:
                status = await query_status(self._session.share, each.contents, running=each.running)
            except Problem:
                status, outdated = status_from_journal(each.contents, running=each.running), False
            else:
                outdated = each.outdated
            if each.contents.unreadable and (status.send is None or not outdated):
                # The server knows of no document either, or can't be asked now; it may be another server's send.
                continue
            if each.running or status.unseen or (status.missing and not outdated):
                found.append(status)
            else:
                # Nothing of it needs to be sent, or no one has wanted it for long; and none of its links works.
                # Another process may be working on it at this moment.
                with suppress(Problem):
                    self.take(status).remove()
        return found

    async def hand_over(self, journal: Journal, password: str | None) -> None:
        """Leave a send to a process of its own, which finishes it. Raises :class:`Failed`; then it is an interrupted
        one. ``password`` is needed only if the server hasn't opened the send yet."""
        from ..local_server.background_handover import hand_over

        await asyncio.to_thread(hand_over, journal, self._session.target, password)

    async def stop(self, status: SendStatus) -> None:
        """Have the process that a send was left to cancel it."""
        assert self._state is not None
        from ..sending.journal.unfinished import stop_process

        await asyncio.to_thread(stop_process, self._state, status.contents)

    def take(self, interrupted_send: SendStatus) -> Journal:
        """Take over a send that was interrupted. Raises :class:`Conflict` if another process has it by now."""
        assert self._state is not None
        from ..sending.journal.journal import Journal

        return self._hold(Journal.take(self._state, interrupted_send.contents))

    def release(self) -> None:
        """Unlock the journals that are held: the program ends."""
        for journal in self._held:
            journal.release()
