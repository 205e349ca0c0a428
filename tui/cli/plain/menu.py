"""``sentlinks --plain``: what the app is mostly used for, as commands that ask."""

from __future__ import annotations

from ...rules.errors import InvalidValue
from ..base.common import has_terminal
from .asking import Questions

_COMMANDS = {
    "Send documents": "send",
    "List what was sent": "links",
    "Send documents again": "resend",
    "Read the help": "help",
}


def ask_command() -> list[str]:
    """Ask what to do, and return the command. Raises :class:`InvalidValue` without a terminal."""
    if not has_terminal():
        raise InvalidValue("terminal.none", "No terminal. For scripts see: sentlinks send --help")
    with Questions("Nothing was done.") as questions:
        chosen = questions.choice("What do you want to do?", list(_COMMANDS))
    return [list(_COMMANDS.values())[chosen]]
