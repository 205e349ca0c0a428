"""Links in a part of their own: for messages in whose text they have no place, or that have none."""

from __future__ import annotations

import quopri
import secrets

from .insertion import Change
from .parts import Part, Raw, end_of_head

_HEADERS = (b"Content-Type: text/plain; charset=utf-8", b"Content-Transfer-Encoding: quoted-printable")
_INLINE = b"Content-Disposition: inline"
_CONTENT = "content-"
#: Multiparts of which readers see one part, or one with what belongs to it.
_NOT_ONE_AFTER_THE_OTHER = ("multipart/alternative", "multipart/related")


def in_own_part(raw: Raw, root: Part, text: str, eol: bytes) -> list[Change]:
    """The changes that put ``text`` before all other parts of the message."""
    part = eol.join([*_HEADERS, _INLINE, b"", _quoted(text, eol)])
    if root.children and root.media_type not in _NOT_ONE_AFTER_THE_OTHER:
        place = root.children[0].place
        return [(place, place, b"--" + root.boundary + eol + part + eol)]
    boundary = _new_boundary(raw)
    spans = _content_headers(root)
    inner = b"".join(raw[start:end] for start, end in spans)
    outer = [b'Content-Type: multipart/mixed; boundary="' + boundary + b'"']
    if root.encoding in ("8bit", "binary"):
        outer.append(b"Content-Transfer-Encoding: " + root.encoding.encode())
    begin = eol.join([b"--" + boundary, part, b"--" + boundary, inner + eol])
    return [
        *_without_headers(spans),
        _more_headers(raw, root, outer, eol),
        (root.body, root.body, begin),
        (root.end, root.end, eol + b"--" + boundary + b"--" + eol),
    ]


def instead_of_all(raw: Raw, root: Part, text: str, eol: bytes) -> list[Change]:
    """The changes that make the message, which is an attachment itself, one of ``text``."""
    return [
        *_without_headers(_content_headers(root)),
        _more_headers(raw, root, _HEADERS, eol),
        (root.body, root.end, _quoted(text, eol)),
    ]


def _quoted(text: str, eol: bytes) -> bytes:
    return quopri.encodestring(text.encode()).replace(b"\n", eol)


def _content_headers(root: Part) -> list[tuple[int, int]]:
    fields = (field for field in root.head.fields if field.name.startswith(_CONTENT))
    return [(root.start + field.start, root.start + field.end) for field in fields]


def _without_headers(spans: list[tuple[int, int]]) -> list[Change]:
    return [(start, end, b"") for start, end in spans]


def _more_headers(raw: Raw, root: Part, headers: tuple[bytes, ...] | list[bytes], eol: bytes) -> Change:
    version = () if root.head.first("mime-version") else (b"MIME-Version: 1.0",)
    place = end_of_head(raw, root)
    return place, place, b"".join(line + eol for line in (*version, *headers))


def _new_boundary(raw: Raw) -> bytes:
    while True:
        boundary = b"=_" + secrets.token_hex(16).encode()
        if raw.find(boundary) < 0:
            return boundary
