"""Notices: which there are, which one is shown, and what hasn't been looked at.

Plain state, without Textual and without ``await``: the caller says what the time is, by a clock that never jumps.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from ..rules.notices import KINDS, TONES, counted_texts, is_told, notice_text, others_text, tone_of

if TYPE_CHECKING:
    from ..clients.events import DocumentEvent

#: Seconds that the line is shown after the last notice in it, and after which it begins anew even if more come.
SHOWN_SECONDS, LONGEST_SECONDS = 10.0, 60.0
#: Seconds between two alerts of the terminal: what comes in between is told by the second one.
ALERT_SECONDS = 10.0
#: Notices that are kept in the list, and events that are known by their numbers: the server repeats fewer.
MOST_KEPT, _MOST_KNOWN = 500, 8192


class DocumentNotice(NamedTuple):
    """``times``: how often it has happened. ``at`` is the last time, by the server's clock, ``ident`` the number of the
    last event; ``is_new``: neither the notice nor the document's folder was looked at since."""

    ident: str
    event: str
    document: str
    name: str
    at: datetime | None
    actor: str | None
    address: str | None
    counts: tuple[tuple[str, int], ...]
    times: int = 1
    folder: str | None = None
    is_new: bool = True

    @property
    def tone(self) -> str:
        """How urgent it is: one of :data:`~tui.rules.notices.TONES`."""
        return tone_of(self.event, dict(self.counts))

    def text(self, name: str | None = None, *, address: bool = True) -> str:
        """The sentence, with ``name`` in place of a name that is too long; without ``address``, not from where."""
        return notice_text(
            self.event,
            self.name if name is None else name,
            actor=self.actor,
            address=self.address if address else None,
            counts=dict(self.counts),
            times=self.times,
        )


class NoticeLine(NamedTuple):
    """What is shown of some notices: the newest of the most urgent ones, and what others there are. ``other`` is the
    only other one, if that is of another kind; ``counted`` are texts that only count all of them, the longest
    first."""

    notice: DocumentNotice
    others: str
    counted: tuple[str, ...]
    other: DocumentNotice | None = None

    def text(self, name: str | None = None, *, address: bool = True) -> str:
        """The text, with ``name`` in place of a name that is too long; without ``address``, not from where."""
        return " · ".join(filter(None, (self.notice.text(name, address=address), self.others)))

    @property
    def full_text(self) -> str:
        """The text, with all of the only other notice rather than what it is counted as."""
        return self.text() if self.other is None else f"{self.notice.text()} · {self.other.text()}"


def line_of(notices: Iterable[DocumentNotice]) -> NoticeLine | None:
    """The line about notices, the newest last; ``None`` if there are none."""
    shown = list(notices)
    if not shown:
        return None
    at = max(range(len(shown)), key=lambda index: (TONES.index(shown[index].tone), index))
    notice = shown.pop(at)
    others = Counter[str]()
    for each in shown:
        others[each.event] += each.times
    other = shown[0] if len(shown) == 1 and shown[0].event != notice.event else None
    counted = counted_texts(notice.event, notice.times, others)
    return NoticeLine(notice, others_text(notice.event, others), counted, other)


