"""OSC 52, the sequence that sets the terminal's clipboard, and how it gets through tmux and GNU screen."""

from __future__ import annotations

import base64

from .capabilities import Multiplexer

#: The most that terminals accept, in bytes of base64.
MAX_BASE64 = 74_000
# GNU screen before 4.2 cut strings at 256 bytes.
_SCREEN_PIECE = 240
# GNU screen displays the rest of a longer string that it doesn't know.
_SCREEN_STRING = 700


def encoded(text: str) -> str:
    """The text as Base64 of its UTF-8; what isn't valid in it becomes ``?``."""
    return base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")


def fits(text: str) -> bool:
    """Whether a terminal's clipboard takes as much as ``text``."""
    return len(encoded(text)) <= MAX_BASE64


def bare(text: str) -> str:
    """The sequence for the terminal itself, or for a tmux that sets its buffer and passes it on."""
    return f"\x1b]52;c;{encoded(text)}\x07"


def through_tmux(sequence: str) -> str:
    """``sequence`` for the terminal around a tmux; one without ``allow-passthrough`` drops it."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def through_screen(sequence: str) -> str:
    """``sequence`` for the terminal around a GNU screen, in pieces that it doesn't cut."""
    pieces = range(0, len(sequence), _SCREEN_PIECE)
    return "".join(f"\x1bP{sequence[start : start + _SCREEN_PIECE]}\x1b\\" for start in pieces)


def sequences(text: str, multiplexer: Multiplexer, *, guessed: bool = False) -> str:
    """What sets the terminal's clipboard to ``text`` from inside of ``multiplexer``.

    tmux gets it twice, since it depends on two of its settings which of them it passes on. ``guessed``: only TERM says
    that it is screen, and a tmux often says the same; but a long sequence would be displayed by a screen.
    """
    sequence = bare(text)
    if multiplexer is Multiplexer.NONE:
        return sequence
    if multiplexer is Multiplexer.TMUX:
        return sequence + through_tmux(sequence)
    wrapped = through_screen(sequence)
    return sequence + wrapped if guessed and len(sequence) <= _SCREEN_STRING else wrapped
