"""What is known of the row under the cursor, or its text, beside the list on a wide screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Region
from textual.timer import Timer
from textual.widget import Widget

from ...commands.lookup import spelled
from ...locations.rows import Column, cell_text
from ...override import override
from ...rules.display import moment_text
from ...rules.errors import Problem
from ...rules.text import printable
from ..textual_patches.timers import ensure_fires
from ..widgets.fit import cut_to_lines, shorten, wrapped_to_cells
from ..widgets.pane_heading import PaneHeading

if TYPE_CHECKING:
    from ...locations.kind import LocationKind
    from ...session import Session
    from ..base.host import Host
    from ..widgets.table import Row
    from ..widgets.text_view import TextLines, TextView
    from .text_tab import TextTab

#: A line of a tab: its label, quiet, and its value; a heading has a label alone, and a name a value alone.
Line = tuple[str, str]
#: Seconds after a move of the cursor until the pane shows its row, and until more is asked for.
_REST_SECONDS, _MORE_SECONDS = 0.1, 0.4
#: The least and the most room for labels.
_LEAST_LABEL, _MOST_LABEL = 8, 11
#: How many lines a value may have: the most with which all of them have room.
_MOST_LINES = (16, 8, 6, 4)
#: The lines that an address may have beside its label; one that needs more is below it, this much to the right.
_MOST_BESIDE, _INDENT = 2, 2
#: How many parts of a value have a line each, and the label of all but the first.
_MOST_PARTS, _NO_LABEL = 4, " "
#: The lines that a name has at least and at most.
_NAME_LINES, _MOST_NAME_LINES = 2, 6
#: Longer values have no room in two lines.
_AMPLE = 40
#: How many events are shown, and of how many days the downloads.
_EVENTS, _DAYS = 12, 21


class DetailsTab:
    """The columns of the row, also those that the list has no room for, and the latest events."""

    title = "Details"

    def at_once(self, kind: LocationKind, row: Row) -> list[Line]:
        """The row's name and its other values. Those that few rows have come last: so little moves with the cursor."""
        cells = sorted(
            zip(kind.columns[1:], row.cells[1:], strict=False), key=lambda each: each[0].narrow > 0
        )
        values = [
            line for column, cell in cells for line in _lines(column, cell_text(cell).strip(), row.data)
        ]
        return [("", row.name), *values]

    def label_width(self, kind: LocationKind) -> int:
        """Return the room for labels: the same for all rows of a list, so that nothing moves with the cursor."""
        return min(max(_LEAST_LABEL, *(len(column.title) for column in kind.columns[1:])), _MOST_LABEL)

    async def more(self, session: Session, kind: LocationKind, row: Row) -> list[Line]:
        """The latest events of a document."""
        from ..dialogs.details import history_of

        if not (row.selectable and kind.server):
            return []
        history, _ = await history_of(session, kind, row)
        now = session.now()
        events = [(moment_text(at, now, 6), what) for at, what in history]
        latest = [("", ""), ("Latest", ""), *events[:_EVENTS]] if events else []
        return [*await self._downloads(session, kind, row), *latest]

    async def _downloads(self, session: Session, kind: LocationKind, row: Row) -> list[Line]:
        """How often what was sent was downloaded on each of the last days; nothing if it wasn't."""
        if not kind.is_share_folder:
            return []
        days = (await session.share.downloads_by_day(row.key, _DAYS)).days
        most = max((day.downloads for day in days), default=0)
        if not most:
            return []
        from ...rules.sparkline import sparkline

        line = sparkline([day.downloads for day in days])
        return [
            ("", ""),
            (f"Downloads a day, {_DAYS} days", ""),
            ("to today", line),
            ("at most", f"{most:,}"),
        ]


def _lines(column: Column, text: str, data: object) -> list[Line]:
    """The lines for a value: one, or one for each of its parts, the first ones; none if it is empty."""
    if not text:
        return []
    if column.parts is None:
        return [(column.title, _brief(column, text))]
    parts = [*column.parts(data)]
    if len(parts) > _MOST_PARTS:
        parts[_MOST_PARTS - 1 :] = [f"and {len(parts) - _MOST_PARTS + 1:,} more"]
    return [(_NO_LABEL if index else column.title, part) for index, part in enumerate(parts)]


