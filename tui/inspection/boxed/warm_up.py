"""Doing once what loads modules late: within the box, nothing can be loaded any more."""

from __future__ import annotations

import codecs
import io
import zipfile
from contextlib import suppress

from . import mail, old_office, pdf_pages, pdf_structure, pdfium
from .document import DocumentBytes, FetchedBytes
from .findings import Findings
from .inspection import inspect
from .refusals import Unreadable
from .text import read_lines

#: Documents name these; Python loads each when it is first used.
_ENCODINGS = (
    "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "ascii", "latin-1", "utf-7",
    *(f"cp125{number}" for number in range(9)), "cp437", "cp850", "cp866", "mac-roman",
    *(f"iso8859-{number}" for number in range(2, 17) if number != 12), "koi8-r", "koi8-u",
    "gb2312", "gbk", "gb18030", "big5", "shift_jis", "cp932", "euc-jp", "iso-2022-jp", "euc-kr", "cp949",
)  # fmt: skip
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/Names<</EmbeddedFiles<</Names[]>>>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F<</Type/Font"
    b"/Subtype/Type1/BaseFont/Helvetica>>>>>>>>endobj\n"
    b"4 0 obj<</Length 58>>stream\nBT /F 9 Tf 9 9 Td (warm) Tj ET 0 0 0 rg 5 5 50 20 re f    \nendstream endobj\n"
    b"5 0 obj<</Author(A)/Title<feff0041>>>endobj\n"
    b"trailer<</Root 1 0 R/Info 5 0 R/Size 6>>\n%%EOF\n"
)
_MAIL = (
    b"From: a@example.com\r\nSubject: =?iso-8859-1?q?=E9?=\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n'
    b"Content-Transfer-Encoding: base64\r\n\r\nPGI+eDwvYj4=\r\n--b\r\nContent-Type: application/pdf\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''a%20b.pdf\r\n\r\n=41\r\n--b--\r\n"
)


def in_memory(data: bytes) -> DocumentBytes:
    """A document whose bytes are here."""
    return FetchedBytes(len(data), lambda place, length: data[place : place + length])


def warm_up() -> None:
    """Use every parser once."""
    for name in _ENCODINGS:
        codecs.lookup(name)
    pdfium.start()
    findings = Findings()
    for data, name in ((_PDF, "a.pdf"), (_MAIL, "a.eml"), (_docx(), "a.docx"), (b"a\n", "a.txt")):
        with suppress(Unreadable):
            read_lines(in_memory(data), name, 9)
        for _ in inspect(in_memory(data), name):
            pass
    with suppress(Unreadable):
        pdf_structure.Structure(in_memory(_PDF[:200]), findings)
    with suppress(Unreadable):
        pdf_pages.look_at_revisions(in_memory(_PDF * 2), findings)
    with suppress(Unreadable):
        old_office.look(in_memory(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)), findings)
    with suppress(Unreadable):
        mail.look(in_memory(_MAIL), findings)


def _docx() -> bytes:
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/a.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("a.xml", '<?xml version="1.0" encoding="windows-1252"?><a/>')
    return out.getvalue()
