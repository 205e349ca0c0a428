"""Write only what has changed to the terminal.

Textual paints whole regions, whatever the terminal already shows there. :class:`CellDiff` reads its output (always of
the same form: a cursor address, styled text, a line feed), remembers the cells that the terminal shows, and returns the
difference. What it doesn't recognise is passed on unchanged and the memory is dropped, so that another form of painting
can make it useless but never wrong. Text whose width terminals disagree on (emoji, joined and combining characters) is
written as it is, and whatever follows it where Textual has it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, groupby, repeat
from operator import itemgetter, ne

from rich.cells import cell_len

from .brush import Brush
from .scrolling import LEAST_LINES, Cell, StyledCell, found_scroll
from .sgr import PLAIN, Style, ground

#: A piece of a line: row, column, cells (``None``: write it unchanged), parts of one style each, original text.
Piece = tuple[int, int, list[StyledCell] | None, list[tuple[Style, str]], str]
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


@lru_cache(maxsize=1024)
def _style(codes: str, link: str) -> Style:
    """A style, each time the same object: cells in it are compared much faster."""
    return codes, link


@lru_cache(maxsize=8192)
def certain_width(char: str) -> int:
    """1 or 2; 0 for a character whose width terminals disagree on."""
    code = ord(char)
    if code < 0x300:
        return 1
    if code >= 0x1F000 or 0x2600 <= code < 0x27C0 or 0x2300 <= code < 0x2400 or 0x2B00 <= code < 0x2C00:
        return 1 if char in _SURE else 0
    if unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf", "Co", "Cs", "Cn"):
        return 0
    return cell_len(char)


#: Characters that were found to be one cell wide.
_NARROW = set(map(chr, range(0x20, 0x7F)))
_MOST_NARROW = 4096


class CellDiff:
    """Reduces output to what changes on the terminal; see :meth:`feed`.

    ``erases``: the terminal fills erased cells with the background colour. ``columns`` is its width; 0 if unknown.
    """

    def __init__(self, *, erases: bool = False, columns: int = 0) -> None:
        self._brush = Brush(erases=erases)
        self.columns = columns
        #: What the terminal shows: the cells of each row, from column 0 (which no terminal has).
        self._rows: dict[int, list[Cell]] = {}
        #: The rows with wide characters.
        self._wide: set[int] = set()
        #: Whether the cursor should be in the upper left corner.
        self._is_in_corner = False

    def forget(self) -> None:
        """Forget what the terminal shows: the next output is written whole."""
        self._rows = {}
        self._wide = set()
        self._is_in_corner = False
        self._brush.forget()

    def feed(self, data: str) -> str:
        """The shortest text found that has the same effect as ``data``. If that leaves the cursor in the upper left
        corner, where it means nothing, it may stay elsewhere."""
        pieces, brush = self._read(data), self._brush
        if pieces is None:
            if _HARMLESS.fullmatch(data):
                return data
            # Whatever it is, it begins where Textual has left the cursor, and in a plain style.
            brush.change(PLAIN)
            if self._is_in_corner:
                brush.move(1, 1)
            out = brush.take()
            self.forget()
            return out + data
        found, end = pieces
        if not self._scroll(found):
            for y, x, cells, parts, raw in self._in_order(found):
                if cells is None:
                    self._write_uncertain(y, x, parts)
                elif y in self._wide and self._splits(y, x, cells):
                    self._write_raw(y, x, raw)
                else:
                    self._write_changes(y, x, cells, parts)
        brush.change((brush.style[0], ""))
        self._is_in_corner = end == (1, 1)
        if end is not None and not self._is_in_corner:
            brush.move(*end)
        return brush.take()

    # ------------------------------------------------------------ reading

    def _read(self, data: str) -> tuple[list[Piece], tuple[int, int] | None] | None:
        """The pieces of ``data`` and where it leaves the cursor; ``None`` if it has another form."""
        pieces: list[Piece] = []
        pen: Style = PLAIN
        place: tuple[int, int] | None = None
        cells: list[StyledCell] = []
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
                    pen = _style(codes, pen[1])
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

    def _splits(self, y: int, x: int, cells: Sequence[StyledCell]) -> bool:
        """Whether the cells would overwrite one half of a wide character that is shown."""
        row = self._row(y, x + len(cells) + 1)
        first, after = row[x], row[x + len(cells)]
        return (first is not None and first[0] == "") or (after is not None and after[0] == "")

    def _in_order(self, pieces: list[Piece]) -> list[Piece]:
        """The pieces, those that begin in the terminal's current style first: a row that was left and one that was
        reached then take one change of style, not two. The order stays if it matters: two in one row may overlap, and
        characters of uncertain width move what is behind them."""
        rows = {y for y, _, cells, _, _ in pieces if cells is not None}
        if len(rows) < len(pieces):
            return pieces
        style = self._brush.style
        return sorted(pieces, key=lambda piece: not piece[3] or piece[3][0][0] != style)

    def _write_raw(self, y: int, x: int, raw: str) -> None:
        self._brush.write_raw(y, x, raw)
        # With unknown widths, everything to the right is unknown too, and so is a character split at the left edge.
        del self._row(y, x)[x - 1 :]

    def _write_uncertain(self, y: int, x: int, parts: Iterable[tuple[Style, str]]) -> None:
        """Write text with characters of uncertain width. After a name with some, the cursor is put where the text goes
        on, and its cells are blank before: what else is in the row is in its place on every terminal."""
        # Few names have any.
        from .uncertain import by_certainty

        brush, column = self._brush, x
        for style, text in parts:
            for part, width, blanks, is_certain in by_certainty(text, certain_width):
                brush.begin(y, column, style)
                if is_certain:
                    brush.write(part, width)
                else:
                    brush.write(" " * (width + blanks), width + blanks)
                    brush.begin(y, column, style)
                    brush.write(part, width)
                    brush.at = None
                column += width + blanks
        del self._row(y, x)[x - 1 :]

    def _write_changes(
        self, y: int, x: int, cells: list[StyledCell], parts: list[tuple[Style, str]] | None = None
    ) -> None:
        end = x + len(cells)
        row = self._row(y, end)
        before = row[x:end]
        if before == cells:
            return
        if parts is not None and before.count(None) == len(before):
            self._write_styled(y, x, ((style, text, cell_len(text)) for style, text in parts))
        else:
            changed = [
                index
                for index in compress(range(len(cells)), map(ne, before, cells))
                if not _is_same_blank(before[index], cells[index])
            ]
            for begin, stop in _runs(changed, cells):
                self._write_styled(y, x + begin, _of_one_style(cells[begin:stop]))
        row[x:end] = cells
        narrow = (
            all(char for char, _ in cells) if parts is None else len(cells) == sum(len(t) for _, t in parts)
        )
        if not narrow:
            self._wide.add(y)

    def _write_styled(self, y: int, x: int, parts: Iterable[tuple[Style, str, int]]) -> None:
        """Write texts of one style and a width each. Blanks are written in the style before, if they look the same."""
        brush = self._brush
        for given, text, width in parts:
            style = (
                brush.style if given != brush.style and _are_blanks_of(brush.style, given, text) else given
            )
            brush.begin(y, x, style)
            brush.write(text, width)
            x += width

    def _scroll(self, pieces: list[Piece]) -> bool:
        """Write the pieces by scrolling, if what the terminal shows has moved up or down in them."""
        painted = [(y, x, cells) for y, x, cells, _, _ in pieces if cells is not None]
        if not self.columns or not LEAST_LINES <= len(painted) == len(pieces):
            return False
        scroll = found_scroll(self._rows, painted, self.columns)
        if scroll is None:
            return False
        self._brush.scroll(scroll.top, scroll.bottom, scroll.lines)
        self._rows.update(scroll.shifted)
        if not self._wide.isdisjoint(scroll.shifted):
            self._wide.update(scroll.shifted)
        for y, x, cells in [*((y, 1, row) for y, row in scroll.wanted.items()), *scroll.others]:
            self._write_changes(y, x, cells)
        return True


def _is_same_blank(before: Cell, now: StyledCell) -> bool:
    """Whether a cell stays blank, in styles that can't be told apart there."""
    return (
        before is not None
        and before[0] == now[0] == " "
        and (seen := ground(now[1])) is not None
        and ground(before[1]) == seen
    )


