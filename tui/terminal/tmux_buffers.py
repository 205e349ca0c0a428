"""The tmux that runs the program: its buffers, and the terminal that is attached to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .processes import ask


@dataclass(frozen=True, slots=True)
class Client:
    """The terminal that tmux would send a clipboard to: its kind (TERM), and whether tmux can."""

    terminal: str
    takes_clipboard: bool


def load(text: bytes, environ: Mapping[str, str]) -> bool:
    """Puts ``text`` into a buffer, and on the clipboard of the attached terminal where tmux can. Arrives with tmux as
    it is shipped, unlike a sequence; :func:`client` tells whether it could be sent on."""
    # Without a name of its own: only of those is the latest the one that tmux's own key pastes.
    return ask(["tmux", "load-buffer", "-w", "-"], environ, given=text, reads=False) is not None


def client(environ: Mapping[str, str]) -> Client | None:
    """The attached terminal, as ``load-buffer`` chooses it; ``None``: there is none."""
    form = "#{client_tty}\t#{client_termname}\t#{client_termfeatures}"
    told = (ask(["tmux", "display-message", "-p", form], environ) or b"").decode("utf-8", "replace")
    place, _, rest = told.rstrip("\n").partition("\t")
    kind, _, features = rest.partition("\t")
    if not place:
        return None
    return Client(kind, "clipboard" in features.split(",") or _has_sequence(place, environ))


def _has_sequence(place: str, environ: Mapping[str, str]) -> bool:
    """Whether the terminal's description has a sequence for the clipboard, whatever its features are."""
    told = (ask(["tmux", "show-messages", "-T"], environ) or b"").decode("utf-8", "replace")
    ours = False
    for line in told.splitlines():
        if found := re.match(r"Terminal \d+: .* for (\S+), ", line):
            ours = found[1] == place
        elif ours and (found := re.match(r"\s*\d+: Ms: \((\w+)\)", line)):
            return found[1] == "string"
    return False


def has_our_terminal(environ: Mapping[str, str]) -> bool:
    """Whether tmux is next to the program: its pane is the terminal that we have."""
    pane = environ.get("TMUX_PANE", "")
    place = ask(["tmux", "display-message", "-p", "-t", pane, "#{pane_tty}"], environ)
    try:
        return place is not None and place.decode().strip() == os.ttyname(0)
    except (OSError, UnicodeDecodeError):
        return False


def delete(text: bytes, environ: Mapping[str, str]) -> None:
    """Deletes every buffer that holds ``text`` and nothing else."""
    names = (ask(["tmux", "list-buffers", "-F", "#{buffer_name}"], environ) or b"").splitlines()
    for name in names:
        if ask(["tmux", "show-buffer", "-b", name.decode("utf-8", "replace")], environ) == text:
            ask(["tmux", "delete-buffer", "-b", name.decode("utf-8", "replace")], environ)
