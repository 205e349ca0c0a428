"""Which keys reach the app in GNU screen: by default, not ``ctrl+s`` and ``ctrl+q``.

Screen stops and continues its output with them, unless a program asks for the codes of the numeric keypad, as most
programs that fill the screen do. In a tmux, whose ``TERM`` may be the same, that does no harm.
"""

from __future__ import annotations

import os
from typing import Any

from textual.app import App

from ...terminal.capabilities import terminal
from ..textual_patches.driver import write_to_terminal

_KEYPAD_CODES, _KEYPAD_DIGITS = "\x1b=", "\x1b>"


def hold(app: App[Any]) -> None:
    """Get these keys from now on, except while another program has the terminal."""
    app.app_suspend_signal.subscribe(app, lambda _: _write(app, _KEYPAD_DIGITS))
    app.app_resume_signal.subscribe(app, lambda _: _write(app, _KEYPAD_CODES))
    _write(app, _KEYPAD_CODES)


def release(app: App[Any]) -> None:
    """Leave these keys to screen: the app ends."""
    _write(app, _KEYPAD_DIGITS)


def _write(app: App[Any], sequence: str) -> None:
    if os.environ.get("STY") or terminal(os.environ).startswith("screen"):
        write_to_terminal(app, sequence)
