"""The app on a terminal's screen, and on two screens at a time, one of which is written to without cell diffing."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.support.terminal import Terminal
from tests.support.tmux import SECONDS, Tmux

#: A document and a word that the app shows when it has opened.
DOCUMENT = "Dictation"
READY = "Workspaces"
#: A shell that waits for a command.
PROMPT = r"bash\S*[#$]"


def opened(terminal: Terminal) -> Terminal:
    """Waits until the app has opened in the terminal."""
    terminal.wait_for(DOCUMENT)
    terminal.wait_for("▾ Share")
    return terminal


def alike(two: list[Tmux], shows: str, gone: str = "") -> None:
    """Waits until both show ``shows``, no longer ``gone``, and are otherwise identical."""
    end = time.monotonic() + SECONDS
    while True:
        first, second = (tmux.looks() for tmux in two)
        screen = two[0].screen()
        if first == second and shows in screen and not (gone and gone in screen):
            return
        lines = [f"{a}\n{b}" for a, b in zip(first.splitlines(), second.splitlines(), strict=False) if a != b]
        said = f"no {shows!r}, still {gone!r}, or other lines:\n" + "\n".join([*lines, screen])
        assert time.monotonic() < end, said
        time.sleep(0.1)


def both(two: list[Tmux], act: Callable[[Tmux], object]) -> None:
    """Does the same in both."""
    for tmux in two:
        act(tmux)


def settled(tmux: Tmux) -> str:
    """The screen as soon as it no longer changes."""
    last = ""
    while (now := tmux.looks()) != last:
        last = now
        time.sleep(0.5)
    return now


def until(tmux: Tmux, before: str) -> None:
    """Waits until the screen is as it was before."""
    end = time.monotonic() + SECONDS
    while tmux.looks() != before:
        assert time.monotonic() < end, f"other than before:\n{tmux.screen()}"
        time.sleep(0.1)
