"""The path from the root of the tree to the location that is shown; clicking a part of it goes there."""

from __future__ import annotations

from rich.cells import cell_len
from textual import events
from textual.message import Message

from ...override import override
from ...rules.text import printable
from .fit import shorten_name
from .pane_heading import PaneHeading

_BETWEEN = " › "
_LEFT_OUT = "… › "


class Breadcrumbs(PaneHeading):
    """Names of locations, with a note on the last one. If there isn't enough room, the first are left out."""

    class Chosen(Message):
        """A name was clicked: the one at position ``index`` of the path."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._names: tuple[str, ...] = ()
        #: Where each name begins and ends, in cells from the start of the heading, and its index.
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
    def heading(self, room: int) -> str:
        self._name_spans = []
        if not self._names:
            return ""
        first, last = self._fitting(room)
        text = _LEFT_OUT if first else ""
        for index, name in enumerate((*self._names[first:-1], last), first):
            start = cell_len(text)
            text += name
            self._name_spans.append((start, cell_len(text), index))
            if index < len(self._names) - 1:
                text += _BETWEEN
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
        for start, end, index in self._name_spans:
            if start <= event.x - self.start < end and event.button == 1:
                self.post_message(self.Chosen(index))
                return
