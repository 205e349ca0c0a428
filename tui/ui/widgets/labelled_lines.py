"""Values beside their labels, each wrapped to the room that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions
from rich.text import Text

from ...rules.text import printable
from .fit import cells, shorten, wrapped_to_cells

#: The cells between labels and values, and the least for a value.
_BETWEEN, _LEAST_VALUE = 2, 8


class LabelledLines:
    """Draws pairs of a label and a value, below each other. Values are wrapped as everywhere: between words, and
    addresses at their own places."""

    def __init__(self, pairs: Sequence[tuple[str, str]], *, style: str = "") -> None:
        """``style`` is that of the labels."""
        self._pairs = [(printable(label), printable(value)) for label, value in pairs]
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        most = max(options.max_width - _BETWEEN - _LEAST_VALUE, 1)
        label_width = min(max((cells(label) for label, _ in self._pairs), default=0), most)
        room = options.max_width - label_width - _BETWEEN
        for label, value in self._pairs:
            shown = shorten(label, label_width)
            before = shown + " " * (label_width - cells(shown) + _BETWEEN)
            for line in wrapped_to_cells(value, room):
                yield Text.assemble((before, self._style), line, no_wrap=True)
                before = " " * (label_width + _BETWEEN)
