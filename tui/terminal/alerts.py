"""What the terminal itself shows: its title, and an alert while another window is in front."""

from __future__ import annotations

from ..rules.text import printable, shortened
from .capabilities import Multiplexer
from .osc52 import through_screen, through_tmux

_PROGRAM = "Secure Sent Links"
_MOST_TITLE, _MOST_ALERT = 80, 200
#: The title that the terminal has is put on its stack, and taken back from there. One without a stack is left with an
#: empty title, which shells set again.
_SAVE, _RESTORE = "\x1b[22;2t", "\x1b]2;\x07\x1b[23;2t"


def titled(title: str, *, first: bool) -> str:
    """The sequence that sets the title; ``first``: of those that the program sets."""
    return f"{_SAVE if first else ''}\x1b]2;{_clean(title, _MOST_TITLE)}\x07"


def untitled() -> str:
    """The sequence that gives the terminal back the title that it had."""
    return _RESTORE


def alert(text: str, way: str, multiplexer: Multiplexer | None) -> str:
    """The sequence that alerts the user; empty for ``off``. It gets through tmux and screen, as far as they let it.

    ``way`` is the bell, or a notification as iTerm2 and Windows Terminal (``osc9``), urxvt, foot and WezTerm
    (``osc777``), or kitty (``osc99``) take it.
    """
    if way == "bell":
        return "\x07"
    told = _clean(text, _MOST_ALERT)
    # A number at the beginning of OSC 9, and semicolons in any of them, have other meanings.
    sequence = {
        "osc9": f"\x1b]9;{_PROGRAM}: {told}\x1b\\",
        "osc777": f"\x1b]777;notify;{_PROGRAM};{told}\x1b\\",
        "osc99": f"\x1b]99;i=sentlinks:d=0;{_PROGRAM}\x1b\\\x1b]99;i=sentlinks:d=1:p=body;{told}\x1b\\",
    }.get(way, "")
    if sequence and multiplexer is Multiplexer.TMUX:
        return through_tmux(sequence)
    if sequence and multiplexer is Multiplexer.SCREEN:
        return through_screen(sequence)
    return sequence


def _clean(text: str, most: int) -> str:
    return shortened(printable(text).replace(";", ","), most)
