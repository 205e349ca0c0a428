"""Small pictures with what cameras write into them."""

from __future__ import annotations

import struct
import zlib


def exif(*, place: bool = False, artist: str = "", serial: str = "") -> bytes:
    """A TIFF structure with these tags."""
    head, texts = b"II*\0" + struct.pack("<I", 8), b""
    count = bool(artist) + bool(serial) + place
    exif_at = 8 + 2 + 12 * count + 4
    gps_at = exif_at + (2 + 12 + 4 if serial else 0)
    text_at = gps_at + (2 + 24 + 4 if place else 0)

    def text(tag: int, value: str) -> bytes:
        nonlocal texts
        data = value.encode() + b"\0"
        found = struct.pack("<HHII", tag, 2, len(data), text_at + len(texts))
        texts += data
        return found

    tags = text(0x013B, artist) if artist else b""
    tags += struct.pack("<HHII", 0x8769, 4, 1, exif_at) if serial else b""
    tags += struct.pack("<HHII", 0x8825, 4, 1, gps_at) if place else b""
    body = struct.pack("<H", count) + tags + struct.pack("<I", 0)
    if serial:
        body += struct.pack("<H", 1) + text(0xA431, serial) + struct.pack("<I", 0)
    if place:
        body += struct.pack("<H", 2) + b"".join(struct.pack("<HHII", tag, 5, 3, 0) for tag in (2, 4))
        body += struct.pack("<I", 0)
    return head + body + texts


def camera(
    make: str, model: str, taken: str, north: tuple[int, int, int], west: tuple[int, int, int]
) -> bytes:
    """A TIFF structure as a camera writes it: who made it, which, when, and where, in degrees, minutes and seconds."""
    texts = [text.encode() + b"\0" for text in (make, model, taken)]
    exif_at = 8 + 2 + 12 * 4 + 4
    gps_at = exif_at + 2 + 12 + 4
    values_at = gps_at + 2 + 12 * 4 + 4
    texts_at = values_at + 48
    places = [texts_at + sum(map(len, texts[:number])) for number in range(3)]
    image = struct.pack("<H", 4)
    image += struct.pack("<HHII", 0x010F, 2, len(texts[0]), places[0])
    image += struct.pack("<HHII", 0x0110, 2, len(texts[1]), places[1])
    image += (
        struct.pack("<HHII", 0x8769, 4, 1, exif_at) + struct.pack("<HHII", 0x8825, 4, 1, gps_at) + bytes(4)
    )
    exif = struct.pack("<H", 1) + struct.pack("<HHII", 0x9003, 2, len(texts[2]), places[2]) + bytes(4)
    gps = struct.pack("<H", 4)
    gps += struct.pack("<HHI4s", 1, 2, 2, b"N") + struct.pack("<HHII", 2, 5, 3, values_at)
    gps += struct.pack("<HHI4s", 3, 2, 2, b"W") + struct.pack("<HHII", 4, 5, 3, values_at + 24) + bytes(4)
    values = b"".join(struct.pack("<II", number, 1) for number in (*north, *west))
    return b"II*\0" + struct.pack("<I", 8) + image + exif + gps + values + b"".join(texts)


def jpeg(
    data: bytes = b"", xmp: bytes = b"", caption: bytes = b"", size: tuple[int, int] | None = None
) -> bytes:
    """A JPEG file with EXIF and XMP, and the caption of a press picture; ``size`` is its width and height."""
    out = b"\xff\xd8"
    if caption:
        record = b"\x1c\x02\x78" + struct.pack(">H", len(caption)) + caption
        kept = b"Photoshop 3.0\0" + b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record
        out += b"\xff\xed" + struct.pack(">H", len(kept) + 2) + kept
    for kind in (
        b"Exif\0\0" + data if data else b"",
        b"http://ns.adobe.com/xap/1.0/\0" + xmp if xmp else b"",
    ):
        if kind:
            out += b"\xff\xe1" + struct.pack(">H", len(kind) + 2) + kind
    if size is not None:
        out += b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", size[1], size[0]) + b"\x01\x01\x11\0"
    return out + b"\xff\xda\0\x02\0\xff\xd9"


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file with these chunks before its end."""
    out = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return out
