"""The activity of one document, or of all that the user has: a timeline of Work and Share in sentences, by day."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.widget import Widget
from textual.widgets import Input

from ...commands.command import HIDDEN
from ...commands.lookup import spelled
from ...override import override
from ...rules.activity_filter import BY, DOCUMENT, KIND, ActivityFilter, none_fits, toggled
from ...rules.activity_kinds import activity_text
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.button_line import ButtonLine
from ..widgets.field import FilterField
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Table
from .timeline_rows import TimelineRows, person_of

if TYPE_CHECKING:
    from ...clients.timeline import Piece, TimelineEntry
    from ...session import Session


_PLACEHOLDER = "filter: words, kind:downloaded, by:anna, doc:offer"
#: From this many events on, a filter no longer loads more by itself.
_MOST_LOOKED_AT = 5000
#: Seconds after which it is a minute longer ago, and perhaps another day.
_MINUTE = 60.0


class TimelineScreen(Dialog[None]):
    """``load`` starts the timeline from the beginning, and yields its pieces. On a low screen, events get the lines of
    the buttons, whose keys can be clicked in the footer as well."""

    # One key closes the dialog or ends the filter: the binding of a class replaces the inherited one.
    PLACES = (*Dialog.PLACES, "timeline")
    ABOUT = (
        "Everything that happened, newest first: Share records it of links, Work of documents, and of a link only how "
        "it was sent. {lists.open} shows all of an event. {timeline.filter_events} filters by words, and by kind:, "
        "by: and doc:, which {timeline.same_kind}, {timeline.same_person} and {timeline.same_document} fill in from "
        "the event under the cursor. The audit can only be appended to, never rewritten."
    )
    whole = True
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-high")]  # noqa: RUF012
    DEFAULT_CSS = """
    TimelineScreen > .box.-whole { max-width: 100%; }
    TimelineScreen Field { display: none; }
    TimelineScreen Field.-on { display: block; }
    TimelineScreen .buttons { margin-top: 1; }
    TimelineScreen.-low .buttons { display: none; }
    TimelineScreen Button { margin-right: 1; }
    """

    def __init__(
        self, session: Session, heading: str, load: Callable[[], AsyncIterator[Piece]], *, one: bool = False
    ) -> None:
        """``one``: all of it is about one document, so that rows needn't name it."""
        super().__init__()
        self._session = session
        self._one = one
        self.opened_by = ("main.audit_document",) if one else ("main.audit",)
        self._rows = TimelineRows(session, one=one)
        self.heading = printable(heading)
        self._load_pieces = load
        self._pieces: AsyncIterator[Piece] | None = None
        self._entries: list[TimelineEntry] = []
        self._more = self._failed = False
        self._loading: AsyncIterator[Piece] | None = None

    @override
    def body(self) -> list[Widget]:
        return [
            FilterField(id="needle", compact=True, placeholder=_PLACEHOLDER),
            Table(self._rows.columns, markers=False, id="events", empty="Loading…"),
            RowLine(id="row"),
            StatusLine(id="said", lines=3, marked=True),
            ButtonLine(
                Button("Filter", id="filter_events", compact=True),
                Button("Reload", id="reload_events", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def table(self) -> Table:
        """The events that the filter lets through, below the days on which they happened."""
        return self.query_one("#events", Table)

    @override
    def on_mount(self) -> None:
        self.table.renderer.now, self.table.row_line = self._session.now, self.query_one(RowLine)
        self.table.focus()
        self.set_interval(_MINUTE, self._show)
        self.reload()

    def reload(self) -> None:
        """Reload the timeline from the beginning."""
        self._entries, self._more, self._failed = [], True, False
        self._rows.forget()
        self._pieces = self._load_pieces()
        self.say("")
        self._load(self._pieces)

    @worker_action(group="events")
    async def _load(self, pieces: AsyncIterator[Piece]) -> None:
        """Load the next piece; with a filter, as many as it takes to fill the screen."""
        if self._loading is pieces:
            return
        self._loading = pieces
        try:
            while self._more and pieces is self._pieces:
                piece = await anext(pieces, None)
                if pieces is not self._pieces:
                    return
                self._more = piece is not None
                if piece is not None:
                    self._take(piece)
                self._show()
                if self._rows.fill(self.size.height) or len(self._entries) >= _MOST_LOOKED_AT:
                    return
        except Exception:
            if pieces is self._pieces:
                self._more, self._failed = False, True
                self._show()
            raise
        finally:
            # They may have been reloaded in the meantime.
            if self._loading is pieces:
                self._loading = None

    def _take(self, piece: Piece) -> None:
        # Work's events of a document may be later than those already shown of others.
        self._entries = sorted([*self._entries, *piece.entries], key=lambda entry: entry.place, reverse=True)
        if piece.notes:
            self.say(piece.notes[0], "warn")

    @property
    def _field(self) -> FilterField:
        return self.query_one("#needle", FilterField)

    def _show(self) -> None:
        typed = self._field.value
        wanted = ActivityFilter.parse(typed)
        rows = self._rows.of(self._entries, wanted)
        again = spelled("{timeline.reload_events} tries again.", self.app)
        again = again if self._failed else ""
        empty = _empty_text(typed.strip(), wanted, again, bool(self._entries), one=self._one)
        # Not on the name of the first day.
        at = 1 if rows and self.table.current is None else None
        self.table.show(rows, columns=self._rows.columns, empty=empty, more=self._more, keep=True, at=at)

    @on(Table.Wanted)
    def _wanted(self, event: Table.Wanted) -> None:
        event.stop()
        if self._more and self._pieces is not None:
            self._load(self._pieces)

    @on(Input.Changed)
    def _typed(self) -> None:
        self._show()

    @on(Input.Submitted)
    def _done(self) -> None:
        self.table.focus()

    @on(Table.Opened)
    def _opened(self, event: Table.Opened) -> None:
        event.stop()
        entry = self._current
        if entry is not None:
            from .details import Details

            self.open(Details(self._rows.details(entry), [], heading="Event", opened_by=()))

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        return {
            "filter_events": ScreenCommand(self._open_filter),
            "same_kind": ScreenCommand(lambda: self._toggle_term(KIND), self._no_event),
            "same_person": ScreenCommand(lambda: self._toggle_term(BY), self._no_event),
            "same_document": ScreenCommand(
                lambda: self._toggle_term(DOCUMENT),
                lambda: "All of this is about one document." if self._one else self._no_event(),
            ),
            "toggle_times": ScreenCommand(self._toggle_times),
            "reload_events": ScreenCommand(self.reload),
            "end_filter": ScreenCommand(self._end_filter, lambda: None if self._filtering else HIDDEN),
            "close": ScreenCommand(self.ask_to_close, lambda: HIDDEN if self._filtering else None),
        }

    @property
    def _filtering(self) -> bool:
        return self._field.has_class("-on")

    @property
    def _current(self) -> TimelineEntry | None:
        """The event under the cursor; ``None`` if that is the name of a day."""
        row = self.table.current
        return row.data if row is not None else None

    def _no_event(self) -> str | None:
        return None if self._current is not None else "Choose an event first."

    def _toggle_term(self, name: str) -> None:
        """Show only what is like the event under the cursor, or everything again."""
        entry = self._current
        if entry is None:
            return
        value = {KIND: activity_text(entry.event), BY: person_of(entry), DOCUMENT: entry.about}[name]
        self.say("" if value else "The audit doesn't say who that was.", "warn")
        self._field.value = toggled(self._field.value, name, value)
        self._field.set_class(bool(self._field.value), "-on")
        self.refresh_bindings()

    def _toggle_times(self) -> None:
        """Show how long ago it was, or when."""
        self._rows.shows_ago = not self._rows.shows_ago
        self._show()

    def _open_filter(self) -> None:
        self._field.add_class("-on")
        self._field.focus()
        self.refresh_bindings()

    def _end_filter(self) -> None:
        self._field.value = ""
        self._field.remove_class("-on")
        self.table.focus()
        self.refresh_bindings()


def _empty_text(typed: str, wanted: ActivityFilter, again: str, any_loaded: bool, *, one: bool) -> str:
    """What an empty list says; ``again`` is the key that tries again, if something could not be loaded."""
    if again:
        what = f"No loaded event fits {typed}, and the rest" if any_loaded else "This"
        return f"{what} could not be loaded; {again}"
    if not typed:
        return "No events yet." if one else "No events yet: you have sent nothing."
    return none_fits(wanted, f"No event fits {typed}.")
