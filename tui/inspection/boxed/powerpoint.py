"""Presentations of PowerPoint."""

from __future__ import annotations

from dataclasses import dataclass

from .findings import Findings
from .package import Package
from .xml_stream import Attributes, is_on

_SHAPES = ("p:sp", "p:pic", "p:graphicFrame", "p:cxnSp", "p:contentPart")
_NOTES = "presentationml.notesSlide+xml"
_COMMENTS = ("presentationml.comments+xml", "ms-powerpoint.comments+xml")
_AUTHORS = ("presentationml.commentAuthors+xml", "ms-powerpoint.authors+xml")


@dataclass(slots=True)
class _Place:
    x: int = 0
    y: int = 0
    width: int = 0
    height: int = 0


def _number(text: str | None) -> int:
    text = text or ""
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 12 else 0


class _Slide:
    """Reads a slide."""

    def __init__(self, findings: Findings, size: tuple[int, int], name: str) -> None:
        self._findings = findings
        self._size = size
        self._name = name
        self._groups = self._shapes = 0
        self._place: _Place | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "p:sld":
            if not is_on(attributes.get("show")):
                self._findings.add("hidden_slides", where=self._name)
        elif tag == "p:grpSp":
            self._groups += 1
        elif tag in _SHAPES:
            self._shapes += 1
            self._place = None
        elif tag == "p:cNvPr":
            if is_on(attributes.get("hidden", "0")):
                self._findings.add("hidden_shapes", where=self._name)
        elif tag == "a:srcRect":
            if any(attributes.get(side, "0") not in ("0", "") for side in "ltrb"):
                self._findings.add("cropped_pictures", where=self._name)
        elif tag == "a:off" and self._shapes and not self._groups:
            self._place = _Place(_number(attributes.get("x")), _number(attributes.get("y")))
        elif tag == "a:ext" and "cx" in attributes and self._place is not None and not self._place.width:
            self._place.width, self._place.height = _number(attributes["cx"]), _number(attributes.get("cy"))

    def end(self, tag: str) -> None:
        if tag == "p:grpSp":
            self._groups -= 1
        elif tag in _SHAPES:
            self._shapes -= 1
            if self._place is not None and self._is_outside(self._place):
                self._findings.add("off_slide", where=self._name)
            self._place = None

    def _is_outside(self, place: _Place) -> bool:
        width, height = self._size
        if not (width and height and place.width > 0 and place.height > 0):
            return False
        right, bottom = place.x + place.width, place.y + place.height
        return place.x >= width or place.y >= height or right <= 0 or bottom <= 0


class _SpeakerNotes:
    """Reads the notes of a slide: whether the speaker has written any."""

    def __init__(self) -> None:
        self.found = False
        self._body = self._reads_text = False

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "p:sp":
            self._body = False
        elif tag == "p:ph":
            self._body = attributes.get("type") == "body"
        elif tag == "a:t":
            self._reads_text = True

    def end(self, tag: str) -> None:
        if tag == "a:t":
            self._reads_text = False

    def text(self, data: str) -> None:
        self.found = self.found or (self._body and self._reads_text and not data.isspace())


def look(package: Package) -> None:
    """Look into a presentation."""
    findings = package.findings
    size = (0, 0)

    def of_presentation(tag: str, attributes: Attributes) -> None:
        nonlocal size
        if tag == "p:sldSz":
            size = (_number(attributes.get("cx")), _number(attributes.get("cy")))

    for name in package.main_parts("powerpoint"):
        package.parse(name, of_presentation)
    for name in package.parts("presentationml.slide+xml"):
        slide = _Slide(findings, size, name.rpartition("/")[2].removesuffix(".xml"))
        package.parse(name, slide.start, slide.end)
    for name in package.parts(_NOTES):
        notes = _SpeakerNotes()
        package.parse(name, notes.start, notes.end, notes.text)
        findings.add("notes", int(notes.found))
    _look_at_comments(package)


def _look_at_comments(package: Package) -> None:
    findings = package.findings
    people: dict[str, str] = {}

    def author(tag: str, attributes: Attributes) -> None:
        if tag in ("p:cmAuthor", "p188:author"):
            name = attributes.get("name", "")
            people[attributes.get("id", "")] = name
            findings.add("people", value=name)

    def comment(tag: str, attributes: Attributes) -> None:
        if tag in ("p:cm", "p188:cm", "p188:reply"):
            findings.add("comments", who=people.get(attributes.get("authorId", "")))

    for name in package.parts(*_AUTHORS):
        package.parse(name, author)
    for name in package.parts(*_COMMENTS):
        package.parse(name, comment)
