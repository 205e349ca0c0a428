"""DOCX documents."""

from __future__ import annotations

import io
from datetime import datetime

import docx
from docx.document import Document
from docx.shared import Cm, Pt

from tests.sample_maker.archive import restamp
from tests.sample_maker.markup import Block, blocks

KEPT = {"Normal", "Header", "Title", "Heading 1", "List Bullet", "Table Grid"}
KEPT |= {"Default Paragraph Font", "Normal Table", "No List"}
BALLAST = ("/stylesWithEffects", "/webSettings", "/customXml", "/thumbnail")


def make(title: str, text: str, author: str, moment: datetime) -> bytes:
    document = docx.Document()
    _slim(document)
    document.styles["Normal"].font.size = Pt(11)
    for section in document.sections:
        section.left_margin = section.right_margin = Cm(2.5)
    facts = document.core_properties
    facts.title, facts.author, facts.last_modified_by, facts.comments = title, author, author, ""
    facts.created = facts.modified = moment.replace(microsecond=0, tzinfo=None)
    for block in blocks(text):
        _add(document, block)
    out = io.BytesIO()
    document.save(out)
    return restamp(out.getvalue())


def _slim(document: Document) -> None:
    """The library's template carries 60 KB of styles and parts that a sample has no use for."""
    for owner in (document.part, document.part.package):
        for key, relation in list(owner.rels.items()):
            if relation.reltype.endswith(BALLAST):
                del owner.rels[key]
    for style in list(document.styles):
        if style.name not in KEPT:
            style.delete()
    latent = document.styles.latent_styles.element
    latent.getparent().remove(latent)


def _add(document: Document, block: Block) -> None:
    if block.style == "table":
        _table(document, block.rows)
    elif block.style == "letterhead":
        document.sections[0].header.paragraphs[0].text = block.text
    elif block.style == "title":
        document.add_heading(block.text, level=0)
    elif block.style == "heading":
        document.add_heading(block.text, level=1)
    elif block.style == "item":
        document.add_paragraph(block.text, style="List Bullet")
    elif block.style == "line":
        document.add_paragraph(block.text).paragraph_format.space_after = Pt(0)
    elif block.style == "signature":
        document.add_paragraph("_" * 36).paragraph_format.space_before = Pt(30)
        document.add_paragraph().add_run(block.text).italic = True
    else:
        document.add_paragraph(block.text)


def _table(document: Document, rows: list[list[str]]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for number, cells in enumerate(rows):
        for cell, words in zip(table.add_row().cells, cells, strict=True):
            cell.paragraphs[0].add_run(words).bold = number == 0
    document.add_paragraph()
