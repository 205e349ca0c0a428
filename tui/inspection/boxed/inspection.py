"""Looking into a document, a part at a time: what was found is sent before the next part is begun."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...rules.document_kinds import CARRIERS, HEAD, DocumentKind, kind_of, why_not
from . import excel, mail, old_office, open_document, pdf_pages, pdf_structure, pictures, powerpoint, word
from .archive import Archive
from .document import DocumentBytes, whole
from .findings import Findings
from .package import Package
from .refusals import Unreadable

_MOST_OF_A_PICTURE = 64 * 1024 * 1024


def inspect(document: DocumentBytes, name: str) -> Iterator[dict[str, Any]]:
    """Look into it. Each message has ``findings`` and ``not_looked_at``; the last one has ``looked`` and ``reason``."""
    findings = Findings()
    looked, reason = "whole", ""
    try:
        kind = kind_of(document.read_at(0, HEAD), name)
        if kind not in _STEPS:
            raise Unreadable(why_not(name, CARRIERS))
        for step in _STEPS[kind](document, findings):
            step()
            message = findings.take()
            looked = "part" if message["not_looked_at"] else looked
            yield message
    except Unreadable as refusal:
        message = findings.take()
        looked = "part" if message["findings"] or looked == "part" else "not"
        reason = refusal.reason
        yield message
    yield {"findings": [], "not_looked_at": [], "looked": looked, "reason": reason}


Steps = Iterator[Callable[[], None]]


def _zip(document: DocumentBytes, findings: Findings) -> Steps:
    archive = Archive(document)
    if open_document.is_open_document(archive):
        yield lambda: open_document.look(archive, findings)
        return
    if "[Content_Types].xml" not in archive:
        raise Unreadable("kind")
    package = Package(archive, findings)
    look = {"word": word.look, "excel": excel.look, "powerpoint": powerpoint.look, "xlsb": _binary_workbook}
    if package.family not in look:
        raise Unreadable("kind")
    yield package.look
    yield lambda: look[package.family](package)


def _binary_workbook(package: Package) -> None:
    excel.look_at_parts(package)
    package.findings.leave_out("sheets")


def _pdf(document: DocumentBytes, findings: Findings) -> Steps:
    structure = pdf_structure.Structure(document, findings)
    yield structure.look
    # A damaged file may end the process from here on.
    yield lambda: pdf_pages.look_at_revisions(document, findings)
    yield lambda: pdf_pages.look_at_drawing(document, findings)


def _ole(document: DocumentBytes, findings: Findings) -> Steps:
    yield lambda: old_office.look(document, findings)


def _picture(document: DocumentBytes, findings: Findings) -> Steps:
    yield lambda: pictures.look(whole(document, _MOST_OF_A_PICTURE), findings)


def _mail(document: DocumentBytes, findings: Findings) -> Steps:
    yield lambda: mail.look(document, findings)


def _text(document: DocumentBytes, findings: Findings) -> Steps:
    # It is nothing but its text.
    yield lambda: None


_STEPS: dict[DocumentKind, Callable[[DocumentBytes, Findings], Steps]] = {
    DocumentKind.ZIP: _zip,
    DocumentKind.PDF: _pdf,
    DocumentKind.OLE: _ole,
    DocumentKind.PICTURE: _picture,
    DocumentKind.MAIL: _mail,
    DocumentKind.TEXT: _text,
}
