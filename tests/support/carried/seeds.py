"""Documents that carry exactly what is said here: each with the counts of all kinds but the program that wrote it."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from tests.support.carried import images, ole, pdf
from tests.support.carried.office import (
    ODF,
    docx,
    open_document,
    package,
    zipped,
)
from tests.support.carried.office_seeds import excel, powerpoint, word
from tests.support.carried.seed import TEXT, Seed


def seeds() -> list[Seed]:
    """All of them; each name is another one."""
    found = [
        *word(),
        *excel(),
        *powerpoint(),
        *_open_document(),
        *_pdf(),
        *_old(),
        *_pictures(),
        *_mail(),
        *_not(),
    ]
    assert len({seed.name for seed in found}) == len(found)
    return found


def _open_document() -> Iterator[Seed]:
    body = "<office:text><text:p>a</text:p></office:text>"
    manifest = '<!DOCTYPE manifest PUBLIC "-//a" "Manifest.dtd"><manifest/>'
    yield Seed("old.odt", open_document("text", body, parts={"META-INF/manifest.xml": manifest}))
    yield Seed("plain.odt", open_document("text", "<office:text><text:p>a</text:p></office:text>"))
    by = "<office:change-info><dc:creator>Ann</dc:creator></office:change-info>"
    region = f"<text:changed-region><text:deletion>{by}</text:deletion></text:changed-region>"
    body = (
        f"<office:text><text:tracked-changes>{region}{region}</text:tracked-changes><text:p>a<office:annotation>"
        "<dc:creator>Bob</dc:creator><text:p>why?</text:p></office:annotation></text:p>"
        '<text:p><text:span text:style-name="T1">hidden</text:span></text:p></office:text>'
    )
    styles = '<style:style style:name="T1"><style:text-properties text:display="none"/></style:style>'
    meta = '<meta:initial-creator>Ann</meta:initial-creator><meta:user-defined meta:name="Matter">1</meta:user-defined>'
    parts: dict[str, str | bytes] = {
        "Basic/Standard/Module1.xml": "<a/>",
        "Basic/Standard/script-lb.xml": "<a/>",
        "Thumbnails/thumbnail.png": b"x",
    }
    yield Seed(
        "all.odt",
        open_document("text", body, styles, parts, meta),
        {
            "tracked_changes": 2, "comments": 1, "hidden_text": 1, "macros": 1, "author": 1, "custom_properties": 1,
            "thumbnail": 1,
        },
    )  # fmt: skip
    table = (
        '<office:spreadsheet><table:table table:name="S" table:style-name="ta"><table:table-column table:visibility='
        '"collapse"/><table:table-column table:visibility="collapse" table:number-columns-repeated="1020"/>'
        '<table:table-row table:visibility="collapse"><table:table-cell office:value-type="float"/></table:table-row>'
        '<table:table-row table:visibility="filter"><table:table-cell office:value-type="float"/></table:table-row>'
        '<table:table-row table:visibility="collapse"><table:table-cell/></table:table-row>'
        "</table:table></office:spreadsheet>"
    )
    styles = '<style:style style:name="ta"><style:table-properties table:display="false"/></style:style>'
    yield Seed(
        "all.ods",
        open_document("spreadsheet", table, styles),
        {"hidden_sheets": 1, "hidden_columns": 1, "hidden_rows": 1, "filtered_rows": 1},
    )
    pages = (
        '<office:presentation><draw:page draw:name="1" draw:style-name="dp"><presentation:notes><text:p>Say it.'
        "</text:p></presentation:notes></draw:page><draw:page><presentation:notes><text:p/></presentation:notes>"
        "</draw:page></office:presentation>"
    )
    hidden = '<style:drawing-page-properties presentation:visibility="hidden"/>'
    styles = f'<style:style style:name="dp">{hidden}</style:style>'
    yield Seed("all.odp", open_document("presentation", pages, styles), {"notes": 1, "hidden_slides": 1})


def _pdf() -> Iterator[Seed]:
    body = pdf.text("An agreement between two firms.")
    yield Seed("plain.pdf", pdf.pdf(content=body))
    annotations = (
        "/Annots[<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/T(Ann)>><</Type/Annot/Subtype/Link/Rect[0 0 9 9]>>"
        "<</Type/Annot/Subtype/Popup/Rect[0 0 9 9]>><</Type/Annot/Subtype/Redact/Rect[0 0 9 9]>>"
        "<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</F(b.txt)>>>>]"
    )
    root = (
        "/Names<</EmbeddedFiles<</Names[(a.txt)<</F(a.txt)>>]>>/JavaScript<</Names[(j)<</S/JavaScript/JS(1)>>]>>>>"
        "/OpenAction<</S/Launch/F(x)>>/AcroForm<</Fields[<</FT/Tx/T(f)>>]>>"
        "/OCProperties<</OCGs[<</Type/OCG/Name(L)>>]/D<</OFF[<</Type/OCG/Name(L)>>]>>>>"
    )
    info = (
        "/Author(Ann)/Keywords(k)/Title(Microsoft Word - C:\\\\Users\\\\ann\\\\a.doc)/Client(X)/Producer(p)"
    )
    yield Seed(
        "all.pdf",
        pdf.pdf(content=body, page=annotations, root=root, info=info),
        {
            "comments": 1, "unapplied_redactions": 1, "attachments": 2, "javascript": 1, "actions": 1, "form_fields": 1,
            "hidden_layers": 1, "author": 1, "keywords": 1, "paths": 1, "custom_properties": 1, "software": 1,
        },
    )  # fmt: skip
    secret = pdf.text("The secret price is 9")
    yield Seed(
        "covered.pdf",
        pdf.pdf(content=body + secret.replace("700", "600") + pdf.rectangle(45, 590, 200, 30)),
        {"covered_text": 1},
    )
    yield Seed("shaded.pdf", pdf.pdf(content=pdf.rectangle(45, 690, 300, 30, "0.9 g") + body))
    yield Seed("ruled.pdf", pdf.pdf(content=body + pdf.rectangle(45, 702, 300, 1)))
    yield Seed(
        "invisible.pdf",
        pdf.pdf(content=body + pdf.text("not drawn", 50, 500, before="3 Tr")),
        {"invisible_text": 1},
    )
    square = "/Annots[<</Type/Annot/Subtype/Square/Rect[45 690 300 720]/IC[0 0 0]/C[0 0 0]/AP<</N 6 0 R>>>>]"
    drawn = "q 0 0 0 rg 0 0 255 30 re f Q"
    form = f"<</Type/XObject/Subtype/Form/BBox[0 0 255 30]/Length {len(drawn)}>>stream\n{drawn}\nendstream"
    yield Seed(
        "annotated.pdf", pdf.pdf(content=body, page=square, more=[form]), {"comments": 1, "covered_text": 1}
    )
    inner = pdf.rectangle(45, 590, 300, 30)
    page = "/X<</Dummy 1>>"
    form = f"<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Length {len(inner)}>>stream\n{inner}\nendstream"
    objects = pdf.objects(content=secret.replace("700", "600") + "/X Do\n", page=page, more=[form])
    objects[2] = objects[2].replace("/Resources<<", "/Resources<</XObject<</X 6 0 R>>")
    yield Seed("covered-by-a-form.pdf", pdf.written(objects), {"covered_text": 1})
    yield Seed(
        "under-a-picture.pdf",
        pdf.with_picture(body + secret.replace("700", "600"), (45, 590, 300, 30)),
        {"under_image": 1},
    )
    yield Seed(
        "picture-below.pdf", pdf.with_picture("", (45, 590, 300, 30), body + secret.replace("700", "600"))
    )
    # A scan with the text that was recognised in it, drawn before it or invisibly over it.
    unseen = pdf.text("recognised", 50, 500, before="3 Tr")
    yield Seed("scanned.pdf", pdf.with_picture("", (0, 0, 600, 800), unseen), {"ocr_layer": 1})
    yield Seed("scanned-over.pdf", pdf.with_picture(body + unseen, (0, 0, 600, 800)), {"ocr_layer": 1})
    first = pdf.pdf(content=body + pdf.text("Clause about penalties", 50, 600))
    cut = f"<</Length {len(body)}>>stream\n{body}\nendstream"
    yield Seed("earlier.pdf", pdf.saved_onto(first, 4, cut, 6), {"revisions": 1, "earlier_text": 3})
    more = body + pdf.text("signed", 50, 600)
    signed = f"<</Length {len(more)}>>stream\n{more}\nendstream"
    yield Seed("signed.pdf", pdf.saved_onto(pdf.pdf(content=body), 4, signed, 6), {"revisions": 1})


def _old() -> Iterator[Seed]:
    yield Seed(
        "all.doc",
        ole.doc(
            2,
            ["Ann", "Bob"],
            ["Ann", "C:\\a.doc", "Bob", "\\\\srv\\a.doc"],
            0x0004,
            **{"Macros/VBA/dir": b"x"},
        ),
        {"comments": 2, "revision_authors": 2, "earlier_authors": 2, "fast_saved": 1, "macros": 1},
        looked="part",
    )
    yield Seed("plain.doc", ole.doc(), looked="part")
    book = ole.begin() + ole.hidden_sheet("A", 0) + ole.hidden_sheet("B", 1) + ole.hidden_sheet("M", 2, 1)
    sheet1 = (
        ole.begin()
        + ole.columns(1, 9, hidden=True)
        + ole.size()
        + ole.row(0, hidden=False)
        + ole.row(1, hidden=True)
        + ole.note()
    )
    yield Seed(
        "all.xls",
        ole.ole({"Workbook": book + sheet1}),
        {"hidden_sheets": 2, "macros": 1, "hidden_columns": 2, "hidden_rows": 1, "comments": 1},
    )
    filtered = (
        book[:0]
        + ole.begin()
        + ole.hidden_sheet("A", 0)
        + ole.begin()
        + ole.record(0x9B, b"")
        + ole.row(1, hidden=True)
    )
    yield Seed("capitals.xls", ole.ole({"WORKBOOK": book}), {"hidden_sheets": 2, "macros": 1})
    yield Seed("filtered.xls", ole.ole({"Workbook": filtered}), {"filtered_rows": 1})
    wide = "utf-16-le"
    message = {
        "__properties_version1.0": b"x",
        "__substg1.0_0E02001F": "carol@example.com; dan@example.com".encode(wide),
        "__substg1.0_007D001F": "Received: a\r\nReceived: b\r\nX-Originating-IP: [10.0.0.1]\r\n".encode(wide),
        "__attach_version1.0_#00000000/__substg1.0_3707001F": "a.pdf".encode(wide),
        "__attach_version1.0_#00000001/__substg1.0_3701000D/x": b"x",
    }
    yield Seed(
        "all.msg",
        ole.ole(message),
        {"bcc": 2, "mail_route": 2, "originating_address": 1, "mail_attachments": 1, "nested_messages": 1},
    )


def _pictures() -> Iterator[Seed]:
    yield Seed("plain.jpeg", images.jpeg())
    tags = images.exif(place=True, artist="Ann", serial="123")
    yield Seed(
        "all.jpeg", images.jpeg(tags, b"<x/>"), {"picture_gps": 1, "author": 1, "serial_number": 1, "xmp": 1}
    )
    yield Seed("press.jpeg", images.jpeg(caption=b"Photo: Ann Arp"), {"iptc": 1})
    yield Seed("all.tiff", tags, {"picture_gps": 1, "author": 1, "serial_number": 1})
    yield Seed(
        "all.png",
        images.png((b"eXIf", images.exif(place=True)), (b"tEXt", b"Author\0Ann")),
        {"picture_gps": 1, "author": 1},
    )


def _mail() -> Iterator[Seed]:
    head = b"From: a@example.com\r\nTo: b@example.com\r\nSubject: x\r\n"
    yield Seed("plain.eml", head + b"\r\nHello\r\n")
    parts = (
        b"Bcc: c@example.com, d@example.com\r\nReceived: from a\r\nReceived: from b\r\nX-Originating-IP: [10.0.0.1]\r\n"
        b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n\r\nHello\r\n--b\r\n'
        b"Content-Type: message/rfc822\r\n\r\nFrom: x@example.com\r\n\r\nInner\r\n--b\r\n"
        b"Content-Type: application/pdf\r\n"
        b'Content-Disposition: attachment; filename="a.pdf"\r\n\r\nx\r\n--b--\r\n'
    )
    yield Seed(
        "all.eml",
        head + parts,
        {"bcc": 2, "mail_route": 2, "originating_address": 1, "nested_messages": 1, "mail_attachments": 1},
    )


def _not() -> Iterator[Seed]:
    """What isn't looked into, and what is nothing but text."""
    yield Seed("notes.txt", b"Nothing but text.\n")
    yield Seed("empty.csv", b"")
    yield Seed("archive.zip", zipped({"a.txt": "x"}), looked="not", reason="kind")
    yield Seed("page.html", b"<html></html>", looked="not", reason="kind")
    yield Seed("locked.docx", ole.ole({"EncryptedPackage": b"x"}), looked="not", reason="encrypted")
    entry = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    manifest = f'<manifest:manifest xmlns:manifest="{ODF}manifest:1.0">{entry}</manifest:manifest>'
    yield Seed(
        "locked.odt",
        open_document("text", "", parts={"META-INF/manifest.xml": manifest}),
        looked="not",
        reason="encrypted",
    )
    yield Seed("cut.docx", docx(TEXT)[:300], looked="not", reason="damaged")
    yield Seed("empty.docx", b"", looked="not", reason="damaged")
    yield Seed("other.docx", package({"a.xml": "<a/>"}), looked="not", reason="kind")
    yield Seed("cut.pdf", b"%PDF-1.7\nnothing more", looked="not", reason="damaged")
    doctype = docx(TEXT, {"word/styles.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})
    yield Seed("doctype.docx", doctype, looked="part")
    yield Seed(
        "locked.xls",
        ole.ole({"Workbook": ole.begin() + ole.record(0x2F, struct.pack("<H", 1))}),
        looked="not",
        reason="encrypted",
    )
