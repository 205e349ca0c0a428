"""Workbooks of Excel."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .package import Package
from .xml_stream import Attributes, is_on

_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})$")
_RANGE = re.compile(r"\$?[A-Z]{1,3}\$?([0-9]{1,7}):\$?[A-Z]{1,3}\$?([0-9]{1,7})$")
_SHEETS = ("spreadsheetml.worksheet+xml", "spreadsheetml.dialogsheet+xml")
_MACRO_SHEETS = ("ms-excel.macrosheet+xml", "ms-excel.intlmacrosheet+xml")
_SHOWS_NOTHING = re.compile(r";;;\s*$")
_MOST_COLUMN = 16_384


def column_number(letters: str) -> int:
    """The number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _number(text: str | None) -> float:
    try:
        return float(text or "")
    except ValueError:
        return 1.0


@dataclass(slots=True)
class Formats:
    """The formats of cells that show nothing, by their index."""

    blank: set[int] = field(default_factory=set)
    _ids: set[str] = field(default_factory=set)
    _index: int = -1
    _within: bool = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element of the part with the styles begins."""
        if tag == "x:numFmt" and _SHOWS_NOTHING.match(attributes.get("formatCode", "")):
            self._ids.add(attributes.get("numFmtId", ""))
        elif tag == "x:cellXfs":
            self._within = True
        elif tag == "x:xf" and self._within:
            self._index += 1
            if attributes.get("numFmtId") in self._ids:
                self.blank.add(self._index)

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "x:cellXfs":
            self._within = False


class _Sheet:
    """Reads a sheet: what in it has content, and isn't shown."""

    def __init__(self, formats: Formats) -> None:
        self._formats = formats
        self.hidden_columns: list[tuple[int, int]] = []
        self.filled_columns: set[int] = set()
        self.hidden_rows: set[int] = set()
        self.filtered: list[tuple[int, int]] = []
        self.hidden_cells = self.formulas = 0
        self._row = 0
        self._row_is_hidden = self._row_is_filled = False
        self._cell_column = 0
        self._cell_is_blank = self._cell_is_filled = False
        self._filter: tuple[int, int] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "x:c":
            found = _CELL.match(attributes.get("r", ""))
            self._cell_column = column_number(found[1]) if found else self._cell_column + 1
            style = attributes.get("s", "0")
            self._cell_is_blank = style.isdigit() and len(style) < 7 and int(style) in self._formats.blank
            self._cell_is_filled = False
        elif tag in ("x:v", "x:is"):
            self._cell_is_filled = True
        elif tag == "x:f":
            self._cell_is_filled = True
            self.formulas += 1
        elif tag == "x:row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdigit() and len(number) < 9 else self._row + 1
            self._row_is_hidden = is_on(attributes.get("hidden", "0")) or _number(attributes.get("ht")) == 0
            self._row_is_filled, self._cell_column = False, 0
        elif tag == "x:col":
            self._column(attributes)
        elif tag == "x:autoFilter":
            self._filter = rows_of(attributes.get("ref", ""))
        elif tag == "x:filterColumn" and self._filter:
            self.filtered.append(self._filter)

    def _column(self, attributes: Attributes) -> None:
        if is_on(attributes.get("hidden", "0")) or _number(attributes.get("width")) == 0:
            first, last = _number(attributes.get("min")), _number(attributes.get("max"))
            if 0 < first <= last:
                self.hidden_columns.append((int(first), min(int(last), _MOST_COLUMN)))

    def end(self, tag: str) -> None:
        if tag == "x:c" and self._cell_is_filled:
            self._row_is_filled = True
            self.filled_columns.add(self._cell_column)
            self.hidden_cells += self._cell_is_blank
        elif tag == "x:row" and self._row_is_hidden and self._row_is_filled:
            self.hidden_rows.add(self._row)
        elif tag == "x:autoFilter":
            self._filter = None

    @property
    def columns(self) -> int:
        """How many columns have content and are hidden."""
        spans = self.hidden_columns
        return sum(any(first <= column <= last for first, last in spans) for column in self.filled_columns)


def rows_of(area: str) -> tuple[int, int] | None:
    """The first and the last row of an area like ``A1:D10``."""
    found = _RANGE.match(area)
    return (int(found[1]), int(found[2])) if found else None


