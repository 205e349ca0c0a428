"""PDFium, as far as it is used here: pages, their objects in the order in which they are drawn, and their text.

A damaged file can end this process within PDFium, so that what was found before is sent first.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdfium2_raw as raw

from .document import DocumentBytes
from .refusals import Unreadable

_PASSWORD_ERROR = 4
MOST_OBJECTS, MOST_DEPTH = 20_000, 12
_MOST_CHARACTERS = 200_000
_TEXT, _PATH, _IMAGE, _FORM = 1, 2, 3, 5
_OPAQUE = 255
_INVISIBLE = 3
_MAY_HIDE = frozenset(
    (
        raw.FPDF_ANNOT_SQUARE,
        raw.FPDF_ANNOT_HIGHLIGHT,
        raw.FPDF_ANNOT_POLYGON,
        raw.FPDF_ANNOT_STAMP,
        raw.FPDF_ANNOT_INK,
    )
)
Box = tuple[float, float, float, float]
_Matrix = tuple[float, float, float, float, float, float]
_SAME: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def start() -> None:
    """Make the library ready; once a process."""
    raw.FPDF_InitLibrary()


@dataclass(frozen=True, slots=True)
class Drawn:
    """An object of a page: ``what`` is ``text``, ``cover`` (an opaque rectangle), or ``image``."""

    what: str
    box: Box
    invisible: bool = False


class Pdf:
    """A document that PDFium has opened."""

    def __init__(self, document: DocumentBytes, size: int | None = None) -> None:
        """``size``: only the beginning of the document, as an earlier revision. Raises :class:`Unreadable`."""
        length = document.size if size is None else size

        def read(_: object, place: int, buffer: Any, wanted: int) -> int:
            try:
                found = document.read_at(place, wanted)
            except (OSError, Unreadable):
                return 0
            ctypes.memmove(buffer, found, len(found))
            return int(len(found) == wanted)

        self._access = raw.FPDF_FILEACCESS()
        self._access.m_FileLen = length
        # Kept here: PDFium calls it as long as the document is open.
        self._read = type(self._access.m_GetBlock)(read)
        self._access.m_GetBlock = self._read
        self._handle = raw.FPDF_LoadCustomDocument(ctypes.byref(self._access), None)
        if not self._handle:
            encrypted = raw.FPDF_GetLastError() == _PASSWORD_ERROR
            raise Unreadable("encrypted" if encrypted else "damaged")
        self.page_count = int(raw.FPDF_GetPageCount(self._handle))

    def close(self) -> None:
        """Give back its memory; its pages are closed by then."""
        raw.FPDF_CloseDocument(self._handle)

    def page(self, number: int) -> PdfPage | None:
        """A page by its number from 0; ``None`` if it is damaged."""
        handle = raw.FPDF_LoadPage(self._handle, number)
        return PdfPage(handle) if handle else None


class PdfPage:
    """A page that is loaded, until it is closed."""

    def __init__(self, handle: Any) -> None:
        self._handle = handle
        self.width = float(raw.FPDF_GetPageWidthF(handle))
        self.height = float(raw.FPDF_GetPageHeightF(handle))

    @property
    def area(self) -> Box:
        """What is shown of it, in the coordinates of its objects."""
        area = raw.FS_RECTF()
        if not raw.FPDF_GetPageBoundingBox(self._handle, ctypes.byref(area)):
            return (0.0, 0.0, self.width, self.height)
        return (area.left, area.bottom, area.right, area.top)

    def close(self) -> None:
        """Give back its memory."""
        raw.FPDF_ClosePage(self._handle)

    def text(self, most: int = _MOST_CHARACTERS) -> str:
        """Its text, at most so many characters of it."""
        text_page = raw.FPDFText_LoadPage(self._handle)
        if not text_page:
            return ""
        try:
            count = min(int(raw.FPDFText_CountChars(text_page)), most)
            if count <= 0:
                return ""
            # Characters outside the basic plane take two places each.
            buffer = (ctypes.c_ushort * (2 * count + 1))()
            written = int(raw.FPDFText_GetText(text_page, 0, count, buffer))
            return bytes(buffer)[: 2 * max(written - 1, 0)].decode("utf-16-le", "replace")
        finally:
            raw.FPDFText_ClosePage(text_page)

    def objects(self) -> Iterator[Drawn]:
        """Its texts, opaque rectangles and images in the order in which they are drawn, within forms too."""
        budget = [MOST_OBJECTS]
        count = int(raw.FPDFPage_CountObjects(self._handle))
        for index in range(min(count, MOST_OBJECTS)):
            yield from self._drawn(raw.FPDFPage_GetObject(self._handle, index), _SAME, 0, budget)
        yield from self._annotations()

    def _drawn(self, item: Any, matrix: _Matrix, depth: int, budget: list[int]) -> Iterator[Drawn]:
        budget[0] -= 1
        if budget[0] < 0:
            raise Unreadable("limits")
        kind = int(raw.FPDFPageObj_GetType(item))
        if kind == _FORM:
            if depth >= MOST_DEPTH:
                raise Unreadable("limits")
            inner = _product(_matrix_of(item), matrix)
            for index in range(int(raw.FPDFFormObj_CountObjects(item))):
                yield from self._drawn(raw.FPDFFormObj_GetObject(item, index), inner, depth + 1, budget)
            return
        if kind not in (_TEXT, _PATH, _IMAGE):
            return
        box = _bounds(item, matrix)
        if box is None:
            return
        if kind == _TEXT:
            yield Drawn("text", box, int(raw.FPDFTextObj_GetTextRenderMode(item)) == _INVISIBLE)
        elif raw.FPDFPageObj_HasTransparency(item):
            return
        elif kind == _IMAGE:
            yield Drawn("image", box)
        elif _is_filled(item) and _is_rectangle(item):
            yield Drawn("cover", box)

    def _annotations(self) -> Iterator[Drawn]:
        """Annotations that are drawn over the page and may hide what is under them."""
        for index in range(min(int(raw.FPDFPage_GetAnnotCount(self._handle)), 1_000)):
            annotation = raw.FPDFPage_GetAnnot(self._handle, index)
            if not annotation:
                continue
            try:
                box = _covered_by(annotation)
                if box is not None:
                    yield Drawn("cover", box)
            finally:
                raw.FPDFPage_CloseAnnot(annotation)

    def paint(self, scale: float) -> Painted:
        """The page as grey pixels."""
        width, height = max(1, round(self.width * scale)), max(1, round(self.height * scale))
        bitmap = raw.FPDFBitmap_CreateEx(width, height, raw.FPDFBitmap_Gray, None, 0)
        if not bitmap:
            raise Unreadable("limits")
        try:
            raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, 0xFFFFFFFF)
            raw.FPDF_RenderPageBitmap(
                bitmap, self._handle, 0, 0, width, height, 0, raw.FPDF_ANNOT | raw.FPDF_GRAYSCALE
            )
            stride = int(raw.FPDFBitmap_GetStride(bitmap))
            pixels = ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), stride * height)
        finally:
            raw.FPDFBitmap_Destroy(bitmap)
        return Painted(pixels, stride, width, height)

    def shows_nothing(self, painted: Painted, box: Box) -> bool:
        """Whether the page as it was painted has one shade in a box, so that no text can be read there."""
        xs, ys = [], []
        for x, y in ((box[0], box[1]), (box[2], box[3])):
            column, line = ctypes.c_int(), ctypes.c_int()
            raw.FPDF_PageToDevice(
                self._handle,
                0,
                0,
                painted.width,
                painted.height,
                0,
                x,
                y,
                ctypes.byref(column),
                ctypes.byref(line),
            )
            xs.append(column.value)
            ys.append(line.value)
        return painted.has_one_shade(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Painted:
    """Grey pixels of a page, a byte each, from its top."""

    pixels: bytes
    stride: int
    width: int
    height: int

    def has_one_shade(self, left: int, top: int, right: int, bottom: int) -> bool:
        """Whether nearly all pixels within a box, without its edge, have the same shade."""
        first, last = max(0, left + 1), min(self.width, right)
        upper, lower = max(0, top + 1), min(self.height, bottom)
        if last - first < 2 or lower - upper < 2:
            return False
        shades: dict[int, int] = {}
        for line in range(upper, lower):
            for shade in self.pixels[line * self.stride + first : line * self.stride + last]:
                shades[shade] = shades.get(shade, 0) + 1
        return max(shades.values()) >= 0.98 * sum(shades.values())


def _matrix_of(item: Any) -> _Matrix:
    matrix = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, ctypes.byref(matrix)):
        return _SAME
    return (matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)


def _product(one: _Matrix, other: _Matrix) -> _Matrix:
    """The matrix that does what ``one`` does, and then what ``other`` does."""
    rows = ((one[0], one[1], 0.0), (one[2], one[3], 0.0), (one[4], one[5], 1.0))
    a, b, c, d, e, f = other
    (xx, xy), (yx, yy), (ox, oy) = ((x * a + y * c + z * e, x * b + y * d + z * f) for x, y, z in rows)
    return (xx, xy, yx, yy, ox, oy)


def _bounds(item: Any, matrix: _Matrix) -> Box | None:
    edges = [ctypes.c_float() for _ in range(4)]
    if not raw.FPDFPageObj_GetBounds(item, *(ctypes.byref(edge) for edge in edges)):
        return None
    left, bottom, right, top = (edge.value for edge in edges)
    if matrix is _SAME:
        return (left, bottom, right, top)
    a, b, c, d, e, f = matrix
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def _is_filled(path: Any) -> bool:
    mode, stroke = ctypes.c_int(), raw.FPDF_BOOL()
    if not raw.FPDFPath_GetDrawMode(path, ctypes.byref(mode), ctypes.byref(stroke)) or not mode.value:
        return False
    parts = [ctypes.c_uint() for _ in range(4)]
    return bool(raw.FPDFPageObj_GetFillColor(path, *map(ctypes.byref, parts))) and parts[3].value == _OPAQUE


def _is_rectangle(path: Any) -> bool:
    count = int(raw.FPDFPath_CountSegments(path))
    if not 4 <= count <= 6:
        return False
    xs, ys = set(), set()
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        if not segment or not raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y)):
            return False
        xs.add(round(x.value, 2))
        ys.add(round(y.value, 2))
    return len(xs) == 2 and len(ys) == 2


def _covered_by(annotation: Any) -> Box | None:
    """The area of an annotation that may hide what is under it; whether it does, the painted page shows."""
    if int(raw.FPDFAnnot_GetSubtype(annotation)) not in _MAY_HIDE:
        return None
    area = raw.FS_RECTF()
    if not raw.FPDFAnnot_GetRect(annotation, ctypes.byref(area)):
        return None
    return (area.left, area.bottom, area.right, area.top)
