"""PDF documents."""

from __future__ import annotations

from datetime import UTC, datetime

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from tests.sample_maker.markup import Block, blocks

INK = (24, 32, 48)
RULE = (150, 160, 175)


class Sheet(FPDF):
    """A4 with page numbers. The built-in fonts keep the files small, but have only Latin-1."""

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.set_text_color(*RULE)
        self.cell(0, 8, f"Page {self.page_no()} of {{nb}}", align="C")


def make(title: str, text: str, moment: datetime, *, covers: bool = False) -> bytes:
    """``covers``: a line at its end is under a black box, as if that took it out."""
    sheet = Sheet(format="A4")
    sheet.set_creation_date(moment.astimezone(UTC))
    sheet.set_title(title)
    sheet.set_producer("sample")
    sheet.set_margins(25, 22, 25)
    sheet.set_auto_page_break(True, margin=22)
    sheet.add_page()
    for block in blocks(text):
        _draw(sheet, block)
    if covers:
        _words(sheet, "The tenant pays GBP 12,500 for it, in cash.", "Times", "", 11, after=0)
        sheet.set_fill_color(0, 0, 0)
        sheet.rect(sheet.l_margin, sheet.get_y() - 5.4, 90, 5.6, style="F")
    return bytes(sheet.output())


def _draw(sheet: Sheet, block: Block) -> None:
    sheet.set_text_color(*INK)
    if block.style == "table":
        _table(sheet, block.rows)
    elif block.style == "letterhead":
        _words(sheet, block.text, "Helvetica", "B", 9, after=1.5)
        sheet.set_draw_color(*RULE)
        sheet.line(sheet.l_margin, sheet.get_y(), sheet.w - sheet.r_margin, sheet.get_y())
        sheet.ln(8)
    elif block.style == "title":
        sheet.ln(4)
        _words(sheet, block.text, "Helvetica", "B", 16, after=4)
    elif block.style == "heading":
        sheet.ln(1.5)
        _words(sheet, block.text, "Helvetica", "B", 11.5, after=1.5)
    elif block.style == "line":
        _words(sheet, block.text, "Times", "", 11, after=0)
    elif block.style == "item":
        _words(sheet, f"-  {block.text}", "Times", "", 11, after=1, indent=6)
    elif block.style == "signature":
        if sheet.will_page_break(22):
            sheet.add_page()
        sheet.ln(12)
        sheet.line(sheet.l_margin, sheet.get_y(), sheet.l_margin + 75, sheet.get_y())
        _words(sheet, block.text, "Times", "I", 10, after=2)
    else:
        sheet.ln(1)
        _words(sheet, block.text, "Times", "", 11, after=2)


def _words(
    sheet: Sheet, text: str, font: str, style: str, size: float, *, after: float, indent: float = 0
) -> None:
    sheet.set_font(font, style, size)
    sheet.set_x(sheet.l_margin + indent)
    sheet.multi_cell(0, size * 0.47, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.ln(after)


def _table(sheet: Sheet, rows: list[list[str]]) -> None:
    sheet.ln(2)
    sheet.set_font("Helvetica", size=9)
    sheet.set_draw_color(*RULE)
    widths = tuple(max(6, *(min(len(row[place]), 40) for row in rows)) for place in range(len(rows[0])))
    head = FontFace(emphasis="BOLD", fill_color=(226, 231, 240))
    with sheet.table(col_widths=widths, headings_style=head, line_height=5.5, text_align="LEFT") as table:
        for cells in rows:
            row = table.row()
            for cell in cells:
                row.cell(cell)
    sheet.ln(3)
