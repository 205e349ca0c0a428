"""The path from the root of the tree to the location that is shown; clicking a part of it goes there."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widget import Widget

from ...override import override
from ...rules.text import printable
from .fit import shorten, shorten_name

_BETWEEN = " › "
_LEFT_OUT = "… › "


class Breadcrumbs(Widget):
    """Names of locations, followed by a note on the last one. If there isn't enough room, the first are left out."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"breadcrumbs--name", "breadcrumbs--note"}
    DEFAULT_CSS = """
    Breadcrumbs { height: 1; width: 1fr; background: $surface; padding: 0 1; color: $text-muted; }
    Breadcrumbs > .breadcrumbs--name { color: $text-accent; text-style: $current-style; }
    Breadcrumbs > .breadcrumbs--note { color: $text-muted; text-style: $muted-style; }
    """

    class Chosen(Message):
        """A name was clicked: the one at position ``index`` of the path."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._names: tuple[str, ...] = ()
        self._note = ""
        self._name_spans: list[tuple[int, int, int]] = []

    @property
    def text(self) -> str:
        """The whole line as plain text."""
        return _BETWEEN.join(self._names) + (f"  {self._note}" if self._note else "")

    def show(self, names: list[str], note: str = "") -> None:
        """Show another path and note; nothing is repainted if they haven't changed."""
        shown = tuple(map(printable, names))
        if (shown, note) != (self._names, self._note):
            self._names, self._note = shown, note
            self.refresh()

    @override
    def render(self) -> Text:
        name = self.get_component_rich_style("breadcrumbs--name", partial=True)
        note = self.get_component_rich_style("breadcrumbs--note", partial=True)
        text = Text(no_wrap=True)
        self._name_spans = []
        if not self._names:
            return text
        room = self.content_size.width - (cell_len(self._note) + 2 if self._note else 0)
        first, last = self._fitting(room)
        if first:
            text.append(_LEFT_OUT, note)
        for index in range(first, len(self._names)):
            start = text.cell_len
            at_end = index == len(self._names) - 1
            text.append(last if at_end else self._names[index], name if at_end else "")
            self._name_spans.append((start, text.cell_len, index))
            if not at_end:
                text.append(_BETWEEN, note)
        if self._note:
            text.append("  " + shorten(self._note, max(self.content_size.width - text.cell_len - 2, 0)), note)
        return text

    def _fitting(self, room: int) -> tuple[int, str]:
        """Return the index of the first name that there is room for, and the last name as it is shown."""
        *before, last = self._names
        for first in range(len(before) + 1):
            rest = sum(cell_len(name) + len(_BETWEEN) for name in before[first:])
            left_out = len(_LEFT_OUT) if first else 0
            if left_out + rest + cell_len(last) <= room:
                return first, last
        first = len(before)
        return first, shorten_name(last, max(room - (len(_LEFT_OUT) if first else 0), 1))

    def on_click(self, event: events.Click) -> None:
        """Post the index of the name that was clicked; only for the first button."""
        # The widget's padding takes up the first column.
        for start, end, index in self._name_spans:
            if start <= event.x - 1 < end and event.button == 1:
                self.post_message(self.Chosen(index))
                return
