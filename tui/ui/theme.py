"""The app's looks as themes of Textual's, and which of them suits a terminal.

All of a theme comes from :mod:`.tokens`: its own names, and what Textual's widgets call their colours.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.theme import Theme

from ..terminal.capabilities import colours
from . import tokens


def _theme(look: str) -> Theme:
    """Return the theme of a look."""
    name = look.replace(" of ", "-").replace(" on ", "-")
    return theme_of(name, tokens.colours(look), tokens.text_styles(look), dark=not look.startswith("light"))


def theme_of(name: str, colour: Mapping[str, str], style: Mapping[str, str], *, dark: bool) -> Theme:
    """Return the theme of that name with these colours and text styles of the tokens. Whatever Textual would blend from
    others is one of the tokens."""
    ground, panel, text, quiet = (colour[name] for name in ("ground", "panel", "text", "quiet"))
    cursor, accent, warn, bad = (colour[name] for name in ("cursor", "accent", "warn", "bad"))
    ansi = text.startswith("ansi_")
    return Theme(
        name=f"sentlinks-{name}",
        ansi=ansi,
        dark=dark,
        primary=text,
        secondary=text,
        accent=accent,
        foreground=text,
        background=ground,
        surface=ground,
        panel=panel,
        boost=ground,
        success=accent,
        warning=warn,
        error=bad,
        variables={
            **colour,
            **style,
            "ansi-background": ground,
            "ansi-foreground": text,
            "foreground": text,
            **dict.fromkeys(("surface", "background", "boost", "surface-darken-1"), ground),
            **dict.fromkeys(("surface-lighten-1", "surface-lighten-2", "surface-lighten-3"), ground),
            **dict.fromkeys(("panel-lighten-1", "panel-darken-1"), panel),
            **dict.fromkeys(("text-muted", "text-disabled", "border", "border-blurred"), quiet),
            "text-success": accent,
            "text-warning": warn,
            "text-error": bad,
            "block-cursor-background": cursor,
            "block-cursor-foreground": text,
            "block-cursor-text-style": style["cursor-style"],
            "block-cursor-blurred-background": ground,
            "block-cursor-blurred-foreground": text,
            "block-cursor-blurred-text-style": "underline",
            "block-hover-background": ground,
            # In the terminal's own colours, Textual's headings have others.
            **{f"markdown-h{level}-color": text for level in range(1, 7)},
            "button-foreground": text,
            "button-color-foreground": text,
            "button-focus-text-style": style["cursor-style"],
            "input-cursor-background": panel,
            "input-cursor-foreground": text,
            "input-cursor-text-style": "reverse",
            **dict.fromkeys(("input-selection-background", "screen-selection-background"), cursor),
            **dict.fromkeys(("input-selection-foreground", "screen-selection-foreground"), text),
            **dict.fromkeys(("scrollbar", "scrollbar-hover"), quiet),
            "scrollbar-active": text,
            **dict.fromkeys(("scrollbar-background", "scrollbar-corner-color"), ground),
            **dict.fromkeys(("scrollbar-background-hover", "scrollbar-background-active"), ground),
        },
    )


THEMES = {look: _theme(look) for look in tokens.LOOKS}
DARK, LIGHT, CONTRAST = THEMES["dark"], THEMES["light"], THEMES["contrast"]
#: The sixteen colours that the terminal itself defines, on a background that may be light, and on a dark one.
SIXTEEN, SIXTEEN_DARK = THEMES["16"], THEMES["16 on dark"]
#: No colour at all: what stands out is bold, reverse or underlined.
MONO = THEMES["mono"]
#: The themes with colours of their own, in their versions for terminals with 256 colours.
IN_256 = {look: THEMES[f"{look} of 256"] for look in ("dark", "light", "contrast")}
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
