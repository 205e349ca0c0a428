"""Documents of LibreOffice and others in the OpenDocument format: text, spreadsheets, presentations, drawings."""

from __future__ import annotations

import re

from . import pictures
from .archive import Archive
from .findings import Findings
from .package import PATH
from .refusals import Unreadable
from .xml_stream import Attributes

_MACROS = re.compile(r"^(Basic/[^/]+/(?!script-lb\.xml)[^/]+\.xml|Scripts/.+\.(py|js|bsh))$")
_EMBEDDED = re.compile(r"^(Object [^/]+/content\.xml|Object [^/]+)$")
_PICTURE = re.compile(r"^(Pictures|media)/.+\.(jpe?g|tiff?|png)$", re.I)
_META = {
    "meta:initial-creator": "author",
    "dc:creator": "last_modified_by",
    "meta:keyword": "keywords",
    "dc:description": "description",
    "dc:subject": "description",
    "meta:generator": "software",
}


class _Styles:
    """Which styles hide what has them."""

    def __init__(self) -> None:
        self.hidden_text: set[str] = set()
        self.hidden_tables: set[str] = set()
        self.hidden_pages: set[str] = set()
        self._current = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        if tag == "style:style":
            self._current = attributes.get("style:name", "")
            above = attributes.get("style:parent-style-name", "")
            if above in self.hidden_text:
                self.hidden_text.add(self._current)
        elif tag == "style:text-properties":
            if attributes.get("text:display") == "none":
                self.hidden_text.add(self._current)
            elif "text:display" in attributes:
                self.hidden_text.discard(self._current)
        elif tag == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden_tables.add(self._current)
        elif tag == "style:drawing-page-properties" and attributes.get("presentation:visibility") == "hidden":
            self.hidden_pages.add(self._current)


class _Content:
    """Reads the content of a document."""

    def __init__(self, findings: Findings, styles: _Styles) -> None:
        self._findings = findings
        self._styles = styles
        #: The styles of the paragraphs and spans around the current text.
        self._around: list[str] = []
        self._said: list[bool] = []
        self._counted = ""
        self._creator: str | None = None
        self._author: str | None = None
        self._notes = False
        self._notes_have_text = False
        self._row = ""

    def start(self, tag: str, attributes: Attributes) -> None:
        self._styles.start(tag, attributes)
        if tag.startswith("table:"):
            self._table(tag, attributes)
        elif tag == "text:changed-region":
            self._counted = "tracked_changes"
        elif tag == "office:annotation":
            self._counted = "comments"
        elif tag == "dc:creator" and self._counted:
            self._creator = ""
        elif tag in ("text:p", "text:h", "text:span"):
            self._around.append(attributes.get("text:style-name", ""))
            self._said.append(False)
        elif tag in ("text:hidden-text", "text:hidden-paragraph"):
            self._findings.add("hidden_text")
        elif tag == "draw:page":
            if attributes.get("draw:style-name") in self._styles.hidden_pages:
                self._findings.add("hidden_slides", value=attributes.get("draw:name", ""))
        elif tag == "presentation:notes":
            self._notes, self._notes_have_text = True, False

    def _table(self, tag: str, attributes: Attributes) -> None:
        hidden = attributes.get("table:visibility", "")
        if tag == "table:table":
            if attributes.get("table:style-name") in self._styles.hidden_tables:
                self._findings.add("hidden_sheets", value=attributes.get("table:name", ""))
        elif tag == "table:table-row":
            self._row = _HIDDEN_ROWS.get(hidden, "")
        elif tag == "table:table-column":
            # Whether it has content is known only later; the columns up to the edge of the sheet have none.
            if hidden in _HIDDEN_ROWS:
                self._columns(attributes.get("table:number-columns-repeated", "1"))
        elif tag == "table:table-cell" and self._row and "office:value-type" in attributes:
            self._findings.add(self._row)
            self._row = ""

    def _columns(self, repeated: str) -> None:
        count = int(repeated) if repeated.isdigit() and len(repeated) < 6 else 1
        if count < 1_000:
            self._findings.add("hidden_columns", count)

    def end(self, tag: str) -> None:
        if tag in ("text:changed-region", "office:annotation"):
            self._findings.add(self._counted or "comments", who=self._author)
            self._counted, self._author = "", None
        elif tag == "dc:creator" and self._creator is not None:
            self._author, self._creator = self._creator, None
        elif tag in ("text:p", "text:h", "text:span") and self._around:
            self._around.pop()
            self._said.pop()
        elif tag == "presentation:notes":
            self._findings.add("notes", int(self._notes_have_text))
            self._notes = False

    def text(self, data: str) -> None:
        if self._creator is not None:
            self._creator = (self._creator + data)[:400]
        elif self._around and not data.isspace():
            if self._notes:
                self._notes_have_text = True
            hidden = {self._around[0], self._around[-1]} & self._styles.hidden_text
            if hidden and not self._said[-1]:
                self._findings.add("hidden_text")
                self._said[-1] = True


_HIDDEN_ROWS = {"collapse": "hidden_rows", "filter": "filtered_rows"}


def is_open_document(archive: Archive) -> bool:
    """Whether an archive is such a document."""
    return "mimetype" in archive and archive.start("mimetype", 60).startswith(
        b"application/vnd.oasis.opendocument"
    )


def look(archive: Archive, findings: Findings) -> None:
    """Look into a document. Raises :class:`Unreadable`."""
    refuse_encrypted(archive)
    styles = _Styles()
    if "styles.xml" in archive:
        archive.parse("styles.xml", styles.start)
    content = _Content(findings, styles)
    archive.parse("content.xml", content.start, content.end, content.text)
    if "meta.xml" in archive:
        _look_at_meta(archive, findings)
    for name in archive.named(lambda name: _EMBEDDED.match(name) is not None):
        findings.add("embedded", value=name.partition("/")[0])
    findings.add("macros", len(archive.named(lambda name: _MACROS.match(name) is not None)))
    findings.add("thumbnail", int("Thumbnails/thumbnail.png" in archive))
    for name in archive.named(lambda name: _PICTURE.match(name) is not None):
        if pictures.has_place(archive.start(name, pictures.MOST_OF_HEAD)):
            findings.add("picture_gps", value=name.rpartition("/")[2])


def refuse_encrypted(archive: Archive) -> None:
    """Raise :class:`Unreadable` if its content is encrypted."""

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "manifest:encryption-data":
            raise Unreadable("encrypted")

    try:
        if "META-INF/manifest.xml" in archive:
            archive.parse("META-INF/manifest.xml", start)
    except Unreadable as refusal:
        # Old programs begin it with a DOCTYPE; whether the content can be read is seen there.
        if refusal.reason == "encrypted":
            raise


def _look_at_meta(archive: Archive, findings: Findings) -> None:
    current, value = "", ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal current, value
        current, value = tag, ""
        if tag == "meta:user-defined":
            findings.add("custom_properties", value=attributes.get("meta:name", ""))
        elif tag == "meta:template":
            target = attributes.get("xlink:href", "")
            findings.add("template", value=attributes.get("xlink:title") or target)
            if PATH.search(target):
                findings.add("paths", value=target)

    def text(data: str) -> None:
        nonlocal value
        value = (value + data)[:1_000]

    def end(tag: str) -> None:
        if tag == current and tag in _META and value.strip():
            findings.add(_META[tag], value=value)

    archive.parse("meta.xml", start, end, text)
