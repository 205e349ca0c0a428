"""What Textual paints, as the plain frames of :mod:`tui.tour.frames`; and the tour's bar as what Textual paints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor

from ...tour.bar import Line
from ...tour.frames import Row, StyledText, TextLook, joined

_SIXTEEN = 16


def row_of(segments: Iterable[Segment]) -> Row:
    """A row as it is painted."""
    return joined(
        [StyledText(each.text, look_of(each.style or Style.null()), each.cell_length) for each in segments]
    )


@lru_cache(maxsize=1024)
def look_of(style: Style) -> TextLook:
    """How a style of rich's looks."""
    return TextLook(
        colour=_colour(style.color),
        behind=_colour(style.bgcolor),
        bold=bool(style.bold),
        dim=bool(style.dim),
        italic=bool(style.italic),
        underline=bool(style.underline),
        reverse=bool(style.reverse),
        strike=bool(style.strike),
    )


def _colour(colour: Color | None) -> str:
    if colour is None or colour.type is ColorType.DEFAULT:
        return ""
    if colour.number is not None and colour.number < _SIXTEEN:
        return str(colour.number)
    return colour.get_truecolor().hex


def segments_of(line: Line, tokens: Mapping[str, str]) -> list[Segment]:
    """A line of the bar; ``tokens`` has the colours and text styles of the current theme."""
    ground = TextualColor.parse(tokens["ground"]).rich_color
    segments = []
    for text, token, bold in line:
        style = Style(color=TextualColor.parse(tokens[token]).rich_color, bgcolor=ground, bold=bold or None)
        segments.append(Segment(text, style + Style.parse(tokens.get(f"{token}-style", "none"))))
    return segments
