"""The details of a row on the screen: quiet labels, and values that are wrapped to what room there is."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import zip_longest
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.geometry import Region
from textual.widget import Widget

from ...commands.lookup import spelled
from ...override import override
from ...rules.text import printable
from ..widgets.fit import cells, cut_to_lines, shorten, wrapped_to_cells
from .details_tab import LEAST_LABEL, NO_LABEL, Line

#: How many lines a value may have at least; more if all of them have room then.
_LEAST_LINES = 4
#: The lines that an address may have beside its label. One that needs more is below it, this much to the right, and so
#: is what is one word, such as an address alone, that has room on a line only there.
_MOST_BESIDE, _INDENT = 2, 2
#: The lines that a name has at least and at most.
_NAME_LINES, _MOST_NAME_LINES = 2, 6


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
        #: What was taken last, with the room for labels, and what of it is to be seen since the last painting.
        self._lines: list[Line] = []
        self._label_width = LEAST_LABEL
        self._painted: tuple[list[Line], int] = ([], LEAST_LABEL)
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
        # What is taken before Textual draws it waits: only these lines of it would be painted, beside others of before.
        self._painted = self._lines, self._label_width
        pairs = zip_longest(self._shown, self._drawn(), fillvalue=None)
        if changed := [y for y, (before, now) in enumerate(pairs) if before != now]:
            self.refresh(Region(0, changed[0], self.content_size.width, changed[-1] - changed[0] + 1))

    def _drawn(self) -> list[Text]:
        quiet = self.get_component_rich_style("details--label", partial=True)
        name = self.get_component_rich_style("details--name", partial=True)
        lines, label_width = self._painted
        width = max(self.content_size.width, label_width + 4)
        height = self.content_size.height
        parts = _with_parts(lines)

        def drawn(most: int, more: int = 0) -> list[Text]:
            """All lines; values may have ``most``, and the first ``more`` of those that are longer one more."""
            found: list[Text] = []
            for label, values in parts:
                now = _drawn_line(label, values, (label_width, width), most, quiet, name)
                if more > 0:
                    longer = _drawn_line(label, values, (label_width, width), most + 1, quiet, name)
                    if 0 < len(longer) - len(now) <= more:
                        more -= len(longer) - len(now)
                        now = longer
                found += now
            return found

        if len(found := drawn(max(height, 1))) <= height:
            return found
        # The most lines with which they have room; what is left then goes to the first values.
        most = bisect_left(
            range(_LEAST_LINES, max(height, _LEAST_LINES)), 1, key=lambda each: len(drawn(each)) > height
        )
        most += _LEAST_LINES - 1
        if most >= _LEAST_LINES:
            return drawn(most, height - len(drawn(most)))
        found = drawn(_LEAST_LINES)
        # The dialog scrolls.
        rest = shorten(spelled("… {main.facts} shows the rest", self.app), width)
        return [*found[: max(height - 1, 0)], Text(rest, quiet)]

    @override
    def render(self) -> Text:
        self._shown = self._drawn()
        return Text("\n", no_wrap=True).join(self._shown)


def _with_parts(lines: Sequence[Line]) -> list[tuple[str, list[str]]]:
    """Labels, each with the parts of its value."""
    found: list[tuple[str, list[str]]] = []
    for label, value in lines:
        if label == NO_LABEL and found:
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
    if label and any(_belongs_below(text, room, width - _INDENT) for text in texts):
        below = [line for text in texts for line in wrapped_to_cells(text, width - _INDENT)]
        return [Text(shorten(label, width), quiet), *(Text(" " * _INDENT + line) for line in below)]
    limit = most if label else _MOST_NAME_LINES
    lines = [line for text in texts for line in cut_to_lines(text, room, limit)]
    if not label:
        # A name of one line is followed by an empty one, so that what follows is where it is below a name of two.
        return [Text(line, name) for line in (*lines, *[""] * (_NAME_LINES - len(lines)))]
    first = Text.assemble((shorten(label, label_width).ljust(label_width + 1), quiet), lines[0])
    return [first, *(Text(" " * (label_width + 1) + line) for line in lines[1:])]


def _belongs_below(text: str, beside: int, below: int) -> bool:
    """Whether a value is better below its label, with ``below`` cells for each line, than ``beside`` it."""
    *before, last = text.split(" ")
    # Not a sentence in which there is one.
    is_address = "@" in last
    if is_address and len(wrapped_to_cells(text, beside)) > _MOST_BESIDE:
        return True
    return (is_address or not before) and beside < cells(last) <= below
