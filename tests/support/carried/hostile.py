"""Documents made to hurt whoever reads them; each is made when it is wanted."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.support.carried import images, ole, pdf
from tests.support.carried.office import (
    P,
    W,
    cell,
    docx,
    open_document,
    package,
    paragraph,
    pptx,
    run,
    sheet,
    slide,
    word_part,
    workbook,
    xlsx,
)

MB = 1024 * 1024


def _document(text: str | bytes) -> bytes:
    return package({"word/document.xml": text})


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 20))
    return _document(f'<!DOCTYPE a [<!ENTITY l0 "ha">{entities}]><a>&l19;</a>')


def _many_entries() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(25_000):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return out.getvalue()


def _lying_sizes() -> bytes:
    """An archive whose directory says that its parts are larger than they are."""
    data = bytearray(docx(paragraph(run("a"))))
    place = data.find(b"PK\x01\x02")
    while place >= 0:
        struct.pack_into("<II", data, place + 20, 0x7FFFFFF0, 0x7FFFFFF0)
        place = data.find(b"PK\x01\x02", place + 4)
    return bytes(data)


def _stream(data: bytes, filters: str) -> str:
    return f"<</Length {len(data)}/Filter{filters}>>stream\n{data.decode('latin-1')}\nendstream"


def _flate(times: int, size: int) -> bytes:
    data = b"0 0 m " * (size // 6)
    for _ in range(times):
        data = zlib.compress(data, 9)
    objects = pdf.objects(content="")
    objects[3] = _stream(data, "[" + "/FlateDecode" * times + "]")
    return pdf.written(objects)


def _forms(count: int, *, circle: bool) -> bytes:
    """Forms that each draw the next one twice; in a ``circle``, the last one draws the first."""
    objects = pdf.objects(content="/X Do /X Do")
    objects[2] = objects[2].replace("/Resources<<", "/Resources<</XObject<</X 6 0 R>>")
    for number in range(6, 6 + count):
        following = number + 1 if number < 5 + count else 6 if circle else None
        drawn = "/X Do /X Do" if following else pdf.text("x")
        resources = f"/Resources<</XObject<</X {following} 0 R>>>>" if following else f"/Resources{pdf.FONT}"
        objects.append(
            f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]{resources}/Length {len(drawn)}>>stream\n{drawn}\nendstream"
        )
    return pdf.written(objects)


def _deep_mail(depth: int) -> bytes:
    head = b"From: a@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
    part = b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n'
    return head + b"".join(part % (number, number) for number in range(depth))


def _odd_paths() -> bytes:
    odd = ("../../etc/passwd", "/etc/x", "word/embeddings/\x1b]0;x\x07")
    return docx(paragraph(run("a")), dict.fromkeys(odd, "x"))


def _filters() -> bytes:
    columns = "<filterColumn/>" * 200_000
    return xlsx(sheet("", "", f'<autoFilter ref="A1:A9999999">{columns}</autoFilter>'))


def _many_comments() -> bytes:
    comments = f'<p:cmLst xmlns:p="{P}">' + '<p:cm authorId="x"/>' * 100_000
    return pptx(slide(), {"ppt/comments/comment1.xml": comments})


def _repeated_columns() -> bytes:
    column = f'<table:table-column table:visibility="collapse" table:number-columns-repeated="{10**30}"/>'
    return open_document("spreadsheet", f"<table:table>{column}</table:table>")


def _circular_pages() -> bytes:
    first, _, *others = pdf.objects(content="")
    return pdf.written([first, "<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>", *others])


def _circular_names() -> bytes:
    root = "/Names<</EmbeddedFiles 6 0 R/JavaScript 6 0 R>>"
    return pdf.pdf(content="", root=root, more=["<</Kids[6 0 R 6 0 R]>>"])


def _many_headers() -> bytes:
    head = b"From: a@example.com\r\nSubject: x\r\n"
    return head + b"Bcc: " + b"(" * 100_000 + b"\r\n" + b"Received: a\r\n" * 100_000 + b"\r\n"


def _encoded_words() -> bytes:
    words = b"=?utf-8?q?" + b"=41" * 300_000 + b"?=\r\nSubject: " + b"=?x?q?a?= " * 50_000
    return b"From: " + words + b"\r\n\r\nx"


def _unclosed_markup() -> bytes:
    head = b"From: a\r\nContent-Type: text/html; charset=x-unknown\r\n\r\n"
    return head + b"<b <!-- <![CDATA[" * 100_000


def _many_storages() -> bytes:
    attached = {f"__attach_version1.0_#{n:08X}/x": b"" for n in range(300)}
    return ole.ole({"__properties_version1.0": b"x", **attached})


def _many_tags() -> bytes:
    tag = struct.pack("<HHII", 0x13B, 2, 0xFFFFFFFF, 8)
    return b"II*\0" + struct.pack("<IH", 8, 65_535) + tag * 60_000


def _circular_ole() -> bytes:
    """A file whose first stream goes in a circle."""
    data = bytearray(ole.doc(2))
    table = len(data) - 512
    (first,) = struct.unpack_from("<I", data, table)
    struct.pack_into("<I", data, table + 4, first - 1)
    return bytes(data)


def _circular_tags() -> bytes:
    head = b"II*\0" + struct.pack("<I", 8)
    return head + struct.pack("<H", 1) + struct.pack("<HHII", 0x8769, 4, 1, 8) + struct.pack("<I", 8)


def _huge_png() -> bytes:
    return images.png()[:-12] + struct.pack(">I4s", 0x7FFFFFFF, b"eXIf") + b"II*\0"


def _of_styles() -> bytes:
    styles = "".join(
        f'<w:style w:styleId="{n}"><w:basedOn w:val="{n + 1}"/></w:style>' for n in range(50_000)
    )
    body = paragraph(run("a", '<w:rStyle w:val="0"/>')) * 2_000
    return docx(body, {"word/styles.xml": word_part("styles", styles)})


def _xref_stream(size: int) -> bytes:
    """A table of objects that says it has very many."""
    table = zlib.compress(b"\1\0\0\0\0" * 1_000)
    data = (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
    )
    start = len(data)
    head = f"3 0 obj<</Type/XRef/Size {size}/W[1 3 1]/Index[0 {size}]/Root 1 0 R/Filter/FlateDecode"
    head += f"/Length {len(table)}>>"
    return (
        data
        + head.encode()
        + b"stream\n"
        + table
        + f"\nendstream endobj\nstartxref\n{start}\n%%EOF\n".encode()
    )


#: How each is made, by its name; the sizes are those of the measure in ``size`` megabytes.
HOSTILE: dict[str, Callable[[int], bytes]] = {
    "laughs.docx": lambda size: _laughs(),
    "quadratic.docx": lambda size: _document(f'<!DOCTYPE a [<!ENTITY b "{"x" * 50_000}">]><a>{"&b;" * 50_000}</a>'),
    "external.docx": lambda size: _document('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
    "deep.docx": lambda size: _document("<a>" * 1_000_000),
    "entries.docx": lambda size: _many_entries(),
    "sizes.docx": lambda size: _lying_sizes(),
    "attribute.docx": lambda size: _document(b'<a b="' + b"x" * size * MB + b'"/>'),
    "no-paragraph.docx": lambda size: _document(f'<w:document xmlns:w="{W}">'.encode() + b"x" * size * MB),
    "tags.docx": lambda size: _document("".join(f"<a{n}/>" for n in range(300_000))),
    "runs.docx": lambda size: docx(paragraph(run("a", "<w:vanish/>") * 200_000)),
    "authors.docx": lambda size: docx("".join(f'<w:ins w:id="1" w:author="{n}"/>' for n in range(100_000))),
    "styles.docx": lambda size: _of_styles(),
    "encoding.docx": lambda size: _document(b'<?xml version="1.0" encoding="x-unknown"?><a/>'),
    "utf-7.docx": lambda size: _document(b'<?xml version="1.0" encoding="utf-7"?><a/>'),
    "types.docx": lambda size: package({"a.xml": "<a/>"} | {f"word/header{n}.xml": "<a/>" for n in range(3_000)}),
    "paths.docx": lambda size: _odd_paths(),
    "index.xlsx": lambda size: xlsx(sheet(f'<row r="1"><c r="A1" t="s"><v>{10**12}</v></c></row>')),
    "columns.xlsx": lambda size: xlsx(sheet("", f'<cols><col min="1" max="{10**15}" hidden="1"/></cols>')),
    "row.xlsx": lambda size: xlsx(sheet('<row r="1">' + cell("A1", 1) * 500_000 + "</row>")),
    "filter.xlsx": lambda size: _filters(),
    "names.xlsx": lambda size: xlsx(sheet(""), book=workbook('<sheet state="hidden" name="\u202e&#x85;x"/>' * 50_000)),
    "groups.pptx": lambda size: pptx(slide("<p:grpSp>" * 240)),
    "comments.pptx": lambda size: _many_comments(),
    "spans.odt": lambda size: open_document("text", "<office:text>" + "<text:span>" * 200),
    "repeated.ods": lambda size: _repeated_columns(),
    "flate.pdf": lambda size: _flate(1, size * MB),
    "double-flate.pdf": lambda size: _flate(2, size * MB),
    "self-drawing.pdf": lambda size: _forms(1, circle=True),
    "circle.pdf": lambda size: _forms(6, circle=True),
    "doubling.pdf": lambda size: _forms(24, circle=False),
    "kids.pdf": lambda size: _circular_pages(),
    "names.pdf": lambda size: _circular_names(),
    "actions.pdf": lambda size: pdf.pdf(content="", root="/OpenAction 6 0 R", more=["<</S/Launch/Next[6 0 R 6 0 R]>>"]),
    "previous.pdf": lambda size: pdf.written(pdf.objects(content=""), "/Prev 9"),
    "brackets.pdf": lambda size: pdf.pdf(content="", info="/A " + "[" * 50_000),
    "dictionaries.pdf": lambda size: pdf.pdf(content="", info="/A " + "<</A " * 20_000),
    "table.pdf": lambda size: _xref_stream(2**31 - 1),
    "ends.pdf": lambda size: pdf.pdf(content=pdf.text("x")) + b"startxref\n9\n%%EOF\n" * 100_000,
    "controls.pdf": lambda size: pdf.pdf(content=pdf.text("\\033]0;x\\007\\033[2J"), info="/Author(\x1b]0;x\x07)"),
    "parts.eml": lambda size: _deep_mail(20_000),
    "headers.eml": lambda size: _many_headers(),
    "words.eml": lambda size: _encoded_words(),
    "markup.eml": lambda size: _unclosed_markup(),
    "circle.doc": lambda size: _circular_ole(),
    "strings.doc": lambda size: ole.doc(0, ["x" * 60_000], ["a"] * 60_000),
    "records.xls": lambda size: ole.ole({"Workbook": ole.begin() + ole.note() * 200_000}),
    "storages.msg": lambda size: _many_storages(),
    "tags.tiff": lambda size: _circular_tags(),
    "many-tags.tiff": lambda size: _many_tags(),
    "chunk.png": lambda size: _huge_png(),
    "segments.jpeg": lambda size: b"\xff\xd8" + b"\xff\xe1\0\2" * 500_000,
    "controls.txt": lambda size: "\x1b]0;x\x07\u202egnp.exe\u2066\r[bold]x[/]\x9b2J".encode() * 1_000,
    "line.txt": lambda size: b"x" * MB,
    "braces.rtf": lambda size: b"{\\rtf1" + b"{" * 1_000_000,
}  # fmt: skip
