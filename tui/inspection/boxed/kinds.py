"""What kind of document something is: by how it begins, and only for text by its name."""

from __future__ import annotations

import re

from . import old_office, pictures
from .archive import is_zip
from .document import DocumentBytes

#: What is only text carries nothing else.
_TEXTS = ("txt", "md", "markdown", "csv", "log", "text")
_MAIL = re.compile(rb"^(?:From [^\n]{0,500}\n)?[A-Za-z][A-Za-z0-9-]{0,60}:")
_HEAD = 4_096


def kind_of(document: DocumentBytes, name: str) -> str:
    """``zip``, ``pdf``, ``ole``, ``picture``, ``mail``, ``text``, or empty for all others."""
    head = document.read_at(0, _HEAD)
    extension = name.rpartition(".")[2].lower()
    if is_zip(head):
        return "zip"
    if b"%PDF-" in head[:1_024]:
        return "pdf"
    if old_office.is_ole(head):
        return "ole"
    if pictures.is_picture(head):
        return "picture"
    if extension == "eml" and (_MAIL.match(head) or not head):
        return "mail"
    return "text" if extension in _TEXTS and b"\0" not in head else ""
