"""Packages of Office (docx, xlsx, pptx): which part is what, and what all three carry alike."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ...rules.carried import CarriedLevel
from . import pictures, xml_stream
from .archive import Archive
from .findings import Findings
from .refusals import Unreadable
from .xml_stream import Attributes, Enough

_TYPES = "[Content_Types].xml"
#: What a main part's type ends with, by the family of its document.
_FAMILIES = {
    "word": re.compile(r"(wordprocessingml\.(document|template)|ms-word\.\w+\.\w+)\.main\+xml$", re.I),
    "excel": re.compile(
        r"(spreadsheetml\.(sheet|template)|ms-excel\.(sheet|template|addin)\.\w+)\.main\+xml$", re.I
    ),
    "powerpoint": re.compile(
        r"(presentationml\.(presentation|template|slideshow)|ms-powerpoint\.\w+\.\w+)\.main\+xml$", re.I
    ),
}
_BINARY_WORKBOOK = "application/vnd.ms-excel.sheet.binary.macroenabled.main"
#: A path of a machine or a server: ``C:\\Users\\…``, ``\\\\server\\…``, ``file:…``.
PATH = re.compile(r"(?<![A-Za-z])[A-Za-z]:[\\/]|^\\\\[\w.$-]+\\|\bfile:", re.I)
_EMBEDDED = re.compile(r"/embeddings/[^/]+$", re.I)
_ACTIVE = re.compile(r"/activeX/[^/]+\.xml$", re.I)
_MACROS = re.compile(r"/vbaProject\.bin$", re.I)
_MEDIA = re.compile(r"/media/[^/]+\.(jpe?g|tiff?|png)$", re.I)
_CUSTOM_XML = re.compile(r"^customXml/item\d+\.xml$", re.I)
_THUMBNAIL = re.compile(r"^docProps/thumbnail\.", re.I)
_PRINTER = re.compile(r"/printerSettings/[^/]+$", re.I)
_HARMLESS_XML = ("b:Sources", "CoverPageProperties", "contentTypeSchema", "properties", "FormTemplates")
_SOMEWHERE = re.compile(r"^(file:|\\\\|//|[A-Za-z]:[\\/])", re.I)
#: On a file server: ``\\\\server\\…``, ``file://server/…``, ``file:///\\\\server\\…``.
_ON_A_SERVER = re.compile(r"^(?:file:)?(?:/*\\\\|//|/////?)[^/\\]", re.I)
#: Links to pictures, objects and the like, which are fetched; those to pages are only shown.
_FETCHED = (
    "/image",
    "/oleObject",
    "/frame",
    "/video",
    "/audio",
    "/media",
    "/subDocument",
    "/externalLinkPath",
)
_MOST_ROOTS = 64 * 1024


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation of a part: to another part, or to something outside (``external``)."""

    ident: str
    kind: str
    target: str
    external: bool


