"""PDF files by what is drawn: covered and invisible text, and words that an earlier revision still has."""

from __future__ import annotations

import re

from .document import DocumentBytes
from .findings import Findings
from .pdf_structure import revision_ends
from .pdfium import Box, Drawn, Pdf, PdfPage
from .refusals import Unreadable

#: The most pages whose drawing is looked at, and whose words are compared.
MOST_PAGES = 60
_MOST_REVISIONS = 3
#: Words move to later pages: of the last revision, more of them are read.
_MOST_OF_THE_LAST = 300
_WORD = re.compile(r"\w{3,}")
#: How much of a text must be covered, and from what size on a rectangle covers: thinner ones are rules.
_COVERED, _LEAST_SIDE = 0.6, 3.0
#: A picture that covers so much of a page is a scan.
_SCAN = 0.8
_SCALE, _MOST_PIXELS = 2.0, 4_000_000
_MOST_COVERS = 500


def look_at_drawing(document: DocumentBytes, findings: Findings) -> None:
    """Look for text that is covered or isn't drawn. Raises :class:`Unreadable`."""
    pdf = Pdf(document)
    try:
        for number in range(min(pdf.page_count, MOST_PAGES)):
            page = pdf.page(number)
            if page is None:
                findings.leave_out(f"drawing of page {number + 1}")
                continue
            try:
                _look_at_page(page, f"page {number + 1}", findings)
            except Unreadable:
                findings.leave_out(f"drawing of page {number + 1}")
            finally:
                page.close()
        if pdf.page_count > MOST_PAGES:
            findings.leave_out(f"drawing from page {MOST_PAGES + 1}")
    finally:
        pdf.close()


def _look_at_page(page: PdfPage, where: str, findings: Findings) -> None:
    drawn, area = list(page.objects()), page.area
    scanned = any(_share(one.box, area) > _SCAN for one in drawn if one.what == "image")
    invisible = sum(one.invisible for one in drawn)
    if invisible:
        findings.add("ocr_layer" if scanned else "invisible_text", 1 if scanned else invisible, where=where)
    candidates = [pair for pair in _covered(drawn) if not (scanned and pair[1].what == "image")]
    if not candidates or page.width * page.height * _SCALE**2 > _MOST_PIXELS:
        # A page larger than that is a drawing.
        return
    painted = page.paint(_SCALE)
    for text, cover in candidates:
        # Only if nothing can be seen there: the rectangle may be clipped, or blended.
        if page.shows_nothing(painted, _overlap(text.box, cover.box)):
            kind = "covered_text" if cover.what == "cover" else "under_image"
            findings.add(kind, where=where, certain=False)


def _covered(drawn: list[Drawn]) -> list[tuple[Drawn, Drawn]]:
    """The texts that lie mostly under something drawn later, each with what covers it."""
    found = []
    covers: list[Drawn] = []
    for one in reversed(drawn):
        if one.what != "text":
            left, bottom, right, top = one.box
            if right - left >= _LEAST_SIDE and top - bottom >= _LEAST_SIDE and len(covers) < _MOST_COVERS:
                covers.append(one)
        elif not one.invisible:
            over = next((cover for cover in covers if _share(cover.box, one.box) >= _COVERED), None)
            if over is not None:
                found.append((one, over))
    return found


def _overlap(one: Box, other: Box) -> Box:
    return (max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3]))


def _share(cover: Box, of: Box) -> float:
    """The share of an area that another covers."""
    area = (of[2] - of[0]) * (of[3] - of[1])
    left, bottom, right, top = _overlap(cover, of)
    return max(0.0, right - left) * max(0.0, top - bottom) / area if area > 0 else 0.0


def look_at_revisions(document: DocumentBytes, findings: Findings) -> None:
    """Compare the words of earlier revisions with those of the last one. Raises :class:`Unreadable`."""
    ends = revision_ends(document)
    findings.add("revisions", len(ends) - 1)
    earlier = ends[:-1][-_MOST_REVISIONS:]
    if not earlier:
        return
    present = _words(document, None, _MOST_OF_THE_LAST)
    gone: set[str] = set()
    for end in earlier:
        try:
            gone |= _words(document, end, MOST_PAGES) - present
        except Unreadable:
            # It isn't a revision of its own, as of an archive of PDFs.
            continue
    findings.add("earlier_text", len(gone))


def _words(document: DocumentBytes, size: int | None, most: int) -> set[str]:
    pdf = Pdf(document, size)
    words: set[str] = set()
    try:
        for number in range(min(pdf.page_count, most)):
            page = pdf.page(number)
            if page is not None:
                words.update(_WORD.findall(page.text().casefold()))
                page.close()
    finally:
        pdf.close()
    return words
