"""PDF files by their objects: annotations, attached files, scripts, layers, properties, revisions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, cast

import pypdf
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from .document import DocumentBytes
from .findings import Findings
from .package import PATH
from .refusals import Unreadable

#: What pypdf raises for damaged files.
DAMAGED = (
    PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, AssertionError,
    NotImplementedError, RecursionError, UnicodeError, ArithmeticError, OSError,
)  # fmt: skip
_MOST_PAGES, _MOST_NODES, _MOST_ACTIONS = 5_000, 5_000, 100
#: Annotations that aren't what somebody remarks.
_NO_COMMENTS = frozenset(
    ("/Link", "/Popup", "/Widget", "/FileAttachment", "/Redact", "/PrinterMark", "/TrapNet", "/Watermark",
     "/Screen", "/Movie", "/Sound", "/3D", "/RichMedia", "/Projection")
)  # fmt: skip
_ACTIONS = frozenset(("/Launch", "/SubmitForm", "/ImportData"))
_PROPERTIES = {
    "/Author": "author",
    "/Keywords": "keywords",
    "/Subject": "description",
    "/Producer": "software",
    "/Creator": "software",
    "/Company": "company",
    "/Manager": "manager",
}
_OTHERS = frozenset(
    ("/Title", "/CreationDate", "/ModDate", "/Trapped", "/PTEX.Fullbanner", "/SourceModified")
)
_END = re.compile(rb"%%EOF")
_CHUNK, _OVERLAP = 1024 * 1024, 16
_MOST_ENDS = 100


def open_pdf(document: DocumentBytes) -> pypdf.PdfReader:
    """The reader of a document. Raises :class:`Unreadable`."""
    try:
        # All of a file that it uses.
        reader = pypdf.PdfReader(cast("IO[bytes]", document))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("encrypted")
        # Reads the root and the tree of pages.
        _ = reader.root_object["/Pages"]
    except DAMAGED as error:
        raise Unreadable("damaged") from error
    return reader


class Structure:
    """Looks at the objects of a PDF, a step at a time: one that is damaged doesn't end the others."""

    def __init__(self, document: DocumentBytes, findings: Findings) -> None:
        """Raises :class:`Unreadable`."""
        self._findings = findings
        self._reader = open_pdf(document)
        self._root = self._reader.root_object

    def look(self) -> None:
        """Look at all of it."""
        for name, step in (
            ("properties", self._properties),
            ("names", self._names),
            ("layers", self._layers),
            ("form", self._form),
            ("annotations", self._pages),
        ):
            try:
                step()
            except DAMAGED:
                self._findings.leave_out(name)

    def _properties(self) -> None:
        for key, value in (self._reader.metadata or {}).items():
            text = str(value)
            if key in _PROPERTIES and text.strip():
                self._findings.add(_PROPERTIES[key], value=text)
            elif key not in _OTHERS:
                self._findings.add("custom_properties", value=str(key).lstrip("/"))
            if key == "/Title" and PATH.search(text):
                self._findings.add("paths", value=text)
        self._findings.add("xmp", int("/Metadata" in self._root))

    def _names(self) -> None:
        names = _dictionary(self._root.get("/Names"))
        for name, _ in _leaves(names.get("/EmbeddedFiles")):
            self._findings.add("attachments", value=name)
        self._findings.add("javascript", sum(1 for _ in _leaves(names.get("/JavaScript"))))
        self._action(self._root.get("/OpenAction"))
        self._more_actions(self._root)

    def _more_actions(self, owner: DictionaryObject) -> None:
        for action in _dictionary(owner.get("/AA")).values():
            self._action(action)

    def _action(self, given: Any) -> None:
        """Count an action and those that follow it."""
        seen = set[int]()
        waiting = [given]
        while waiting and len(seen) < _MOST_ACTIONS:
            action = _dictionary(waiting.pop())
            if id(action) in seen:
                continue
            seen.add(id(action))
            kind = action.get("/S")
            if kind == "/JavaScript" or (kind == "/Rendition" and "/JS" in action):
                self._findings.add("javascript")
            elif kind in _ACTIONS:
                self._findings.add("actions", value=str(kind).lstrip("/"))
            following = _resolved(action.get("/Next"))
            waiting += following if isinstance(following, ArrayObject) else [following] if following else []

    def _layers(self) -> None:
        layers = _dictionary(self._root.get("/OCProperties"))
        default = _dictionary(layers.get("/D"))
        off = len(_list(default.get("/OFF")))
        if default.get("/BaseState") == "/OFF":
            off = max(off, len(_list(layers.get("/OCGs"))) - len(_list(default.get("/ON"))))
        self._findings.add("hidden_layers", off)

    def _form(self) -> None:
        form = _dictionary(self._root.get("/AcroForm"))
        self._findings.add("form_fields", len(_list(form.get("/Fields"))))
        self._findings.add("active_content", int("/XFA" in form))

    def _pages(self) -> None:
        for number, page in enumerate(self._reader.pages):
            if number >= _MOST_PAGES:
                self._findings.leave_out(f"annotations from page {number + 1}")
                return
            self._more_actions(page)
            for given in _list(page.get("/Annots")):
                self._annotation(_dictionary(given), f"page {number + 1}")

    def _annotation(self, annotation: DictionaryObject, where: str) -> None:
        kind = str(annotation.get("/Subtype", ""))
        if kind == "/Redact":
            self._findings.add("unapplied_redactions", where=where)
        elif kind == "/FileAttachment":
            file = _dictionary(annotation.get("/FS"))
            self._findings.add("attachments", value=str(file.get("/UF") or file.get("/F") or ""), where=where)
        elif kind in ("/RichMedia", "/3D", "/Movie", "/Sound"):
            self._findings.add("embedded", where=where)
        elif kind and kind not in _NO_COMMENTS:
            self._findings.add("comments", who=str(annotation.get("/T") or ""), where=where)
        self._action(annotation.get("/A"))
        self._more_actions(annotation)


def _resolved(given: Any) -> Any:
    return given.get_object() if isinstance(given, IndirectObject) else given


def _dictionary(given: Any) -> DictionaryObject:
    found = _resolved(given)
    return found if isinstance(found, DictionaryObject) else DictionaryObject()


def _list(given: Any) -> ArrayObject:
    found = _resolved(given)
    return found if isinstance(found, ArrayObject) else ArrayObject()


def _leaves(tree: Any) -> Iterator[tuple[str, Any]]:
    """The names and values of a name tree."""
    waiting, seen = [tree], set[int]()
    while waiting and len(seen) < _MOST_NODES:
        node = _dictionary(waiting.pop())
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += _list(node.get("/Kids"))
        names = _list(node.get("/Names"))
        for place in range(0, len(names) - 1, 2):
            yield str(_resolved(names[place])), names[place + 1]


def revision_ends(document: DocumentBytes) -> list[int]:
    """Where each revision of a PDF ends, the last one included; without the first end of a linearized one, which is
    none."""
    ends: list[int] = []
    place = 0
    while place < document.size and len(ends) < _MOST_ENDS:
        chunk = document.read_at(place, _CHUNK + _OVERLAP)
        ends += [place + found.end() for found in _END.finditer(chunk) if found.start() < _CHUNK]
        place += _CHUNK
    if b"/Linearized" in document.read_at(0, 2_048) and len(ends) > 1:
        del ends[0]
    return ends
