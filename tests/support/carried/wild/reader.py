"""What documents carry, by a reader that has nothing in common with the program's: lxml over whole parts, and pikepdf.

It writes the list of documents again, from a checkout of the repository that they lie in::

    uv run --with lxml --with pikepdf python -m tests.support.carried.wild.reader CHECKOUT
"""

from __future__ import annotations

import re
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
from lxml import etree

from tests.support.carried.wild.documents import LIST, WildDocument, listed, written

_TEXT = re.compile(r"word/(document\d*|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$")
_CHANGES = ("ins", "del", "moveFrom", "moveTo", "cellIns", "cellDel", "cellMerge")
_PLAIN_ANNOTATIONS = (
    "Link",
    "Popup",
    "Widget",
    "PrinterMark",
    "TrapNet",
    "Screen",
    "3D",
    "RichMedia",
    "Movie",
    "Sound",
)
_ACTIONS = ("/Launch", "/SubmitForm", "/ImportData", "/GoToE")
_OWN_SCRIPTS = ("script-lc.xml", "script-lb.xml", "dialog-lb.xml", "dialog-lc.xml")

Element = Any


class Archive:
    """The parts of a document."""

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path)
        self.names = self._zip.namelist()

    def matching(self, pattern: str) -> list[str]:
        return [name for name in self.names if re.match(pattern, name)]

    def part(self, name: str) -> list[Element]:
        """All elements of a part; none if it isn't there, or no XML."""
        if name not in self.names:
            return []
        try:
            root = etree.fromstring(
                self._zip.read(name), etree.XMLParser(resolve_entities=False, huge_tree=True)
            )
        except (etree.XMLSyntaxError, zipfile.BadZipFile):
            return []
        return [each for each in root.iter() if isinstance(each.tag, str)]

    def parts(self, pattern: str) -> Iterator[list[Element]]:
        for name in self.matching(pattern):
            yield self.part(name)


def _local(element: Element) -> str:
    return str(etree.QName(element).localname)


def _value(element: Element | None, name: str) -> str | None:
    """The value of an attribute, whatever its namespace."""
    found = (
        (value for key, value in element.attrib.items() if etree.QName(key).localname == name)
        if element is not None
        else ()
    )
    return next(iter(found), None)


def _child(element: Element | None, *names: str) -> Element | None:
    for name in names:
        element = (
            next((each for each in element if _local(each) == name), None) if element is not None else None
        )
    return element


def _above(element: Element, name: str) -> Element | None:
    return next((each for each in element.iterancestors() if _local(each) == name), None)


def _holds(element: Element | None) -> bool | None:
    """What a switch says; ``None`` if there is none."""
    return (
        None
        if element is None
        else (_value(element, "val") or "true").lower() not in ("0", "false", "off", "none")
    )


# ---------------------------------------------------------------- Word


def _word(archive: Archive) -> Counter[str]:
    hides = _hiding_styles(archive)
    found: Counter[str] = Counter()
    for part in archive.parts(_TEXT.pattern):
        for element in part:
            name = _local(element)
            if (name in _CHANGES or name.endswith("PrChange")) and (
                _value(element, "author") or _value(element, "id")
            ):
                found["tracked_changes"] += "wordprocessingml" in element.tag
            if name == "r" and any((each.text or "").strip() for each in element.iter() if _is_text(each)):
                found["hidden_text"] += _is_hidden(element, hides)
    found["comments"] = sum(_local(each) == "comment" for each in archive.part("word/comments.xml"))
    return found


def _is_text(element: Element) -> bool:
    return isinstance(element.tag, str) and _local(element) == "t"


def _hiding_styles(archive: Archive) -> Callable[[str | None], bool]:
    styles: dict[str | None, tuple[str | None, bool | None]] = {
        _value(each, "styleId"): (
            _value(_child(each, "basedOn"), "val"),
            _holds(_child(each, "rPr", "vanish")),
        )
        for each in archive.part("word/styles.xml")
        if _local(each) == "style"
    }

    def hides(ident: str | None) -> bool:
        seen = set()
        while ident in styles and ident not in seen:
            seen.add(ident)
            ident, hidden = styles[ident]
            if hidden is not None:
                return hidden
        return False

    return hides


def _is_hidden(run: Element, hides: Callable[[str | None], bool]) -> bool:
    own = _holds(_child(run, "rPr", "vanish"))
    if own is not None:
        return own
    paragraph = _child(_above(run, "p"), "pPr", "pStyle")
    return hides(_value(_child(run, "rPr", "rStyle"), "val")) or hides(_value(paragraph, "val"))


# ---------------------------------------------------------------- Excel, PowerPoint, Open Document


