"""Small files of Office and OpenDocument, part by part, so that what they carry is exactly what is written here."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

MS = "application/vnd.openxmlformats-officedocument."
TYPES = {
    "word/document.xml": f"{MS}wordprocessingml.document.main+xml",
    "word/styles.xml": f"{MS}wordprocessingml.styles+xml",
    "word/settings.xml": f"{MS}wordprocessingml.settings+xml",
    "word/comments.xml": f"{MS}wordprocessingml.comments+xml",
    "word/commentsExtended.xml": f"{MS}wordprocessingml.commentsExtended+xml",
    "word/people.xml": f"{MS}wordprocessingml.people+xml",
    "word/footer1.xml": f"{MS}wordprocessingml.footer+xml",
    "word/header1.xml": f"{MS}wordprocessingml.header+xml",
    "word/footnotes.xml": f"{MS}wordprocessingml.footnotes+xml",
    "xl/workbook.xml": f"{MS}spreadsheetml.sheet.main+xml",
    "xl/styles.xml": f"{MS}spreadsheetml.styles+xml",
    "xl/sharedStrings.xml": f"{MS}spreadsheetml.sharedStrings+xml",
    "xl/worksheets/sheet1.xml": f"{MS}spreadsheetml.worksheet+xml",
    "xl/worksheets/sheet2.xml": f"{MS}spreadsheetml.worksheet+xml",
    "xl/comments1.xml": f"{MS}spreadsheetml.comments+xml",
    "xl/threadedComments/threadedComment1.xml": "application/vnd.ms-excel.threadedcomments+xml",
    "xl/persons/person.xml": "application/vnd.ms-excel.person+xml",
    "xl/connections.xml": f"{MS}spreadsheetml.connections+xml",
    "xl/tables/table1.xml": f"{MS}spreadsheetml.table+xml",
    "xl/externalLinks/externalLink1.xml": f"{MS}spreadsheetml.externalLink+xml",
    "xl/pivotCache/pivotCacheRecords1.xml": f"{MS}spreadsheetml.pivotCacheRecords+xml",
    "xl/macrosheets/sheet1.xml": "application/vnd.ms-excel.macrosheet+xml",
    "ppt/presentation.xml": f"{MS}presentationml.presentation.main+xml",
    "ppt/slides/slide1.xml": f"{MS}presentationml.slide+xml",
    "ppt/slides/slide2.xml": f"{MS}presentationml.slide+xml",
    "ppt/notesSlides/notesSlide1.xml": f"{MS}presentationml.notesSlide+xml",
    "ppt/comments/comment1.xml": f"{MS}presentationml.comments+xml",
    "ppt/commentAuthors.xml": f"{MS}presentationml.commentAuthors+xml",
    "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
    "docProps/app.xml": f"{MS}extended-properties+xml",
    "docProps/custom.xml": f"{MS}custom-properties+xml",
}
MAIN = "http://schemas.openxmlformats.org/{}/2006/main"
W = MAIN.format("wordprocessingml")
X = MAIN.format("spreadsheetml")
P = MAIN.format("presentationml")
A = MAIN.format("drawingml")
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
MC = "http://schemas.openxmlformats.org/markup-compatibility/2006"
Parts = Mapping[str, str | bytes]


def zipped(parts: Parts) -> bytes:
    """An archive with these parts, the same each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def package(parts: Parts, types: Mapping[str, str] | None = None) -> bytes:
    """A package of Office; the types of its parts are those of their names, or in ``types``."""
    known = TYPES | dict(types or {})
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{known[name]}"/>' for name in parts if name in known
    )
    declared = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )
    return zipped({"[Content_Types].xml": declared, **parts})


def relations(*rows: tuple[str, str, bool]) -> str:
    """A part with relations: what kind, to what, and whether that is outside."""
    return f'<Relationships xmlns="{RELATIONS}">' + "".join(
        f'<Relationship Id="r{number}" Type="{R}/{kind}" Target="{target}"{_EXTERNAL if outside else ""}/>'
        for number, (kind, target, outside) in enumerate(rows)
    ) + "</Relationships>"  # fmt: skip


_EXTERNAL = ' TargetMode="External"'


