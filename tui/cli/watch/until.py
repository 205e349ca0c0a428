"""Waiting for events of certain documents: ``sentlinks watch --until EVENT ID``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from ...clients.retries import RetryPolicy, with_retries
from ...rules.state import Event
from ...rules.text import printable
from ...rules.watching import BEGINS, ENDINGS, ONCE, WORKS, ends, ends_with_grants
from ..base import common
from ..base.output import tell
from .event_lines import of_audit

if TYPE_CHECKING:
    from ...clients.events import DocumentEvent
    from ...clients.share import ShareClient

#: Seconds that the audit may need to have what happened in the last moment of a download.
_GRACE = 10.0


class Until:
    """What is waited for. ``show`` prints an event of the documents; requests are made with ``patience``, whose clock
    counts seconds."""

    def __init__(
        self,
        wanted: Sequence[tuple[Event, str]],
        show: Callable[[DocumentEvent], None],
        patience: RetryPolicy,
    ) -> None:
        self._wanted = list(dict.fromkeys(wanted))
        self._documents = {ident for _, ident in wanted}
        self._show = show
        self._patience = patience
        self._shown: set[str] = set()
        self._names: dict[str, str] = {}
        #: The documents that were sent again: only what happened since then counts.
        self._sent_again: set[str] = set()
        #: When what is left can't happen any more, by ``clock``: the last downloads have ended by then.
        self._ends_at: dict[tuple[Event, str], tuple[float, str]] = {}
        self.failed = False

    def is_over(self) -> bool:
        """Whether there is nothing left to wait for."""
        return not self._wanted

    @property
    def ends_at(self) -> float | None:
        """When to call :meth:`end_late`, by ``clock``; ``None`` for never."""
        return min((at for at, _ in self._ends_at.values()), default=None)

    async def look_back(self, share: ShareClient) -> None:
        """Take what has happened already, since each link was sent, or sent again. Raises :class:`NotFound`."""
        for ident in sorted({ident for _, ident in self._wanted}):
            once = {event for event, about in self._wanted if about == ident and event in ONCE}
            with common.about(ident):
                since = await with_retries(partial(_since, share, ident, once), self._patience)
            for each in since:
                await self.take(each, share, live=False)

    async def take(self, event: DocumentEvent, share: ShareClient, *, live: bool = True) -> None:
        """Take an event; print it if it is of one of the documents, and ``live`` or one that was waited for."""
        if event.document not in self._documents or event.ident in self._shown:
            return
        self._names[event.document] = event.name or event.document
        if event.event == Event.RESENT:
            self._sent_again.add(event.document)
        is_wanted = (event.event, event.document) in self._wanted
        if live or is_wanted:
            self._shown.add(event.ident)
            self._show(event)
        for wanted, ident in list(self._wanted):
            if ident != event.document:
                continue
            if event.event == wanted:
                self._forget(wanted, ident)
            elif event.event in WORKS:
                self._ends_at.pop((wanted, ident), None)
            elif ends(event.event, wanted):
                self._end(wanted, ident, event.event)
            elif ends_with_grants(event.event, wanted):
                await self._end_with_grants(wanted, event, share)

    async def _end_with_grants(self, wanted: Event, event: DocumentEvent, share: ShareClient) -> None:
        """The link takes no more downloads; those that were begun end at the latest with their grants."""
        lifetime = (await with_retries(share.policy, self._patience)).grant_lifetime.total_seconds()
        passed = 0.0 if event.at is None else (datetime.now(UTC) - event.at).total_seconds()
        until = self._patience.clock() + lifetime - max(passed, 0.0) + _GRACE
        self._ends_at[wanted, event.document or ""] = until, event.event

    def end_late(self) -> None:
        """End what can't happen any more by now."""
        now = self._patience.clock()
        for (wanted, ident), (at, event) in list(self._ends_at.items()):
            if at <= now:
                self._end(wanted, ident, event)

    def _end(self, wanted: Event, ident: str, event: str) -> None:
        how = next((words for each, words in ENDINGS.items() if each == event), "has ended")
        since = " since it was sent again" if ident in self._sent_again else ""
        tell(f"“{printable(self._names[ident])}” {how}; “{wanted}” didn't happen{since}.")
        self.failed = True
        self._forget(wanted, ident)

    def _forget(self, wanted: Event, ident: str) -> None:
        self._wanted.remove((wanted, ident))
        self._ends_at.pop((wanted, ident), None)

    def tell_left(self) -> None:
        """Say what hasn't happened in time."""
        for wanted, ident in self._wanted:
            since = "; only what happened since it was sent again counts" if ident in self._sent_again else ""
            tell(f"“{wanted}” of {printable(self._names.get(ident, ident))} didn't happen in time{since}.")


async def _since(share: ShareClient, ident: str, once: Collection[Event]) -> list[DocumentEvent]:
    """What happened to a document since its link was sent, or sent again, and what of ``once`` happened before, the
    earliest first. How the link has ended is left out if it works again."""
    found: list[DocumentEvent] = []
    works = has_begun = False
    async for event in share.audit.events(ident):
        if event.event in once or not (has_begun or (works and event.event in ENDINGS)):
            found.append(of_audit(event))
        works = works or event.event in WORKS
        has_begun = has_begun or event.event in BEGINS
        if has_begun and not once:
            break
    return found[::-1]