class Package:
    """A package of Office, and its parts by their types."""

    def __init__(self, archive: Archive, findings: Findings) -> None:
        """Raises :class:`Unreadable` if its list of types can't be read."""
        self.archive = archive
        self.findings = findings
        self._types: dict[str, str] = {}
        self._default: dict[str, str] = {}
        archive.parse(_TYPES, self._type)

    def _type(self, tag: str, attributes: Attributes) -> None:
        kind = attributes.get("ContentType", "")
        if tag == "ct:Override":
            self._types[attributes.get("PartName", "").lstrip("/").lower()] = kind
        elif tag == "ct:Default":
            self._default[attributes.get("Extension", "").lower()] = kind

    @property
    def family(self) -> str:
        """``word``, ``excel``, ``powerpoint``, ``xlsb`` or empty."""
        types = [self.type_of(name) for name in self.archive.names]
        for family, ends in _FAMILIES.items():
            if any(ends.search(kind) for kind in types):
                return family
        return "xlsb" if any(kind.lower() == _BINARY_WORKBOOK for kind in types) else ""

    def type_of(self, name: str) -> str:
        """The content type of a part."""
        return self._types.get(name.lower()) or self._default.get(name.rpartition(".")[2].lower(), "")

    def parts(self, *endings: str) -> list[str]:
        """The parts whose type ends like that, whatever its case."""
        endings = tuple(ending.lower() for ending in endings)
        return self.archive.named(lambda name: self.type_of(name).lower().endswith(endings))

    def main_parts(self, family: str) -> list[str]:
        """The main part of a family of documents."""
        return self.archive.named(lambda name: _FAMILIES[family].search(self.type_of(name)) is not None)

    def relations(self, part: str) -> Iterator[Relation]:
        """The relations of a part."""
        folder, _, name = part.rpartition("/")
        path = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        return self.relations_in(path) if path in self.archive else iter(())

    def relations_in(self, path: str) -> Iterator[Relation]:
        """The relations in a part with relations."""
        found: list[Relation] = []

        def start(tag: str, attributes: Attributes) -> None:
            if tag == "rel:Relationship":
                external = attributes.get("TargetMode") == "External"
                found.append(
                    Relation(
                        attributes.get("Id", ""),
                        attributes.get("Type", ""),
                        attributes.get("Target", ""),
                        external,
                    )
                )

        with self.looking(path):
            self.archive.parse(path, start)
        return iter(found)

    def parse(
        self,
        name: str,
        start: xml_stream.Start,
        end: xml_stream.End | None = None,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Read a part as XML; one that can't be read is noted."""
        with self.looking(name):
            self.archive.parse(name, start, end, text)

    @contextmanager
    def looking(self, part: str) -> Iterator[None]:
        """Note the part if it turns out that it can't be read."""
        try:
            yield
        except Unreadable as refusal:
            if refusal.reason == "encrypted":
                raise
            self.findings.leave_out(part)

    # ------------------------------------------------------------ what all three carry

    def look(self) -> None:
        """Look for what all packages carry alike."""
        findings, archive = self.findings, self.archive
        for name in archive.named(lambda name: _EMBEDDED.search(name) is not None):
            findings.add("embedded", value=name.rpartition("/")[2])
        findings.add("active_content", len(archive.named(lambda name: _ACTIVE.search(name) is not None)))
        findings.add("macros", len(archive.named(lambda name: _MACROS.search(f"/{name}") is not None)))
        findings.add("thumbnail", len(archive.named(lambda name: _THUMBNAIL.search(name) is not None)))
        findings.add("printer_settings", len(archive.named(lambda name: _PRINTER.search(name) is not None)))
        for name in archive.named(lambda name: _CUSTOM_XML.search(name) is not None):
            self._custom_xml(name)
        for name in archive.named(lambda name: _MEDIA.search(name) is not None):
            with self.looking(name):
                if pictures.has_place(archive.start(name, pictures.MOST_OF_HEAD)):
                    findings.add("picture_gps", value=name.rpartition("/")[2])
        for name in archive.named(lambda name: name.lower().endswith(".rels")):
            self._external(name)
        self._properties()

    def _custom_xml(self, name: str) -> None:
        root = ""

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal root
            root = tag
            raise Enough

        with self.looking(name):
            self.archive.parse(name, start)
        if root.endswith(":DataMashup") or root == "DataMashup":
            self.findings.add("queries")
        elif root and not root.endswith(_HARMLESS_XML):
            self.findings.add("custom_xml", value=root.partition(":")[2] or root)

    def _external(self, path: str) -> None:
        for relation in self.relations_in(path):
            if not relation.external:
                continue
            level = CarriedLevel.WARN if _ON_A_SERVER.match(relation.target) else None
            if relation.kind.endswith("/attachedTemplate"):
                self.findings.add("attached_template", value=relation.target, level=level)
            elif relation.kind.endswith("/externalLinkPath"):
                self.findings.add("paths", value=relation.target)
            elif relation.kind.endswith(_FETCHED):
                self.findings.add("remote_content", value=relation.target, level=level)
            elif _SOMEWHERE.match(relation.target):
                self.findings.add("paths", value=relation.target)

    def _properties(self) -> None:
        for name in self.parts("package.core-properties+xml"):
            self._texts(name, _CORE)
        for name in self.parts("extended-properties+xml"):
            self._texts(name, _EXTENDED)
        for name in self.parts("custom-properties+xml"):
            self._custom_properties(name)

    def _texts(self, name: str, kinds: dict[str, str]) -> None:
        texts: dict[str, str] = {}
        current = ""

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal current
            current = tag

        def end(tag: str) -> None:
            nonlocal current
            current = ""

        def text(data: str) -> None:
            if current:
                texts[current] = (texts.get(current, "") + data)[:1_000]

        self.parse(name, start, end, text)
        for tag, value in texts.items():
            if tag in kinds and value.strip():
                kind = kinds[tag]
                self.findings.add(kind, value=value)
            if tag in ("dc:title", "ep:HyperlinkBase") and PATH.search(value):
                self.findings.add("paths", value=value)

    def _custom_properties(self, name: str) -> None:
        def start(tag: str, attributes: Attributes) -> None:
            if tag == "cup:property":
                self.findings.add("custom_properties", value=attributes.get("name", ""))

        self.parse(name, start)


_CORE = {
    "dc:creator": "author",
    "cp:lastModifiedBy": "last_modified_by",
    "cp:keywords": "keywords",
    "dc:description": "description",
    "dc:subject": "description",
    "cp:category": "description",
}
_EXTENDED = {
    "ep:Company": "company",
    "ep:Manager": "manager",
    "ep:Template": "template",
    "ep:Application": "software",
}
