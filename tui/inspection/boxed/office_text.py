"""The first lines of documents of Office and LibreOffice, read only as far as they are wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from . import open_document
from .archive import Archive
from .excel import column_number
from .findings import Findings
from .package import Package
from .refusals import Unreadable
from .xml_stream import Attributes, Enough

#: More than any caller wants, and rows of which most may be empty, so that reading ends early.
_MOST_LINES, _MOST_IN_A_LINE = 400, 4_000
_MOST_COLUMNS = 60
_CELL = re.compile(r"([A-Z]{1,3})[0-9]{1,7}$")


def office_lines(archive: Archive, most: int) -> Iterator[str]:
    """The lines: whoever takes no more ends the reading. Of a workbook, ``most`` lines with something in them are
    enough. Raises :class:`Unreadable`."""
    if open_document.is_open_document(archive):
        open_document.refuse_encrypted(archive)
        yield from _paragraphs(archive, "content.xml", _OPEN_DOCUMENT)
        return
    if "[Content_Types].xml" not in archive:
        raise Unreadable("kind")
    package = Package(archive, Findings())
    if package.family == "word":
        for name in package.main_parts("word"):
            yield from _paragraphs(archive, name, _WORD)
    elif package.family == "powerpoint":
        for number, name in enumerate(sorted(package.parts("presentationml.slide+xml"), key=_number), 1):
            yield f"— {number} —"
            yield from _paragraphs(archive, name, _POWERPOINT)
            yield ""
    elif package.family == "excel":
        yield from _workbook(package, most)
    else:
        raise Unreadable("kind")


def _number(name: str) -> int:
    digits = re.findall(r"\d+", name)
    return int(digits[-1][:9]) if digits else 0


class _Form:
    """Where the text is in a form of XML: the elements that are a line, that hold text (none: all do), that separate,
    and that are left out."""

    def __init__(self, lines: str, text: str, cells: str, left_out: str) -> None:
        self.lines = frozenset(lines.split())
        self.text = frozenset(text.split())
        self.cells = frozenset(cells.split())
        self.left_out = frozenset(left_out.split())


_SPACES = {
    "w:tab": "\t",
    "w:br": " ",
    "w:cr": " ",
    "a:br": " ",
    "text:tab": "\t",
    "text:line-break": " ",
    "text:s": " ",
}
_WORD = _Form("w:p w:tr", "w:t", "w:tc", "mc:Fallback w:instrText w:delText")
_POWERPOINT = _Form("a:p a:tr", "a:t", "a:tc", "mc:Fallback")
_OPEN_DOCUMENT = _Form(
    "text:p text:h table:table-row",
    "",
    "table:table-cell",
    "text:tracked-changes office:annotation office:forms presentation:notes office:automatic-styles",
)


class _Lines:
    """Collects the lines of a part."""

    def __init__(self, form: _Form) -> None:
        self._found: list[str] = []
        self._count = 0
        self._form = form
        self._line = ""
        self._reads = not form.text
        self._within_lines = self._within_cells = self._left_out = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        form = self._form
        self._left_out += tag in form.left_out
        if tag in form.lines:
            self._within_lines += 1
        elif tag in form.cells:
            self._within_cells += 1
            self._line += " · " if self._line else ""
        elif tag in form.text:
            self._reads = True
        elif tag in _SPACES and not self._left_out:
            self._line += _SPACES[tag]

    def end(self, tag: str) -> None:
        form = self._form
        self._left_out -= tag in form.left_out
        if tag in form.text:
            self._reads = False
        elif tag in form.cells:
            self._within_cells -= 1
        elif tag in form.lines:
            self._within_lines -= 1
            if self._within_cells:
                self._line += " "
            elif not self._left_out:
                self.finish()

    def finish(self) -> None:
        self._found.append(self._line.rstrip(" ·"))
        self._line = ""
        self._count += 1
        if self._count >= _MOST_LINES:
            raise Enough

    def take(self) -> list[str]:
        """The lines since the last time."""
        found, self._found = self._found, []
        return found

    def text(self, data: str) -> None:
        if self._reads and self._within_lines and not self._left_out and len(self._line) < _MOST_IN_A_LINE:
            self._line += data


def _paragraphs(archive: Archive, name: str, form: _Form) -> Iterator[str]:
    lines = _Lines(form)
    for _ in archive.steps(name, lines.start, lines.end, lines.text):
        yield from lines.take()
    yield from lines.take()


# ---------------------------------------------------------------- workbooks


class _Cells:
    """Collects the first rows of a sheet; a text that is shared is a number until it is looked up."""

    def __init__(self, most: int) -> None:
        self.rows: list[dict[int, str | int]] = []
        self._left = most
        self._column = 0
        self._kind = ""
        self._reads = False
        self._value = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "x:row":
            if len(self.rows) >= _MOST_LINES or self._left <= 0:
                raise Enough
            self.rows.append({})
            self._column = 0
        elif tag == "x:c":
            found = _CELL.match(attributes.get("r", ""))
            self._column = column_number(found[1]) if found else self._column + 1
            self._kind, self._value = attributes.get("t", ""), ""
        elif tag in ("x:v", "x:t"):
            self._reads = True

    def end(self, tag: str) -> None:
        if tag in ("x:v", "x:t"):
            self._reads = False
        elif tag == "x:row":
            self._left -= bool(self.rows and self.rows[-1])
        elif tag == "x:c" and self._value and self.rows and len(self.rows[-1]) < _MOST_COLUMNS:
            shared = self._kind == "s" and self._value.isdigit() and len(self._value) < 8
            self.rows[-1][self._column] = int(self._value) if shared else self._value

    def text(self, data: str) -> None:
        if self._reads and len(self._value) < _MOST_IN_A_LINE:
            self._value += data


class _SharedTexts:
    """The texts that are wanted of those that cells share, read up to the last of them."""

    def __init__(self, wanted: set[int]) -> None:
        self.found: dict[int, str] = {}
        self._wanted = wanted
        self._last = max(wanted)
        self._index = -1
        self._reads = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "x:si":
            self._index += 1
            if self._index > self._last:
                raise Enough
        elif tag == "x:t":
            self._reads = self._index in self._wanted
        elif tag == "x:rPh":
            self._reads = False

    def end(self, tag: str) -> None:
        if tag == "x:t":
            self._reads = False

    def text(self, data: str) -> None:
        if self._reads:
            self.found[self._index] = (self.found.get(self._index, "") + data)[:_MOST_IN_A_LINE]


def _workbook(package: Package, most: int) -> Iterator[str]:
    archive = package.archive
    for name in sorted(package.parts("spreadsheetml.worksheet+xml"), key=_number):
        cells = _Cells(most)
        for _ in archive.steps(name, cells.start, cells.end, cells.text):
            pass
        wanted = {value for row in cells.rows for value in row.values() if isinstance(value, int)}
        texts: dict[int, str] = {}
        if wanted:
            shared = _SharedTexts(wanted)
            for part in package.parts("spreadsheetml.sharedStrings+xml"):
                for _ in archive.steps(part, shared.start, shared.end, shared.text):
                    pass
            texts = shared.found
        for row in cells.rows:
            values = (texts.get(value, "") if isinstance(value, int) else value for value in row.values())
            yield " · ".join(value for value in values if value)
        yield ""
