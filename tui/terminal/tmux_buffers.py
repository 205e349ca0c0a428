"""The tmux that runs the program: its buffers, and the terminal that is attached to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from tui.rules.text import printable

from . import capabilities
from .processes import run_quietly

#: The buffer that holds the links of the last send.
NAME = "sentlinks"


@dataclass(frozen=True, slots=True)
class Client:
    """The terminal that tmux would send a clipboard to.

    ``terminal``: its type (TERM). ``program``: what it is, as it reported to tmux (``XTerm(398)``), or empty.
    ``takes_clipboard``: whether tmux can set its clipboard. ``passes_sequences``: whether tmux lets a sequence through
    that is wrapped for it, and the terminal doesn't display it. ``is_screen``: it is a GNU screen, which displays the
    end of a long sequence.
    """

    terminal: str
    program: str
    takes_clipboard: bool
    passes_sequences: bool
    is_screen: bool

    @property
    def remedy(self) -> str:
        """The command that makes tmux use the terminal's clipboard if it has one; empty for a GNU screen."""
        if self.is_screen:
            return ""
        return f"tmux set -as terminal-features ',{printable(self.terminal)}:clipboard'"


def load(text: bytes, environ: Mapping[str, str], to: Client | None, *, links: bool = False) -> bool:
    """Load ``text`` into a buffer and, if ``to`` takes it, the clipboard of the attached terminal.

    Unlike a sequence, this works with tmux's default settings and with any length. ``links``: those of an earlier send
    are deleted.
    """
    # tmux's paste key uses the latest buffer without a name. So links are loaded twice; the copy with a name tells the
    # next send which of the buffers without one is to be deleted.
    stale = _names_of(_content(NAME, environ), environ) if links else []
    send = ["-w"] if to is not None and to.takes_clipboard else []
    if run_quietly(["tmux", "load-buffer", *send, "-"], environ, stdin=text, capture=False) is None:
        return False
    if links:
        run_quietly(["tmux", "load-buffer", "-b", NAME, "-"], environ, stdin=text, capture=False)
        _delete([name for name in stale if name != NAME], environ)
    return True


def client(environ: Mapping[str, str]) -> Client | None:
    """The attached terminal that ``load-buffer`` chooses; ``None`` if there is none."""
    form = (
        "#{client_tty}\t#{client_termname}\t#{client_termtype}\t#{client_termfeatures}\t#{allow-passthrough}"
    )
    output = (run_quietly(["tmux", "display-message", "-p", form], environ) or b"").decode("utf-8", "replace")
    tty, kind, program, features, passes = (*output.rstrip("\n").split("\t"), "", "", "", "", "")[:5]
    if not tty:
        return None
    takes = "clipboard" in features.split(",") or _has_sequence(tty, environ)
    # A tmux may have the same type, but it says what it is.
    is_screen = kind.startswith("screen") and not program
    harmless = capabilities.takes_osc52({"TERM": kind})
    return Client(kind, program, takes and not is_screen, passes != "off" and harmless, is_screen)


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
    return tty is not None and tty.decode("utf-8", "replace").strip() in _our_terminals()


def _our_terminals() -> set[str]:
    """The terminals among standard input, output and error."""
    found = set()
    for handle in (0, 1, 2):
        with suppress(OSError):
            found.add(os.ttyname(handle))
    return found


def delete(text: bytes, environ: Mapping[str, str]) -> None:
    """Delete every buffer that holds exactly ``text``."""
    _delete(_names_of(text, environ), environ)


def _names_of(text: bytes | None, environ: Mapping[str, str]) -> list[str]:
    """The names of all buffers that hold exactly ``text``."""
    if text is None:
        return []
    form = "#{buffer_size} #{buffer_name}"
    lines = (run_quietly(["tmux", "list-buffers", "-F", form], environ) or b"").decode("utf-8", "replace")
    buffers = [line.partition(" ") for line in lines.splitlines()]
    same_size = [name for size, _, name in buffers if size == str(len(text))]
    return [name for name in same_size if _content(name, environ) == text]


def _content(name: str, environ: Mapping[str, str]) -> bytes | None:
    return run_quietly(["tmux", "show-buffer", "-b", name], environ)


def _delete(names: list[str], environ: Mapping[str, str]) -> None:
    for name in names:
        run_quietly(["tmux", "delete-buffer", "-b", name], environ)