def core(**texts: str) -> str:
    """The properties of a package; a name has its prefix before two underscores."""
    inner = "".join(
        f"<{name.replace('__', ':')}>{text}</{name.replace('__', ':')}>" for name, text in texts.items()
    )
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{inner}</cp:coreProperties>'
    )


def app(**texts: str) -> str:
    """More of them."""
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())
    return (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        f"{inner}</Properties>"
    )


def run(text: str, properties: str = "") -> str:
    """A run of Word."""
    formatted = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{formatted}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*inner: str, properties: str = "") -> str:
    """A paragraph of Word."""
    formatted = f"<w:pPr>{properties}</w:pPr>" if properties else ""
    return f"<w:p>{formatted}{''.join(inner)}</w:p>"


def word_part(root: str, inner: str) -> str:
    """A part of a document of Word."""
    return (
        f'<w:{root} xmlns:w="{W}" xmlns:a="{A}" xmlns:mc="{MC}" xmlns:w15="http://schemas.microsoft.com/office/word/'
        f'2012/wordml" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">{inner}'
        f"</w:{root}>"
    )


def docx(body: str, parts: Parts | None = None, types: Mapping[str, str] | None = None) -> bytes:
    """A document of Word."""
    document = word_part("document", f"<w:body>{body}</w:body>")
    return package({"word/document.xml": document, **(parts or {})}, types)


def cell(place: str, value: str | int, style: int = 0) -> str:
    """A cell of Excel, a text of it written in place."""
    formatted = f' s="{style}"' if style else ""
    if isinstance(value, int):
        return f'<c r="{place}"{formatted}><v>{value}</v></c>'
    return f'<c r="{place}"{formatted} t="inlineStr"><is><t>{value}</t></is></c>'


def sheet(rows: str, before: str = "", after: str = "") -> str:
    """A sheet of Excel."""
    return f'<worksheet xmlns="{X}" xmlns:r="{R}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def workbook(sheets: str = '<sheet name="A" sheetId="1"/>', more: str = "") -> str:
    """The main part of a workbook."""
    return (
        f'<workbook xmlns="{X}" xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac">'
        f"<sheets>{sheets}</sheets>{more}</workbook>"
    )


def xlsx(sheet1: str, parts: Parts | None = None, book: str | None = None, **types: str) -> bytes:
    """A workbook of Excel."""
    own = {"xl/workbook.xml": book or workbook(), "xl/worksheets/sheet1.xml": sheet1}
    return package({**own, **(parts or {})}, types)


def shape(
    text: str, place: tuple[int, int, int, int] = (10, 10, 100, 100), more: str = "", kind: str = ""
) -> str:
    """A shape of PowerPoint."""
    x, y, width, height = place
    holder = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else "<p:nvPr/>"
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="a"{more}/><p:cNvSpPr/>{holder}</p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm></p:spPr>'
        f"<p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def slide(*shapes: str, attributes: str = "", root: str = "sld") -> str:
    """A slide."""
    return (
        f'<p:{root} xmlns:p="{P}" xmlns:a="{A}"{attributes}><p:cSld><p:spTree>{"".join(shapes)}</p:spTree></p:cSld>'
        f"</p:{root}>"
    )


def pptx(slide1: str, parts: Parts | None = None) -> bytes:
    """A presentation of PowerPoint, 1,000 wide and 700 high."""
    presentation = f'<p:presentation xmlns:p="{P}"><p:sldSz cx="1000" cy="700"/></p:presentation>'
    return package({"ppt/presentation.xml": presentation, "ppt/slides/slide1.xml": slide1, **(parts or {})})


ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_ODF_NAMES = " ".join(
    f'xmlns:{prefix}="{ODF}{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("draw", "drawing"),
        ("presentation", "presentation"), ("meta", "meta"), ("manifest", "manifest"),
    )
)  # fmt: skip


def open_document(
    kind: str, body: str, styles: str = "", parts: Parts | None = None, meta: str = ""
) -> bytes:
    """A document in the OpenDocument format."""
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    content = (
        f"<office:document-content {_ODF_NAMES} {dc}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body>{body}</office:body></office:document-content>"
    )
    facts = (
        f"<office:document-meta {_ODF_NAMES} {dc}><office:meta>{meta}</office:meta></office:document-meta>"
    )
    own = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": content,
        "meta.xml": facts,
    }
    return zipped({**own, **(parts or {})})
