"""Frames as an asciicast, version 2: a line of JSON about the recording, and one for each change of the screen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..terminal.celldiff import CellDiff
from .frames import ScreenFrame, Shot, TextLook

_ATTRIBUTES = (
    ("bold", "1"),
    ("dim", "2"),
    ("italic", "3"),
    ("underline", "4"),
    ("reverse", "7"),
    ("strike", "9"),
)
_BEGIN = "\x1b[?25l\x1b[2J"
_BRIGHT = 8


def cast_of(shots: Sequence[Shot], title: str, until: float) -> bytes:
    """The recording of at least one shot, the earliest first. ``until`` is when it ends, in seconds."""
    first = shots[0].frame
    head = {
        "version": 2, "width": first.columns, "height": len(first.rows), "duration": round(until, 3), "title": title,
        "env": {"TERM": "xterm-256color"},
    }  # fmt: skip
    lines = [
        head,
        *([round(at, 3), kind, data] for at, kind, data in _events(shots)),
        [round(until, 3), "o", ""],
    ]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def _events(shots: Sequence[Shot]) -> Iterator[tuple[float, str, str]]:
    diff, size = CellDiff(), (0, 0)
    for shot in shots:
        new = (shot.frame.columns, len(shot.frame.rows))
        begin = ""
        if new != size:
            if size != (0, 0):
                yield shot.at, "r", f"{new[0]}x{new[1]}"
            begin, size = _BEGIN, new
            diff = CellDiff(columns=new[0])
        if data := begin + diff.feed(_painted(shot.frame)):
            yield shot.at, "o", data


def _painted(frame: ScreenFrame) -> str:
    """A frame in the form that is understood by :class:`CellDiff`."""
    rows = []
    for number, row in enumerate(frame.rows, 1):
        runs = "".join(
            f"\x1b[{codes}m{text}\x1b[0m" if (codes := _codes(look)) else text for text, look, _ in row
        )
        rows.append(f"\x1b[{number};1H{runs}")
    return "\n".join(rows) + "\x1b[1;1H"


def _codes(look: TextLook) -> str:
    found = [code for name, code in _ATTRIBUTES if getattr(look, name)]
    for colour, sixteen, bright, true in ((look.colour, 30, 90, "38"), (look.behind, 40, 100, "48")):
        if colour.startswith("#"):
            found.append(f"{true};2;{';'.join(str(int(colour[at : at + 2], 16)) for at in (1, 3, 5))}")
        elif colour:
            number = int(colour)
            found.append(str(sixteen + number if number < _BRIGHT else bright + number - _BRIGHT))
    return ";".join(found)
