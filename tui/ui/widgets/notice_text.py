"""Notices as text that fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ...rules.text import printable
from .fit import shorten_name

if TYPE_CHECKING:
    from ...session.notices import NoticeLine

#: A name isn't cut to less than that: everything is only counted before.
_LEAST_NAME = 16


def notice_text(line: NoticeLine, mark: str, room: int, hint: str = "") -> str:
    """The line with the ``mark`` of its tone in ``room`` cells: the first of its forms that has room. ``hint`` follows
    if there is room for all of it; it is alone, or nothing is there, where no form has any."""
    shown = next((form for form in _forms(line, room - cell_len(mark)) if form), "")
    if not shown:
        return hint if cell_len(hint) <= room else ""
    with_hint = f"{mark}{shown}  {hint}"
    return with_hint if hint and cell_len(with_hint) <= room else mark + shown


def _forms(line: NoticeLine, room: int) -> Iterator[str]:
    """The line, ever shorter, by whole parts: if there is no room for all of two notices, the second is counted; then
    the address is left out, the name of the document cut in its middle, and everything only counted. Empty for a form
    that has no room."""
    name = printable(line.notice.name)
    bare = cell_len(line.text("", address=False))
    brief = shorten_name(name, max(room - bare, min(_LEAST_NAME, cell_len(name))))
    forms = (line.full_text, line.text(), line.text(address=False), line.text(brief, address=False))
    yield from (form if cell_len(form) <= room else "" for form in (*forms, *line.counted))
