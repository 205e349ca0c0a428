"""The older files of Office, and messages of Outlook: streams in an OLE file."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Any

import olefile

from .document import DocumentBytes
from .findings import Findings
from .refusals import Unreadable

_DAMAGED = (
    OSError, ValueError, KeyError, TypeError, IndexError, AttributeError, struct.error, OverflowError, RecursionError,
)  # fmt: skip
_MOST_OF_A_STREAM = 64 * 1024 * 1024
_MOST_ENTRIES = 20_000
_SUMMARY = {
    "author": "author",
    "last_saved_by": "last_modified_by",
    "company": "company",
    "manager": "manager",
    "template": "template",
    "keywords": "keywords",
    "comments": "description",
    "subject": "description",
    "category": "description",
    "creating_application": "software",
}
#: Where an old document of Word says what it holds: the flags, and the pairs of place and length.
_WORD_MAGIC, _FAST_SAVED, _ENCRYPTED, _SECOND_TABLE = 0xA5EC, 0x0004, 0x0100, 0x0200
_COMMENTS, _REVISION_AUTHORS, _SAVED_BY = 4, 51, 71
_COMMENT_SIZE = 30
_MOST_STRINGS = 1_000
#: Records of a workbook.
_BOUNDSHEET, _NOTE, _COLUMNS, _ROW, _FILTER, _LOCKED, _BOOK, _DIMENSION, _BEGIN = (
    0x85, 0x1C, 0x7D, 0x208, 0x9B, 0x2F, 0x1AE, 0x200, 0x809,
)  # fmt: skip
_MOST_RECORDS = 1_000_000
_NESTED = re.compile(r"^__substg1\.0_3701000D$", re.I)


def look(document: DocumentBytes, findings: Findings) -> None:
    """Look into it. Raises :class:`Unreadable`."""
    try:
        ole = olefile.OleFileIO(document)
        entries: list[list[str]] = ole.listdir(streams=True, storages=True)
    except _DAMAGED as error:
        raise Unreadable("damaged") from error
    if len(entries) > _MOST_ENTRIES:
        raise Unreadable("limits")
    # Some programs write the names of streams in capitals.
    names = {"/".join(entry).lower() for entry in entries}
    if "encryptedpackage" in names:
        raise Unreadable("encrypted")
    try:
        if "__properties_version1.0" in names:
            _message(ole, entries, findings)
            return
        if "worddocument" in names:
            _word(ole, findings)
        elif book := next((name for name in ("workbook", "book") if name in names), None):
            _Workbook(findings).look(_stream(ole, book))
        elif "powerpoint document" in names:
            findings.leave_out("slides")
        else:
            raise Unreadable("kind")
    except _DAMAGED as error:
        raise Unreadable("damaged") from error
    _properties(ole, findings)
    macros = {entry[0] for entry in entries if entry[0] in ("Macros", "_VBA_PROJECT_CUR")}
    findings.add("macros", len(macros))
    pools = {tuple(entry[:2]) for entry in entries if entry[0] == "ObjectPool" and len(entry) > 1}
    embedded = {entry[0] for entry in entries if re.match(r"MBD[0-9A-F]{8}$", entry[0])}
    findings.add("embedded", len(pools) + len(embedded))


def _stream(ole: Any, name: str | list[str]) -> bytes:
    with ole.openstream(name) as stream:
        data: bytes = stream.read(_MOST_OF_A_STREAM + 1)
    if len(data) > _MOST_OF_A_STREAM:
        raise Unreadable("limits")
    return data


def _properties(ole: Any, findings: Findings) -> None:
    try:
        facts = ole.get_metadata()
    except _DAMAGED:
        findings.leave_out("properties")
        return
    for name, kind in _SUMMARY.items():
        value = getattr(facts, name)
        text = value.decode("cp1252", "replace") if isinstance(value, bytes) else str(value or "")
        if text.strip("\0 "):
            findings.add(kind, value=text.strip("\0 "))


# ---------------------------------------------------------------- Word


def _word(ole: Any, findings: Findings) -> None:
    head = _stream(ole, "WordDocument")
    magic, flags = struct.unpack_from("<H8xH", head)
    if flags & _ENCRYPTED:
        raise Unreadable("encrypted")
    # How text is formatted, and changed, isn't read.
    for part in ("hidden text", "tracked changes"):
        findings.leave_out(part)
    findings.add("fast_saved", int(bool(flags & _FAST_SAVED)))
    table_name = "1Table" if flags & _SECOND_TABLE else "0Table"
    if magic != _WORD_MAGIC or not ole.exists(table_name):
        findings.leave_out("comments")
        return
    table = _stream(ole, table_name)
    _, length = _pair(head, _COMMENTS)
    findings.add("comments", max(0, length - 4) // (_COMMENT_SIZE + 4))
    for name in _strings(table, *_pair(head, _REVISION_AUTHORS)):
        if name != "Unknown":
            findings.add("revision_authors", who=name)
    saves = list(_strings(table, *_pair(head, _SAVED_BY)))
    for who, path in zip(saves[::2], saves[1::2], strict=False):
        findings.add("earlier_authors", who=who, value=path)


def _pair(head: bytes, index: int) -> tuple[int, int]:
    """Where something lies in the table, and how long it is; an old file may not know it."""
    place = 32
    for size in (2, 4):
        (count,) = struct.unpack_from("<H", head, place)
        place += 2 + size * count
    (pairs,) = struct.unpack_from("<H", head, place)
    if index >= pairs:
        return 0, 0
    start, length = struct.unpack_from("<II", head, place + 2 + 8 * index)
    return start, length


def _strings(table: bytes, start: int, length: int) -> Iterator[str]:
    """The strings of a table of strings."""
    data = table[start : start + length]
    if len(data) < 6 or data[:2] != b"\xff\xff":
        return
    count, extra = struct.unpack_from("<HH", data, 2)
    place = 6
    for _ in range(min(count, _MOST_STRINGS)):
        if place + 2 > len(data):
            return
        (size,) = struct.unpack_from("<H", data, place)
        yield data[place + 2 : place + 2 + 2 * size].decode("utf-16-le", "replace")
        place += 2 + 2 * size + extra


# ---------------------------------------------------------------- Excel


class _Workbook:
    """Reads the records of a workbook."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._filtered = False
        self._last_column = 0
        self._rows = 0
        #: The first and the last column of each hidden span; how many have content is known only later.
        self._columns: list[tuple[int, int]] = []

    def look(self, data: bytes) -> None:
        place = 0
        for _ in range(_MOST_RECORDS):
            if place + 4 > len(data):
                break
            kind, length = struct.unpack_from("<HH", data, place)
            self._record(kind, data[place + 4 : place + 4 + length])
            place += 4 + length
        else:
            self._findings.leave_out("rest of the workbook")
        self._end_sheet()

    def _record(self, kind: int, data: bytes) -> None:
        if kind == _LOCKED:
            raise Unreadable("encrypted")
        if kind == _BEGIN:
            self._end_sheet()
        elif kind == _BOUNDSHEET and len(data) >= 8:
            if data[4] & 3:
                self._findings.add("hidden_sheets", value=_sheet_name(data))
            self._findings.add("macros", int(data[5] == 1))
        elif kind == _NOTE and len(data) >= 6:
            # Of an older file, what goes on in another record has row 0xFFFF.
            self._findings.add("comments", int(data[:2] != b"\xff\xff"))
        elif kind == _DIMENSION and len(data) >= 12:
            (self._last_column,) = struct.unpack_from("<H", data, 10)
        elif kind == _COLUMNS and len(data) >= 10:
            first, last, width, _, flags = struct.unpack_from("<5H", data)
            if flags & 1 or not width:
                self._columns.append((first, last))
        elif kind == _ROW and len(data) >= 16:
            first, end, height = struct.unpack_from("<3H", data, 2)
            hidden = data[12] & 0x20 or height & 0x7FFF == 0
            self._rows += bool(hidden and end > first)
        elif kind == _FILTER:
            self._filtered = True
        elif kind == _BOOK and len(data) > 4:
            self._findings.add("external_links")

    def _end_sheet(self) -> None:
        self._findings.add("filtered_rows" if self._filtered else "hidden_rows", self._rows)
        for first, last in self._columns:
            self._findings.add("hidden_columns", min(last + 1, self._last_column) - first)
        self._filtered, self._rows, self._last_column, self._columns = False, 0, 0, []


