"""Which theme suits a terminal, and which of its colours are written."""

from __future__ import annotations

import pytest
from rich.color import Color, ColorSystem

from tui.ui.theme import CONTRAST, DARK, IN_256, LIGHT, MONO, SIXTEEN, SIXTEEN_DARK, THEMES, choose
from tui.ui.theme_256 import written_as, xterm_colour

SSH = {"TERM": "xterm-256color", "SSH_TTY": "/dev/pts/0"}
TRUE = {**SSH, "COLORTERM": "truecolor"}


@pytest.mark.parametrize("number", [16, 24, 67, 117, 231, 232, 236, 246, 247, 250, 254, 255])
def test_numbers_are_kept(number: int) -> None:
    """A colour differs from what the terminal shows only if it would otherwise be rounded to another number."""
    colour = Color.parse(written_as(number))
    assert colour.downgrade(ColorSystem.EIGHT_BIT).number == number
    assert colour.triplet is not None
    shown = Color.parse(xterm_colour(number)).triplet
    assert shown is not None
    assert max(abs(a - b) for a, b in zip(colour.triplet, shown, strict=True)) <= 2


@pytest.mark.parametrize(
    ("theme", "environ", "light", "expected"),
    [
        ("auto", TRUE, None, DARK),
        ("auto", TRUE, True, LIGHT),
        ("auto", SSH, None, IN_256["dark"]),
        ("auto", SSH, False, IN_256["dark"]),
        ("auto", SSH, True, IN_256["light"]),
        ("auto", {**SSH, "COLORFGBG": "0;15"}, None, IN_256["light"]),
        ("auto", {**SSH, "COLORFGBG": "15;default;0"}, None, IN_256["dark"]),
        ("auto", {"TERM": "tmux-256color"}, None, IN_256["dark"]),
        ("auto", {"TERM": "xterm", "COLORTERM": "truecolor"}, None, DARK),
        ("auto", {"TERM": "linux"}, None, SIXTEEN),
        ("auto", {"TERM": "screen"}, None, SIXTEEN),
        ("contrast", {"TERM": "linux"}, None, CONTRAST),
        ("dark", SSH, True, IN_256["dark"]),
        ("light", SSH, None, IN_256["light"]),
        ("contrast", SSH, None, IN_256["contrast"]),
        ("contrast", TRUE, None, CONTRAST),
        ("16", SSH, None, SIXTEEN),
        ("16", SSH, False, SIXTEEN_DARK),
        ("mono", SSH, None, MONO),
        ("auto", {"TERM": "xterm"}, None, SIXTEEN),
        ("auto", {"TERM": "vt220"}, None, MONO),
        ("dark", {**SSH, "NO_COLOR": "1"}, None, MONO),
        ("dark", {**SSH, "NO_COLOR": ""}, None, IN_256["dark"]),
    ],
)
def test_the_theme_for_a_terminal(
    theme: str, environ: dict[str, str], light: bool | None, expected: object
) -> None:
    assert choose(theme, environ, light) is expected


@pytest.mark.parametrize("look", THEMES)
def test_headings_of_guides_have_the_colour_of_text(look: str) -> None:
    """Textual gives them colours of its own in the terminal's sixteen, and so without any colour."""
    found = THEMES[look].to_color_system().generate() | THEMES[look].variables
    text = THEMES[look].variables["text"]
    assert {found[f"markdown-h{level}-color"] for level in range(1, 7)} == {text}
