"""Write only what has changed to the terminal.

Textual paints whole regions, whatever the terminal already shows there. :class:`CellDiff` reads its output (always of
the same form: a cursor address, styled text, a line feed), remembers the cells that the terminal shows, and returns the
difference. What it doesn't recognise is passed on unchanged and the memory is dropped, so that another form of painting
can make it useless but never wrong. Text whose width terminals disagree on (emoji, joined and combining characters) is
written as it is.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import repeat

from rich.cells import cell_len

#: A style: the parameters of its SGR sequence, and the hyperlink's (``id=…;url``, or nothing).
Style = tuple[str, str]
#: A cell: its character (empty for the second half of a wide one) and its style; ``None`` if it is unknown.
Cell = tuple[str, Style] | None
#: A piece of a line: row, column, cells (``None``: write it unchanged), parts of one style each, original text.
Piece = tuple[int, int, list[Cell] | None, list[tuple[Style, str]], str]

PLAIN: Style = ("", "")
#: What another program may have left behind: whatever follows it is written in full.
_UNKNOWN: Style = ("?", "")
_TOKEN = re.compile(
    r"\x1b\[(?P<y>\d+);(?P<x>\d+)H"
    r"|\x1b\[(?P<sgr>[\d;]*)m"
    r"|\x1b\]8;(?P<link>[^\x07\x1b]*)(?:\x1b\\|\x07)"
    r"|(?P<feed>\n)"
    r"|(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
)
# Modes, queries, the bell and other requests that change no cell; leaving or entering the alternate screen does.
_HARMLESS = re.compile(
    r"(?:\x07|\x1b\[\?(?!(?:1049|1047|47)[hl])[\d;]+(?:[hl]|\$p)"
    r"|\x1b\[[<>=?]\d*u|\x1b\](?:22|52|10|11|12);[^\x07\x1b]*(?:\x1b\\|\x07)"
    r"|\x1bP(?:tmux;)?(?:\x1b\x1b|[^\x1b])*\x1b\\)+"
)
#: The app's own signs among characters that may be emoji: every terminal shows these in one cell.
_SURE = "✓✗⏎⌫"
#: Up to this many unchanged cells between two changed ones are written rather than jumped over.
_GAP = 4


@lru_cache(maxsize=8192)
def _width(char: str) -> int:
    """1 or 2; 0 for a character whose width terminals disagree on."""
    code = ord(char)
    if code < 0x300:
        return 1
    if code >= 0x1F000 or 0x2600 <= code < 0x27C0 or 0x2300 <= code < 0x2400 or 0x2B00 <= code < 0x2C00:
        return 1 if char in _SURE else 0
    if 0x200B <= code <= 0x200F or 0xFE00 <= code <= 0xFE0F or unicodedata.combining(char):
        return 0
    if unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf", "Co", "Cs", "Cn"):
        return 0
    return cell_len(char)


#: Characters that were found to be one cell wide.
_NARROW = set(map(chr, range(0x20, 0x7F)))
_MOST_NARROW = 4096


class CellDiff:
    """Reduces output to what changes on the terminal; see :meth:`feed`."""

    def __init__(self) -> None:
        #: What the terminal shows: the cells of each row, from column 0 (which no terminal has).
        self._rows: dict[int, list[Cell]] = {}
        #: The rows with wide characters.
        self._wide: set[int] = set()
        self._at: tuple[int, int] | None = None
        #: The terminal's current style. It stays from one painting to the next, which often begins in the same colours.
        self._pen: Style = _UNKNOWN

    def forget(self) -> None:
        """Forget what the terminal shows: the next output is written whole."""
        self._rows = {}
        self._wide = set()
        self._at = None
        self._pen = _UNKNOWN

    def feed(self, data: str) -> str:
        """The shortest text found that has the same effect as ``data``."""
        pieces = self._read(data)
        if pieces is None:
            if _HARMLESS.fullmatch(data):
                return data
            # Whatever it is, it begins in a plain style, as all paintings of Textual end.
            out: list[str] = []
            self._pen_to(out, PLAIN)
            self.forget()
            return "".join([*out, data])
        found, end = pieces
        out = []
        for y, x, cells, parts, raw in found:
            if cells is None or (y in self._wide and self._splits(y, x, cells)):
                self._write_raw(out, y, x, raw)
            else:
                self._write_changes(out, y, x, cells, parts)
        self._pen_to(out, (self._pen[0], ""))
        if end is not None and end != self._at:
            out.append(_address(*end))
            self._at = end
        return "".join(out)

    # ------------------------------------------------------------ reading

    def _read(self, data: str) -> tuple[list[Piece], tuple[int, int] | None] | None:
        """The pieces of ``data`` and where it leaves the cursor; ``None`` if it has another form."""
        pieces: list[Piece] = []
        pen: Style = PLAIN
        place: tuple[int, int] | None = None
        cells: list[Cell] = []
        parts: list[tuple[Style, str]] = []
        safe = True
        start = position = 0

        def close(upto: int) -> None:
            if place is not None and (cells or not safe):
                pieces.append((place[0], place[1], cells if safe else None, parts, data[start:upto]))

        match_at = _TOKEN.match
        while position < len(data):
            match = match_at(data, position)
            if match is None:
                return None
            kind = match.lastgroup
            if kind == "text":
                if place is None:
                    return None
                text = match["text"]
                parts.append((pen, text))
                safe = _add_cells(cells, text, pen) and safe
            elif kind == "sgr":
                codes = match["sgr"]
                if codes in ("", "0"):
                    pen = ("", pen[1])
                elif pen[0]:
                    return None
                else:
                    pen = (codes, pen[1])
            elif kind == "x":
                close(position)
                place, cells, parts, safe = (int(match["y"]), int(match["x"])), [], [], True
                start = match.end()
            elif kind == "feed":
                close(position)
                place, cells, parts, safe = None, [], [], True
            else:
                pen = (pen[0], "" if match["link"] == ";" else match["link"])
            position = match.end()
        close(position)
        return (pieces, place if place is not None and not cells and safe else None) if pen == PLAIN else None

    # ------------------------------------------------------------ writing

    def _row(self, y: int, upto: int) -> list[Cell]:
        """The cells of a row, at least those before column ``upto``."""
        row = self._rows.setdefault(y, [])
        if len(row) < upto:
            row.extend([None] * (upto - len(row)))
        return row

    def _splits(self, y: int, x: int, cells: list[Cell]) -> bool:
        """Whether the cells would overwrite one half of a wide character that is shown."""
        row = self._row(y, x + len(cells) + 1)
        first, after = row[x], row[x + len(cells)]
        return (first is not None and first[0] == "") or (after is not None and after[0] == "")

    def _write_raw(self, out: list[str], y: int, x: int, raw: str) -> None:
        self._pen_to(out, PLAIN)
        out.append(_address(y, x) + raw)
        self._at = None
        # With unknown widths, everything to the right is unknown too, and so is a character split at the left edge.
        del self._row(y, x)[x - 1 :]

    def _write_changes(
        self, out: list[str], y: int, x: int, cells: list[Cell], parts: list[tuple[Style, str]]
    ) -> None:
        end = x + len(cells)
        row = self._row(y, end)
        before = row[x:end]
        if before == cells:
            return
        if before.count(None) == len(before):
            self._move(out, y, x)
            for pen, text in parts:
                self._pen_to(out, pen)
                out.append(text)
            self._at = (y, end)
        else:
            changed = [i for i, (old, new) in enumerate(zip(before, cells, strict=True)) if old != new]
            for begin, stop in _runs(changed, cells):
                self._move(out, y, x + begin)
                for cell in cells[begin:stop]:
                    assert cell is not None
                    if cell[0]:
                        if cell[1] != self._pen:
                            self._pen_to(out, cell[1])
                        out.append(cell[0])
                self._at = (y, x + stop)
        row[x:end] = cells
        if len(cells) != sum(len(text) for _, text in parts):
            self._wide.add(y)

    def _move(self, out: list[str], y: int, x: int) -> None:
        at = self._at
        if at == (y, x):
            return
        if at is not None and at[0] == y and 0 < x - at[1] < 1000:
            step = x - at[1]
            move = "\x1b[C" if step == 1 else f"\x1b[{step}C"
        else:
            move = _address(y, x)
        out.append(move)

    def _pen_to(self, out: list[str], pen: Style) -> None:
        if pen == self._pen:
            return
        if pen[0] != self._pen[0]:
            change = _transition(self._pen[0], pen[0])
            # In tmux a reset without a parameter ends a link as well.
            out.append("\x1b[0m" if pen[1] and change == "\x1b[m" else change)
        if pen[1] != self._pen[1]:
            out.append(f"\x1b]8;{pen[1] or ';'}\x1b\\")
        self._pen = pen


def _address(y: int, x: int) -> str:
    """The shortest sequence that moves the cursor to a row and a column, from anywhere."""
    if x > 1:
        return f"\x1b[{y};{x}H"
    return f"\x1b[{y}H" if y > 1 else "\x1b[H"


def _runs(changed: list[int], cells: list[Cell]) -> list[tuple[int, int]]:
    """The stretches to write: all changed cells, never half of a wide character, and short gaps between them."""
    runs: list[tuple[int, int]] = []
    for i in changed:
        begin = i - 1 if cells[i] is not None and cells[i][0] == "" else i  # type: ignore[index]
        end = i + 2 if i + 1 < len(cells) and (cells[i + 1] or " ")[0] == "" else i + 1
        if runs and begin - runs[-1][1] <= _GAP:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((begin, end))
    return runs


def _add_cells(cells: list[Cell], text: str, pen: Style) -> bool:
    """Append the cells of ``text``; returns whether the widths of all its characters are certain."""
    if text.isascii() or _NARROW.issuperset(text):
        cells.extend(zip(text, repeat(pen)))
        return True
    for char in text:
        width = _width(char)
        if not width:
            return False
        if width == 1 and len(_NARROW) < _MOST_NARROW:
            _NARROW.add(char)
        cells.append((char, pen))
        if width == 2:
            cells.append(("", pen))
    return True


_Parsed = tuple[frozenset[str], str, str]
_OFF = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "21": "24",
    "51": "54",
    "52": "54",
    "53": "55",
}


@lru_cache(maxsize=512)
def _parsed(codes: str) -> _Parsed | None:
    """Attributes, foreground and background of an SGR sequence; ``None`` if it isn't understood."""
    attributes: set[str] = set()
    foreground = background = ""
    parts = codes.split(";") if codes else []
    while parts:
        code = parts.pop(0)
        if code in ("38", "48"):
            count = {"5": 2, "2": 4}.get(parts[0] if parts else "", 0)
            if not count or len(parts) < count:
                return None
            colour = ";".join([code, *parts[:count]])
            parts = parts[count:]
            foreground, background = (colour, background) if code == "38" else (foreground, colour)
        elif code in _OFF:
            attributes.add(code)
        elif code.isdigit() and (30 <= int(code) <= 37 or 90 <= int(code) <= 97 or code == "39"):
            foreground = "" if code == "39" else code
        elif code.isdigit() and (40 <= int(code) <= 47 or 100 <= int(code) <= 107 or code == "49"):
            background = "" if code == "49" else code
        else:
            return None
    return frozenset(attributes), foreground, background


@lru_cache(maxsize=1024)
def _transition(old: str, new: str) -> str:
    """The shortest SGR sequence that leads from one style to the other."""
    full = f"\x1b[0;{new}m" if old and new else f"\x1b[{new}m"
    before, after = _parsed(old), _parsed(new)
    if before is None or after is None:
        return full
    removed, added = before[0] - after[0], after[0] - before[0]
    off = {_OFF[code] for code in removed}
    # Switching one attribute off may switch off another (bold and dim share a code).
    kept = {code for code in before[0] & after[0] if _OFF[code] in off}
    codes = sorted(off) + sorted(added | kept)
    if before[1] != after[1]:
        codes.append(after[1] or "39")
    if before[2] != after[2]:
        codes.append(after[2] or "49")
    if not codes:
        return ""
    change = f"\x1b[{';'.join(codes)}m"
    return change if len(change) <= len(full) else full