def look(package: Package) -> None:
    """Look into a workbook."""
    findings = package.findings
    formats = Formats()
    for name in package.parts("spreadsheetml.styles+xml"):
        package.parse(name, formats.start, formats.end)
    for name in package.main_parts("excel"):
        _look_at_book(package, name)
    for name in package.parts(*_SHEETS, *_MACRO_SHEETS):
        _look_at_sheet(package, name, formats)
    findings.add("macros", len(package.parts(*_MACRO_SHEETS)))
    look_at_parts(package)
    _look_at_comments(package)
    for ending, tag, kind in (
        ("spreadsheetml.pivotCacheRecords+xml", "x:r", "pivot_source_rows"),
        ("spreadsheetml.connections+xml", "x:connection", "connections"),
        ("spreadsheetml.revisionHeaders+xml", "x:header", "tracked_changes"),
    ):
        for name in package.parts(ending):
            _count(package, name, tag, kind)


def look_at_parts(package: Package) -> None:
    """What the names of its parts tell, also of a binary workbook."""
    findings = package.findings
    names = package.archive.named(lambda name: name.lower().startswith("xl/model/"))
    findings.add("data_model", min(1, len(names)))
    for name in package.archive.named(lambda name: re.search(r"/externalLinks/[^/]+$", name) is not None):
        targets = [relation.target for relation in package.relations(name) if relation.external]
        findings.add("external_links", value=targets[0] if targets else "")


def _count(package: Package, name: str, wanted: str, kind: str) -> None:
    found = 0

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal found
        found += tag == wanted

    package.parse(name, start)
    package.findings.add(kind, found)


def _look_at_book(package: Package, name: str) -> None:
    findings = package.findings

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "x:sheet" and attributes.get("state", "visible") != "visible":
            findings.add("hidden_sheets", value=attributes.get("name", ""))
        elif tag == "x:definedName" and is_on(attributes.get("hidden", "0")):
            if not attributes.get("name", "").lower().startswith("_xl"):
                findings.add("hidden_names", value=attributes.get("name", ""))
        elif tag == "x15ac:absPath":
            findings.add("paths", value=attributes.get("url", ""))

    package.parse(name, start)


def _look_at_sheet(package: Package, name: str, formats: Formats) -> None:
    sheet = _Sheet(formats)
    package.parse(name, sheet.start, sheet.end)
    filtered = sheet.filtered
    for relation in package.relations(name):
        if relation.kind.endswith("/table"):
            filtered += _filter_of_table(package, _joined(name, relation.target))
    behind = {row for row in sheet.hidden_rows if any(first <= row <= last for first, last in filtered)}
    where = name.rpartition("/")[2].removesuffix(".xml")
    package.findings.add("hidden_rows", len(sheet.hidden_rows - behind), where=where)
    package.findings.add("filtered_rows", len(behind), where=where)
    package.findings.add("hidden_columns", sheet.columns, where=where)
    package.findings.add("hidden_cells", sheet.hidden_cells, where=where)
    package.findings.add("formulas", sheet.formulas)


def _joined(part: str, target: str) -> str:
    """The part that a relation of another leads to."""
    if target.startswith("/"):
        return target[1:]
    folders = part.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            folders = folders[:-1]
        else:
            folders.append(step)
    return "/".join(folders)


def _filter_of_table(package: Package, name: str) -> list[tuple[int, int]]:
    sheet = _Sheet(Formats())
    if name in package.archive:
        package.parse(name, sheet.start, sheet.end)
    return sheet.filtered


def _look_at_comments(package: Package) -> None:
    findings = package.findings
    people: dict[str, str] = {}

    def person(tag: str, attributes: Attributes) -> None:
        if tag == "xtc:person":
            people[attributes.get("id", "")] = attributes.get("displayName", "")
            findings.add("people", value=attributes.get("displayName", ""))

    def threaded(tag: str, attributes: Attributes) -> None:
        if tag == "xtc:threadedComment":
            findings.add("comments", who=people.get(attributes.get("personId", "")))

    for name in package.parts("ms-excel.person+xml"):
        package.parse(name, person)
    for name in package.parts("ms-excel.threadedcomments+xml"):
        package.parse(name, threaded)
    for name in package.parts("spreadsheetml.comments+xml"):
        notes = _Notes(package)
        package.parse(name, notes.start, notes.end, notes.text)


class _Notes:
    """The notes of a sheet. Threaded comments have a copy here, for older programs: it isn't counted again."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._authors: list[str] = []
        self._reads_author = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "x:author":
            self._authors.append("")
            self._reads_author = True
        elif tag == "x:comment":
            number = attributes.get("authorId", "")
            known = number.isdigit() and len(number) < 7 and int(number) < len(self._authors)
            author = self._authors[int(number)] if known else ""
            if not author.startswith("tc="):
                self._package.findings.add("comments", who=author)

    def end(self, tag: str) -> None:
        if tag == "x:author":
            self._reads_author = False

    def text(self, data: str) -> None:
        if self._reads_author and len(self._authors[-1]) < 400:
            self._authors[-1] += data
