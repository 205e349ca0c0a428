"""A line that says something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from ..rules.text import printable
from .fit import shorten


class StatusLine(Static):
    """One line that says something, in a tone (``good``, ``bad``, ``warn``, ``dim`` or none)."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; }
    StatusLine.-good { color: $text-success; }
    StatusLine.-bad { color: $text-error; text-style: bold; }
    StatusLine.-warn { color: $text-warning; }
    StatusLine.-dim { color: $text-muted; text-style: $muted-style; }
    """
    TONES: ClassVar[tuple[str, ...]] = ("good", "bad", "warn", "dim")
    #: What stands before a sentence, so that its tone is told without colour too.
    _MARKS: ClassVar[dict[str, str]] = {"good": "✓ ", "bad": "✗ ", "warn": "! "}

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,
        tone: str = "",
        lines: int = 1,
        marked: bool = False,
    ) -> None:
        """``lines``: so many lines at most where one has no room for the text; ``marked``: with a mark of its tone."""
        super().__init__("", id=id, markup=False)
        self._said = ("", "")
        self._shorter: tuple[str, ...] = ()
        self._lines = lines
        self._marked = marked
        self._high = 1
        if text or tone:
            self._take(text, tone)

    def say(self, text: str, tone: str = "", *, shorter: Sequence[str] = ()) -> None:
        """Says something else; nothing is painted where it is the same. Where one line has no room for the text, it
        says the first of the ``shorter`` ones that there is room for."""
        if (text, tone, tuple(shorter)) != (*self._said, self._shorter):
            self._shorter = tuple(shorter)
            self._take(text, tone)

    def _take(self, text: str, tone: str) -> None:
        self._said = (text, tone)
        for name in self.TONES:
            self.set_class(name == tone, f"-{name}")
        self._draw()

    def limit(self, lines: int) -> None:
        """It may have so many lines from now on, and one in any case."""
        self._lines = max(lines, 1)
        self._draw()

    def on_resize(self) -> None:
        self._grow()

    def _draw(self) -> None:
        self._grow()
        self.refresh()

    def _grow(self) -> None:
        """Takes as many lines as the text needs, of those that it may have."""
        room = self.content_size.width
        if room:
            needed = -(-(cell_len(self._shown) + 8) // room) if self._lines > 1 and self._shown else 1
            wanted = min(self._lines, needed)
            if wanted != self._high:
                self._high = wanted
                self.styles.height = wanted

    @property
    def _shown(self) -> str:
        return self._with_mark(self._said[0])

    def _with_mark(self, text: str) -> str:
        shown = printable(text)
        return self._MARKS.get(self._said[1], "") + shown if self._marked and shown else shown

    def render(self) -> Content:
        shown, room = self._shown, self.content_size.width
        if self._lines == 1 and room:
            # Only now is it known how much room there is.
            texts = [shown, *map(self._with_mark, self._shorter)]
            shown = next((text for text in texts if cell_len(text) <= room), shorten(texts[-1], room))
        elif room and len(lines := Content(shown).wrap(room)) > self._high:
            whole = [str(line) for line in lines[: self._high - 1]]
            rest = " ".join(str(line) for line in lines[self._high - 1 :])
            shown = "\n".join([*whole, shorten(rest, room)])
        return Content(shown)

    @property
    def said(self) -> str:
        """The whole of what is said, also where there is no room for it."""
        return self._said[0]
