"""What the app takes from the terminal's answers: colours that fit the background, and nothing beyond the answer."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pyte
import pytest
from textual.theme import Theme

from tests.support.checks.long import few, more
from tests.support.terminal.screens import opened
from tests.support.terminal.terminal import Sentlinks, Terminal
from tests.support.terminal.tmux import SECONDS
from tui.terminal.questions import ASK_BACKGROUND
from tui.ui.theme import DARK, LIGHT

ASK = ASK_BACKGROUND.encode()
WHITE, BLACK = b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\", b"\x1b]11;rgb:0000/0000/0000\x1b\\"


def background(terminal: Terminal) -> str:
    """The colour behind an empty line of the list."""
    screen: pyte.Screen = terminal._model
    return str(screen.buffer[screen.lines - 6][screen.columns - 5].bg)


def surface(theme: Theme) -> str:
    assert theme.surface is not None
    return theme.surface.lstrip("#")


@few(1)
@pytest.mark.parametrize(("answer", "theme"), [(WHITE, LIGHT), (BLACK, DARK)], ids=["light", "dark"])
def test_the_theme_is_that_of_the_background(answer: bytes, theme: Theme, environ: dict[str, str]) -> None:
    with Sentlinks([], environ, answers={ASK: answer}) as terminal:
        opened(terminal)
        assert background(terminal) == surface(theme)


@more
def test_an_answer_that_comes_late_is_heard_and_is_no_key(environ: dict[str, str]) -> None:
    with Sentlinks([], environ) as terminal:
        opened(terminal)
        assert background(terminal) == surface(DARK)
        terminal.type("/")
        terminal.wait_for("filter: type")
        terminal.type(WHITE.decode())
        terminal.type("let")
        terminal.wait_for("(1 of 10)")
        end = time.monotonic() + SECONDS
        while background(terminal) != surface(LIGHT):
            terminal._take(0.2)
            assert time.monotonic() < end, "it is still dark"
        assert "rgb" not in terminal.text
        assert "ffff" not in terminal.text


@more
def test_a_theme_that_was_chosen_stays(environ: dict[str, str]) -> None:
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text('theme = "dark"\n')
    with Sentlinks([], environ, answers={ASK: WHITE}) as terminal:
        opened(terminal)
        assert background(terminal) == surface(DARK)


def test_without_colour_nothing_is_coloured(environ: dict[str, str]) -> None:
    Path(environ["SENTLINKS_HOME"], "config.toml").write_text('theme = "16"\n')
    with Sentlinks([], {**environ, "NO_COLOR": "1"}, answers={ASK: WHITE}) as terminal:
        opened(terminal)
        cells = [cell for row in terminal._model.buffer.values() for cell in row.values()]
        assert {(cell.fg, cell.bg) for cell in cells} == {("default", "default")}
        assert any(cell.reverse for cell in cells)


ASKING = """
import os, select
from tui.terminal.controlling import ask_terminal
name = ask_terminal(os.environ, 30).name
left = os.read(0, 100) if select.select([0], [], [], 0)[0] else b""
print("asked:", name, left)
"""


def test_what_is_typed_behind_the_reply_is_left_to_the_shell() -> None:
    """A command that asks the terminal what it is reads the reply, and nothing beyond it."""
    answers = {b"\x1b[c": b"\x1bP>|tmux 3.5a\x1b\\\x1b[>84;0;0c\x1b[?62;22c" + b"ls -l\r"}
    with Terminal([sys.executable, "-c", ASKING], {"TERM": "tmux-256color"}, answers=answers) as terminal:
        terminal.wait_for("asked: tmux 3.5a b'ls -l\\n'")
        assert terminal.wait() == 0
