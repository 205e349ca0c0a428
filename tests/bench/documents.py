"""Documents of a wanted size, of each kind whose text is shown. Each begins with the words that it is told."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.support.carried import pdf
from tests.support.carried.office import (
    TYPES,
    P,
    X,
    cell,
    docx,
    open_document,
    package,
    paragraph,
    run,
    shape,
    sheet,
    slide,
    xlsx,
)

MB = 1024 * 1024
#: How many bytes a line of :func:`words` takes where it is packed.
_PACKED = 255


def words(dice: random.Random, count: int) -> str:
    return " ".join(
        "".join(dice.choices("abcdefghijklmnopqrstuvwxyz", k=dice.randint(2, 9))) for _ in range(count)
    )


def _lines(first: str, size: int, packed: int = _PACKED) -> list[str]:
    dice = random.Random(1)
    return [first, *(words(dice, 60) for _ in range(size // packed))]


def large_docx(size: int, first: str = "Beginning") -> bytes:
    """A document of text, nothing but."""
    return docx("".join(paragraph(run(line)) for line in _lines(first, size)))


def docx_with_picture(size: int, first: str = "Beginning") -> bytes:
    """A line of text, and a large picture."""
    return docx(paragraph(run(first)), {"word/media/image1.bin": random.Random(1).randbytes(size)})


def large_pdf(size: int, first: str = "Beginning") -> bytes:
    """A page of text, and much that isn't read."""
    dice = random.Random(1)
    lines = [first, *(words(dice, 12) for _ in range(59))]
    content = "".join(pdf.text(line, 50, 780 - 12 * number) for number, line in enumerate(lines))
    filling = dice.randbytes(size // 2).hex()
    more = [f"<</Length {len(filling)}>>stream\n{filling}\nendstream"]
    return pdf.written(pdf.objects(content=content, more=more))


def large_xlsx(size: int, first: str = "Beginning") -> bytes:
    """A workbook whose texts are shared, as Excel writes it."""
    lines = _lines(first, size)
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row - 1}</v></c>{cell(f"B{row}", row)}</row>'
        for row in range(1, len(lines) + 1)
    )
    shared = f'<sst xmlns="{X}">' + "".join(f"<si><t>{line}</t></si>" for line in lines) + "</sst>"
    return xlsx(sheet(rows), {"xl/sharedStrings.xml": shared})


def large_pptx(size: int, first: str = "Beginning") -> bytes:
    """A presentation whose slides have eight lines each."""
    lines = _lines(first, size)
    slides = [slide(*map(shape, lines[place : place + 8])) for place in range(0, len(lines), 8)]
    presentation = f'<p:presentation xmlns:p="{P}"><p:sldSz cx="1000" cy="700"/></p:presentation>'
    parts = {f"ppt/slides/slide{number}.xml": each for number, each in enumerate(slides, 1)}
    return package(
        {"ppt/presentation.xml": presentation, **parts}, dict.fromkeys(parts, TYPES["ppt/slides/slide1.xml"])
    )


def large_odt(size: int, first: str = "Beginning") -> bytes:
    """A text document of LibreOffice."""
    body = "".join(f"<text:p>{line}</text:p>" for line in _lines(first, size))
    return open_document("text", f"<office:text>{body}</office:text>")


def large_eml(size: int, first: str = "Beginning") -> bytes:
    """A short e-mail with an attachment."""
    head = "From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    text = "\r\n".join(_lines(first, 2_000))
    attached = "\r\n".join([random.Random(1).randbytes(38).hex()] * (size // 78))
    kind = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=a.bin"
    return f"{head}\r\n--b\r\n\r\n{text}\r\n--b\r\n{kind}\r\n\r\n{attached}\r\n--b--\r\n".encode()


def large_txt(size: int, first: str = "Beginning") -> bytes:
    """Text."""
    return "\n".join(_lines(first, size, 390)).encode()


#: How a document of each kind is made.
LARGE: dict[str, Callable[[int, str], bytes]] = {
    "docx": large_docx,
    "xlsx": large_xlsx,
    "pptx": large_pptx,
    "odt": large_odt,
    "pdf": large_pdf,
    "eml": large_eml,
    "txt": large_txt,
    "md": large_txt,
    "csv": large_txt,
}
