"""Small OLE files: old documents of Word and Excel, and messages of Outlook."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

_SECTOR = 512
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
#: Shorter streams would have to lie in another place.
_LEAST = 4096


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A file with these streams; a slash in a name means a storage. Each is filled with zeros to 4 kB."""
    storages: dict[str, list[str]] = {"": []}
    for path in streams:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            above, here = "/".join(parts[: depth - 1]), "/".join(parts[:depth])
            storages.setdefault(above, [])
            if here not in storages[above]:
                storages[above].append(here)
    paths = [path for inner in storages.values() for path in inner]
    index = {path: number for number, path in enumerate(paths, 1)}
    fat: list[int] = []
    body = b""

    def placed(data: bytes) -> int:
        nonlocal body
        start, count = len(fat), -(-len(data) // _SECTOR)
        fat.extend([*range(start + 1, start + count), _END])
        body += data.ljust(count * _SECTOR, b"\0")
        return start

    entries = [_entry("Root Entry", 5, child=index.get(storages[""][0], _FREE) if storages[""] else _FREE)]
    for above, inner in storages.items():
        for place, path in enumerate(inner):
            following = index[inner[place + 1]] if place + 1 < len(inner) else _FREE
            name = path.removeprefix(f"{above}/") if above else path
            if path in streams:
                data = streams[path].ljust(_LEAST, b"\0")
                entries.append(_entry(name, 2, right=following, start=placed(data), size=len(data)))
            else:
                entries.append(_entry(name, 1, right=following, child=index[storages[path][0]]))
    while len(entries) % 4:
        entries.append(b"\0" * 64 + struct.pack("<BBIII", 0, 0, _FREE, _FREE, _FREE) + b"\0" * 50)
    directory = placed(b"".join(entries))
    sectors = -(-(len(fat) + 4) * 4 // _SECTOR)
    first_of_fat = len(fat)
    table = [*fat, *[_FAT] * sectors]
    table += [_FREE] * (sectors * _SECTOR // 4 - len(table))
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
        + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
        + struct.pack("<IIIIIIIII", 0, sectors, directory, 0, _LEAST, _END, 0, _END, 0)
        + struct.pack("<109I", *(first_of_fat + n if n < sectors else _FREE for n in range(109)))
    )  # fmt: skip
    return header + body + struct.pack(f"<{len(table)}I", *table)


def _entry(
    name: str, kind: int, *, right: int = _FREE, child: int = _FREE, start: int = 0, size: int = 0
) -> bytes:
    spelled = name.encode("utf-16-le") + b"\0\0"
    return (
        spelled.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(spelled), kind, 1, _FREE, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start if kind == 2 else _END if kind == 5 else 0, size)
    )


def strings(*texts: str) -> bytes:
    """A table of strings of Word."""
    return struct.pack("<HHH", 0xFFFF, len(texts), 0) + b"".join(
        struct.pack("<H", len(text)) + text.encode("utf-16-le") for text in texts
    )


def doc(
    comments: int = 0, authors: Sequence[str] = (), saves: Sequence[str] = (), flags: int = 0, **more: bytes
) -> bytes:
    """A document of Word before 2007: its comments, who changed it, who saved it where, and flags."""
    tables = {
        4: b"\0" * (34 * comments + 4) if comments else b"",
        51: strings("Unknown", *authors) if authors else b"",
        71: strings(*saves) if saves else b"",
    }
    table, pairs = b"", []
    for number in range(93):
        data = tables.get(number, b"")
        pairs.append((len(table), len(data)))
        table += data
    head = struct.pack("<H8xH20x", 0xA5EC, flags | 0x0200)
    head += struct.pack("<H28xH88xH", 14, 22, 93) + b"".join(struct.pack("<II", *pair) for pair in pairs)
    return ole({"WordDocument": head, "1Table": table, **more})


def record(kind: int, data: bytes) -> bytes:
    """A record of a workbook."""
    return struct.pack("<HH", kind, len(data)) + data


def hidden_sheet(name: str, state: int, kind: int = 0) -> bytes:
    """The record of a sheet."""
    return record(0x85, struct.pack("<IBBBB", 0, state, kind, len(name), 0) + name.encode("ascii"))


def row(number: int, *, hidden: bool) -> bytes:
    """The record of a row with three cells."""
    return record(0x208, struct.pack("<HHHHHHI", number, 0, 3, 255, 0, 0, 0x120 if hidden else 0x100))


def note() -> bytes:
    """The record of a comment."""
    return record(0x1C, struct.pack("<HHHHH", 0, 0, 0, 1, 0))


def begin() -> bytes:
    """The record with which a book or a sheet begins."""
    return record(0x809, b"\0" * 16)


def size() -> bytes:
    """The record of how large a sheet is; after those of its columns."""
    return record(0x200, struct.pack("<IIHHH", 0, 10, 0, 3, 0))


def columns(first: int, last: int, *, hidden: bool) -> bytes:
    """The record of some columns."""
    return record(0x7D, struct.pack("<HHHHHH", first, last, 2_048, 15, int(hidden), 0))
