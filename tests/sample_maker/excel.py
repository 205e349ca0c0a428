"""XLSX workbooks, and CSV files: rows of cells separated by ``|``; ``# name`` starts a sheet."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter

from tests.sample_maker.archive import restamp
from tests.sample_maker.markup import cells

Value = str | int | float | date | None


def make(title: str, text: str, author: str, moment: datetime) -> bytes:
    book = Workbook()
    book.remove(book.active)
    book.properties.title, book.properties.creator = title, author
    book.properties.created = moment.replace(microsecond=0, tzinfo=None)
    for name, rows in _sheets(text):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([_value(cell) for cell in row])
        _dress(sheet, rows)
    out = io.BytesIO()
    book.save(out)
    # The library writes the time of saving, whatever the properties say.
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}".encode()
    return restamp(
        out.getvalue(),
        lambda name, part: (
            re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, part)
            if name == "docProps/core.xml"
            else part
        ),
    )


def make_csv(text: str) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(cells(line) for line in text.splitlines() if line.strip())
    return out.getvalue().encode()


def _sheets(text: str) -> list[tuple[str, list[list[str]]]]:
    sheets: list[tuple[str, list[list[str]]]] = []
    for line in text.splitlines():
        if line.startswith("# "):
            sheets.append((line[2:].strip(), []))
        elif line.strip():
            sheets[-1][1].append(cells(line))
    return sheets


def _value(cell: str) -> Value:
    if re.fullmatch(r"-?\d+", cell):
        return int(cell)
    if re.fullmatch(r"-?\d+\.\d+", cell):
        return float(cell)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", cell):
        return date.fromisoformat(cell)
    return cell or None


def _dress(sheet, rows: list[list[str]]) -> None:  # type: ignore[no-untyped-def]
    """Header row, column widths, number formats: a workbook as a user would have made it."""
    sheet.freeze_panes = "A2"
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DDE3EE")
    for place in range(1, sheet.max_column + 1):
        longest = max(len(row[place - 1]) for row in rows if len(row) >= place)
        sheet.column_dimensions[get_column_letter(place)].width = min(max(longest + 3, 11), 60)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            if isinstance(cell.value, date):
                cell.number_format = "d mmm yyyy"
            elif isinstance(cell.value, int) or str(cell.value).startswith("="):
                cell.number_format = "#,##0"
            elif isinstance(cell.value, float):
                cell.number_format = "#,##0.00"
