"""The line in which a table's cell is edited."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from ..rules.text import printable

_MOVES = {
    "left",
    "right",
    "home",
    "end",
    "backspace",
    "delete",
    "ctrl+a",
    "ctrl+e",
    "ctrl+k",
    "ctrl+u",
    "ctrl+w",
    "ctrl+left",
    "ctrl+right",
    "up",
    "down",
    "pageup",
    "pagedown",
}


class CellEditor:
    """A text with a caret; ``error`` says what is wrong with it."""

    def __init__(self, text: str, check: Callable[[str], str | None]) -> None:
        self.text = text
        self.error: str | None = None
        self._first = text
        self._check = check
        # Before the extension: that is what is renamed.
        dot = text.rfind(".")
        self._caret = dot if dot > 0 else len(text)
        self._scroll = 0

    @property
    def changed(self) -> bool:
        return self.text != self._first

    @staticmethod
    def takes(key: str, character: str | None) -> bool:
        """Whether the key writes or moves here."""
        return key in _MOVES or (character is not None and character.isprintable())

    def press(self, key: str, character: str | None) -> None:
        """Does what the key does."""
        if key in _MOVES:
            getattr(self, "_" + key.replace("+", "_"))()
        elif character is not None:
            self.insert(character)
            return
        self.error = self._check(self.text)

    def insert(self, text: str) -> None:
        """Writes at the caret; line breaks become blanks."""
        text = " ".join(text.splitlines())
        self.text = self.text[: self._caret] + text + self.text[self._caret :]
        self._caret += len(text)
        self.error = self._check(self.text)

    def _left(self) -> None:
        self._caret = max(0, self._caret - 1)

    def _right(self) -> None:
        self._caret = min(len(self.text), self._caret + 1)

    def _home(self) -> None:
        self._caret = 0

    def _end(self) -> None:
        self._caret = len(self.text)

    _ctrl_a = _home
    _ctrl_e = _end

    def _stay(self) -> None:
        """The row stays while its name is typed."""

    _up = _down = _pageup = _pagedown = _stay

    def _backspace(self) -> None:
        if self._caret:
            self.text = self.text[: self._caret - 1] + self.text[self._caret :]
            self._caret -= 1

    def _delete(self) -> None:
        self.text = self.text[: self._caret] + self.text[self._caret + 1 :]

    def _ctrl_k(self) -> None:
        self.text = self.text[: self._caret]

    def _ctrl_u(self) -> None:
        self.text = self.text[self._caret :]
        self._caret = 0

    def _word_start(self) -> int:
        head = self.text[: self._caret].rstrip()
        return head.rfind(" ") + 1

    def _ctrl_w(self) -> None:
        start = self._word_start()
        self.text = self.text[:start] + self.text[self._caret :]
        self._caret = start

    def _ctrl_left(self) -> None:
        self._caret = self._word_start()

    def _ctrl_right(self) -> None:
        end = self.text.find(" ", self._caret + 1)
        self._caret = len(self.text) if end < 0 else end

    def render(self, width: int, style: Style, caret: Style) -> list[Segment]:
        """The line as segments, ``width`` cells wide, scrolled so that the caret is seen."""
        shown = printable(self.text) + " "
        if self._caret < self._scroll:
            self._scroll = self._caret
        while cell_len(shown[self._scroll : self._caret + 1]) > width and self._scroll < self._caret:
            self._scroll += 1
        segments: list[Segment] = []
        used = 0
        for place in range(self._scroll, len(shown)):
            char = shown[place]
            wide = cell_len(char)
            if used + wide > width:
                break
            segments.append(Segment(char, caret if place == self._caret else style))
            used += wide
        if used < width:
            segments.append(Segment(" " * (width - used), style))
        return segments