def _sheet_name(data: bytes) -> str:
    size, wide = data[6], data[7] & 1
    name = data[8 : 8 + size * (2 if wide else 1)]
    return name.decode("utf-16-le" if wide else "cp1252", "replace")


# ---------------------------------------------------------------- Outlook


def _message(ole: Any, entries: list[list[str]], findings: Findings) -> None:
    def text(*path: str) -> str:
        for form, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
            name = [*path[:-1], f"__substg1.0_{path[-1]}{form}"]
            if ole.exists(name):
                return _stream(ole, name).decode(encoding, "replace").strip("\0 ")
        return ""

    for address in filter(None, (part.strip() for part in text("0E02").split(";"))):
        findings.add("bcc", value=address)
    attached = sorted({entry[0] for entry in entries if entry[0].lower().startswith("__attach_version1.0_")})
    for storage in attached:
        nested = any(len(entry) > 1 and entry[0] == storage and _NESTED.match(entry[1]) for entry in entries)
        name = text(storage, "3707") or text(storage, "3704") or text(storage, "3001")
        findings.add("nested_messages" if nested else "mail_attachments", value=name)
    headers = text("007D")
    findings.add("mail_route", len(re.findall(r"^Received:", headers, re.M | re.I)))
    if found := re.search(r"^X-Originating-IP:\s*(.+)$", headers, re.M | re.I):
        findings.add("originating_address", value=found[1].strip(" []\r"))
