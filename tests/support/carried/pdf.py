"""Small PDF files, object by object."""

from __future__ import annotations

from collections.abc import Sequence

FONT = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"


def text(words: str, x: int = 50, y: int = 700, *, before: str = "") -> str:
    """Drawing a line of text."""
    return f"BT {before} /F 12 Tf {x} {y} Td ({words}) Tj ET\n"


def rectangle(x: int, y: int, width: int, height: int, color: str = "0 0 0 rg") -> str:
    """Drawing a filled rectangle."""
    return f"q {color} {x} {y} {width} {height} re f Q\n"


def objects(
    *, content: str, page: str = "", root: str = "", info: str = "", more: Sequence[str] = ()
) -> list[str]:
    """The objects of a file with one page: root, pages, page, content, facts, and more from number 6 on."""
    return [
        f"<</Type/Catalog/Pages 2 0 R{root}>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources{FONT}{page}>>",
        f"<</Length {len(content)}>>stream\n{content}\nendstream",
        f"<<{info}>>",
        *more,
    ]


def picture(shade: int = 128) -> str:
    """A picture of one pixel in a shade of grey, as an object; drawn, it is stretched over any area."""
    head = "<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8"
    return f"{head}/Filter/ASCIIHexDecode/Length 3>>stream\n{shade:02x}>\nendstream"


def with_picture(before: str, place: tuple[int, int, int, int], after: str = "") -> bytes:
    """A file with a picture at ``place`` (left, bottom, width, height), and what is drawn before and after it."""
    x, y, width, height = place
    drawn = f"{before}q {width} 0 0 {height} {x} {y} cm /X Do Q\n{after}"
    found = objects(content=drawn, more=[picture()])
    found[2] = found[2].replace("/Resources<<", "/Resources<</XObject<</X 6 0 R>>")
    return written(found)


def written(given: Sequence[str], trailer: str = "") -> bytes:
    """A file with these objects, numbered from 1."""
    data, places = b"%PDF-1.7\n", []
    for number, each in enumerate(given, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{each}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(places) + 1
    return data + (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Root 1 0 R/Info 5 0 R/Size {size}{trailer}>>\n"
        f"startxref\n{len(data)}\n%%EOF\n"
    ).encode("latin-1")


def pdf(**parts: object) -> bytes:
    """A file with one page."""
    return written(objects(**parts))  # type: ignore[arg-type]


def saved_onto(first: bytes, number: int, replaced: str, size: int) -> bytes:
    """A file to which a later revision was appended, which replaces one object."""
    start = len(first)
    added = f"{number} 0 obj\n{replaced}\nendobj\n".encode("latin-1")
    previous = int(first.rpartition(b"startxref\n")[2].split()[0])
    end = (
        f"xref\n{number} 1\n{start:010d} 00000 n \ntrailer\n<</Root 1 0 R/Info 5 0 R/Size {size}/Prev {previous}>>\n"
        f"startxref\n{start + len(added)}\n%%EOF\n"
    )
    return first + added + end.encode("latin-1")
