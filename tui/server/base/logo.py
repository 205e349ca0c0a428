"""The firm's logo: a PNG as it is, or of an SVG what draws. Whoever opens a link gets it, so all of it is bounded."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ...files.user_files import open_given
from ...rules.errors import InvalidValue
from ...rules.text import printable

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MOST_LOGO_BYTES = 8 * 1024
#: The most pixels of each side of a PNG: unpacked, a file of 8 KB can have many millions.
MOST_PIXELS = 2000
#: How deep the elements of an SVG may be nested.
MOST_DEPTH = 32
_PNG = b"\x89PNG\r\n\x1a\n"
_HEADER = re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR(....)(....)", re.DOTALL)
_SVG = "http://www.w3.org/2000/svg"
#: Elements allowed in an SVG logo. All others are removed: scripts, styles, links, images, text, foreign content.
_ELEMENTS = {
    *("svg", "g", "defs", "title", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
    *("linearGradient", "radialGradient", "stop", "clipPath", "mask"),
}
_ATTRIBUTES = {
    *(
        "id",
        "d",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "fx",
        "fy",
        "width",
        "height",
    ),
    *("viewBox", "preserveAspectRatio", "points", "transform", "opacity", "offset", "version"),
    *("fill", "fill-opacity", "fill-rule", "clip-path", "clip-rule", "mask", "stop-color", "stop-opacity"),
    *("stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-miterlimit", "stroke-dasharray"),
    *("stroke-dashoffset", "stroke-opacity", "gradientUnits", "gradientTransform", "spreadMethod"),
    *("clipPathUnits", "maskUnits"),
}
#: What is drawn again for each reference to it: within them there is no other, or a few of them would draw for hours.
_DRAWN_AGAIN = {"clipPath", "mask"}
_REFERENCES = ("clip-path", "mask")
#: Numbers, words and colours; functions of colours and of movement; ``url()`` only of a part of the drawing itself.
_VALUE = re.compile(
    r"(?:[\w\s.,#%+-]|url\(#[\w.-]+\)|(?:rgba?|hsla?|matrix|translate|scale|rotate|skew[XY])\s*\([\w\s.,%+/-]*\))*"
)
#: A declaration: of a document type or, within it, of entities, by which a short file becomes a long one.
_DECLARATION = re.compile(r"<!(?!--|\[CDATA\[)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ENCODING = re.compile(r"<\?xml[^>]*?\sencoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Logo:
    """``media_type`` is ``image/png`` or ``image/svg+xml``."""

    content: bytes = field(repr=False)
    media_type: str

    @property
    def version(self) -> str:
        """Changes with the content."""
        return hashlib.sha256(self.content).hexdigest()[:12]


def read_logo(path: Path) -> Logo:
    """Read the logo from a PNG or SVG file; of an SVG, only what draws is kept. Raises :class:`InvalidValue`."""
    try:
        with open_given(path) as file:
            content = file.read(MOST_LOGO_BYTES + 1)
    except OSError as error:
        raise _invalid(f"{printable(str(path))} can't be read: {error.strerror}.") from None
    if len(content) > MOST_LOGO_BYTES:
        raise _too_long()
    if content.startswith(_PNG):
        _check_pixels(content)
        return Logo(content, "image/png")
    return Logo(_sanitized_svg(content), "image/svg+xml")


def _invalid(message: str) -> InvalidValue:
    return InvalidValue("firm.logo", message, "firm_logo")


def _too_long() -> InvalidValue:
    return _invalid(f"A logo can have at most {MOST_LOGO_BYTES:,} bytes. Use a smaller file.")


def _unknown_format() -> InvalidValue:
    return _invalid("The logo is neither a PNG nor an SVG image.")


def _check_pixels(content: bytes) -> None:
    header = _HEADER.match(content)
    sides = [int.from_bytes(side) for side in header.groups()] if header else [0]
    if not all(sides):
        raise _unknown_format()
    if max(sides) > MOST_PIXELS:
        raise _invalid(f"A logo can have at most {MOST_PIXELS:,} pixels on each side. Use a smaller picture.")


def _sanitized_svg(content: bytes) -> bytes:
    from xml.etree import ElementTree

    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unknown_format() from None
    # The parser takes text with such characters for UTF-16, whatever it is told.
    if _CONTROL.search(text):
        raise _unknown_format()
    if _ENCODING.match(text):
        raise _invalid("The logo isn't in UTF-8; save it as a plain SVG.")
    if _DECLARATION.search(text):
        raise _invalid("The logo declares entities or a document type; save it as a plain SVG.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - it declares no entities
    except (ElementTree.ParseError, ValueError, LookupError):
        raise _unknown_format() from None
    if root.tag != f"{{{_SVG}}}svg":
        raise _unknown_format()
    _sanitize(root, depth=1)
    ElementTree.register_namespace("", _SVG)
    sanitized = ElementTree.tostring(root, encoding="unicode").encode()
    # Characters that have to be escaped make it longer.
    if len(sanitized) > MOST_LOGO_BYTES:
        raise _too_long()
    return sanitized


def _sanitize(element: Element, depth: int, *, drawn_again: bool = False) -> None:
    if depth > MOST_DEPTH:
        raise _invalid(
            f"The logo has more than {MOST_DEPTH} elements within one another; save it as a plain SVG."
        )
    tag = element.tag.removeprefix(f"{{{_SVG}}}")
    drawn_again = drawn_again or tag in _DRAWN_AGAIN
    for name, value in list(element.attrib.items()):
        if name not in _ATTRIBUTES or not _VALUE.fullmatch(value) or (drawn_again and name in _REFERENCES):
            del element.attrib[name]
    if tag != "title":
        element.text = None
    element.tail = None
    for child in list(element):
        if _draws(child):
            _sanitize(child, depth + 1, drawn_again=drawn_again)
        else:
            element.remove(child)


def _draws(element: Element) -> bool:
    # The tag of a comment is a function.
    return isinstance(element.tag, str) and element.tag in {f"{{{_SVG}}}{tag}" for tag in _ELEMENTS}