class Notices:
    """The notices of the user who is signed in."""

    def __init__(self) -> None:
        #: The newest first.
        self.kept: deque[DocumentNotice] = deque(maxlen=MOST_KEPT)
        #: How many of them haven't been looked at.
        self.unseen = 0
        self._known: dict[str, None] = {}
        self._shown: list[DocumentNotice] = []
        self._shown_since = self._shown_until = 0.0
        self._unalerted: list[DocumentNotice] = []
        self._next_alert = 0.0

    # ------------------------------------------------------------ what happens

    def happened(self, event: DocumentEvent, me: str, now: float) -> bool:
        """Take an event of the server. Returns whether it is news: an event that is worth telling, of a document of the
        user's, which wasn't told before and isn't the user's own doing."""
        if event.ident and event.ident in self._known:
            return False
        self._know(event.ident)
        if not is_told(event.event, event.counts) or not event.document or event.name is None:
            return False
        if event.actor is not None and event.actor == me:
            return False
        self._take(
            DocumentNotice(
                event.ident,
                event.event,
                event.document,
                event.name,
                event.at,
                event.actor,
                event.address,
                tuple(sorted(event.counts.items())),
                folder=event.folder,
            ),
            now,
            event.begun_at,
        )
        return True

    def _know(self, ident: str) -> None:
        if ident:
            self._known[ident] = None
            if len(self._known) > _MOST_KNOWN:
                del self._known[next(iter(self._known))]

    def _settled(self, by: DocumentNotice, begun_at: datetime | None) -> set[tuple[str, ...]]:
        """The notices that needn't be told any more, as ``by`` says what became of it: of the download that began at
        that time."""
        kind = KINDS[by.event]
        if not kind.settles and not kind.settles_one:
            return set()
        of_it = [notice for notice in self.kept if notice.document == by.document]
        settled = {_which(notice) for notice in of_it if notice.event in kind.settles}
        begun = [notice for notice in of_it if notice.event in kind.settles_one]
        if begun_at is not None:
            return settled | {_which(notice) for notice in begun if notice.at == begun_at}
        # A server of an earlier version doesn't say which: the longest ago of those from there. Where a download goes
        # on from another network, it is any.
        there = [notice for notice in begun if notice.address == by.address] or begun
        return settled | set(map(_which, there[-1:]))

    def _withdraw(self, settled: set[tuple[str, ...]]) -> None:
        over = [index for index, notice in enumerate(self.kept) if _which(notice) in settled]
        self.unseen -= sum(index < self.unseen for index in over)
        for notices in (self.kept, self._shown, self._unalerted):
            kept = [notice for notice in notices if _which(notice) not in settled]
            notices.clear()
            notices.extend(kept)

    def _take(self, notice: DocumentNotice, now: float, begun_at: datetime | None) -> None:
        if settled := self._settled(notice, begun_at):
            self._withdraw(settled)
        if now >= self._shown_until or now - self._shown_since >= LONGEST_SECONDS:
            self._shown, self._shown_since = [], now
        self._shown_until = now + SHOWN_SECONDS
        last = self.kept[0] if self.kept and self.unseen else None
        if last is not None and KINDS[notice.event].again and _same(last, notice):
            notice = notice._replace(times=last.times + 1)
            self.kept.popleft()
            _replace_last(self._shown, last, notice)
            _replace_last(self._unalerted, last, notice)
        else:
            self.unseen = min(self.unseen + 1, MOST_KEPT)
            self._shown.append(notice)
            if KINDS[notice.event].alerts:
                self._unalerted.append(notice)
        self.kept.appendleft(notice)
        # What is no longer in the list is only counted.
        del self._shown[:-MOST_KEPT], self._unalerted[:-MOST_KEPT]

    def renumbered(self) -> None:
        """The server's numbers begin anew: those known so far say nothing of what comes."""
        self._known.clear()

    # ------------------------------------------------------------ what is shown

    def line(self, now: float) -> NoticeLine | None:
        """What is shown at that moment; ``None`` for nothing."""
        return line_of(self._shown) if now < self._shown_until else None

    def seconds_left(self, now: float) -> float:
        """For how long that is shown, if nothing else happens; 0 if nothing is."""
        return max(self._shown_until - now, 0.0) if self._shown else 0.0

    def alert(self, now: float) -> NoticeLine | None:
        """What the terminal is told at that moment, once; ``None`` for nothing."""
        if not self._unalerted or now < self._next_alert:
            return None
        found, self._unalerted = line_of(self._unalerted), []
        self._next_alert = now + ALERT_SECONDS
        return found

    def seconds_to_alert(self, now: float) -> float | None:
        """When to ask for the next alert; ``None`` if there is none to wait for."""
        return max(self._next_alert - now, 0.0) if self._unalerted else None

    # ------------------------------------------------------------ what the user does

    def looked_at(self) -> None:
        """The user has looked at the list: nothing in it is new, or has to be shown or alerted of, any more."""
        self.unseen = 0
        self._no_longer_new(lambda _: True)
        self._shown, self._unalerted = [], []
        self._shown_until = 0.0

    def folder_seen(self, folder: str) -> bool:
        """The user has looked at a folder, which shows what happened. Returns whether anything in it was new."""
        was_new = self.new_in(folder) > 0
        if was_new:
            self._no_longer_new(lambda notice: notice.folder == folder)
        return was_new

    def _no_longer_new(self, which: Callable[[DocumentNotice], bool]) -> None:
        kept = [notice._replace(is_new=notice.is_new and not which(notice)) for notice in self.kept]
        self.kept.clear()
        self.kept.extend(kept)

    def new_in(self, folder: str) -> int:
        """How many new notices there are of the documents of a folder."""
        return sum(notice.is_new and notice.folder == folder for notice in self.kept)

    def new_by_folder(self) -> Counter[str]:
        """The same for all folders in which there are any."""
        return Counter(notice.folder for notice in self.kept if notice.is_new and notice.folder)

    def take_up(self, notices: Sequence[DocumentNotice], unseen: int) -> None:
        """Begin with the notices of an earlier session, the newest first, before anything happens in this one."""
        self.kept.extend(notices[: MOST_KEPT - len(self.kept)])
        self.unseen = min(self.unseen + unseen, len(self.kept))
        for notice in reversed(notices):
            self._know(notice.ident)

    def forget(self) -> None:
        """Forget everything, as it belongs to another user."""
        self.looked_at()
        self.kept.clear()
        self._known.clear()


def _which(notice: DocumentNotice) -> tuple[str, ...]:
    return notice.ident, notice.event, notice.document


def _same(one: DocumentNotice, other: DocumentNotice) -> bool:
    return (one.event, one.document) == (other.event, other.document)


def _replace_last(notices: list[DocumentNotice], last: DocumentNotice, by: DocumentNotice) -> None:
    if notices and notices[-1]._replace(is_new=last.is_new) == last:
        notices[-1] = by
    else:
        notices.append(by)