def _brief(column: Column, text: str) -> str:
    """A value, in few words if it is long and there are such."""
    return column.brief(text) if column.brief is not None and len(text) > _AMPLE else text


class DetailsText(Widget):
    """The lines of a tab, as many as there is room for."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"details--label", "details--name"}
    DEFAULT_CSS = """
    DetailsText { height: 1fr; padding: 0 1; color: $text; }
    DetailsText > .details--label { color: $quiet; text-style: $quiet-style; }
    DetailsText > .details--name { text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__(classes="body")
        self._lines: list[Line] = []
        self._label_width = _LEAST_LABEL
        #: What is on the screen.
        self._shown: list[Text] = []

    def take(self, lines: Sequence[Line], label_width: int) -> bool:
        """Have other lines from the next painting on; return whether they are others. Labels get ``label_width``
        cells."""
        changed = (list(lines), label_width) != (self._lines, self._label_width)
        self._lines, self._label_width = list(lines), label_width
        return changed

    def paint(self) -> None:
        """Paint the lines that are others than on the screen. Most of the pane is empty."""
        pairs = zip_longest(self._shown, self._drawn(), fillvalue=None)
        if changed := [y for y, (before, now) in enumerate(pairs) if before != now]:
            self.refresh(Region(0, changed[0], self.content_size.width, changed[-1] - changed[0] + 1))

    def _drawn(self) -> list[Text]:
        quiet = self.get_component_rich_style("details--label", partial=True)
        name = self.get_component_rich_style("details--name", partial=True)
        label_width = self._label_width
        width = max(self.content_size.width, label_width + 4)
        drawn: list[Text] = []
        height = self.content_size.height
        for most in _MOST_LINES:
            drawn = [
                line
                for label, values in _with_parts(self._lines)
                for line in _drawn_line(label, values, (label_width, width), most, quiet, name)
            ]
            if len(drawn) <= height:
                return drawn
        # The dialog scrolls.
        rest = shorten(spelled("… {main.facts} shows the rest", self.app), width)
        return [*drawn[: max(height - 1, 0)], Text(rest, quiet)]

    @override
    def render(self) -> Text:
        self._shown = self._drawn()
        return Text("\n", no_wrap=True).join(self._shown)


def _with_parts(lines: Sequence[Line]) -> list[tuple[str, list[str]]]:
    """Labels, each with the parts of its value."""
    found: list[tuple[str, list[str]]] = []
    for label, value in lines:
        if label == _NO_LABEL and found:
            found[-1][1].append(value)
        else:
            found.append((label, [value]))
    return found


def _drawn_line(
    label: str, values: Sequence[str], widths: tuple[int, int], most: int, quiet: Style, name: Style
) -> list[Text]:
    """``widths``: that of labels, and of the whole line; ``most``: how many lines each of a label's values may have,
    but addresses."""
    label_width, width = widths
    if not any(values):
        return [Text(shorten(label, width), quiet)]
    room = width - (label_width + 1 if label else 0)
    texts = [printable(value) for value in values]
    # Not a sentence in which there are some.
    addresses = [text for text in texts if "@" in text.rpartition(" ")[2]] if label else []
    if any(len(wrapped_to_cells(text, room)) > _MOST_BESIDE for text in addresses):
        below = [line for text in texts for line in wrapped_to_cells(text, width - _INDENT)]
        return [Text(shorten(label, width), quiet), *(Text(" " * _INDENT + line) for line in below)]
    limit = most if label else _MOST_NAME_LINES
    lines = [line for text in texts for line in cut_to_lines(text, room, limit)]
    if not label:
        # A name of one line is followed by an empty one, so that what follows is where it is below a name of two.
        return [Text(line, name) for line in (*lines, *[""] * (_NAME_LINES - len(lines)))]
    first = Text.assemble((shorten(label, label_width).ljust(label_width + 1), quiet), lines[0])
    return [first, *(Text(" " * (label_width + 1) + line) for line in lines[1:])]


class DetailsPane(Vertical):
    """Follows the cursor from what is loaded; when it rests, more is asked for. Its other tab has the document's
    text."""

    def __init__(self, main: Host, *, text: bool = False) -> None:
        """``text``: begin with the text of documents."""
        super().__init__(id="details")
        self._main = main
        self._tab = DetailsTab()
        self.heading = PaneHeading(self._tab.title, id="details-heading")
        self._body = DetailsText()
        self._rest: Timer | None = None
        #: The row that is shown, with the kind of location that it is in: the list may have moved on to another.
        self._shown: tuple[LocationKind, Row] | None = None
        #: The key of a row, and what was asked for about it.
        self._more: tuple[str, list[Line]] = ("", [])
        #: The text of the document, once it was wanted, and whether it is shown.
        self.text: TextTab | None = None
        self.shows_text = text
        self._view: TextView | None = None

    @override
    def compose(self) -> ComposeResult:
        yield self.heading
        yield self._body

    def on_mount(self) -> None:
        """Show the row that is already under the cursor."""
        if self.shows_text:
            self.show_tab(text=True)
        else:
            self.follow()

    def show_tab(self, *, text: bool) -> None:
        """Show the text of the document, or what is known of it."""
        self.shows_text = text
        if not self.is_attached:
            return
        if text and self._view is None:
            # Most users never look at it.
            from ..widgets.text_view import TextView
            from .text_tab import TextTab

            self._view = TextView(self._main.say)
            self.text = TextTab(self._main, self._view)
            self.mount(self._view)
        elif self._view is not None:
            self._view.display = text
        self._body.display = not text
        self.heading.tell("Text" if text else self._tab.title)
        if self.text is not None and not text:
            if self._view is not None and self._view.lines.has_focus:
                self._main.table.focus()
            self.rest()
        self.follow()

    def rest(self) -> None:
        """Read no document for a while."""
        if self.text is not None:
            self.text.stop()
            self._main.session.previews.rest()

    def scroll_text(self, *, down: bool) -> None:
        """Scroll the text by half of what is visible."""
        if self._view is not None:
            lines = self._view.lines
            lines.scroll_by(lines.half if down else -lines.half)

    @property
    def takes_keys(self) -> bool:
        """Whether keys act on it."""
        focused = self._main.screen.focused
        return focused is not None and self in focused.ancestors

    # The view is imported when it is first wanted: its messages are named here.

    def on_text_lines_left(self) -> None:
        """Give the keys back to the list."""
        self._main.table.focus()

    def on_text_lines_document_wanted(self, event: TextLines.DocumentWanted) -> None:
        """Move the cursor of the list, which is followed."""
        self._main.table.action_down() if event.by > 0 else self._main.table.action_up()

    def on_text_lines_text_wanted(self) -> None:
        """Read the document that waits."""
        if self.text is not None:
            self.text.ask()

    def follow(self) -> None:
        """Take up the row under the cursor. It is painted when the cursor rests: over a slow connection, the pane would
        hold it up."""
        if not (self.is_attached and self.display):
            if self.shows_text:
                self.rest()
            return
        row, kind = self._main.table.current, self._main.browser.kind
        if self.shows_text and self.text is not None:
            self.text.follow(row)
            return
        self._shown = (kind, row) if row is not None else None
        more = self._more[1] if row is not None and self._more[0] == row.key else []
        lines = [*self._tab.at_once(kind, row), *more] if row is not None else []
        if self._body.take(lines, self._tab.label_width(kind)):
            self._after(_REST_SECONDS, self._at_rest)

    def _after(self, seconds: float, then: Callable[[], object]) -> None:
        if self._rest is not None:
            self._rest.stop()
        self._rest = ensure_fires(self.set_timer(seconds, then))

    def _at_rest(self) -> None:
        self._body.paint()
        if self._main.ready:
            self._after(_MORE_SECONDS, self._ask)

    def _ask(self) -> None:
        if self._shown is not None and self._main.screen.app.screen is self._main.screen:
            self._main.screen.run_worker(self._load(*self._shown), exclusive=True, group="details")

    async def _load(self, kind: LocationKind, row: Row) -> None:
        # The pane only completes what the list shows: what has failed, the next command tells.
        with suppress(Problem):
            lines = await self._tab.more(self._main.session, kind, row)
            if self._shown is not None and self._shown[1] is row and self.is_attached:
                self._more = (row.key, lines)
                if self._body.take([*self._tab.at_once(kind, row), *lines], self._tab.label_width(kind)):
                    self._body.paint()
