"""The line editor for a cell of a table."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from ....rules.text import printable

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
    """The text of a cell with a caret; ``error`` tells what is wrong with the text."""

    def __init__(
        self,
        column: int,
        text: str,
        check: Callable[[str], str | None],
        keep: Callable[[str], None],
        selected: int = 0,
    ) -> None:
        """``check`` returns what is wrong with a text, if anything; ``keep`` is called at the end with the new text, if
        it was changed. ``selected`` is how many characters at the beginning are selected: the first character typed
        replaces them."""
        self.column = column
        self.text = text
        self.keep = keep
        self.error: str | None = None
        self._first = text
        #: What stays when typing replaces the selection, such as an extension.
        self._rest = text[selected:] if selected else ""
        self._check = check
        self._selected = min(selected, len(text))
        self._caret = self._selected or len(text)
        self._scroll = 0

    @property
    def changed(self) -> bool:
        """Whether the text differs from that of the cell."""
        return self.text != self._first

    @staticmethod
    def takes(key: str, character: str | None) -> bool:
        """Return whether the key types or moves the caret here."""
        return key in _MOVES or (character is not None and character.isprintable())

    def press(self, key: str, character: str | None) -> None:
        """Handle a key."""
        if key in _MOVES:
            if not (self._selected and self._ends_selection(key)):
                getattr(self, "_" + key.replace("+", "_"))()
            self._selected = 0
        elif character is not None:
            self.insert(character)
            return
        self.error = self._check(self.text)

    def insert(self, text: str) -> None:
        """Insert text at the caret; line breaks become blanks."""
        text = " ".join(text.splitlines())
        self._remove_selected()
        self.text = self.text[: self._caret] + text + self.text[self._caret :]
        self._caret += len(text)
        self.error = self._check(self.text)

    def _ends_selection(self, key: str) -> bool:
        """Return whether a selection gives the key another meaning, and if so, do that."""
        if key in ("backspace", "delete"):
            self._remove_selected()
        elif key == "left":
            self._caret = 0
        return key in ("backspace", "delete", "left", "right")

    def _remove_selected(self) -> None:
        if self._selected:
            self.text, self._caret, self._selected = self.text[self._selected :], 0, 0

    def _left(self) -> None:
        self._caret = max(0, self._caret - 1)

    def _right(self) -> None:
        self._caret = min(len(self.text), self._caret + 1)

    def _home(self) -> None:
        self._caret = 0

    def _end(self) -> None:
        """Go before what stays, and from there to the end: what is typed belongs before it."""
        end = len(self.text)
        before = end - len(self._rest) if self.text.endswith(self._rest) else end
        self._caret = before if self._selected or self._caret < before else end

    _ctrl_a = _home
    _ctrl_e = _end

    def _stay(self) -> None:
        """Do nothing: the cursor stays on the row while its name is edited."""

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

    def render(self, width: int, style: Style, caret: Style, selected: Style) -> list[Segment]:
        """Return the line as segments, ``width`` cells wide, scrolled so that the caret is visible."""
        shown = printable(self.text) + " "
        if self._caret < self._scroll:
            self._scroll = self._caret
        # What follows a selection is kept when typing replaces it: show as much of it as fits.
        last = len(shown) - 1 if self._selected else self._caret
        while cell_len(shown[self._scroll : last + 1]) > width and self._scroll < self._caret:
            self._scroll += 1
        # There may be more room than before, or less text.
        while self._scroll and cell_len(shown[self._scroll - 1 :]) <= width:
            self._scroll -= 1
        segments: list[Segment] = []
        used = 0
        for index in range(self._scroll, len(shown)):
            char = shown[index]
            char_width = cell_len(char)
            if used + char_width > width:
                break
            char_style = caret if index == self._caret else selected if index < self._selected else style
            segments.append(Segment(char, char_style))
            used += char_width
        if used < width:
            segments.append(Segment(" " * (width - used), style))
        return segments
