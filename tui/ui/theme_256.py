"""The app's colours in terminals with 256 colours: which terminal colour stands for each, chosen by hand.

Rounding automatically turns a dark theme's colour into navy or violet as easily as into grey: of these 112 colours, 48
aren't the nearest one, as seen (OKLab), for reasons of contrast and of what has to differ from what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from textual.theme import Theme

_LEVELS = (0, 95, 135, 175, 215, 255)
_FIRST_GREY = 232
_BASE = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
#: The terminal colour's number for each colour of the dark theme.
DARK_256 = {
    "primary": 24,
    "secondary": 67,
    "accent": 117,
    "foreground": 254,
    "background": 233,
    "surface": 234,
    "panel": 236,
    "success": 114,
    "warning": 221,
    "error": 210,
    "bar-background": 24,
    "bar-foreground": 231,
    "block-cursor-background": 24,
    "block-cursor-foreground": 231,
    "input-selection-background": 117,
    "input-selection-foreground": 233,
    "block-cursor-blurred-background": 238,
    "block-hover-background": 236,
    "screen-selection-background": 24,
    "text": 254,
    "text-accent": 153,
    "text-success": 151,
    "text-warning": 222,
    "text-error": 217,
    "text-muted": 248,
    "text-disabled": 245,
    "panel-lighten-1": 238,
    "surface-darken-1": 233,
    "primary-darken-2": 25,
    "warning-darken-2": 179,
    "error-darken-1": 174,
    "border": 67,
    "scrollbar": 67,
    "scrollbar-hover": 67,
    "scrollbar-active": 117,
    "scrollbar-background": 236,
    "scrollbar-background-hover": 236,
    "scrollbar-background-active": 236,
}
#: The same for the light theme.
LIGHT_256 = {
    "primary": 25,
    "secondary": 67,
    "accent": 24,
    "foreground": 235,
    "background": 255,
    "surface": 231,
    "panel": 255,
    "success": 22,
    "warning": 94,
    "error": 124,
    "bar-background": 25,
    "bar-foreground": 231,
    "block-cursor-background": 25,
    "block-cursor-foreground": 231,
    "input-selection-background": 153,
    "block-cursor-blurred-background": 153,
    "block-hover-background": 254,
    "screen-selection-background": 153,
    "text": 235,
    "text-accent": 24,
    "text-success": 22,
    "text-warning": 94,
    "text-error": 124,
    "text-muted": 241,
    "text-disabled": 244,
    "panel-lighten-1": 254,
    "surface-darken-1": 254,
    "primary-darken-2": 24,
    "warning-darken-2": 58,
    "error-darken-1": 88,
    "border": 67,
    "scrollbar": 67,
    "scrollbar-hover": 67,
    "scrollbar-active": 25,
    "scrollbar-background": 255,
    "scrollbar-background-hover": 255,
    "scrollbar-background-active": 255,
}
#: The same for the high-contrast theme.
CONTRAST_256 = {
    "primary": 226,
    "secondary": 231,
    "accent": 226,
    "foreground": 231,
    "background": 16,
    "surface": 16,
    "panel": 16,
    "success": 48,
    "warning": 220,
    "error": 217,
    "bar-background": 226,
    "bar-foreground": 16,
    "block-cursor-background": 226,
    "block-cursor-foreground": 16,
    "block-cursor-blurred-background": 58,
    "block-hover-background": 236,
    "input-selection-background": 21,
    "screen-selection-background": 21,
    "text": 231,
    "text-accent": 226,
    "text-success": 85,
    "text-warning": 221,
    "text-error": 224,
    "text-muted": 231,
    "text-disabled": 251,
    "panel-lighten-1": 236,
    "surface-darken-1": 16,
    "primary-darken-2": 184,
    "warning-darken-2": 178,
    "error-darken-1": 210,
    "border": 231,
    "scrollbar": 231,
    "scrollbar-hover": 231,
    "scrollbar-active": 226,
    "scrollbar-background": 16,
    "scrollbar-background-hover": 16,
    "scrollbar-background-active": 16,
}


def xterm_colour(number: int) -> str:
    """Return what the terminal shows for one of its colours, from 16 on: ``#5f87af``."""
    if number >= _FIRST_GREY:
        grey = 8 + 10 * (number - _FIRST_GREY)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    cube = number - 16
    red, green, blue = _LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]
    return f"#{red:02x}{green:02x}{blue:02x}"


def written_as(number: int) -> str:
    """Return the colour that Rich writes as ``number`` to a terminal with 256 colours.

    This is what the terminal shows for the number, except for light greys: Rich counts those in steps of 10.2, and
    would write the number before.
    """
    if number <= _FIRST_GREY + 14:
        return xterm_colour(number)
    grey = 8 + 10 * (number - _FIRST_GREY)
    while round(grey / 255 * 25) < number - _FIRST_GREY + 1:
        grey += 1
    return f"#{grey:02x}{grey:02x}{grey:02x}"


def in_256_colours(theme: Theme, numbers: Mapping[str, int]) -> Theme:
    """Return the theme with the terminal's colours in place of its own."""
    written = {name: written_as(number) for name, number in numbers.items()}
    base: dict[str, Any] = {name: written.pop(name) for name in _BASE}
    # Plain black or white, whichever the button's own colour calls for, not a blend with it.
    variables = {**theme.variables, "button-color-foreground": "auto 100%", **written}
    return replace(theme, name=f"{theme.name}-256", variables=variables, **base)
