"""Documents that carry exactly what is said here: each with the counts of all kinds but the program that wrote it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.carried import images, ole, pdf
from tests.support.carried.office import (
    MC,
    ODF,
    P,
    W,
    X,
    app,
    cell,
    core,
    docx,
    open_document,
    package,
    paragraph,
    pptx,
    relations,
    run,
    shape,
    sheet,
    slide,
    word_part,
    workbook,
    xlsx,
    zipped,
)


@dataclass(frozen=True)
class Seed:
    """A document, the counts of what it carries, and those of what it may carry."""

    name: str
    content: bytes
    counts: dict[str, int] = field(default_factory=dict)
    looked: str = "whole"
    reason: str = ""


def seeds() -> list[Seed]:
    """All of them; each name is another one."""
    found = [
        *_word(),
        *_excel(),
        *_powerpoint(),
        *_open_document(),
        *_pdf(),
        *_old(),
        *_pictures(),
        *_mail(),
        *_not(),
    ]
    assert len({seed.name for seed in found}) == len(found)
    return found


TEXT = paragraph(run("An agreement between two firms."))


def _word() -> Iterator[Seed]:
    yield Seed("plain.docx", docx(TEXT))
    changes = paragraph(
        '<w:ins w:id="1" w:author="Ann Arp">' + run("new") + "</w:ins>",
        '<w:del w:id="2" w:author="Ann Arp"><w:r><w:delText>old</w:delText></w:r></w:del>',
        '<w:moveFromRangeStart w:id="3" w:name="m"/>',
        properties='<w:pPrChange w:id="4" w:author="Bob Berg"><w:pPr/></w:pPrChange>',
    )
    footer = word_part("ftr", paragraph('<w:ins w:id="5" w:author="Ann Arp">' + run("x") + "</w:ins>"))
    yield Seed("changes.docx", docx(changes, {"word/footer1.xml": footer}), {"tracked_changes": 4})
    comments = word_part(
        "comments", "".join(f'<w:comment w:id="{n}" w:author="Ann Arp">{TEXT}</w:comment>' for n in range(3))
    )
    done = word_part(
        "x", '<w15:commentEx w15:paraId="1" w15:done="1"/><w15:commentEx w15:paraId="2" w15:done="0"/>'
    )
    people = word_part("x", '<w15:person w15:author="Ann Arp"/><w15:person w15:author="Bob Berg"/>')
    yield Seed(
        "comments.docx",
        docx(
            TEXT,
            {"word/comments.xml": comments, "word/commentsExtended.xml": done, "word/people.xml": people},
        ),
        {"comments": 3, "people": 2},
    )
    styles = word_part(
        "styles",
        '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="character" w:styleId="I"><w:basedOn w:val="H"/></w:style>'
        '<w:style w:type="character" w:styleId="J"><w:basedOn w:val="H"/><w:rPr><w:vanish w:val="0"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Q"><w:rPr><w:vanish w:val="true"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="C"><w:basedOn w:val="C"/></w:style>',
    )
    hidden = "".join(
        (
            paragraph(run("a", "<w:vanish/>"), run("b", '<w:vanish w:val="false"/>'), run("c", "<w:webHidden/>")),
            paragraph(run("d", '<w:rStyle w:val="I"/>'), run("e", '<w:rStyle w:val="J"/>')),
            paragraph(run("f"), run("g", '<w:vanish w:val="0"/>'), properties='<w:pStyle w:val="Q"/>'),
            paragraph(run("h"), properties='<w:pStyle w:val="C"/>'),
            paragraph(run("i"), properties="<w:rPr><w:vanish/></w:rPr>"),
            paragraph(run(" ", "<w:vanish/>")),
            f'<mc:AlternateContent xmlns:mc="{MC}"><mc:Choice Requires="x"/><mc:Fallback>'
            f'{paragraph(run("j", "<w:vanish/>"))}</mc:Fallback></mc:AlternateContent>',
        )
    )  # fmt: skip
    yield Seed("hidden.docx", docx(hidden, {"word/styles.xml": styles}), {"hidden_text": 3})
    white = '<w:color w:val="FFFFFF"/>'
    looks = "".join(
        (
            paragraph(
                run("a", white), run("b", white + '<w:shd w:fill="000000"/>'), run("c", '<w:sz w:val="4"/>')
            ),
            f"<w:tbl><w:tr><w:tc>{paragraph(run('d', white))}</w:tc></w:tr></w:tbl>",
        )
    )
    yield Seed("white.docx", docx(looks), {"white_text": 1, "tiny_text": 1})
    fields = paragraph(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDETEXT "\\\\srv\\\\a.docx" </w:instrText>'
        '</w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>',
        '<w:fldSimple w:instr=" PAGE "/>',
    )
    settings = word_part(
        "settings",
        '<w:docVars><w:docVar w:name="Matter" w:val="1"/></w:docVars><w:rsids><w:rsid w:val="1"/></w:rsids>',
    )
    rels: dict[str, str | bytes] = {
        "word/_rels/settings.xml.rels": relations(("attachedTemplate", "file:///\\\\srv\\templates\\SPA.dotx", True)),
        "word/_rels/document.xml.rels": relations(
            ("image", "https://example.com/x.png", True), ("hyperlink", "https://example.com", True),
            ("hyperlink", "file:///C:/Users/ann/a.docx", True), ("image", "media/a.jpeg", False),
        ),
        "word/media/a.jpeg": images.jpeg(images.exif(place=True)),
        "word/media/b.jpeg": images.jpeg(),
        "word/settings.xml": settings,
        "word/embeddings/book1.xlsx": b"PK",
        "word/vbaProject.bin": b"\0",
        "word/activeX/activeX1.xml": "<a/>",
        "customXml/item1.xml": '<a xmlns="urn:a"/>',
        "customXml/item2.xml": '<b:Sources xmlns:b="http://schemas.openxmlformats.org/officeDocument/2006/bibliography"/>',
        "docProps/thumbnail.jpeg": b"x",
    }  # fmt: skip
    cropped = '<w:r><a:srcRect l="10000"/><a:srcRect/><wp:docPr id="1" name="a" descr="C:\\Users\\ann\\a.png"/></w:r>'
    yield Seed(
        "parts.docx",
        docx(fields + paragraph(cropped), rels),
        {
            "linked_fields": 1, "doc_variables": 1, "rsids": 1, "attached_template": 1, "remote_content": 1, "paths": 2,
            "picture_gps": 1, "embedded": 1, "macros": 1, "active_content": 1, "custom_xml": 1, "thumbnail": 1,
            "cropped_pictures": 1,
        },
    )  # fmt: skip
    facts = {
        "docProps/core.xml": core(
            dc__creator="Ann", cp__lastModifiedBy="Bob", cp__keywords="a b", dc__description="d"
        ),
        "docProps/app.xml": app(Company="Firm", Manager="Carol", Template="SPA.dotx", Application="Word"),
        "docProps/custom.xml": (
            '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties">'
            '<property name="Client"/><property name="Matter"/></Properties>'
        ),
    }
    told = (
        "author",
        "last_modified_by",
        "keywords",
        "description",
        "company",
        "manager",
        "template",
        "software",
    )
    yield Seed("facts.docx", docx(TEXT, facts), dict.fromkeys(told, 1) | {"custom_properties": 2})
    types = {"word/document.xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}
    yield Seed("changes.docm", docx(changes, types=types), {"tracked_changes": 3})
    strict = {
        name: content.replace(W, "http://purl.oclc.org/ooxml/wordprocessingml/main")
        for name, content in {
            "word/document.xml": word_part("document", f"<w:body>{changes}</w:body>")
        }.items()
    }
    yield Seed("strict.docx", package(strict), {"tracked_changes": 3})


def _excel() -> Iterator[Seed]:
    rows = f'<row r="1">{cell("A1", "a")}{cell("B1", 2)}</row>'
    yield Seed("plain.xlsx", xlsx(sheet(rows)))
    hidden = (
        f'<row r="1">{cell("A1", "a")}{cell("C1", "c")}</row><row r="2" hidden="1">{cell("A2", "b")}</row>'
        f'<row r="3" ht="0">{cell("A3", "c")}</row><row r="4" hidden="1"/><row r="5" hidden="1">{cell("A5", 1)}</row>'
    )
    # Column C has content, and D none.
    columns = '<cols><col min="3" max="3" hidden="1"/><col min="4" max="16384" hidden="1"/></cols>'
    book = workbook(
        '<sheet name="A" sheetId="1"/><sheet name="B" sheetId="2" state="hidden"/><sheet name="C" sheetId="3" '
        'state="veryHidden"/>',
        '<definedNames><definedName name="n" hidden="1">A!$A$1</definedName><definedName name="_xlnm._FilterDatabase" '
        'hidden="1">A!$A$1</definedName></definedNames><x15ac:absPath url="C:\\Users\\ann\\"/>',
    )
    yield Seed(
        "hidden.xlsx",
        xlsx(sheet(hidden, columns), book=book),
        {"hidden_rows": 3, "hidden_columns": 1, "hidden_sheets": 2, "hidden_names": 1, "paths": 1},
    )
    filtered = '<autoFilter ref="A1:B4"><filterColumn colId="0"><filters/></filterColumn></autoFilter>'
    yield Seed("filtered.xlsx", xlsx(sheet(hidden, "", filtered)), {"filtered_rows": 2, "hidden_rows": 1})
    of_a_table = {
        "xl/worksheets/_rels/sheet1.xml.rels": relations(("table", "../tables/table1.xml", False)),
        "xl/tables/table1.xml": f'<table xmlns="{X}" ref="A1:B9">{filtered.replace("B4", "B9")}</table>',
    }
    yield Seed("filtered-table.xlsx", xlsx(sheet(hidden), of_a_table), {"filtered_rows": 3})
    styles = (
        f'<styleSheet xmlns="{X}"><numFmts><numFmt numFmtId="170" formatCode=";;;"/></numFmts>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>'
    )
    blank = f'<row r="1">{cell("A1", "secret", 1)}{cell("B1", 2)}<c r="C1" s="1"/><c r="D1"><f>A1</f><v>1</v></c></row>'
    yield Seed(
        "blank.xlsx", xlsx(sheet(blank), {"xl/styles.xml": styles}), {"hidden_cells": 1, "formulas": 1}
    )
    notes = (
        f'<comments xmlns="{X}"><authors><author>Ann</author><author>tc={{1}}</author></authors><commentList>'
        '<comment ref="A1" authorId="0"/><comment ref="A2" authorId="1"/></commentList></comments>'
    )
    tc = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    threaded = f'<ThreadedComments xmlns="{tc}"><threadedComment ref="A2" personId="p"/></ThreadedComments>'
    persons = f'<personList xmlns="{tc}"><person displayName="Bob" id="p"/></personList>'
    parts: dict[str, str | bytes] = {
        "xl/comments1.xml": notes,
        "xl/threadedComments/threadedComment1.xml": threaded,
        "xl/persons/person.xml": persons,
    }
    yield Seed("comments.xlsx", xlsx(sheet(rows), parts), {"comments": 2, "people": 1})
    data: dict[str, str | bytes] = {
        "xl/connections.xml": f'<connections xmlns="{X}"><connection id="1"/><connection id="2"/></connections>',
        "xl/externalLinks/externalLink1.xml": f'<externalLink xmlns="{X}"/>',
        "xl/externalLinks/_rels/externalLink1.xml.rels": relations(
            ("externalLinkPath", "file:///C:/a.xlsx", True)
        ),
        "xl/pivotCache/pivotCacheRecords1.xml": f'<pivotCacheRecords xmlns="{X}"><r/><r/><r/></pivotCacheRecords>',
        "xl/macrosheets/sheet1.xml": sheet(rows),
        "xl/model/item.data": b"x",
        "xl/printerSettings/printerSettings1.bin": b"x",
        "customXml/item1.xml": '<DataMashup xmlns="http://schemas.microsoft.com/DataMashup">x</DataMashup>',
    }
    yield Seed(
        "data.xlsx",
        xlsx(sheet(rows), data),
        {
            "connections": 2, "external_links": 1, "pivot_source_rows": 3, "macros": 1, "data_model": 1,
            "printer_settings": 1, "queries": 1, "paths": 1,
        },
    )  # fmt: skip


def _powerpoint() -> Iterator[Seed]:
    yield Seed("plain.pptx", pptx(slide(shape("a"))))
    outside = slide(
        shape("in"), shape("half", (-50, 0, 100, 100)), shape("left", (-200, 0, 100, 100)),
        shape("below", (0, 700, 10, 10)), shape("nothing", (-9, 0, 0, 0)), shape("off", more=' hidden="1"'),
        "<p:grpSp>" + shape("grouped", (-200, 0, 100, 100)) + "</p:grpSp>",
    )  # fmt: skip
    notes = slide(shape("Say it slowly.", kind="body"), shape("1", kind="sldNum"), root="notes")
    comments = f'<p:cmLst xmlns:p="{P}"><p:cm authorId="0" idx="1"/><p:cm authorId="0" idx="2"/></p:cmLst>'
    authors = f'<p:cmAuthorLst xmlns:p="{P}"><p:cmAuthor id="0" name="Ann"/></p:cmAuthorLst>'
    parts: dict[str, str | bytes] = {
        "ppt/slides/slide2.xml": slide(shape("b"), attributes=' show="0"'),
        "ppt/notesSlides/notesSlide1.xml": notes,
        "ppt/comments/comment1.xml": comments,
        "ppt/commentAuthors.xml": authors,
    }
    yield Seed(
        "all.pptx",
        pptx(outside, parts),
        {"off_slide": 2, "hidden_shapes": 1, "hidden_slides": 1, "notes": 1, "comments": 2, "people": 1},
    )
    empty = slide(shape("", kind="body"), shape("3", kind="sldNum"), root="notes")
    yield Seed("empty-notes.pptx", pptx(slide(shape("a")), {"ppt/notesSlides/notesSlide1.xml": empty}))


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
    yield Seed("empty.docx", b"", looked="not", reason="kind")
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