def _excel(archive: Archive) -> Counter[str]:
    found: Counter[str] = Counter()
    for each in archive.part("xl/workbook.xml"):
        found["hidden_sheets"] += _local(each) == "sheet" and each.get("state") in ("hidden", "veryHidden")
    threaded = archive.matching(r".*threadedComments/.*\.xml$")
    comments = threaded or archive.matching(r"xl/comments[^/]*\.xml$|xl/comments/.*\.xml$")
    wanted = "threadedComment" if threaded else "comment"
    found["comments"] = sum(_local(each) == wanted for name in comments for each in archive.part(name))
    for part in archive.parts(r"xl/worksheets/[^/]+\.xml$"):
        filtered = any(_local(each) == "filterColumn" for each in part)
        for each in part:
            hidden = each.get("hidden") in ("1", "true")
            found["hidden_rows"] += hidden and not filtered and _local(each) == "row" and len(each) > 0
    found["external_links"] = len(archive.matching(r"xl/externalLinks/[^/]+\.xml$"))
    found["connections"] = len(archive.matching(r"xl/connections\.xml$"))
    return found


def _power_point(archive: Archive) -> Counter[str]:
    found: Counter[str] = Counter()
    for part in archive.parts(r"ppt/notesSlides/notesSlide\d+\.xml$"):
        found["notes"] += any(_is_note(each) for each in part if _local(each) == "sp")
    for part in archive.parts(r"ppt/slides/slide\d+\.xml$"):
        found["hidden_slides"] += bool(part) and part[0].get("show") in ("0", "false")
    for part in archive.parts(r"ppt/comments/.*\.xml$"):
        found["comments"] += sum(_local(each) == "cm" for each in part)
    return found


def _is_note(shape: Element) -> bool:
    places = [each for each in shape.iter() if _local(each) == "ph"]
    return (
        bool(places)
        and places[0].get("type") == "body"
        and any((each.text or "").strip() for each in shape.iter() if _local(each) == "t")
    )


def _open_document(archive: Archive) -> Counter[str]:
    content = archive.part("content.xml")
    found: Counter[str] = Counter()
    found["tracked_changes"] = sum(_local(each) == "changed-region" for each in content)
    found["comments"] = sum(_local(each) == "annotation" for each in content)
    hiding = {
        _value(each, "name")
        for each in content
        if _local(each) == "style" and _value(_child(each, "table-properties"), "display") == "false"
    }
    found["hidden_sheets"] = sum(
        _local(each) == "table" and _value(each, "style-name") in hiding for each in content
    )
    scripts = archive.matching(r"(Basic|Scripts)/.*/.*\.(xml|xba|py|bsh|js)$")
    found["macros"] = int(any(not name.endswith(_OWN_SCRIPTS) for name in scripts))
    found["embedded"] = len({name.split("/")[0] for name in archive.matching(r"Object \d+(/content\.xml)?$")})
    return found


def _office(path: Path) -> tuple[str, Counter[str]]:
    archive = Archive(path)
    if "mimetype" in archive.names and "[Content_Types].xml" not in archive.names:
        by = [each.text or "" for each in archive.part("meta.xml") if _local(each) == "generator"]
        return " ".join(by), _open_document(archive)
    found: Counter[str] = Counter()
    for folder, reader in (("word/", _word), ("xl/", _excel), ("ppt/", _power_point)):
        if any(name.startswith(folder) for name in archive.names):
            found += reader(archive)
    found["embedded"] = len(archive.matching(r".*/embeddings/[^/]+$"))
    found["macros"] = len(archive.matching(r".*vbaProject\.bin$"))
    found["active_content"] = len(archive.matching(r".*/activeX/[^/]+\.xml$"))
    by = [
        each.text or ""
        for each in archive.part("docProps/app.xml")
        if _local(each) in ("Application", "AppVersion")
    ]
    return " ".join(by), found


# ---------------------------------------------------------------- PDF


def _pdf(path: Path) -> tuple[str, Counter[str]]:
    document = pikepdf.open(path)
    found: Counter[str] = Counter()
    about = document.trailer.get("/Info")
    by = (
        " / ".join(str(about.get(name, "")) for name in ("/Creator", "/Producer"))
        if about is not None
        else ""
    )
    for page in document.pages:
        for annotation in page.get("/Annots", None) or ():
            kind = str(annotation.get("/Subtype", "")).lstrip("/")
            found["attachments"] += kind == "FileAttachment"
            found["unapplied_redactions"] += kind == "Redact"
            found["comments"] += bool(kind) and kind not in (*_PLAIN_ANNOTATIONS, "FileAttachment", "Redact")
            _act(found, annotation.get("/A"))
    found["attachments"] += len(document.attachments)
    names = document.Root.get("/Names")
    found["javascript"] += names is not None and "/JavaScript" in names
    _act(found, document.Root.get("/OpenAction"))
    return by, found


def _act(found: Counter[str], action: Any) -> None:
    if isinstance(action, pikepdf.Dictionary):
        kind = str(action.get("/S", ""))
        found["javascript"] += kind == "/JavaScript"
        found["actions"] += kind in _ACTIONS


def read(checkout: Path, document: WildDocument) -> WildDocument:
    """A document of the list as this reader sees it."""
    path = checkout / document.path
    writer, found = _pdf(path) if path.suffix.lower() == ".pdf" else _office(path)
    return WildDocument(document.path, document.sha256, writer.strip(), dict(+found))


def main() -> None:
    again = map(partial(read, Path(sys.argv[1])), listed())
    LIST.write_text(written(list(again)), encoding="utf-8")


if __name__ == "__main__":
    main()
