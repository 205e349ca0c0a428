"""XML read as a stream: no DOCTYPE, no entities, no great depth, and never a tree.

Names are short: ``w:ins`` whatever the prefix in the document is. Those of an unknown namespace begin with ``?:``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from xml.parsers import expat

from .refusals import Unreadable

MOST_DEPTH = 256
#: The prefix of each known namespace; the strict forms of a format have others.
_OFFICE, _STRICT = "http://schemas.openxmlformats.org/", "http://purl.oclc.org/ooxml/"
_MS = "http://schemas.microsoft.com/office/"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    **{f"{base}wordprocessingml/{year}main": "w" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    **{f"{base}spreadsheetml/{year}main": "x" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    **{f"{base}presentationml/{year}main": "p" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    **{f"{base}drawingml/{year}main": "a" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    **{
        f"{base}drawingml/{year}{name}": prefix
        for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))
        for name, prefix in (("picture", "pic"), ("wordprocessingDrawing", "wp"), ("spreadsheetDrawing", "xdr"))
    },
    **{f"{base}officeDocument/{year}relationships": "r" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    **{f"{base}officeDocument/{year}custom-properties": "cup" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    f"{_STRICT}officeDocument/customProperties": "cup",
    **{f"{base}officeDocument/{year}extended-properties": "ep" for base, year in ((_OFFICE, "2006/"), (_STRICT, ""))},
    f"{_STRICT}officeDocument/extendedProperties": "ep",
    f"{_OFFICE}package/2006/relationships": "rel",
    f"{_OFFICE}package/2006/content-types": "ct",
    f"{_OFFICE}package/2006/metadata/core-properties": "cp",
    f"{_OFFICE}markup-compatibility/2006": "mc",
    f"{_OFFICE}officeDocument/2006/bibliography": "b",
    "http://purl.org/dc/elements/1.1/": "dc",
    f"{_MS}word/2012/wordml": "w15",
    f"{_MS}spreadsheetml/2018/threadedcomments": "xtc",
    f"{_MS}spreadsheetml/2010/11/ac": "x15ac",
    f"{_MS}powerpoint/2018/8/main": "p188",
    **{
        f"{_ODF}{name}:1.0": prefix
        for name, prefix in (
            ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("drawing", "draw"),
            ("presentation", "presentation"), ("meta", "meta"), ("manifest", "manifest"), ("script", "script"),
        )
    },
    "http://www.w3.org/1999/xlink": "xlink",
}  # fmt: skip

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]
End = Callable[[str], None]


class _Names(dict[str, str]):
    """Short names by those of expat, each computed once; of a hostile document only so many are kept."""

    def __missing__(self, name: str) -> str:
        uri, _, local = name.rpartition("}")
        short = f"{_PREFIXES.get(uri, '?')}:{local}" if uri else local
        if len(self) < 5_000:
            self[name] = short
        return short


class Enough(Exception):
    """The rest of a part isn't needed."""


def parse(
    chunks: Iterable[bytes], start: Start, end: End | None = None, text: Callable[[str], None] | None = None
) -> None:
    """Read XML and call back for each element. A callback may raise :class:`Enough`.

    Raises :class:`Unreadable` for what isn't well-formed, has a DOCTYPE, or nests too deeply.
    """
    for _ in steps(chunks, start, end, text):
        pass


def steps(
    chunks: Iterable[bytes], start: Start, end: End | None = None, text: Callable[[str], None] | None = None
) -> Iterator[None]:
    """The same, chunk by chunk: whoever has enough takes no further step."""
    parser = expat.ParserCreate(namespace_separator="}")
    names = _Names()
    depth = 0

    def begin(name: str, attributes: Attributes) -> None:
        nonlocal depth
        depth += 1
        if depth > MOST_DEPTH:
            raise Unreadable("limits")
        start(
            names[name],
            {names[key]: value for key, value in attributes.items()} if attributes else attributes,
        )

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        if end is not None:
            end(names[name])

    def refuse(*_: object) -> None:
        raise Unreadable("damaged")

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    if text is not None:
        parser.CharacterDataHandler = text
        parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
    except Enough:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable("damaged") from error


def is_on(value: str | None) -> bool:
    """Whether an attribute that switches something on does so; one that is left out does."""
    return (value or "true").strip().lower() not in ("0", "false", "off", "none")
