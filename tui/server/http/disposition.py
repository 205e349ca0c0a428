"""The headers that a file is sent with."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from ...rules import names
from ...rules.text import composed

_TRANSLITERATIONS = str.maketrans(
    {
        **{"ß": "ss", "æ": "ae", "Æ": "AE", "ø": "o", "Ø": "O", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"},
        **{"đ": "d", "Đ": "D", "ı": "i", "þ": "th", "Þ": "Th", "ð": "d", "Ð": "D"},
        **{
            "‐": "-",
            "‑": "-",
            "–": "-",
            "—": "-",
            "−": "-",
            "‘": "'",
            "’": "'",
            "“": "'",
            "”": "'",
            "„": "'",
        },
    }
)
_UNSAFE = re.compile(r"[^ -~]|[\\/:*?\"<>|]|%(?=[0-9A-Fa-f]{2})")
_MAX_FALLBACK = 200

#: The media types that browsers may learn; other files are sent as plain bytes. None of these can contain a script.
_TYPES = {
    "pdf": "application/pdf",
    "txt": "text/plain; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "zip": "application/zip",
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def content_type(name: str) -> str:
    """The media type that the file called ``name`` is sent with."""
    return _TYPES.get(names.extension(name).lower(), "application/octet-stream")


def ascii_fallback(name: str) -> str:
    """``name`` as that of a file in printable ASCII, for programs that support nothing else: ``Ubersicht.pdf`` for
    ``Übersicht.pdf``."""
    stem, extension = (_ascii(part) for part in names.split(name))
    if not stem.strip("_ .-()0123456789") and stem != names.split(name)[0]:
        stem = "document"
    # Not before: some letters become a dot.
    return names.local_name(stem[: _MAX_FALLBACK - len(extension)] + extension)


def _ascii(text: str) -> str:
    spelled = composed(text).translate(_TRANSLITERATIONS)
    letters = []
    for char in spelled:
        plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
        letters.append(plain if plain.isascii() else "_")
    return _UNSAFE.sub("_", "".join(letters))


def attachment(name: str) -> str:
    """The ``Content-Disposition`` (RFC 6266) that has the document ``name`` saved under its local name, in both forms,
    the second as in RFC 8187."""
    encoded = quote(names.local_name(name), safe="!#$&+-.^_`|~")
    return f"attachment; filename=\"{ascii_fallback(name)}\"; filename*=UTF-8''{encoded}"
