"""The tmux that runs the program: its buffers, and the terminal that is attached to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .processes import run_quietly


@dataclass(frozen=True, slots=True)
class Client:
    """The terminal that tmux would send a clipboard to: its kind (TERM), and whether tmux can."""

    terminal: str
    takes_clipboard: bool


def load(text: bytes, environ: Mapping[str, str]) -> bool:
    """Load ``text`` into a buffer and, if tmux can, the clipboard of the attached terminal.

    Unlike a sequence, this works with tmux's default settings; :func:`client` tells whether it could be sent on.
    """
    # Without a buffer name: tmux's paste key uses the latest buffer that has none.
    return run_quietly(["tmux", "load-buffer", "-w", "-"], environ, stdin=text, capture=False) is not None


def client(environ: Mapping[str, str]) -> Client | None:
    """The attached terminal that ``load-buffer`` chooses; ``None`` if there is none."""
    form = "#{client_tty}\t#{client_termname}\t#{client_termfeatures}"
    output = (run_quietly(["tmux", "display-message", "-p", form], environ) or b"").decode("utf-8", "replace")
    tty, _, rest = output.rstrip("\n").partition("\t")
    kind, _, features = rest.partition("\t")
    if not tty:
        return None
    return Client(kind, "clipboard" in features.split(",") or _has_sequence(tty, environ))


def _has_sequence(tty: str, environ: Mapping[str, str]) -> bool:
    """Whether the terminal's description has a clipboard sequence, whatever its features are."""
    output = (run_quietly(["tmux", "show-messages", "-T"], environ) or b"").decode("utf-8", "replace")
    ours = False
    for line in output.splitlines():
        if found := re.match(r"Terminal \d+: .* for (\S+), ", line):
            ours = found[1] == tty
        elif ours and (found := re.match(r"\s*\d+: Ms: \((\w+)\)", line)):
            return found[1] == "string"
    return False


def has_our_terminal(environ: Mapping[str, str]) -> bool:
    """Whether tmux is next to the program: its pane is the terminal that this process has."""
    pane = environ.get("TMUX_PANE", "")
    tty = run_quietly(["tmux", "display-message", "-p", "-t", pane, "#{pane_tty}"], environ)
    try:
        return tty is not None and tty.decode().strip() == os.ttyname(0)
    except (OSError, UnicodeDecodeError):
        return False


def delete(text: bytes, environ: Mapping[str, str]) -> None:
    """Delete every buffer that holds exactly ``text``."""
    names = (run_quietly(["tmux", "list-buffers", "-F", "#{buffer_name}"], environ) or b"").splitlines()
    for name in names:
        if run_quietly(["tmux", "show-buffer", "-b", name.decode("utf-8", "replace")], environ) == text:
            run_quietly(["tmux", "delete-buffer", "-b", name.decode("utf-8", "replace")], environ)
