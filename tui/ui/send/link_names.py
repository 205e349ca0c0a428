"""What links are called, and what they come from: in the rows of the send dialog, and below them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len

from ...rules.text import printable
from ..widgets.row_line import left_out

if TYPE_CHECKING:
    from ...sending.sources import SendSource
    from ..widgets.table import Row, Table

#: The index of the link name's column; the row number comes first, and what the link comes from follows.
NAME = 1
_BETWEEN = " · "


def origin(source: SendSource, name: str) -> str:
    """What a link with that name comes from, as far as the name doesn't tell."""
    version = f"v{source.version_number}" if source.version_number else ""
    return " ".join(filter(None, (source.name if source.name != name else "", version)))


def cut_name(table: Table, row: Row, source: SendSource) -> str:
    """What a row has no room for of its link's name, and of what that comes from if it was renamed."""
    columns = list(zip(table.model.columns, table.widths, strict=True))[NAME : NAME + 2]
    name, cut_origin = (left_out(table, row, NAME + at, *column) for at, column in enumerate(columns))
    is_told = name or row.cells[NAME] != source.name
    return _BETWEEN.join(filter(None, (name, f"from {cut_origin}" if is_told and cut_origin else "")))


def beside(sentence: str, name: str) -> str:
    """A sentence about a row, if there is one, and the name that belongs to it."""
    return _BETWEEN.join((sentence.removesuffix("."), name)) if sentence and name else sentence or name


def while_typed(said: str, source: SendSource, typed: str, room: int) -> str:
    """What is said while a name is typed: what is wrong with it or will become of it, and the name that it replaces;
    only one of them if there is no room for both in a line, since nothing below should move at each key."""
    replaced = f"from {printable(origin(source, typed))}" if typed != source.name else ""
    both = beside(said, replaced)
    return both if cell_len(both) <= room else said or replaced
