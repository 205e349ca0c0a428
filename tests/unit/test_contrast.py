"""Everything is readable in the themes that define colours (contrast as WCAG 2 measures it)."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from textual.color import Color

from tui.ui.theme import CONTRAST, DARK, IN_256, LIGHT
from tui.ui.theme_256 import CONTRAST_256, DARK_256, LIGHT_256, xterm_colour

TEXT, SHAPE = 4.5, 3.0
TABLES = {"dark": DARK_256, "light": LIGHT_256, "contrast": CONTRAST_256}
COLOURS = {
    # As they are painted, including those derived from others.
    **{
        theme.name: {**theme.to_color_system().generate(), **theme.variables}
        for theme in (DARK, LIGHT, CONTRAST)
    },
    **{
        IN_256[name].name: {
            **IN_256[name].to_color_system().generate(),
            **{key: xterm_colour(number) for key, number in table.items()},
        }
        for name, table in TABLES.items()
    },
}


def light(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS)
def test_everything_can_be_read(colours: Mapping[str, str]) -> None:
    words = ["foreground", "accent", "success", "warning", "error", "text-muted"]
    words += ["text-accent", "text-success", "text-warning", "text-error"]
    grounds = ["background", "surface", "panel"]
    pairs = [(word, ground, TEXT) for word in words for ground in grounds]
    pairs += [(name, ground, SHAPE) for name in ("border", "text-disabled") for ground in grounds]
    pairs += [(f"{name}-foreground", f"{name}-background", TEXT) for name in ("bar", "block-cursor")]
    pairs += [("foreground", "panel-lighten-1", TEXT), ("scrollbar", "scrollbar-background", SHAPE)]
    assert [
        (one, other) for one, other, least in pairs if contrast(colours[one], colours[other]) < least
    ] == []


@pytest.mark.parametrize("name", TABLES)
def test_what_lies_behind_text_in_256_colours(name: str) -> None:
    """The cursor without focus, and what is selected or under the pointer; true-colour themes blend these."""
    colours = COLOURS[IN_256[name].name]
    grounds = ["block-cursor-blurred-background", "block-hover-background", "surface-darken-1"]
    grounds += ["screen-selection-background"]
    assert [g for g in grounds if contrast(colours["foreground"], colours[g]) < TEXT] == []
    selected = colours.get("input-selection-foreground", colours["foreground"])
    assert contrast(selected, colours["input-selection-background"]) >= TEXT
    for button in ("primary", "primary-darken-2", "warning", "warning-darken-2", "error", "error-darken-1"):
        # The button's text is black or white, whichever is more readable.
        assert max(contrast(colours[button], shade) for shade in ("#000000", "#ffffff")) >= TEXT, button
