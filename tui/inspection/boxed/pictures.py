"""Pictures: what JPEG, PNG and TIFF files say of where, when and by whom they were made."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from .findings import Findings
from .refusals import Unreadable

#: What comes before the picture itself is read up to this size.
MOST_OF_HEAD = 1024 * 1024
_MOST_TAGS, _MOST_FOLDERS = 400, 20
_MOST_OF_A_TEXT = 400
_GPS, _EXIF = 0x8825, 0x8769
_LATITUDE, _LONGITUDE = 2, 4
_TEXTS = {
    0x013B: "author",
    0x8298: "author",
    0x0131: "software",
    0xA431: "serial_number",
    0xA435: "serial_number",
    0xC62F: "serial_number",
    0xA430: "author",
}
_XMP_TAG, _IPTC_TAG, _PHOTOSHOP_TAG = 0x02BC, 0x83BB, 0x8649
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 13: 4}
_EXIF_HEAD, _XMP_HEAD, _PHOTOSHOP_HEAD = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"Photoshop 3.0\0"
_PNG = b"\x89PNG\r\n\x1a\n"
_TIFF = (b"II*\0", b"MM\0*")
_IPTC_RECORD = b"8BIM\x04\x04"


@dataclass(slots=True)
class Seen:
    """What a picture says of itself."""

    place: bool = False
    thumbnail: bool = False
    xmp: bool = False
    iptc: bool = False
    texts: list[tuple[str, str]] = field(default_factory=list)


def is_picture(head: bytes) -> bool:
    """Whether a file that begins like this is one of the pictures that are read."""
    return head.startswith((b"\xff\xd8\xff", _PNG, *_TIFF))


def has_place(data: bytes) -> bool:
    """Whether a picture says where it was taken; of one that is damaged, as far as it can be read."""
    try:
        return read(data).place
    except (Unreadable, struct.error, ValueError):
        return False


def look(data: bytes, findings: Findings) -> None:
    """Look into a picture. Raises :class:`Unreadable`."""
    try:
        seen = read(data)
    except (struct.error, ValueError, IndexError) as error:
        raise Unreadable("damaged") from error
    findings.add("picture_gps", int(seen.place))
    findings.add("thumbnail", int(seen.thumbnail))
    findings.add("xmp", int(seen.xmp))
    findings.add("iptc", int(seen.iptc))
    for kind, text in seen.texts:
        findings.add(kind, value=text)


def read(data: bytes) -> Seen:
    """What a picture says of itself, from the beginning of its bytes.

    Raises :class:`Unreadable`, or an error of reading if it is damaged.
    """
    seen = Seen()
    if data.startswith(b"\xff\xd8\xff"):
        _jpeg(data, seen)
    elif data.startswith(_PNG):
        _png(data, seen)
    elif data.startswith(_TIFF):
        _tiff(data, seen)
    else:
        raise Unreadable("damaged")
    return seen


def _jpeg(data: bytes, seen: Seen) -> None:
    place = 2
    while place + 4 <= len(data) and data[place] == 0xFF:
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
            continue
        if marker in (0xD9, 0xDA):
            return
        (length,) = struct.unpack_from(">H", data, place + 2)
        body = data[place + 4 : place + 2 + length]
        if marker == 0xE1 and body.startswith(_EXIF_HEAD):
            _tiff(body[len(_EXIF_HEAD) :], seen)
        elif marker == 0xE1 and body.startswith(_XMP_HEAD):
            _xmp(body, seen)
        elif marker == 0xED and body.startswith(_PHOTOSHOP_HEAD):
            seen.iptc = seen.iptc or _IPTC_RECORD in body
        place += 2 + max(length, 2)


def _png(data: bytes, seen: Seen) -> None:
    place = len(_PNG)
    while place + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length]
        if kind == b"eXIf":
            _tiff(body.removeprefix(_EXIF_HEAD), seen)
        elif kind == b"iTXt" and body.startswith(b"XML:com.adobe.xmp\0"):
            _xmp(body, seen)
        elif kind in (b"tEXt", b"iTXt"):
            name, _, text = body.partition(b"\0")
            if name in (b"Author", b"Copyright", b"Software"):
                kept = text.strip(b"\0")[:_MOST_OF_A_TEXT].decode("utf-8", "replace")
                seen.texts.append(("software" if name == b"Software" else "author", kept))
        elif kind == b"IEND":
            return
        place += 12 + length


def _xmp(body: bytes, seen: Seen) -> None:
    seen.xmp = True
    seen.place = seen.place or b"GPSLatitude" in body


def _tiff(data: bytes, seen: Seen) -> None:
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None:
        raise Unreadable("damaged")
    (first,) = struct.unpack_from(f"{order}I", data, 4)
    waiting, done = [(first, "image")], set[int]()
    while waiting and len(done) < _MOST_FOLDERS:
        place, kind = waiting.pop(0)
        if place in done or not 0 < place < len(data):
            continue
        done.add(place)
        tags = {tag: (form, count, at) for tag, form, count, at in _tags(data, order, place)}
        if kind == "gps":
            seen.place = seen.place or (_LATITUDE in tags and _LONGITUDE in tags)
            continue
        seen.thumbnail = seen.thumbnail or kind == "next"
        seen.xmp = seen.xmp or _XMP_TAG in tags
        seen.iptc = seen.iptc or _IPTC_TAG in tags or _PHOTOSHOP_TAG in tags
        for tag, meaning in ((_GPS, "gps"), (_EXIF, "exif")):
            if tag in tags:
                waiting.append((_number(data, order, tags[tag][2]), meaning))
        for tag, name in _TEXTS.items():
            if tag in tags and tags[tag][0] == 2 and (text := _text(data, order, *tags[tag][1:])):
                seen.texts.append((name, text))
        if kind == "image":
            count = struct.unpack_from(f"{order}H", data, place)[0]
            waiting.append((_number(data, order, place + 2 + 12 * count), "next"))


def _tags(data: bytes, order: str, place: int) -> Iterator[tuple[int, int, int, int]]:
    """The tags of a folder: number, form, count, and where their value or its place is."""
    (count,) = struct.unpack_from(f"{order}H", data, place)
    for index in range(min(count, _MOST_TAGS)):
        at = place + 2 + 12 * index
        if at + 12 > len(data):
            return
        tag, form, many = struct.unpack_from(f"{order}HHI", data, at)
        yield tag, form, many * _SIZES.get(form, 1), at + 8


def _number(data: bytes, order: str, at: int) -> int:
    return int(struct.unpack_from(f"{order}I", data, at)[0]) if at + 4 <= len(data) else 0


def _text(data: bytes, order: str, length: int, at: int) -> str:
    start = at if length <= 4 else _number(data, order, at)
    return data[start : start + min(length, _MOST_OF_A_TEXT)].strip(b"\0 ").decode("utf-8", "replace")
