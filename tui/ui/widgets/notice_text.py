"""Notices as text that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from ...rules.text import printable
from .fit import shorten, shorten_name

if TYPE_CHECKING:
    from ...session.notices import NoticeLine

#: A name isn't cut to less than that.
_LEAST_NAME = 16


def notice_text(line: NoticeLine, mark: str, room: int, hint: str = "") -> str:
    """The line with the ``mark`` of its tone in ``room`` cells. If there is no room for all of two notices, the second
    is counted; then the name of the document is cut, in its middle, before anything else. ``hint`` follows if there is
    room for all of it."""
    full = f"{mark}{line.full_text}"
    if line.other is not None and cell_len(full) <= room:
        return f"{full}  {hint}" if hint and cell_len(f"{full}  {hint}") <= room else full
    name = printable(line.notice.name)
    left = room - cell_len(mark + line.text(""))
    if hint and cell_len(f"{name}  {hint}") <= left:
        return f"{mark}{line.text(name)}  {hint}"
    return shorten(mark + line.text(shorten_name(name, max(left, _LEAST_NAME))), room)
