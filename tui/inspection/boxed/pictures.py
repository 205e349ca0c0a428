"""Pictures: how large JPEG, PNG and TIFF files are, and what they say of where, when and by whom they were made."""

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
_WIDTH, _HEIGHT = 0x0100, 0x0101
_MAKE, _MODEL, _CHANGED, _TAKEN = 0x010F, 0x0110, 0x0132, 0x9003
_SHORT, _LONG, _ASCII, _RATIONAL = 3, 4, 2, 5
#: The segments of a JPEG that begin with its size: all frames, but no tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
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
    #: ``JPEG``, ``PNG`` or ``TIFF``, and its width and height.
    format: str = ""
    size: tuple[int, int] | None = None
    #: What the camera says, by the names of the tags.
    camera: dict[int, str] = field(default_factory=dict)
    #: Latitude and longitude in degrees.
    position: tuple[float, float] | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing follows that is told of it: what a JPEG says of itself comes before its frame."""
        return self.format == "JPEG" and self.size is not None

    @property
    def lines(self) -> list[str]:
        """What people are shown of it."""
        width, height = self.size or (0, 0)
        pixels = f", {width:,} × {height:,} pixels" if self.size else ""
        camera = " ".join(filter(None, (self.camera.get(_MAKE), self.camera.get(_MODEL))))
        facts = [
            ("Camera", camera),
            ("Taken", self.camera.get(_TAKEN) or self.camera.get(_CHANGED, "")),
            (
                "Place",
                _spelled(self.position) if self.position else "it says where it was taken" * self.place,
            ),
            *(("Author", text) for kind, text in self.texts if kind == "author"),
            ("Caption", "it has a caption record" * self.iptc),
        ]
        return [f"{self.format} picture{pixels}", *(f"{name}: {text}" for name, text in facts if text)]


def _spelled(position: tuple[float, float]) -> str:
    latitude, longitude = position
    north, east = "N" if latitude >= 0 else "S", "E" if longitude >= 0 else "W"
    return f"{abs(latitude):.4f}° {north}, {abs(longitude):.4f}° {east}"


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
        seen.format = "JPEG"
        _jpeg(data, seen)
    elif data.startswith(_PNG):
        seen.format = "PNG"
        _png(data, seen)
    elif data.startswith(_TIFF):
        seen.format = "TIFF"
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
        if marker in _FRAMES and len(body) >= 5:
            height, width = struct.unpack_from(">HH", body, 1)
            seen.size = (width, height)
        elif marker == 0xE1 and body.startswith(_EXIF_HEAD):
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
        if kind == b"IHDR" and len(body) >= 8:
            width, height = struct.unpack_from(">II", body)
            seen.size = (width, height)
        elif kind == b"eXIf":
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
            seen.position = seen.position or _position(data, order, tags)
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
        for tag in (_MAKE, _MODEL, _CHANGED, _TAKEN):
            if tag in tags and tags[tag][0] == _ASCII and (text := _text(data, order, *tags[tag][1:])):
                seen.camera.setdefault(tag, text)
        if kind == "image":
            if seen.format == "TIFF" and _WIDTH in tags and _HEIGHT in tags:
                seen.size = (_count(data, order, tags[_WIDTH]), _count(data, order, tags[_HEIGHT]))
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


def _count(data: bytes, order: str, tag: tuple[int, int, int]) -> int:
    """The number of a tag that has one."""
    form, _, at = tag
    return int(struct.unpack_from(f"{order}H" if form == _SHORT else f"{order}I", data, at)[0])


def _position(data: bytes, order: str, tags: dict[int, tuple[int, int, int]]) -> tuple[float, float] | None:
    """Latitude and longitude in degrees; ``None`` if they aren't numbers."""
    found = []
    for tag, negative in ((_LATITUDE, b"S"), (_LONGITUDE, b"W")):
        if tag not in tags or tags[tag][0] != _RATIONAL:
            return None
        start = _number(data, order, tags[tag][2])
        if not 0 < start <= len(data) - 24:
            return None
        parts = struct.unpack_from(f"{order}6I", data, start)
        if not all(parts[1::2]):
            return None
        degrees = sum(parts[2 * index] / parts[2 * index + 1] / 60**index for index in range(3))
        if degrees > 180:
            return None
        at = tags[tag - 1][2] if tag - 1 in tags else len(data)
        found.append(-degrees if data[at : at + 1] == negative else degrees)
    return found[0], found[1]
