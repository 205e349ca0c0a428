"""The activity of one document, or of all that the user has: a timeline of Work and Share, with a filter."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from typing import TYPE_CHECKING, Any

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from ...commands.declared import HIDDEN, spelled
from ...locations.rows import cell_text, moment_column
from ...override import override
from ...rules.activities import BY_THE_WAY, UNREADABLE, activity_text, details_in_words, details_text
from ...rules.text import printable
from ..base.dialog import Dialog
from ..base.screen_commands import ScreenCommand
from ..base.workers import worker_action
from ..widgets.button import Button
from ..widgets.field import FilterField
from ..widgets.row_line import RowLine
from ..widgets.status_line import StatusLine
from ..widgets.table import Cell, Column, Row, Table

if TYPE_CHECKING:
    from ...clients.timeline import Piece, TimelineEntry


_ONE = (
    moment_column("When", rank=0),
    Column("Side", 5, rank=3),
    Column("Event", 15),
    Column("By", 10, rank=2),
    Column("From", 15, rank=4),
    Column("What", 24, flex=1, rank=1),
)
_ALL = (
    moment_column("When", rank=0),
    Column("Side", 5, rank=3),
    Column("Event", 15, rank=1),
    Column("By", 8, rank=2),
    Column("Document", 24, flex=1, name=True),
    Column("From", 15, rank=5),
    Column("What", 12, flex=1, rank=4),
)
#: From this many events on, a filter no longer loads more by itself.
_MOST_LOOKED_AT = 5000


class TimelineScreen(Dialog[None]):
    """``load`` starts the timeline from the beginning, and yields its pieces."""

    # One key closes the dialog or ends the filter: the binding of a class replaces the inherited one.
    PLACES = (*Dialog.PLACES, "timeline")
    ABOUT = (
        "Everything that happened, newest first: Share records what happens to links (published, viewed, downloaded, "
        "wrong password, unpublished), Work to the document itself. {lists.open} shows all of an event. The audit "
        "can only be appended to, never rewritten."
    )
    whole = True
    DEFAULT_CSS = """
    TimelineScreen > .box.-whole { max-width: 100%; }
    TimelineScreen Field { display: none; }
    TimelineScreen Field.-on { display: block; }
    TimelineScreen .buttons { height: 1; margin-top: 1; }
    TimelineScreen Button { margin-right: 1; }
    """

    def __init__(self, heading: str, load: Callable[[], AsyncIterator[Piece]], *, one: bool = False) -> None:
        """``one``: all of it is about one document, so that rows needn't name it."""
        super().__init__()
        self._one = one
        self.heading = printable(heading)
        self._load_pieces = load
        self._pieces: AsyncIterator[Piece] | None = None
        self._entries: list[TimelineEntry] = []
        self._more = False
        self._failed = False
        self._loading: AsyncIterator[Piece] | None = None

    @override
    def body(self) -> list[Widget]:
        return [
            FilterField(
                id="needle",
                compact=True,
                placeholder="filter: an event, a person, an address, work or share",
            ),
            Table(_ONE if self._one else _ALL, markers=False, id="events", empty="Loading…"),
            RowLine(id="row"),
            StatusLine(id="said", lines=2, marked=True),
            Horizontal(
                Button("Filter", id="filter_events", compact=True),
                Button("Reload", id="reload_events", compact=True),
                Button("Close", id="close", compact=True),
                classes="buttons",
            ),
        ]

    @property
    def table(self) -> Table:
        """The events that the filter lets through."""
        return self.query_one("#events", Table)

    @override
    def on_mount(self) -> None:
        app: Any = self.app
        self.table.renderer.now, self.table.row_line = app.session.now, self.query_one(RowLine)
        self.table.focus()
        self.reload()

    def reload(self) -> None:
        """Reload the timeline from the beginning."""
        self._entries, self._more, self._failed = [], True, False
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
                if len(self.table.rows) > self.size.height or len(self._entries) >= _MOST_LOOKED_AT:
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

    @property
    def _needle(self) -> str:
        return self._field.value.strip().casefold()

    def _show(self) -> None:
        rows = [_row(entry, self._one) for entry in self._entries]
        needle = self._needle
        if needle:
            rows = [row for row in rows if needle in _text(row)]
        if self._failed:
            rest = f"No loaded event contains {needle}, and the rest" if self._entries else "This"
            again = spelled("{timeline.reload_events} tries again.", self.app)
            empty = f"{rest} could not be loaded; {again}"
        else:
            empty = f"No event contains {needle}." if needle else "No events yet."
        self.table.show(rows, empty=empty, more=self._more, keep=True)

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
        if event.row is not None:
            from .details import Details

            self.open(Details(_all_of(event.row.data), [], heading="Event"))

    @override
    def own_commands(self) -> Mapping[str, ScreenCommand]:
        # The key that they share ends the filter first.
        return {
            "filter_events": ScreenCommand(self._open_filter),
            "reload_events": ScreenCommand(self.reload),
            "end_filter": ScreenCommand(self._end_filter, lambda: None if self._filtering else HIDDEN),
            "close": ScreenCommand(self.ask_to_close, lambda: HIDDEN if self._filtering else None),
        }

    @property
    def _filtering(self) -> bool:
        return self._field.has_class("-on")

    def _open_filter(self) -> None:
        self._field.add_class("-on")
        self._field.focus()
        self.refresh_bindings()

    def _end_filter(self) -> None:
        self._field.value = ""
        self._field.remove_class("-on")
        self.table.focus()
        self.refresh_bindings()


_TONES = {
    "wrong password": "warn",
    "taken elsewhere": "warn",
    "delivered": "good",
    "broken off": "warn",
    "locked": "bad",
    "unavailable": "bad",
    UNREADABLE: "bad",
    "downloaded": "good",
}


def _row(entry: TimelineEntry, one: bool) -> Row:
    tone = _TONES.get(entry.event, "")
    event = activity_text(entry.event)
    cells: list[Cell] = [
        entry.at,
        entry.side.capitalize(),
        (event, tone) if tone else event,
        entry.actor or "–",
    ]
    if not one:
        cells.append(entry.about)
    return Row(entry.id, (*cells, entry.address or "–", details_text(entry.details, BY_THE_WAY)), data=entry)


def _text(row: Row) -> str:
    return " ".join(cell_text(cell) for cell in row.cells).casefold()


def _all_of(entry: TimelineEntry) -> list[tuple[str, str]]:
    fields = [
        ("When", f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S %Z}" if entry.at else ""),
        ("Side", entry.side.capitalize()),
        ("Event", activity_text(entry.event)),
        ("By", entry.actor or ("" if entry.event == UNREADABLE else "not signed in")),
        ("From", entry.address or ""),
        ("Program", entry.agent or ""),
        ("About", entry.about),
    ]
    details = details_in_words(entry.details)
    return [*fields, *((label[:1].upper() + label[1:], text) for label, text in details)]
