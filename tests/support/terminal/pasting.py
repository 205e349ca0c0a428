"""A terminal that takes the clipboard: what reaches it, and that nothing of a sequence is ever displayed."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

from tests.support.terminal.copying import LINKS, Copying, until
from tests.support.terminal.terminal import Terminal
from tui.terminal.identity import ASK_ATTRIBUTES, ASK_IDENTITY

TERMINAL, BUFFER = "the terminal's clipboard", "tmux's buffer"
#: Longer than what GNU screen keeps of a string, and than what terminals accept.
LONG = "".join(f"https://links.example/s/{number:040}\n" for number in range(40))
TOO_LONG = "".join(f"https://links.example/s/{number:040}\n" for number in range(1200))
TMUX_REMEDY = "tmux set -s set-clipboard on"
#: The replies of a terminal that has no name, such as PuTTY.
REPLIES = {f"{ASK_IDENTITY}{ASK_ATTRIBUTES}".encode(): b"\x1b[>0;136;0c\x1b[?6c"}


def set_by(written: bytes) -> list[str]:
    """What a terminal's clipboard was set to, one after the other."""
    found = re.findall(rb"\x1b\]52;c?;([A-Za-z0-9+/=]+)(?:\x07|\x1b\\)", written)
    return [base64.b64decode(each).decode() for each in found]


def clean(screen: str) -> bool:
    """Whether nothing of a sequence is displayed."""
    return not any(
        part in screen for part in ("52;c", "tmux;", "+q4d73", base64.b64encode(b"https").decode()[:6])
    )


def reading(terminal: Terminal, found: Callable[[], Any]) -> Callable[[], Any]:
    """``found``, with the terminal's output read in the meantime."""

    def look() -> Any:
        terminal._take(0.05)
        return found()

    return look


def in_terminal(
    command: str, copying: Copying, environ: dict[str, str] | None = None, text: str = LINKS
) -> tuple[str, str]:
    """Runs ``command`` in a terminal that takes the clipboard; returns way and sentence. Nothing may be displayed."""
    plain = dict.fromkeys(("TMUX", "STY", "DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_TTY"), "")
    with Terminal(["sh", "-c", command], plain | (environ or {}), 100, 30, answers=REPLIES) as terminal:
        until(reading(terminal, copying.said.exists), "the end of copying")
        sure, way, sentence = copying.result()
        assert not sure
        if way == TERMINAL:
            until(reading(terminal, lambda: text in set_by(terminal.written)), "what was copied")
        terminal.quiet()
        assert way == TERMINAL or not set_by(terminal.written)
        assert clean(terminal.text), terminal.text
        return way, sentence
