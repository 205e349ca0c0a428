"""Commands by their names and places, and the keys that they have in an app."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from textual.binding import Binding, BindingType

from .command import Command
from .declared import COMMANDS

if TYPE_CHECKING:
    from textual.app import App

_SPELLED = re.compile(r"\{([a-z_]+\.[a-z_]+)\}")
_SPELLED_AS_WORDS = ("enter", "backspace")
_BY_NAME: dict[str, Command] = {command.name: command for command in COMMANDS}


def bindings(*places: str) -> list[BindingType]:
    """Return Textual's bindings for the commands of some places."""
    return [
        Binding(
            command.keys,
            command.action,
            command.label,
            show=command.footer,
            priority=command.priority,
            tooltip=command.help,
            id=command.name,
        )
        for command in COMMANDS
        if command.place in places
    ]


def command_of(binding: Binding) -> Command | None:
    """Return the command that a binding was made from."""
    return _BY_NAME.get(binding.id or "")


def commands_of(*places: str) -> list[Command]:
    """Return the commands of some places, in the order of their declaration."""
    return [command for command in COMMANDS if command.place in places]


def own_keys(app: App[Any]) -> Mapping[str, str]:
    """Return the user's own keys in ``app``, by the names of commands. The app of a test may have none."""
    keys: Mapping[str, str] = getattr(app, "keys", {})
    return keys


def keys_of(name: str, app: App[Any]) -> list[str]:
    """Return the keys of the command of that name in ``app``, as Textual calls them."""
    return own_keys(app).get(name, _BY_NAME[name].keys).split(",")


def spelled(text: str, app: App[Any]) -> str:
    """Return ``text`` with the names of commands (``{folder.unpublish}``) replaced by their keys in ``app``.

    Some keys are spelled as words in sentences, as not every terminal's font has the signs that the footer uses.
    """

    def spell(found: re.Match[str]) -> str:
        key = keys_of(found[1], app)[0]
        return key if key in _SPELLED_AS_WORDS else str(app.get_key_display(Binding(key, found[1])))

    return _SPELLED.sub(spell, text)


def find(name: str) -> Command | None:
    """Return the command that has this name in the configuration."""
    return _BY_NAME.get(name)
