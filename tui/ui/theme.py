"""The app's colours, and which of them suit a terminal.

Each theme also says by which text style (bold, reverse, underlined) things stand out: without colour, that is all there
is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.theme import Theme

from ..terminal.capabilities import colours
from .theme_256 import CONTRAST_256, DARK_256, LIGHT_256, in_256_colours

#: Text styles that the app's own style sheets use, in addition to Textual's; each theme can set its own.
STYLES = {
    "bar-style": "bold",
    "title-style": "bold",
    "cursor-style": "bold",
    "cursor-blurred-style": "bold",
    "option-style": "bold",
    "field-style": "none",
    "selection-style": "none",
    "muted-style": "none",
    "current-style": "bold",
}
DARK = Theme(
    name="sentlinks-dark",
    primary="#2f5d8a",
    secondary="#5f87af",
    accent="#8ec5ff",
    foreground="#e4e8ee",
    background="#10151c",
    surface="#161c25",
    panel="#1f2833",
    success="#7fd39a",
    warning="#f2c46d",
    error="#ff8f87",
    dark=True,
    variables={
        **STYLES,
        "bar-background": "#2f5d8a",
        "bar-foreground": "#ffffff",
        "block-cursor-background": "#35618f",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#8ec5ff",
        "input-selection-foreground": "#10151c",
        "text-muted": "#9fadbc",
        "text-disabled": "#7a8693",
        "border": "#4778a8",
        "scrollbar": "#4778a8",
        "scrollbar-hover": "#4778a8",
        "scrollbar-active": "#8ec5ff",
        "scrollbar-background": "#1f2833",
        "scrollbar-background-hover": "#1f2833",
        "scrollbar-background-active": "#1f2833",
    },
)
LIGHT = Theme(
    name="sentlinks-light",
    primary="#2b5f95",
    secondary="#4f7cab",
    accent="#0b4f8a",
    foreground="#1b222b",
    background="#f4f6f8",
    surface="#ffffff",
    panel="#e3e9f0",
    success="#13663b",
    warning="#7a4d00",
    error="#a3211a",
    dark=False,
    variables={
        **STYLES,
        "bar-background": "#2b5f95",
        "bar-foreground": "#ffffff",
        "block-cursor-background": "#2b5f95",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "bold",
        "input-selection-background": "#b9d3ec",
        "text-muted": "#566270",
        "text-disabled": "#75818d",
        "border": "#4f7cab",
        "scrollbar": "#4f7cab",
        "scrollbar-hover": "#4f7cab",
        "scrollbar-active": "#2b5f95",
        "scrollbar-background": "#e3e9f0",
        "scrollbar-background-hover": "#e3e9f0",
        "scrollbar-background-active": "#e3e9f0",
    },
)
CONTRAST = Theme(
    name="sentlinks-contrast",
    primary="#ffff00",
    secondary="#ffffff",
    accent="#ffff00",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    success="#00ff7f",
    warning="#ffd700",
    error="#ff9a9a",
    dark=True,
    variables={
        **STYLES,
        "bar-background": "#ffff00",
        "bar-foreground": "#000000",
        "title-style": "bold underline",
        "block-cursor-background": "#ffff00",
        "block-cursor-foreground": "#000000",
        "block-cursor-text-style": "bold",
        "text-muted": "#ffffff",
        "text-disabled": "#c8c8c8",
        "border": "#ffffff",
        "field-style": "underline",
        "input-selection-background": "#0000ff",
        "scrollbar": "#ffffff",
    },
)
#: The sixteen colours that the terminal itself defines. Its background may be light: then cyan, green and yellow are
#: all unreadable.
SIXTEEN = Theme(
    name="sentlinks-16",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_default",
    accent="ansi_default",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    success="ansi_default",
    warning="ansi_magenta",
    error="ansi_red",
    dark=True,
    variables={
        **STYLES,
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "bar-background": "ansi_blue",
        "bar-foreground": "ansi_bright_white",
        "title-style": "bold underline",
        "block-cursor-background": "ansi_blue",
        "block-cursor-foreground": "ansi_bright_white",
        "block-cursor-text-style": "bold",
        "cursor-blurred-style": "bold underline",
        "field-style": "underline",
        "muted-style": "dim",
        "text-muted": "ansi_default",
        "text-disabled": "ansi_default",
        "border": "ansi_default",
        "border-blurred": "ansi_default",
        "input-cursor-background": "ansi_default",
        "input-cursor-foreground": "ansi_default",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_blue",
        "scrollbar-hover": "ansi_blue",
        "scrollbar-active": "ansi_bright_blue",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
    },
)
#: The same for a background that is known to be dark.
SIXTEEN_DARK = replace(
    SIXTEEN,
    name="sentlinks-16-dark",
    secondary="ansi_cyan",
    accent="ansi_cyan",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_bright_red",
)
#: No colour at all: what stands out is bold, reverse or underlined.
MONO = replace(
    SIXTEEN,
    name="sentlinks-mono",
    primary="ansi_default",
    secondary="ansi_default",
    accent="ansi_default",
    success="ansi_default",
    warning="ansi_default",
    error="ansi_default",
    variables={
        **{
            name: "ansi_default" if value.startswith("ansi_") else value
            for name, value in SIXTEEN.variables.items()
        },
        "bar-style": "bold reverse",
        "cursor-style": "bold reverse",
        "selection-style": "reverse",
        "block-cursor-text-style": "bold reverse",
        "button-focus-text-style": "bold reverse",
        "option-style": "bold underline",
        "current-style": "bold underline",
    },
)
DARK_IN_256 = in_256_colours(DARK, DARK_256)
LIGHT_IN_256 = in_256_colours(LIGHT, LIGHT_256)
CONTRAST_IN_256 = in_256_colours(CONTRAST, CONTRAST_256)
#: The themes with colours of their own, in their versions for terminals with 256 colours.
IN_256 = {"dark": DARK_IN_256, "light": LIGHT_IN_256, "contrast": CONTRAST_IN_256}
THEMES = {
    "dark": DARK,
    "light": LIGHT,
    "contrast": CONTRAST,
    "16": SIXTEEN,
    "16 on dark": SIXTEEN_DARK,
    "mono": MONO,
    **{f"{name} of 256": theme for name, theme in IN_256.items()},
}
#: The name of each where it is chosen.
NAMES = {
    "auto": "match the terminal",
    "dark": "dark",
    "light": "light",
    "contrast": "high contrast",
    "16": "the terminal's own 16 colours",
    "mono": "without colour",
}


def no_colour(environ: Mapping[str, str]) -> bool:
    """Return whether colours are unwanted; an empty ``NO_COLOR`` counts as unset."""
    return bool(environ.get("NO_COLOR"))


def choose(theme: str, environ: Mapping[str, str], light: bool | None = None) -> Theme:
    """Return the theme for the user's choice (a key of :data:`NAMES`), what the terminal supports, and whether it has
    reported a light background."""
    if no_colour(environ):
        return MONO
    if light is None:
        light = _light_background(environ)
    colour_count = colours(environ)
    if theme == "auto" and not colour_count:
        return MONO
    if theme == "16" or (theme == "auto" and colour_count < 256):
        return SIXTEEN_DARK if light is False else SIXTEEN
    name = theme if theme != "auto" else "light" if light else "dark"
    return IN_256[name] if colour_count == 256 and name in IN_256 else THEMES[name]


def has_light_background(environ: Mapping[str, str], reported: bool | None) -> bool:
    """Return whether the terminal's background is light, as it has ``reported``, else as its environment says."""
    return bool(_light_background(environ) if reported is None else reported)


def _light_background(environ: Mapping[str, str]) -> bool | None:
    """Read ``COLORFGBG``, which some terminals set: the number of the background colour comes last."""
    behind = environ.get("COLORFGBG", "").rpartition(";")[2]
    return behind in ("7", "9", "10", "11", "12", "13", "14", "15") if behind else None
