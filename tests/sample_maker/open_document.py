"""ODT documents, from the markup of ``markup.py``; ``[+words+]`` and ``[-words-]`` are tracked changes, ``[!words!]`` a
comment."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from xml.sax.saxutils import escape

from tests.sample_maker.archive import EPOCH
from tests.sample_maker.markup import Block, blocks

_KIND = "application/vnd.oasis.opendocument.text"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_NAMES = " ".join(
    f'xmlns:{prefix}="{_ODF}{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"), ("meta", "meta"),
        ("manifest", "manifest"), ("fo", "xsl-fo-compatible"),
    )
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.3"'  # fmt: skip
_MARKED = re.compile(r"\[([+!-])(.+?)\1\]")


def make(text: str, author: str, moment: datetime) -> bytes:
    writer = _Writer(author, f"{moment:%Y-%m-%dT%H:%M:%S}")
    body = "".join(map(writer.block, blocks(text)))
    changes = "".join(writer.changes)
    tracked = f"<text:tracked-changes>{changes}</text:tracked-changes>" if changes else ""
    parts = {
        "content.xml": _root(
            "document-content", f"<office:body><office:text>{tracked}{body}</office:text></office:body>"
        ),
        "styles.xml": _root("document-styles", "<office:styles/>"),
        "meta.xml": _root(
            "document-meta",
            f"<office:meta><meta:initial-creator>{escape(author)}</meta:initial-creator>"
            f"<dc:creator>{escape(author)}</dc:creator><dc:date>{writer.when}</dc:date></office:meta>",
        ),
        "META-INF/manifest.xml": _manifest(),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # The first part, and not compressed, so that its kind can be seen from outside.
        _write(archive, "mimetype", _KIND, zipfile.ZIP_STORED)
        for name, content in parts.items():
            _write(archive, name, f'<?xml version="1.0" encoding="UTF-8"?>\n{content}', zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _write(archive: zipfile.ZipFile, name: str, content: str, how: int) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type, entry.external_attr = how, 0o600 << 16
    archive.writestr(entry, content.encode(), compresslevel=9)


def _root(name: str, content: str) -> str:
    return f"<office:{name} {_NAMES}>{content}</office:{name}>"


def _manifest() -> str:
    files = (("/", _KIND), *((name, "text/xml") for name in ("content.xml", "styles.xml", "meta.xml")))
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{kind}"/>'
        for path, kind in files
    )
    names = f'xmlns:manifest="{_ODF}manifest:1.0" manifest:version="1.3"'
    return f"<manifest:manifest {names}>{entries}</manifest:manifest>"


class _Writer:
    """Writes the blocks of a text, and collects what was changed."""

    def __init__(self, author: str, when: str) -> None:
        self.when = when
        self.changes: list[str] = []
        self._who = f"<dc:creator>{escape(author)}</dc:creator><dc:date>{when}</dc:date>"

    def block(self, block: Block) -> str:
        if block.style == "table":
            columns = f'<table:table-column table:number-columns-repeated="{len(block.rows[0])}"/>'
            return f"<table:table>{columns}{''.join(map(self._row, block.rows))}</table:table>"
        if block.style in ("title", "heading"):
            level = 1 if block.style == "title" else 2
            return f'<text:h text:outline-level="{level}">{self._words(block.text)}</text:h>'
        return self._paragraph(f"– {block.text}" if block.style == "item" else block.text)

    def _row(self, row: list[str]) -> str:
        cells = "".join(f"<table:table-cell>{self._paragraph(cell)}</table:table-cell>" for cell in row)
        return f"<table:table-row>{cells}</table:table-row>"

    def _paragraph(self, text: str) -> str:
        return f"<text:p>{self._words(text)}</text:p>"

    def _words(self, text: str) -> str:
        return _MARKED.sub(lambda found: self._marked(found[1], found[2]), escape(text))

    def _marked(self, sign: str, words: str) -> str:
        if sign == "!":
            return f"<office:annotation>{self._who}<text:p>{words}</text:p></office:annotation>"
        ident = f"ct{len(self.changes) + 1}"
        info = f"<office:change-info>{self._who}</office:change-info>"
        kind = "insertion" if sign == "+" else "deletion"
        gone = "" if sign == "+" else f"<text:p>{words}</text:p>"
        self.changes.append(
            f'<text:changed-region xml:id="{ident}" text:id="{ident}"><text:{kind}>{info}{gone}</text:{kind}>'
            "</text:changed-region>"
        )
        if sign == "-":
            return f'<text:change text:change-id="{ident}"/>'
        return (
            f'<text:change-start text:change-id="{ident}"/>{words}<text:change-end text:change-id="{ident}"/>'
        )
