"""The path from the root of the tree to the location that is shown; clicking a part of it goes there."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.message import Message

from ...override import override
from ...rules.text import printable
from .fit import shorten_name
from .pane_heading import PaneHeading

_BETWEEN = " › "
#: In place of the names that are left out.
_LEFT_OUT = "…"
#: The fewest cells in which a name that is cut tells anything.
_LEAST = 8

#: A name as it is shown, or what is in its place, and its index; ``None`` in place of some that are left out.
Part = tuple[int | None, str]


def fitting(names: Sequence[str], matter: int, room: int) -> list[Part]:
    """Return what is shown of a path in so many cells: all of it, or its end. The name of the matter is shown before
    the folders that are in it, and cut in its middle rather than left out."""
    last = len(names) - 1
    gap: Part = (None, _LEFT_OUT)
    for first in range(last + 1):
        kept = [(index, names[index]) for index in range(first, last + 1)]
        before: list[Part] = [gap] if first else []
        if 0 < matter < first:
            before = [gap, (matter, names[matter]), *([gap] if first > matter + 1 else [])]
        if _cells([*before, *kept]) <= room:
            return [*before, *kept]
    between = [gap] if last > matter + 1 else []
    left = room - _cells([(matter, ""), *between, (last, "")])
    if not 0 < matter < last or left < 2 * _LEAST:
        # What is in place of the others would take room from it.
        return [(last, shorten_name(names[last], max(room, 1)))]
    # Each may have half of the room, and what the other one leaves.
    of_last = min(cell_len(names[last]), max(left // 2, left - cell_len(names[matter])))
    return [
        (matter, shorten_name(names[matter], left - of_last)),
        *between,
        (last, shorten_name(names[last], of_last)),
    ]


def _cells(parts: Sequence[Part]) -> int:
    """How many cells they have with what is between them."""
    return sum(cell_len(text) for _, text in parts) + len(_BETWEEN) * (len(parts) - 1)


class Breadcrumbs(PaneHeading):
    """Names of locations, with a note on the last one. If there isn't enough room, the first are left out, but the name
    of the matter only where there is hardly room for the last one."""

    class Chosen(Message):
        """A name was clicked: the one at position ``index`` of the path."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._names: tuple[str, ...] = ()
        self._matter = 0
        #: Where each name begins and ends, in cells from the start of the heading, and its index.
        self._name_spans: list[tuple[int, int, int]] = []

    @property
    def text(self) -> str:
        """The whole line as plain text."""
        return _BETWEEN.join(self._names) + (f"  {self._note}" if self._note else "")

    def show(self, names: list[str], note: str = "", *, matter: int = 0) -> None:
        """Show another path and note; nothing is repainted if they haven't changed. ``matter`` is the index of the name
        of the matter; 0 if none is in the path."""
        shown = tuple(map(printable, names))
        if (shown, note, matter) != (self._names, self._note, self._matter):
            self._names, self._note, self._matter = shown, note, matter
            self.refresh()

    @override
    def heading(self, room: int) -> str:
        self._name_spans = []
        if not self._names:
            return ""
        text = ""
        for index, name in fitting(self._names, self._matter, room):
            text += _BETWEEN if text else ""
            start = cell_len(text)
            text += name
            if index is not None:
                self._name_spans.append((start, cell_len(text), index))
        return text

    def on_click(self, event: events.Click) -> None:
        """Post the index of the name that was clicked; only for the first button."""
        for start, end, index in self._name_spans:
            if start <= event.x - self.start < end and event.button == 1:
                self.post_message(self.Chosen(index))
                return
