"""The terminal's cursor and its current style, and the shortest ways that were found to move and to change them."""

from __future__ import annotations

import re

from .sgr import PLAIN, Style, shows_background_only, transition

#: What another program may have left behind: whatever follows it is written in full.
_UNKNOWN: Style = ("?", "")
_SAVE, _RESTORE = "\x1b7", "\x1b8"
#: A change of style that takes fewer characters isn't worth being remembered by the terminal.
_LONG_CHANGE = 12
#: What counts is the present screen: with each painting, the cells written before count for less.
_FADING = 0.9
#: How many times more cells must be written in another style before it replaces the remembered one.
_LEAD = 3.0
#: Blanks that take more characters than erasing that many cells and moving past them.
_BLANKS = re.compile(" {9,}")
#: Blanks that take more characters than moving past them.
_ERASED = re.compile(" {5,}")


class Brush:
    """``erases``: the terminal fills erased cells with the background colour."""

    def __init__(self, *, erases: bool) -> None:
        self._erases = erases
        self._out: list[str] = []
        self.forget()

    def forget(self) -> None:
        """Forget where the cursor is, and the styles of the terminal."""
        #: Row and column of the cursor, if known.
        self.at: tuple[int, int] | None = None
        #: The terminal's current style. It stays from one painting to the next, which often begins in the same colours.
        self.style: Style = _UNKNOWN
        #: What the terminal remembers (DECSC): a style without a link, and a place. Only styles of many characters are
        #: remembered: in true colour, most of what a moved cursor costs are the colours of the row.
        self._saved: tuple[str, tuple[int, int]] | None = None
        #: The cells written in each style.
        self._cells: dict[str, float] = {}

    def take(self) -> str:
        """What was written since the last call."""
        text = "".join(self._out)
        self._out.clear()
        self._cells = {style: cells * _FADING for style, cells in self._cells.items() if cells > 1}
        return text

    def begin(self, y: int, x: int, style: Style) -> None:
        """Move the cursor to a row and a column, to write in that style."""
        if style != self.style:
            self._restore((y, x), style)
        self.move(y, x)
        self.change(style)

    def move(self, y: int, x: int) -> None:
        """Have the cursor at that line and column, both from 0; nothing is written if it is there."""
        at = self.at
        if at == (y, x):
            return
        self._out.append(_way(at, y, x))
        self.at = (y, x)

    def change(self, style: Style) -> None:
        """Change the style, wherever the cursor is."""
        if style == self.style:
            return
        if style[0] != self.style[0]:
            change = transition(self.style[0], style[0])
            # In tmux a reset without a parameter ends a link as well.
            self._out.append("\x1b[0m" if style[1] and change == "\x1b[m" else change)
        else:
            change = ""
        if style[1] != self.style[1]:
            self._out.append(f"\x1b]8;{style[1] or ';'}\x1b\\")
        self.style = style
        if len(change) >= _LONG_CHANGE and not style[1]:
            self._remember(style[0])

    def _restore(self, to: tuple[int, int], style: Style) -> bool:
        """Have the terminal go back to what it remembers, if that is the shortest way to a place and a style."""
        saved = self._saved
        if saved is None or saved[0] != style[0] or style[1] or self.style[1]:
            return False
        direct = len(transition(self.style[0], style[0])) + len(_way(self.at, *to))
        if len(_RESTORE) + len(_way(saved[1], *to)) >= direct:
            return False
        self._out.append(_RESTORE)
        self.at, self.style = saved[1], style
        return True

    def _remember(self, codes: str) -> None:
        """Have the terminal remember the current style instead, if it is used much more now."""
        if self.at is None:
            return
        cells = self._cells
        if self._saved is None or cells.get(codes, 0.0) > _LEAD * cells.get(self._saved[0], 0.0):
            self._saved = (codes, self.at)
            self._out.append(_SAVE)

    def write(self, text: str, width: int) -> None:
        """Write text, ``width`` cells wide, in the current style. The cursor may stay before blanks at its end."""
        assert self.at is not None
        codes = self.style[0]
        self._cells[codes] = self._cells.get(codes, 0.0) + width
        if self._erases and "     " in text and shows_background_only(self.style):
            text, left = _with_erased_blanks(text, width)
            width -= left
        self._out.append(text)
        self.at = (self.at[0], self.at[1] + width)

    def write_raw(self, y: int, x: int, text: str) -> None:
        """Write text that begins and ends in a plain style, and leaves the cursor somewhere."""
        self.change(PLAIN)
        self._out.append(_address(y, x) + text)
        self.at = None

    def scroll(self, top: int, bottom: int, lines: int) -> None:
        """Move the rows from ``top`` to ``bottom`` up by ``lines``, or down if negative. Those that come in are
        blank and plain."""
        self.change(PLAIN)
        step = f"{abs(lines)}" if abs(lines) > 1 else ""
        self._out.append(
            f"\x1b[{top};{bottom}r{_address(top, 1)}\x1b[{step}{'M' if lines > 0 else 'L'}\x1b[r"
        )
        self.at = (1, 1)


def _address(y: int, x: int) -> str:
    """The shortest sequence that moves the cursor to a row and a column, from anywhere."""
    if x > 1:
        return f"\x1b[{y};{x}H"
    return f"\x1b[{y}H" if y > 1 else "\x1b[H"


def _way(at: tuple[int, int] | None, y: int, x: int) -> str:
    """The shortest sequence that moves the cursor from one place to another."""
    if at == (y, x):
        return ""
    # Never back within a row: at the right edge, the cursor stays on the last character.
    return _right(x - at[1]) if at is not None and at[0] == y and x > at[1] else _address(y, x)


def _right(cells: int) -> str:
    return "\x1b[C" if cells == 1 else f"\x1b[{cells}C"


def _with_erased_blanks(text: str, width: int) -> tuple[str, int]:
    """The shortest way to write text with many blanks, and how many cells behind the cursor it ends."""
    body = text.rstrip(" ")
    left = len(text) - len(body)
    one_by_one = _BLANKS.sub(_erase_and_pass, body) + (f"\x1b[{left}X" if left else "")
    all_first = f"\x1b[{width}X" + _ERASED.sub(lambda blanks: _right(len(blanks[0])), body)
    best = min(one_by_one, all_first, key=len)
    return (best, left) if len(best) < len(text) else (text, 0)


def _erase_and_pass(blanks: re.Match[str]) -> str:
    count = len(blanks[0])
    return f"\x1b[{count}X" + _right(count)
