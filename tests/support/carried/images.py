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


def jpeg(data: bytes = b"", xmp: bytes = b"") -> bytes:
    """A JPEG file with EXIF and XMP."""
    out = b"\xff\xd8"
    for kind in (
        b"Exif\0\0" + data if data else b"",
        b"http://ns.adobe.com/xap/1.0/\0" + xmp if xmp else b"",
    ):
        if kind:
            out += b"\xff\xe1" + struct.pack(">H", len(kind) + 2) + kind
    return out + b"\xff\xda\0\x02\0\xff\xd9"


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file with these chunks before its end."""
    out = b"\x89PNG\r\n\x1a\n"
    for kind, data in ((b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *chunks, (b"IEND", b"")):
        out += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return out