def _are_blanks_of(style: Style, given: Style, text: str) -> bool:
    """Whether text in a style looks the same in another one."""
    return not text.strip(" ") and (seen := ground(given)) is not None and ground(style) == seen


def _runs(changed: Iterable[int], cells: list[StyledCell]) -> Iterator[tuple[int, int]]:
    """The stretches to write: all changed cells, never half of a wide character, and short gaps between them."""
    start = end = -1
    for i in changed:
        begin = i if cells[i][0] else i - 1
        if end < 0:
            start = begin
        elif begin > end and (begin - end > _GAP or not _is_short(cells, end, begin)):
            yield start, end
            start = begin
        end = max(end, i + 1 if i + 1 >= len(cells) or cells[i + 1][0] else i + 2)
    if end > 0:
        yield start, end


def _is_short(cells: list[StyledCell], begin: int, end: int) -> bool:
    """Whether a gap between changed cells is in the style of one of them, so that it takes no change of style."""
    style = cells[begin][1]
    if style != cells[begin - 1][1] and style != cells[end][1]:
        return False
    return all(between == style for _, between in cells[begin + 1 : end])


def _of_one_style(cells: list[StyledCell]) -> Iterator[tuple[Style, str, int]]:
    for style, group in groupby(cells, itemgetter(1)):
        chars = [char for char, _ in group]
        yield style, "".join(chars), len(chars)


def _add_cells(cells: list[StyledCell], text: str, pen: Style) -> bool:
    """Append the cells of ``text``; returns whether the widths of all its characters are certain."""
    if text.isascii() or _NARROW.issuperset(text):
        cells.extend(zip(text, repeat(pen)))
        return True
    for char in text:
        width = certain_width(char)
        if not width:
            return False
        if width == 1 and len(_NARROW) < _MOST_NARROW:
            _NARROW.add(char)
        cells.append((char, pen))
        if width == 2:
            cells.append(("", pen))
    return True
