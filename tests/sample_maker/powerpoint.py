"""PPTX presentations: ``# title`` begins a slide, ``- item`` is a line of it, ``notes: …`` what the speaker says. A
title in parentheses is that of a hidden slide."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import escape

from tests.sample_maker.archive import restamp

_OFFICE = "http://schemas.openxmlformats.org/"
_NAMES = (
    f'xmlns:a="{_OFFICE}drawingml/2006/main" xmlns:r="{_OFFICE}officeDocument/2006/relationships" '
    f'xmlns:p="{_OFFICE}presentationml/2006/main"'
)
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.presentationml."
_GROUP = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr><a:xfrm>'
    '<a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/><a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
_WIDTH, _HEIGHT = 12_192_000, 6_858_000
_PLACES = {
    "title": (838_200, 365_125, 10_515_600, 1_325_563),
    "body": (838_200, 1_825_625, 10_515_600, 4_351_338),
}


@dataclass
class Slide:
    """A slide: its title, its lines, and its notes."""

    title: str
    lines: list[str] = field(default_factory=list)
    notes: str = ""

    @property
    def hidden(self) -> bool:
        return self.title.startswith("(")


def slides(text: str) -> list[Slide]:
    """The slides that a text describes."""
    found: list[Slide] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("# "):
            found.append(Slide(line[2:]))
        elif line.startswith("notes: "):
            found[-1].notes = line.removeprefix("notes: ")
        else:
            found[-1].lines.append(line.removeprefix("- "))
    return found


def make(title: str, text: str, author: str, moment: datetime) -> bytes:
    found = slides(text)
    parts = {
        "[Content_Types].xml": _types(found),
        "_rels/.rels": _relations(
            ("officeDocument", "ppt/presentation.xml"), ("metadata/core-properties", "docProps/core.xml")
        ),
        "docProps/core.xml": _core(title, author, moment),
        "ppt/presentation.xml": _presentation(found),
        "ppt/_rels/presentation.xml.rels": _relations(
            ("slideMaster", "slideMasters/slideMaster1.xml"),
            ("notesMaster", "notesMasters/notesMaster1.xml"),
            *(("slide", f"slides/slide{number}.xml") for number, _ in enumerate(found, 1)),
        ),
        "ppt/slideMasters/slideMaster1.xml": _master(),
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relations(
            ("slideLayout", "../slideLayouts/slideLayout1.xml"), ("theme", "../theme/theme1.xml")
        ),
        "ppt/slideLayouts/slideLayout1.xml": _part(
            "sldLayout", _tree(_shape(2, "title", []), _shape(3, "body", [])), ' type="obj"', colours=True
        ),
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": _relations(
            ("slideMaster", "../slideMasters/slideMaster1.xml")
        ),
        "ppt/notesMasters/notesMaster1.xml": _part("notesMaster", _tree(_shape(2, "body", [])) + _MAP),
        "ppt/notesMasters/_rels/notesMaster1.xml.rels": _relations(("theme", "../theme/theme2.xml")),
        "ppt/theme/theme1.xml": _theme(),
        "ppt/theme/theme2.xml": _theme(),
    }
    for number, slide in enumerate(found, 1):
        parts |= _slide(number, slide)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, _HEAD + content)
    return restamp(out.getvalue())


def _slide(number: int, slide: Slide) -> dict[str, str]:
    tree = _tree(_shape(2, "title", [slide.title]), _shape(3, "body", slide.lines))
    links = [("slideLayout", "../slideLayouts/slideLayout1.xml")]
    parts = {}
    if slide.notes:
        links.append(("notesSlide", f"../notesSlides/notesSlide{number}.xml"))
        parts[f"ppt/notesSlides/notesSlide{number}.xml"] = _part(
            "notes", _tree(_shape(2, "body", [slide.notes])), colours=True
        )
        parts[f"ppt/notesSlides/_rels/notesSlide{number}.xml.rels"] = _relations(
            ("notesMaster", "../notesMasters/notesMaster1.xml"), ("slide", f"../slides/slide{number}.xml")
        )
    shown = ' show="0"' if slide.hidden else ""
    return {
        f"ppt/slides/slide{number}.xml": _part("sld", tree, shown, colours=True),
        f"ppt/slides/_rels/slide{number}.xml.rels": _relations(*links),
        **parts,
    }


_MAP = (
    '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
    'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
)


def _part(root: str, content: str, more: str = "", *, colours: bool = False) -> str:
    end = "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>" if colours else ""
    return f"<p:{root} {_NAMES}{more}>{content}{end}</p:{root}>"


def _tree(*shapes: str) -> str:
    return f"<p:cSld><p:spTree>{_GROUP}{''.join(shapes)}</p:spTree></p:cSld>"


def _shape(number: int, kind: str, lines: list[str]) -> str:
    x, y, width, height = _PLACES[kind]
    index = ' idx="1"' if kind == "body" else ""
    paragraphs = "".join(
        f'<a:p><a:r><a:rPr lang="en-GB"/><a:t>{escape(line)}</a:t></a:r></a:p>' for line in lines or [""]
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{kind} {number}"/><p:cNvSpPr/><p:nvPr>'
        f'<p:ph type="{kind}"{index}/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm>'
        f'<a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr><p:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}'
        "</p:txBody></p:sp>"
    )


def _master() -> str:
    layouts = '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst>'
    return _part("sldMaster", _tree(_shape(2, "title", []), _shape(3, "body", [])) + _MAP + layouts)


def _presentation(found: list[Slide]) -> str:
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n + 2}"/>' for n, _ in enumerate(found, 1))
    return _part(
        "presentation",
        '<p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="rId1"/></p:sldMasterIdLst>'
        '<p:notesMasterIdLst><p:notesMasterId r:id="rId2"/></p:notesMasterIdLst>'
        f'<p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx="{_WIDTH}" cy="{_HEIGHT}"/><p:notesSz cx="{_HEIGHT}" '
        f'cy="9144000"/>',
    )


def _relations(*links: tuple[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="rId{number}" Type="{_base(kind)}" Target="{target}"/>'
        for number, (kind, target) in enumerate(links, 1)
    )
    return f'<Relationships xmlns="{_OFFICE}package/2006/relationships">{found}</Relationships>'


def _base(kind: str) -> str:
    where = "package" if "/" in kind else "officeDocument"
    return f"{_OFFICE}{where}/2006/relationships/{kind}"


def _types(found: list[Slide]) -> str:
    own = {
        "ppt/presentation.xml": f"{_TYPE}presentation.main+xml",
        "ppt/slideMasters/slideMaster1.xml": f"{_TYPE}slideMaster+xml",
        "ppt/slideLayouts/slideLayout1.xml": f"{_TYPE}slideLayout+xml",
        "ppt/notesMasters/notesMaster1.xml": f"{_TYPE}notesMaster+xml",
        "ppt/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        "ppt/theme/theme2.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
        "docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        **{f"ppt/slides/slide{n}.xml": f"{_TYPE}slide+xml" for n, _ in enumerate(found, 1)},
        **{
            f"ppt/notesSlides/notesSlide{n}.xml": f"{_TYPE}notesSlide+xml"
            for n, slide in enumerate(found, 1)
            if slide.notes
        },
    }
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in own.items())
    return (
        f'<Types xmlns="{_OFFICE}package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
        f'ContentType="application/xml"/>{overrides}</Types>'
    )


def _core(title: str, author: str, moment: datetime) -> str:
    when = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return (
        f'<cp:coreProperties xmlns:cp="{_OFFICE}package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{escape(author)}</dc:creator>"
        f"<cp:lastModifiedBy>{escape(author)}</cp:lastModifiedBy>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{when}</dcterms:created>'
        f'<dcterms:modified xsi:type="dcterms:W3CDTF">{when}</dcterms:modified></cp:coreProperties>'
    )


def _theme() -> str:
    colours = {
        **{
            "dk1": "000000",
            "lt1": "FFFFFF",
            "dk2": "24476B",
            "lt2": "F2F3F1",
            "hlink": "1F52C4",
            "folHlink": "5C6670",
        },
        **{f"accent{number}": "1A7F4E" for number in range(1, 7)},
    }
    order = ("dk1", "lt1", "dk2", "lt2", *(f"accent{number}" for number in range(1, 7)), "hlink", "folHlink")
    listed = "".join(f'<a:{name}><a:srgbClr val="{colours[name]}"/></a:{name}>' for name in order)
    font = '<a:latin typeface="Calibri"/><a:ea typeface=""/><a:cs typeface=""/>'
    fill = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
    line = f'<a:ln w="6350">{fill}</a:ln>'
    effect = "<a:effectStyle><a:effectLst/></a:effectStyle>"
    return (
        f'<a:theme xmlns:a="{_OFFICE}drawingml/2006/main" name="Plain"><a:themeElements><a:clrScheme name="Plain">'
        f'{listed}</a:clrScheme><a:fontScheme name="Plain"><a:majorFont>{font}</a:majorFont><a:minorFont>{font}'
        f'</a:minorFont></a:fontScheme><a:fmtScheme name="Plain"><a:fillStyleLst>{fill * 3}</a:fillStyleLst>'
        f"<a:lnStyleLst>{line * 3}</a:lnStyleLst><a:effectStyleLst>{effect * 3}</a:effectStyleLst>"
        f"<a:bgFillStyleLst>{fill * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )
