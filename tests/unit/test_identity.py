"""What a terminal's replies say about it. They are those of the real programs."""

from __future__ import annotations

import pytest

from tui.terminal.capabilities import Multiplexer
from tui.terminal.clipboard import surroundings_of
from tui.terminal.identity import ASK_CLIPBOARD, TerminalIdentity
from tui.terminal.questions import questions

TMUX = "\x1bP>|tmux 3.5a\x1b\\\x1b[>84;0;0c"
SCREEN = "\x1b[>83;40901;0c"
XTERM = "\x1bP>|XTerm(398)\x1b\\\x1b[>41;398;0c"
FOOT = "\x1bP>|foot(1.21.0)\x1b\\\x1b[>1;12100;0c"
KITTY = "\x1bP>|kitty(0.41.1)\x1b\\\x1b[>1;4000;41c"
KITTY_CLIPBOARD = "\x1bP1+r4d73=5c455d35323b25703125733b25703225735c455c5c\x1b\\"
PUTTY = "\x1b[>0;136;0c"


def identity(replies: str) -> TerminalIdentity:
    found = TerminalIdentity()
    found.note(replies)
    return found


@pytest.mark.parametrize(
    ("replies", "multiplexer", "name", "asks_further"),
    [
        (TMUX, Multiplexer.TMUX, "tmux 3.5a", False),
        (SCREEN, Multiplexer.SCREEN, "", False),
        (XTERM, Multiplexer.NONE, "XTerm(398)", True),
        (FOOT, Multiplexer.NONE, "foot(1.21.0)", True),
        (KITTY, Multiplexer.NONE, "kitty(0.41.1)", True),
        (PUTTY, Multiplexer.NONE, "", False),
        ("", None, "", False),
    ],
)
def test_what_a_terminal_says(
    replies: str, multiplexer: Multiplexer | None, name: str, asks_further: bool
) -> None:
    """XTGETTCAP isn't asked where it would be displayed: by what screen runs in, and by some that don't know it."""
    found = TerminalIdentity()
    assert found.note(replies) == (ASK_CLIPBOARD if asks_further else "")
    assert (found.multiplexer, found.name) == (multiplexer, name)
    assert not found.has_clipboard
    assert found.is_xterm == (replies == XTERM)
    assert found.note(replies) == "", "it is asked once"


def test_replies_may_come_in_parts() -> None:
    for cut in range(len(FOOT)):
        found = TerminalIdentity()
        asked = found.note(FOOT[:cut]) + found.note(FOOT[cut:])
        assert (found.name, found.multiplexer, asked) == ("foot(1.21.0)", Multiplexer.NONE, ASK_CLIPBOARD)


def test_one_that_says_that_it_has_a_clipboard() -> None:
    assert identity("\x1bP1+r4D73=1B5D35323B2570312573\x1b\\").has_clipboard
    assert identity(KITTY + KITTY_CLIPBOARD).has_clipboard
    assert not identity("\x1bP0+r4d73\x1b\\").has_clipboard


@pytest.mark.parametrize(
    ("environ", "replies", "multiplexer", "tmux_here"),
    [
        # Over SSH TERM=screen may be either, and TERM=xterm-256color may be a tmux as well.
        ({"TERM": "screen", "SSH_TTY": "x"}, TMUX, Multiplexer.TMUX, False),
        ({"TERM": "screen", "SSH_TTY": "x"}, SCREEN, Multiplexer.SCREEN, False),
        ({"TERM": "xterm-256color", "SSH_TTY": "x"}, TMUX, Multiplexer.TMUX, False),
        # A screen in tmux, and a terminal that was started from inside of tmux.
        ({"TERM": "screen", "TMUX": "/none,1,0", "STY": "1.x"}, SCREEN, Multiplexer.SCREEN, True),
        ({"TERM": "xterm", "TMUX": "/none,1,0"}, XTERM, Multiplexer.NONE, False),
        # sudo gives a command a terminal of its own.
        ({"TERM": "tmux", "TMUX": "/none,1,0"}, TMUX, Multiplexer.TMUX, True),
        # One that doesn't answer.
        ({"TERM": "tmux", "TMUX": "/none,1,0"}, "", Multiplexer.TMUX, True),
        ({"TERM": "screen", "STY": "1.x"}, "", Multiplexer.SCREEN, False),
        ({"TERM": "tmux-256color"}, "", Multiplexer.TMUX, False),
    ],
)
def test_what_is_next_to_the_program(
    environ: dict[str, str], replies: str, multiplexer: Multiplexer, tmux_here: bool
) -> None:
    found = surroundings_of({"PATH": "/nowhere", **environ}, lambda: identity(replies))
    assert (found.multiplexer, found.tmux_here) == (multiplexer, tmux_here)


def test_the_terminal_is_never_asked_for_what_its_clipboard_holds() -> None:
    assert "52;" not in questions({"TERM": "xterm-256color"}) + ASK_CLIPBOARD


@pytest.mark.parametrize("kind", ["linux", "vt100", "dumb", ""])
def test_a_basic_terminal_is_asked_nothing(kind: str) -> None:
    assert questions({"TERM": kind}) == ""
