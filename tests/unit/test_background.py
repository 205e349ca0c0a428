"""Which theme suits the terminal: chosen by its reply and the environment, never against the user's setting."""

from __future__ import annotations

import pytest

from tui.terminal.background import is_light
from tui.terminal.questions import ASK_BACKGROUND, questions
from tui.ui.theme import choose

MANY = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}


@pytest.mark.parametrize(
    ("reply", "light"),
    [
        ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\", True),
        ("\x1b]11;rgb:FDFD/F6F6/E3E3\x07", True),
        ("\x1b]11;rgb:0000/2b2b/3636\x1b\\", False),
        ("\x1b]11;rgb:f/f/f\x07", True),
        ("\x1b]11;rgb:10/15/1c\x07", False),
        ("\x1b]11;rgb:ff/00/00\x07", False),
        ("\x1b]11;rgb:00/ff/00\x07", True),
        ("\x1b]11;rgb:00/00/ff\x07", False),
        ("\x1b]11;rgba:ffff/ffff/ffff/ffff\x1b\\", True),
        ("\x1b]10;rgb:ffff/ffff/ffff\x1b\\", None),
        ("\x1b]11;white\x07", None),
        ("\x1b[?62c", None),
    ],
)
def test_what_an_answer_says_of_the_background(reply: str, light: bool | None) -> None:
    assert is_light(reply) is light


@pytest.mark.parametrize(
    ("theme", "environ", "light", "name"),
    [
        ("auto", MANY, None, "sentlinks-dark"),
        ("auto", MANY, False, "sentlinks-dark"),
        ("auto", MANY, True, "sentlinks-light"),
        ("auto", {**MANY, "COLORFGBG": "0;15"}, None, "sentlinks-light"),
        ("auto", {**MANY, "COLORFGBG": "15;0"}, None, "sentlinks-dark"),
        # What the terminal says now outweighs what it said when the shell started.
        ("auto", {**MANY, "COLORFGBG": "15;0"}, True, "sentlinks-light"),
        ("dark", MANY, True, "sentlinks-dark"),
        ("contrast", MANY, True, "sentlinks-contrast"),
        ("auto", {"TERM": "xterm"}, True, "sentlinks-16"),
        ("auto", {"TERM": "xterm"}, None, "sentlinks-16"),
        ("auto", {"TERM": "xterm", "COLORFGBG": "15;0"}, None, "sentlinks-16-dark"),
        ("16", MANY, False, "sentlinks-16-dark"),
        ("16", MANY, True, "sentlinks-16"),
        ("auto", {**MANY, "NO_COLOR": "1"}, True, "sentlinks-mono"),
        ("16", {**MANY, "NO_COLOR": "1"}, True, "sentlinks-mono"),
        ("auto", {**MANY, "NO_COLOR": ""}, True, "sentlinks-light"),
    ],
)
def test_the_theme_that_is_chosen(theme: str, environ: dict[str, str], light: bool | None, name: str) -> None:
    assert choose(theme, environ, light).name == name


def test_a_terminal_of_few_colours_is_not_asked() -> None:
    assert ASK_BACKGROUND in questions(MANY)
    assert questions({"TERM": "linux"}) == ""
    # For QR codes, which are dark on light without colour, too.
    assert ASK_BACKGROUND in questions({**MANY, "NO_COLOR": "1"})
