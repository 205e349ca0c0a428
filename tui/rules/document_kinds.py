"""What kind of document something is: by how it begins, and by its name only where that says nothing.

This needs no parser, so that the programs can tell what isn't worth a worker.
"""

from __future__ import annotations

import re
from enum import StrEnum

#: How many bytes from the beginning decide.
HEAD = 4_096
#: What is only text carries nothing else.
_TEXTS = ("txt", "md", "markdown", "csv", "log", "text")
_MAIL = re.compile(rb"^(?:From [^\n]{0,500}\n)?[A-Za-z][A-Za-z0-9-]{0,60}:")
_ZIPS, _OLE = (b"PK\x03\x04", b"PK\x05\x06"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
#: JPEG, PNG and TIFF.
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")


class DocumentKind(StrEnum):
    """The kinds that are told apart; ``OLE`` is that of the older documents of Office."""

    ZIP = "zip"
    PDF = "pdf"
    OLE = "ole"
    PICTURE = "picture"
    MAIL = "mail"
    TEXT = "text"
    OTHER = ""


#: Those whose first lines are read, and those that can carry something besides their text.
WITH_LINES = frozenset(DocumentKind) - {DocumentKind.OLE, DocumentKind.OTHER}
CARRIERS = frozenset(DocumentKind) - {DocumentKind.TEXT, DocumentKind.OTHER}
_EXTENSIONS = {
    DocumentKind.PDF: "pdf",
    DocumentKind.ZIP: (
        "zip odt ods odp odg ott ots otp docx docm dotx dotm xlsx xlsm xltx xltm xlsb pptx pptm ppsx ppsm potx potm"
    ),
    DocumentKind.OLE: "doc dot xls xlt ppt pps pot msg",
    DocumentKind.PICTURE: "jpg jpeg png tif tiff",
    DocumentKind.MAIL: "eml",
    DocumentKind.TEXT: " ".join(_TEXTS),
}
_BY_EXTENSION = {extension: kind for kind, names in _EXTENSIONS.items() for extension in names.split()}


def kind_of(head: bytes, name: str) -> DocumentKind:
    """The kind of a document that begins with ``head``, its first :data:`HEAD` bytes or all."""
    extension = _extension(name)
    if head.startswith(_ZIPS):
        return DocumentKind.ZIP
    if b"%PDF-" in head[:1_024]:
        return DocumentKind.PDF
    if head.startswith(_OLE):
        return DocumentKind.OLE
    if head.startswith(_PICTURES):
        return DocumentKind.PICTURE
    if extension == "eml" and (_MAIL.match(head) or not head):
        return DocumentKind.MAIL
    return DocumentKind.TEXT if extension in _TEXTS and b"\0" not in head else DocumentKind.OTHER


def expected_kind(name: str) -> DocumentKind:
    """The kind that a document of this name is, if the name is right."""
    return _BY_EXTENSION.get(_extension(name), DocumentKind.OTHER)


def why_not(name: str, wanted: frozenset[DocumentKind]) -> str:
    """Why a document that is of none of the kinds ``wanted`` isn't looked into, as a key of ``carried.REASONS``. A text
    may be in a coding that doesn't look like one."""
    return "damaged" if expected_kind(name) in wanted - {DocumentKind.TEXT} else "kind"


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()
