"""Themes besides the app's own: Textual's, and the user's; made only when one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

from rich.color import Color as RichColor
from rich.color import ColorSystem
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from ..config.preferences import TEXTUAL_THEMES
from .theme import theme_of
from .theme_256 import written_as, xterm_colour
from .theme_contrast import MARK, ROW, TEXT, blend, channels, contrast, legible
from .theme_file import read_theme
from .tokens import text_styles

#: How much of its first colour a theme has behind the row under the cursor, at most; and how much of the ground is in
#: what is quiet, at most.
_CURSOR, _QUIET = 0.45, 0.4
#: The contrast that the lightest or darkest text has at least with that row: others need some, too.
_ROOM = 6.0
_STEPS = 20
_FIRST_OWN = 16


def other_theme(name: str, folder: Path | None, colours: int) -> Theme:
    """The theme of that name, for a terminal with so many colours. ``folder`` has the user's own.

    Raises :class:`InvalidValue` if the user's file can't be used.
    """
    if name in TEXTUAL_THEMES or folder is None:
        return _of_textual(BUILTIN_THEMES[name], _in_256 if colours == 256 else str)
    own = read_theme(folder, name)
    return theme_of(f"own-{name}", own.colours, text_styles("dark"), dark=own.dark)


def _of_textual(theme: Theme, written: Callable[[str], str]) -> Theme:
    """A theme of Textual's as tokens. What can't be read enough on another is made lighter or darker."""
    generated = theme.to_color_system().generate()
    dark = theme.dark
    ground, panel = (written(_solid(generated[name])) for name in ("background", "surface"))
    words = {ground: TEXT, panel: TEXT}
    text = legible(_solid(generated["foreground"]), words, dark=dark, written=written)
    cursor = _cursor(ground, _solid(generated["primary"]), dark, written)
    text = legible(text, {**words, cursor: TEXT}, dark=dark, written=written)
    colours = {"ground": ground, "panel": panel, "text": text, "cursor": cursor}
    colours["quiet"] = legible(blend(text, ground, _QUIET), words, dark=dark, written=written)
    if colours["quiet"] == text:
        # The theme's text is hardly more than readable.
        colours["text"] = written(blend(text, "#ffffff" if dark else "#000000", _QUIET))
    marks = {**words, cursor: max(MARK, words.get(cursor, 0.0))}
    for token, name in (("accent", "success"), ("warn", "warning"), ("bad", "error"), ("key", "primary")):
        colours[token] = legible(_solid(generated[name]), marks, dark=dark, written=written)
    return theme_of(theme.name, colours, text_styles("dark"), dark=dark)


def _cursor(ground: str, first: str, dark: bool, written: Callable[[str], str]) -> str:
    """What is behind the row under the cursor: as much of the first colour as leaves enough contrast for text."""
    most = "#ffffff" if dark else "#000000"
    for other in (first, most):
        for step in range(_STEPS):
            found = written(blend(ground, other, _CURSOR * (_STEPS - step) / _STEPS))
            if contrast(most, found) >= _ROOM and contrast(found, ground) >= ROW:
                return found
    return written(blend(ground, most, _CURSOR))


def _solid(colour: str) -> str:
    """A colour of Textual's without its transparency."""
    red, green, blue = Color.parse(colour).rgb
    return f"#{red:02x}{green:02x}{blue:02x}"


def _in_256(colour: str) -> str:
    """The nearest colour of a terminal with 256 of them."""
    wanted = channels(colour)

    def distance(number: int) -> int:
        return sum((a - b) ** 2 for a, b in zip(wanted, channels(xterm_colour(number)), strict=True))

    return written_as(min(_numbers(), key=distance))


@cache
def _numbers() -> list[int]:
    """The colours that are sent as their own number. The first sixteen are whatever the user has chosen."""
    return [
        number
        for number in range(_FIRST_OWN, 256)
        if RichColor.parse(written_as(number)).downgrade(ColorSystem.EIGHT_BIT).number == number
    ]
