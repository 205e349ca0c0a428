"""Puts into the sample's files what documents carry besides their text, so that the demo has something to show."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Sequence

from tests.sample_maker.archive import restamp

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/comments"
#: What these carry stands in their texts.
_BY_ITS_TEXT = ("odt", "pptx")
_DAY = "2026-11-17T10:22:00Z"
#: In tiny text, as a camera writes it: north 50° 20', west 4° 8'.
_PLACE = ((50, 20, 0), b"N", (4, 8, 0), b"W")


def add(extension: str, data: bytes, kinds: Sequence[str], author: str) -> bytes:
    """The file with what is wanted; ``kinds`` are those of ``tui.rules.carried``."""
    if not kinds or extension in _BY_ITS_TEXT:
        return data
    ways: dict[str, Callable[[], bytes]] = {
        "docx": lambda: _word(data, kinds, author),
        "xlsx": lambda: _excel(data),
        "png": lambda: _picture(data),
    }
    return ways[extension]()


def _word(data: bytes, kinds: Sequence[str], author: str) -> bytes:
    run = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
    mark = f'w:author="{author}" w:date="{_DAY}"'
    inserted = run.format("subject to the limits in schedule 5 ")
    removed = "<w:r><w:delText>without any limit</w:delText></w:r>"
    paragraphs = (
        f'<w:p>{run.format("The Sellers answer for these disclosures ")}<w:ins w:id="901" {mark}>{inserted}</w:ins>'
        f'<w:del w:id="902" {mark}>{removed}</w:del></w:p>'
    )
    if "hidden_text" in kinds:
        hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Fallback: we can live with half of that.</w:t></w:r>"
        paragraphs += f"<w:p>{hidden}</w:p>"
    said = "Do we want to say this before they ask?"
    comment = f'<w:comment w:id="0" {mark} w:initials="MK"><w:p>{run.format(said)}</w:p></w:comment>'
    more = (
        {"word/comments.xml": f'<w:comments xmlns:w="{_W}">{comment}</w:comments>'}
        if "comments" in kinds
        else {}
    )

    def change(name: str, part: bytes) -> bytes:
        if name == "word/document.xml":
            before, end, after = part.rpartition(b"<w:sectPr")
            return before + paragraphs.encode() + end + after
        if name == "[Content_Types].xml" and more:
            override = f'<Override PartName="/word/comments.xml" ContentType="{_TYPE}"/></Types>'
            return part.replace(b"</Types>", override.encode())
        if name == "word/_rels/document.xml.rels" and more:
            relation = f'<Relationship Id="rId901" Type="{_RELATION}" Target="comments.xml"/></Relationships>'
            return part.replace(b"</Relationships>", relation.encode())
        return part

    return restamp(_with_parts(data, more), change)


def _with_parts(data: bytes, parts: dict[str, str]) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def _excel(data: bytes) -> bytes:
    """With its last sheet hidden."""

    def change(name: str, part: bytes) -> bytes:
        if name != "xl/workbook.xml":
            return part
        before, start, after = part.rpartition(b"<sheet ")
        return before + start + after.replace(b'state="visible"', b'state="hidden"', 1)

    return restamp(data, change)


def _picture(data: bytes) -> bytes:
    """With the place where it was taken, in an eXIf chunk behind the first one."""
    latitude, north, longitude, west = _PLACE
    values_at = 8 + 2 + 12 + 4 + 2 + 4 * 12 + 4
    tags = (
        struct.pack("<HHI4s", 1, 2, 2, north)
        + struct.pack("<HHII", 2, 5, 3, values_at)
        + struct.pack("<HHI4s", 3, 2, 2, west)
        + struct.pack("<HHII", 4, 5, 3, values_at + 24)
    )
    values = b"".join(struct.pack("<II", number, 1) for number in (*latitude, *longitude))
    head = b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 0x8825, 4, 1, 26) + bytes(4)
    exif = head + struct.pack("<H", 4) + tags + bytes(4) + values
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    first = 8 + 4 + 4 + 13 + 4
    return data[:first] + chunk + data[first:]
