"""What a screen looked like: rows of text in looks. Plain values; equal rows are one object, so that many frames take
little room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

#: A colour: ``#rrggbb``, one of the terminal's sixteen (``0`` to ``15``), or empty for the terminal's own.
Colour = str


class TextLook(NamedTuple):
    """How text looks."""

    colour: Colour = ""
    behind: Colour = ""
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    reverse: bool = False
    strike: bool = False


class StyledText(NamedTuple):
    """Text in one look; ``cells`` is its width."""

    text: str
    look: TextLook
    cells: int


Row = tuple[StyledText, ...]


class ScreenFrame(NamedTuple):
    """What was on the screen; ``columns`` is its width."""

    columns: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """A frame, and the seconds since the beginning at which it appeared."""

    at: float
    frame: ScreenFrame


def text_of(row: Row) -> str:
    """The characters of a row."""
    return "".join(run.text for run in row)


def joined(runs: list[StyledText]) -> Row:
    """A row of these runs; neighbours in the same look become one."""
    row: list[StyledText] = []
    for run in runs:
        if row and row[-1].look == run.look:
            row[-1] = StyledText(row[-1].text + run.text, run.look, row[-1].cells + run.cells)
        elif run.text:
            row.append(run)
    return tuple(row)
