"""The app on a terminal's screen, and on two screens at a time, one of which is written to without cell diffing."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from tests.support.terminal.terminal import Terminal
from tests.support.terminal.tmux import SECONDS, Tmux, seen
from tui import __version__

#: A document and a word that the app shows when it has opened.
DOCUMENT = "Dictation"
READY = "Workspaces"
#: A shell that waits for a command.
PROMPT = r"bash\S*[#$]"


def no_hints(home: Path) -> None:
    """Has the app start in ``home`` as for someone who has used this version before: without a hint."""
    state = home / "state"
    state.mkdir()
    (state / "seen").touch()
    (state / "version").write_text(__version__)


def opened(terminal: Terminal) -> Terminal:
    """Waits until the app has opened in the terminal."""
    terminal.wait_for(DOCUMENT)
    terminal.wait_for("▾ Share")
    return terminal


def alike(two: list[Tmux], shows: str, gone: str = "") -> None:
    """Waits until both show ``shows``, no longer ``gone``, and are otherwise identical."""
    end = time.monotonic() + SECONDS
    before: list[str] = []
    while True:
        screen = two[0].screen()
        if shows in screen and not (gone and gone in screen):
            written = [tmux.coloured() for tmux in two]
            # To see what was written takes longer than to ask for it.
            if written != before and seen(written[0]) == seen(written[1]):
                return
            before = written
        assert time.monotonic() < end, f"no {shows!r}, still {gone!r}, or other lines:\n{_other_lines(two)}"
        time.sleep(0.1)


def _other_lines(two: list[Tmux]) -> str:
    """The characters that differ, with their styles, and the first screen."""
    first, second = (tmux.looks().splitlines() for tmux in two)
    lines = [f"{a}\n{b}" for a, b in zip(first, second, strict=False) if a != b]
    return "\n".join([*lines, two[0].screen()])


def both(two: list[Tmux], act: Callable[[Tmux], object]) -> None:
    """Does the same in both."""
    for tmux in two:
        act(tmux)


def settled(tmux: Tmux) -> str:
    """The screen as soon as it no longer changes."""
    last = ""
    while (now := tmux.coloured()) != last:
        last = now
        time.sleep(0.5)
    return seen(now)


def until(tmux: Tmux, before: str) -> None:
    """Waits until the screen is as it was before."""
    end = time.monotonic() + SECONDS
    while tmux.looks() != before:
        assert time.monotonic() < end, f"other than before:\n{tmux.screen()}"
        time.sleep(0.1)
