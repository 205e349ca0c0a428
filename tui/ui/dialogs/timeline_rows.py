"""The activity in rows: a sentence for each event, below the day on which it happened. No Textual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ...locations.rows import Column, Row
from ...rules.activities import sentence
from ...rules.activity_details import details_in_words, details_text
from ...rules.activity_filter import ActivityFilter
from ...rules.activity_kinds import UNREADABLE, activity_text
from ...rules.dates import day_heading
from ...rules.display import ago_text, moment_text
from ...rules.send_activities import Happened, in_sends, read_send
from ...rules.text import shortened

if TYPE_CHECKING:
    from ...clients.timeline import TimelineEntry
    from ...session import Session

#: The widths of exact times, and of how long ago it was.
_EXACT, _AGO = 8, 13
#: The longest name of a program that is shown: what it says of itself may be any length.
_MOST_AGENT = 200
_TONES = {
    "wrong password": "warn",
    "taken elsewhere": "warn",
    "broken off": "warn",
    "locked": "bad",
    "unavailable": "bad",
    UNREADABLE: "bad",
}


class TimelineRows:
    """Makes rows of entries; of each entry, the sentence is made once. The row of a day has no data."""

    def __init__(self, session: Session, *, one: bool) -> None:
        """``one``: all of it is about one document, so that rows needn't name it."""
        self._session = session
        self._one = one
        #: Whether it is shown how long ago it was, in place of the time.
        self.shows_ago = False
        #: The sentence of each entry, and all that a filter looks for words in.
        self._texts: dict[str, tuple[str, str]] = {}
        #: The entries of each send whose documents read as one row, by the id of the one that the row stands for.
        self._sends: dict[str, list[TimelineEntry]] = {}
        #: How many rows there are, and whether the last one is a send, of which there may be more.
        self._count, self._ends_in_send = 0, False

    def forget(self) -> None:
        """Make all sentences again."""
        self._texts.clear()

    @property
    def columns(self) -> tuple[Column, ...]:
        """When, what, and of which document."""
        when = Column("When", _AGO if self.shows_ago else _EXACT, label="")
        if self._one:
            return when, Column("What", 30, flex=2, label="")
        # A long name leaves room for what happened, and that for the name: neither says anything without the other.
        what = Column("What", 60, flex=2, least=30, label="")
        return when, what, Column("Document", 40, flex=1, name=True, least=20, rank=1, shifts=True)

    def of(self, entries: Sequence[TimelineEntry], wanted: ActivityFilter) -> list[Row]:
        """The rows of those entries that the filter lets through, in their order: one for those of a send."""
        rows: list[Row] = []
        now, day = self._session.now(), ""
        self._sends.clear()
        group: list[TimelineEntry] = []
        for group in in_sends([entry for entry in entries if self._is_shown(entry, wanted)], happened):
            # The first document that was sent.
            entry = next((each for each in reversed(group) if each.event == "sent"), group[0])
            if len(group) > 1:
                self._sends[entry.id] = group
            heading = _day_of(entry, now)
            if heading != day:
                day = heading
                rows.append(Row(f"day {day}", ("", (day, "dim")), selectable=False))
            rows.append(self._row(entry, now))
        self._count, self._ends_in_send = len(rows), len(group) > 1
        return rows

    def fill(self, height: int) -> bool:
        """Return whether they need more lines than there are, and the last one is all of what it stands for."""
        return self._count > height and not self._ends_in_send

    def details(self, entry: TimelineEntry) -> list[tuple[str, str]]:
        """All of an event, with a label for each part."""
        fields = [
            ("When", f"{moment_text(entry.at)}:{entry.at.astimezone():%S %Z}" if entry.at else ""),
            ("Event", self._text_of(entry)[0]),
            ("Kind", f"{activity_text(entry.event)} ({entry.side.capitalize()})"),
            ("By", entry.actor or ("" if entry.event == UNREADABLE else "not signed in")),
            ("From", entry.address or ""),
            ("Program", shortened(entry.agent or "", _MOST_AGENT)),
            ("About", entry.about),
        ]
        details = details_in_words(entry.details)
        if group := self._sends.get(entry.id):
            parts = [
                (_clock(each.at), f"{self._text_of(each)[0]} · {each.about}") for each in reversed(group)
            ]
            read = read_send([happened(each) for each in group], self._session.user)
            return [*fields[:1], ("Event", read.sentence), *fields[3:-1], *parts]
        return [*fields, *((label[:1].upper() + label[1:], text) for label, text in details)]

    def _is_shown(self, entry: TimelineEntry, wanted: ActivityFilter) -> bool:
        return not wanted or wanted.lets_through(
            kind=activity_text(entry.event),
            by=person_of(entry),
            document=entry.about,
            text=self._text_of(entry)[1],
        )

    def _text_of(self, entry: TimelineEntry) -> tuple[str, str]:
        found = self._texts.get(entry.id)
        if found is None:
            said = sentence(
                entry.event,
                entry.details,
                actor=entry.actor,
                address=entry.address,
                agent=entry.agent,
                me=self._session.user,
            )
            kind, details = activity_text(entry.event), details_text(entry.details)
            parts = (moment_text(entry.at), entry.side, kind, said, person_of(entry), entry.about, details)
            found = self._texts[entry.id] = said, " ".join(parts)
        return found

    def _row(self, entry: TimelineEntry, now: datetime) -> Row:
        said, tone, about = self._text_of(entry)[0], _TONES.get(entry.event, ""), entry.about
        if group := self._sends.get(entry.id):
            said, names = read_send([happened(each) for each in group], self._session.user)
            about = ", ".join(names)
        when = ago_text(entry.at, now) if self.shows_ago else _clock(entry.at)
        cells = (when, (said, tone) if tone else said, *(() if self._one else (about,)))
        return Row(entry.id, cells, data=entry)


def happened(entry: TimelineEntry) -> Happened:
    """What is known of an entry."""
    return Happened(entry.event, entry.at, entry.actor, entry.details, entry.about)


def person_of(entry: TimelineEntry) -> str:
    """Who did it; a recipient is known by the address only."""
    return entry.actor or entry.address or ""


def _day_of(entry: TimelineEntry, now: datetime) -> str:
    # What someone wrote into the audit may be at the end of the calendar.
    try:
        return day_heading(entry.place, now)
    except (OverflowError, ValueError):
        return "Unknown day"


def _clock(at: datetime | None) -> str:
    return f"{at.astimezone():%H:%M:%S}" if at is not None else ""
