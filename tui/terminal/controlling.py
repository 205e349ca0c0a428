"""The terminal that a command was started from, even if its input and output are redirected."""

from __future__ import annotations

import os
import select
import termios
import time
import tty
from collections.abc import Mapping
from contextlib import suppress

from . import capabilities
from .identity import ASK_ATTRIBUTES, ASK_IDENTITY, TerminalIdentity, is_askable


def write_to_terminal(text: str) -> None:
    """Write to the terminal.

    Raises :class:`OSError` if there is none, or if it accepts nothing for a second (stopped by ctrl+s).
    """
    terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        left = memoryview(text.encode("utf-8", "replace"))
        while left:
            if not select.select([], [terminal], [], 1.0)[1]:
                raise TimeoutError("the terminal accepts nothing")
            left = left[os.write(terminal, left) :]
    finally:
        os.close(terminal)


def ask_terminal(
    environ: Mapping[str, str], seconds: float | None = None, *, question: str = ASK_IDENTITY
) -> TerminalIdentity:
    """Ask the terminal what it is, and wait for its reply: for ``seconds`` at most, else half a second, over SSH two.

    It isn't asked if something was typed that isn't read yet (that is for the shell), nor from the background. What is
    typed after its reply is left to the shell, too. What arrives before the reply can't be put back, and is lost: what
    is typed in the milliseconds that a terminal takes to reply, or while one that doesn't is waited for.
    """
    identity = TerminalIdentity()
    with suppress(OSError, termios.error):
        if is_askable(environ):
            usual = 2.0 if capabilities.over_ssh(environ) else 0.5
            _ask(identity, question, usual if seconds is None else seconds)
    return identity


def _ask(identity: TerminalIdentity, question: str, seconds: float) -> None:
    terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            return
        modes = termios.tcgetattr(terminal)
        tty.setcbreak(terminal, termios.TCSANOW)
        try:
            if not select.select([terminal], [], [], 0)[0]:
                _exchange(terminal, identity, question, time.monotonic() + seconds)
        finally:
            termios.tcsetattr(terminal, termios.TCSANOW, modes)
    finally:
        os.close(terminal)


def _exchange(terminal: int, identity: TerminalIdentity, question: str, deadline: float) -> None:
    """Ask, and read replies until the terminal has answered everything: byte by byte, and not one beyond that."""
    while question:
        os.write(terminal, f"{question}{ASK_ATTRIBUTES}".encode())
        question, rounds = "", identity.rounds
        while identity.rounds == rounds:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                return
            data = os.read(terminal, 1)
            if not data:
                return
            question = identity.note(data.decode("latin-1")) or question
