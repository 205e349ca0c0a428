"""What the themes that have colours of their own write can be read (contrast as WCAG 2 measures it)."""

from __future__ import annotations

import pytest
from textual.color import Color
from textual.theme import Theme

from tui.theme import CONTRAST, DARK, LIGHT

TEXT, SHAPE = 4.5, 3.0


def light(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((light(one), light(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: Theme) -> None:
    told = theme.variables
    words = [theme.foreground, theme.accent, theme.success, theme.warning, theme.error, told["text-muted"]]
    grounds = [theme.background, theme.surface, theme.panel]
    pairs = [(word, ground, TEXT) for word in words for ground in grounds]
    pairs += [(told[name], ground, SHAPE) for name in ("border", "text-disabled") for ground in grounds]
    pairs += [
        (told[f"{name}-foreground"], told[f"{name}-background"], TEXT) for name in ("bar", "block-cursor")
    ]
    pairs += [(told["scrollbar"], told.get("scrollbar-background", theme.surface), SHAPE)]
    assert [(one, other) for one, other, least in pairs if contrast(str(one), str(other)) < least] == []
