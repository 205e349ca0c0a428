"""Documents of Word."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...rules.carried import CarriedLevel
from .findings import Findings
from .package import PATH, Package
from .xml_stream import Attributes, is_on

_CHANGES = frozenset(
    f"w:{name}"
    for name in (
        "ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge", "rPrChange", "pPrChange",
        "sectPrChange", "tblPrChange", "tcPrChange", "trPrChange", "tblGridChange", "tblPrExChange",
        "numberingChange",
    )
)  # fmt: skip
#: What text and properties are in.
_ENCLOSING = frozenset(("w:p", "w:r", "w:t", "w:instrText", "w:pPr", "w:tc", "w:txbxContent"))
#: The parts that hold text, by what their type ends with.
_PLACES = {
    "wordprocessingml.header+xml": "header",
    "wordprocessingml.footer+xml": "footer",
    "wordprocessingml.footnotes+xml": "footnotes",
    "wordprocessingml.endnotes+xml": "endnotes",
    "wordprocessingml.comments+xml": "comments",
}
_LINKS = re.compile(r"^\s*(LINK|DDE|DDEAUTO|INCLUDETEXT|INCLUDEPICTURE|IMPORT)\b\s*(.*)", re.I | re.S)
#: In a field, each backslash of a path is doubled.
_ON_A_SERVER = re.compile(r"(?<![\w:\\])\\{2,4}\w|\bfile:(?:/*\\\\|//|/////?)[^/\\]", re.I)
_MOST_OF_A_FIELD = 2_000
#: In half points: two points.
_TINY = 4
#: Styles are based on one another; beyond this depth they go in a circle.
_MOST_BASES = 20


@dataclass(slots=True)
class _Style:
    based_on: str = ""
    hidden: bool | None = None


class Styles:
    """Which styles hide their text."""

    def __init__(self) -> None:
        self._styles: dict[str, _Style] = {}
        self._default = ""
        self._current: _Style | None = None
        self._within_run = False

    def start(self, tag: str, attributes: Attributes) -> None:
        """An element of the part with the styles begins."""
        if tag == "w:style":
            ident = attributes.get("w:styleId", "")
            self._current = self._styles.setdefault(ident, _Style())
            if attributes.get("w:type") == "paragraph" and is_on(attributes.get("w:default", "0")):
                self._default = ident
        elif self._current is None:
            return
        elif tag == "w:basedOn":
            self._current.based_on = attributes.get("w:val", "")
        elif tag == "w:rPr":
            self._within_run = True
        elif tag == "w:vanish" and self._within_run:
            self._current.hidden = is_on(attributes.get("w:val"))

    def end(self, tag: str) -> None:
        """An element ends."""
        if tag == "w:style":
            self._current = None
        elif tag == "w:rPr":
            self._within_run = False

    def hides(self, ident: str | None) -> bool | None:
        """Whether a style hides text; ``None`` if neither it nor what it is based on says so. ``None`` is the style of
        paragraphs that name none."""
        ident = self._default if ident is None else ident
        for _ in range(_MOST_BASES):
            style = self._styles.get(ident)
            if style is None:
                return None
            if style.hidden is not None:
                return style.hidden
            ident = style.based_on
        return None


@dataclass(slots=True)
class _Paragraph:
    style: str | None = None
    shaded: bool = False


@dataclass(slots=True)
class _Run:
    """A run, and what its own properties say."""

    style: str = ""
    hidden: bool | None = None
    white: bool = False
    shaded: bool = False
    tiny: bool = False
    text: bool = False


class _WordText:
    """Reads a part with text."""

    def __init__(self, findings: Findings, styles: Styles, place: str) -> None:
        self._findings = findings
        self._styles = styles
        self._place = place
        self._paragraphs: list[_Paragraph] = []
        self._runs: list[_Run] = []
        #: What encloses the current element: tables and text boxes, properties of paragraphs, alternatives.
        self._boxes = self._of_paragraph = self._alternative = 0
        self._reads_text = self._reads_field = False
        self._field = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "mc:Fallback":
            self._alternative += 1
        if self._alternative:
            # The same once more, for older programs.
            return
        if tag in _CHANGES:
            if "w:author" in attributes or "w:id" in attributes:
                self._findings.add("tracked_changes", who=attributes.get("w:author"), where=self._place)
        elif tag in _ENCLOSING:
            self._enclosed(tag)
        elif tag in ("w:comment", "w:fldSimple", "w:fldChar", "a:srcRect", "wp:docPr", "pic:cNvPr"):
            self._thing(tag, attributes)
        else:
            self._property(tag, attributes)

    def _enclosed(self, tag: str) -> None:
        """Note an element that text, or properties, are in."""
        if tag == "w:p":
            self._paragraphs.append(_Paragraph())
        elif tag == "w:r":
            self._runs.append(_Run())
        elif tag == "w:t":
            self._reads_text = True
        elif tag == "w:instrText":
            self._reads_field = True
        elif tag == "w:pPr":
            self._of_paragraph += 1
        else:
            self._boxes += 1

    def _thing(self, tag: str, attributes: Attributes) -> None:
        """Count a comment, a field, or what a picture has."""
        if tag == "w:comment":
            self._findings.add("comments", who=attributes.get("w:author"))
        elif tag == "w:fldSimple":
            self._linked(attributes.get("w:instr", ""))
        elif tag == "w:fldChar":
            self._field_mark(attributes.get("w:fldCharType"))
        elif tag == "a:srcRect":
            if any(attributes.get(side, "0") not in ("0", "0%", "") for side in "ltrb"):
                self._findings.add("cropped_pictures", where=self._place)
        elif PATH.search(attributes.get("descr", "")):
            self._findings.add("paths", value=attributes["descr"])

    def _property(self, tag: str, attributes: Attributes) -> None:
        if self._of_paragraph:
            if not self._paragraphs:
                return
            if tag == "w:pStyle":
                self._paragraphs[-1].style = attributes.get("w:val", "")
            elif tag == "w:shd":
                self._paragraphs[-1].shaded = True
        elif self._runs:
            run = self._runs[-1]
            if tag == "w:rStyle":
                run.style = attributes.get("w:val", "")
            elif tag == "w:vanish":
                run.hidden = is_on(attributes.get("w:val"))
            elif tag == "w:color":
                run.white = attributes.get("w:val", "").upper() == "FFFFFF"
            elif tag in ("w:shd", "w:highlight"):
                run.shaded = True
            elif tag == "w:sz":
                size = attributes.get("w:val", "")
                run.tiny = size.isascii() and size.isdigit() and len(size) < 5 and int(size) <= _TINY

    def end(self, tag: str) -> None:
        if self._alternative:
            self._alternative -= tag == "mc:Fallback"
            return
        if tag == "w:p" and self._paragraphs:
            self._paragraphs.pop()
        elif tag == "w:r" and self._runs:
            self._judge(self._runs.pop())
        elif tag == "w:t":
            self._reads_text = False
        elif tag == "w:instrText":
            self._reads_field = False
        elif tag == "w:pPr":
            self._of_paragraph -= 1
        elif tag in ("w:tc", "w:txbxContent"):
            self._boxes -= 1

    def text(self, data: str) -> None:
        if self._alternative:
            return
        if self._reads_text and self._runs and not data.isspace():
            self._runs[-1].text = True
        elif self._reads_field and len(self._field) < _MOST_OF_A_FIELD:
            self._field += data

    def _judge(self, run: _Run) -> None:
        if not run.text:
            return
        paragraph = self._paragraphs[-1] if self._paragraphs else _Paragraph()
        hidden = run.hidden
        if hidden is None and run.style:
            hidden = self._styles.hides(run.style)
        if hidden is None:
            hidden = self._styles.hides(paragraph.style)
        if hidden:
            self._findings.add("hidden_text", where=self._place)
        if run.white and not (run.shaded or paragraph.shaded or self._boxes):
            self._findings.add("white_text", where=self._place, certain=False)
        if run.tiny:
            self._findings.add("tiny_text", where=self._place, certain=False)

    def _field_mark(self, kind: str | None) -> None:
        if kind in ("separate", "end"):
            self._linked(self._field)
        self._field = ""

    def _linked(self, code: str) -> None:
        if found := _LINKS.match(code):
            level = CarriedLevel.WARN if _ON_A_SERVER.search(found[2]) else None
            self._findings.add("linked_fields", where=self._place, value=found[2].strip(), level=level)


def look(package: Package) -> None:
    """Look into a document of Word."""
    styles = Styles()
    for name in package.parts("wordprocessingml.styles+xml"):
        package.parse(name, styles.start, styles.end)
    places = dict.fromkeys(package.main_parts("word"), "body")
    for ending, place in _PLACES.items():
        places |= dict.fromkeys(package.parts(ending), place)
    for name, place in places.items():
        text = _WordText(package.findings, styles, place)
        package.parse(name, text.start, text.end, text.text)
    _look_at_settings(package)
    _look_at_people(package)


def _look_at_settings(package: Package) -> None:
    findings = package.findings

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "w:docVar":
            findings.add("doc_variables", value=attributes.get("w:name", ""))
        elif tag == "w:rsid":
            findings.add("rsids")

    for name in package.parts("wordprocessingml.settings+xml"):
        package.parse(name, start)


def _look_at_people(package: Package) -> None:
    findings = package.findings

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "w15:person":
            findings.add("people", value=attributes.get("w15:author", ""))
        elif tag == "w15:commentEx" and is_on(attributes.get("w15:done", "0")):
            findings.note("comments", "resolved")

    for name in package.parts("wordprocessingml.people+xml", "wordprocessingml.commentsExtended+xml"):
        package.parse(name, start)
