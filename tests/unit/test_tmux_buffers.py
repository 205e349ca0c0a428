"""What tmux says about the terminal that is attached to it."""

from __future__ import annotations

import os
import pty
from collections.abc import Callable
from pathlib import Path

import pytest

from tui.terminal import tmux_buffers

#: Lines of tmux's list of terminals and their descriptions.
TERMINALS = """Terminal 0: screen for /dev/pts/6, flags=0x0:
  203: Ms: (string) \\033]52;other
Terminal 1: xterm for /dev/pts/7, flags=0x0:
   12: am: (flag) true
  203: Ms: {description}
Terminal 2: xterm for /dev/pts/8, flags=0x0:
  203: Ms: (string) \\033]52;other
"""
HAS_IT, HAS_NONE = (
    TERMINALS.format(description="(string) \\033]52;"),
    TERMINALS.format(description="[missing]"),
)


@pytest.mark.parametrize(
    ("kind", "name", "features", "terminals", "takes_clipboard"),
    [
        ("xterm", "XTerm(398)", "256,clipboard,mouse", HAS_NONE, True),
        ("xterm", "XTerm(398)", "256,mouse", HAS_NONE, False),
        ("xterm", "", "256,mouse", HAS_IT, True),
        ("xterm", "", "", "", False),
        ("screen", "", "clipboard", HAS_IT, False),
        ("screen", "tmux 3.5a", "clipboard", HAS_NONE, True),
    ],
)
def test_terminals_that_tmux_can_give_a_clipboard(
    program: Callable[[str, str], Path],
    kind: str,
    name: str,
    features: str,
    terminals: str,
    takes_clipboard: bool,
) -> None:
    """Those with the feature, or with the sequence in their description; but no GNU screen, which would display it."""
    client = tmux_buffers.client(tmux(program, f"/dev/pts/7\t{kind}\t{name}\t{features}\toff", terminals))
    assert client is not None
    assert (client.terminal, client.program) == (kind, name)
    assert client.takes_clipboard == takes_clipboard


@pytest.mark.parametrize(
    ("kind", "passthrough", "passes_sequences"),
    [
        ("xterm", "on", True),
        ("xterm", "all", True),
        # Before version 3.3, tmux had no such option and let all through.
        ("xterm", "", True),
        ("xterm", "off", False),
        ("linux", "on", False),
    ],
)
def test_terminals_that_a_sequence_reaches_past_tmux(
    program: Callable[[str, str], Path], kind: str, passthrough: str, passes_sequences: bool
) -> None:
    """Not one that would display it."""
    client = tmux_buffers.client(tmux(program, f"/dev/pts/7\t{kind}\t\tclipboard\t{passthrough}", ""))
    assert client is not None
    assert client.passes_sequences == passes_sequences


def test_a_tmux_without_a_terminal(program: Callable[[str, str], Path]) -> None:
    assert tmux_buffers.client(tmux(program, "\t\t\t\toff", "")) is None
    assert tmux_buffers.client({"PATH": "/nowhere"}) is None


@pytest.mark.parametrize("handle", [0, 1, 2])
def test_the_pane_is_next_to_the_program_if_any_of_its_three_files_is_it(
    program: Callable[[str, str], Path], handle: int
) -> None:
    master, pane = pty.openpty()
    earlier = os.dup(handle)
    environ = {**tmux(program, os.ttyname(pane), ""), "TMUX_PANE": "%1"}
    assert not tmux_buffers.has_our_terminal(environ)
    os.dup2(pane, handle)
    try:
        found = tmux_buffers.has_our_terminal(environ)
    finally:
        os.dup2(earlier, handle)
        for file in (master, pane, earlier):
            os.close(file)
    assert found


def tmux(program: Callable[[str, str], Path], client: str, terminals: str) -> dict[str, str]:
    """An environment with a tmux that says this about the attached terminal, and about all of its terminals."""
    script = f"""case "$1" in
        display-message) printf '%s\\n' '{client}';;
        show-messages) printf '%s' '{terminals}';;
        esac"""
    return {"PATH": str(program("tmux", script))}
