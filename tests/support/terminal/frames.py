"""Frames as Textual paints them, and the model terminal that shows them."""

from __future__ import annotations

import pyte

from tests.support.terminal.emulated import EmulatedScreen

WIDTH, HEIGHT = 40, 8
#: Of spans, as they stand between ``\x1b[`` and ``m``.
STYLES = (
    "",
    "1",
    "2;38;2;10;20;30",
    "38;2;255;255;255;48;2;0;95;175",
    "1;38;2;9;9;9;48;2;1;2;3",
    "48;2;1;2;3",
    "7",
    "4;31;42",
    "3;38;5;77",
    "9",
)


def painted(spans: list[tuple[int, int, list[tuple[str, str]]]], cursor: tuple[int, int]) -> str:
    """What Textual writes for the spans of a frame: (row, column, [(style, text)])."""
    lines = []
    for y, x, segments in spans:
        text = "".join(f"\x1b[{style}m{part}\x1b[0m" if style else part for style, part in segments)
        lines.append(f"\x1b[{y};{x}H{text}")
    return "\n".join(lines) + f"\x1b[{cursor[0]};{cursor[1]}H"


def screen() -> tuple[pyte.Screen, pyte.Stream]:
    """A model terminal, and what writes to it."""
    model = EmulatedScreen(WIDTH, HEIGHT)
    model.reset_mode(pyte.modes.DECAWM)
    return model, pyte.Stream(model)


def cells(model: pyte.Screen) -> list[list[object]]:
    """What can be seen on it, with colours."""
    return [[seen(model.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


def seen(cell: pyte.screens.Char) -> pyte.screens.Char:
    """A cell; of a blank one, only what can be seen."""
    if cell.data != " " or cell.reverse or cell.underscore or cell.strikethrough:
        return cell
    return cell._replace(fg="default", bold=False, italics=False)
