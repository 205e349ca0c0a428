"""The line above a pane: what is in it. It shows by itself which of the panes keys act on."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.widget import Widget

from ...override import override
from .fit import shorten

#: Before the heading of the active pane.
BAR = "▌"


class PaneHeading(Widget):
    """A heading, with a note at the right end. That of the active pane is bold, behind a bar. In a frame, it is the
    frame's first line."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"heading--active"}
    DEFAULT_CSS = """
    PaneHeading { height: 1; width: 1fr; color: $quiet; text-style: $quiet-style; }
    PaneHeading > .heading--active { color: $text; text-style: bold not dim; }
    """

    def __init__(self, title: str = "", *, id: str) -> None:
        super().__init__(id=id)
        self._title = title
        self._note = ""
        self._active = self._framed = False

    def mark(self, *, active: bool, framed: bool) -> None:
        """Say whether keys act on the pane, and whether it has a frame; nothing is repainted if that hasn't changed."""
        if (active, framed) != (self._active, self._framed):
            self._active, self._framed = active, framed
            self.refresh()

    def tell(self, title: str) -> None:
        """Show another title."""
        if title != self._title:
            self._title = title
            self.refresh()

    @property
    def start(self) -> int:
        """Where the heading begins, in cells."""
        return 3 if self._framed else 1

    @override
    def render(self) -> Text:
        active = self.get_component_rich_style("heading--active", partial=True) if self._active else ""
        width = self.size.width
        room = width - 2 * self.start
        heading = self.heading(room - (cell_len(self._note) + 2 if self._note else 0))
        note = shorten(self._note, max(room - cell_len(heading) - 2, 0))
        blank = room - cell_len(heading) - cell_len(note)
        if self._framed:
            fill = (
                f" {'─' * (blank - 2)} " if note and blank > 1 else f" {'─' * (blank - 1)}" if blank else ""
            )
            parts = ("╭─ ", heading, fill, note, " ─╮" if note or not blank else "──╮")
        else:
            parts = (BAR if self._active else " ", heading, " " * blank, note, " ")
        text = Text(no_wrap=True, end="")
        for index, part in enumerate(parts):
            # A note isn't what the pane is about.
            text.append(part, "" if index == 3 else active)
        return text

    def heading(self, room: int) -> str:
        """Return the heading as it fits into ``room`` cells."""
        return shorten(self._title, room)
