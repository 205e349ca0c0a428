"""The text of the e-mail as HTML. It is made from the text as the user edited it, so the two never differ."""

from __future__ import annotations

import re
from collections.abc import Collection
from html import escape

_URL = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]}]")


def to_html(body: str, names: Collection[str] = ()) -> str:
    """``body`` as paragraphs, with its addresses as links. Lines in ``names``, the links' names, are bold."""
    paragraphs = [paragraph for paragraph in re.split(r"\n[ \t]*\n", body.strip("\n")) if paragraph.strip()]
    return "\n".join(f"<p>{_paragraph(paragraph, names)}</p>" for paragraph in paragraphs)


def _paragraph(text: str, names: Collection[str]) -> str:
    return "<br>\n".join(_line(line, names) for line in text.strip("\n").split("\n"))


def _line(line: str, names: Collection[str]) -> str:
    if line.strip() in names:
        return f"<b>{_escaped(line)}</b>"
    parts, at = [], 0
    for found in _URL.finditer(line):
        address = escape(found[0])
        parts += [_escaped(line[at : found.start()]), f'<a href="{address}">{address}</a>']
        at = found.end()
    return "".join([*parts, _escaped(line[at:])])


def _escaped(text: str) -> str:
    """Text with the blanks that HTML would drop."""
    return re.sub(r"^ | (?= )", "&nbsp;", escape(text, quote=False).replace("\t", "    "))
