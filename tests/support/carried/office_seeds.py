"""Documents of Word, Excel and PowerPoint that carry exactly what is said here."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.carried import images
from tests.support.carried.office import (
    MC,
    P,
    W,
    X,
    app,
    cell,
    core,
    docx,
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
)
from tests.support.carried.seed import TEXT, Seed


def word() -> Iterator[Seed]:
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


def excel() -> Iterator[Seed]:
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


def powerpoint() -> Iterator[Seed]:
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
