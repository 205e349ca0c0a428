"""The user's own keys: the ``[keys]`` table of the configuration, checked against the commands that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from textual.keys import Keys

from ..rules.errors import InvalidValue
from ..rules.similar import with_question
from ..rules.text import printable
from ..ui.textual_patches.keys import key_of, sign_of
from .declared import COMMANDS, Command, find

_EVERYWHERE = ("everywhere", "outside_fields")
_LISTS = (*_EVERYWHERE, "lists")
_DIALOG = (*_EVERYWHERE, "dialogs")
_LIST_DIALOG = (*_LISTS, "dialogs")
#: Places whose commands are available at the same time: there, a key has one meaning.
_TOGETHER: tuple[tuple[str, ...], ...] = (
    *((*_LISTS, "main", "places", "tree", kind) for kind in ("picker", "folder", "trash")),
    (*_LIST_DIALOG, "versions"),
    (*_LIST_DIALOG, "send", "send_rows"),
    *((*_LIST_DIALOG, name) for name in ("members", "sessions", "timeline", "notices", "policy", "settings")),
    (*_EVERYWHERE, "editing", "send"),
    (*_EVERYWHERE, "filter", "main"),
    *((*_DIALOG, name) for name in ("resend", "draft", "sign_in", "ask", "questions")),
)
#: Of these two, only the one that has the focus takes keys.
_ONE_OF = {"lists", "tree"}
_MODIFIERS = ("ctrl", "alt", "shift", "super")
_NAMES = {key.value for key in Keys if "+" not in key.value and not key.value.startswith("<")}


def checked(table: Mapping[str, Any], origin: str) -> dict[str, str]:
    """Return the keys of each command named in ``table``, in Textual's names separated by commas.

    ``origin`` names the table in error messages. Raises :class:`InvalidValue` for a command or key that doesn't exist,
    and if two commands that are available at the same time would share a key.
    """
    found: dict[str, str] = {}
    for name, value in table.items():
        command = find(name)
        if command is None:
            message = f"{origin} names an unknown command {printable(name)}."
            raise _wrong(name, with_question(message, name, (each.name for each in COMMANDS)))
        typed = value.split(",") if isinstance(value, str) else value
        if not isinstance(typed, list) or not typed or not all(isinstance(key, str) for key in typed):
            raise _wrong(name, f"{name} in {origin} must be a key like u or ctrl+u, or a list of keys.")
        found[name] = ",".join(_key(command, key.strip(), origin) for key in typed)
    _check_clashes(found, origin)
    return found


def _key(command: Command, text: str, origin: str) -> str:
    *before, last = text.split("+") if len(text) > 1 else [text]
    base = key_of(last) if len(last) == 1 else last.lower()
    known = (len(last) == 1 and last.isprintable()) or base in _NAMES or sign_of(base)
    if not known or any(modifier not in _MODIFIERS for modifier in before) or len(set(before)) < len(before):
        raise _wrong(
            command.name,
            f"{command.name} in {origin}: {printable(text) or 'nothing'} is not a key; "
            "use one like u, U, f5, ctrl+u, alt+up or question_mark.",
        )
    if command.priority and not before and (len(base) == 1 or base == "space" or sign_of(base)):
        raise _wrong(
            command.name,
            f"{command.name} in {origin} works while you type, so its key can't be {printable(text)}; "
            "choose one with ctrl or a function key.",
        )
    return "+".join((*sorted(before, key=_MODIFIERS.index), base))


def _check_clashes(found: Mapping[str, str], origin: str) -> None:
    for places in _TOGETHER:
        taken: dict[str, Command] = {}
        for command in _commands_in(places):
            for key in found.get(command.name, command.keys).split(","):
                other = taken.setdefault(key, command)
                if {command.place, other.place} == _ONE_OF:
                    continue
                if other.id != command.id and (
                    _is_users_own(found, command, key) or _is_users_own(found, other, key)
                ):
                    raise _wrong(
                        command.name,
                        f"With {origin}, {key} would be both {other.name} and {command.name}; "
                        "give one of them another key.",
                    )


def _commands_in(places: Iterable[str]) -> list[Command]:
    return [command for command in COMMANDS if command.place in places]


def _is_users_own(found: Mapping[str, str], command: Command, key: str) -> bool:
    """Return whether the user gave the command this key."""
    return command.name in found and key not in command.keys.split(",")


def _wrong(name: str, sentence: str) -> InvalidValue:
    return InvalidValue("config.keys", sentence, f"keys.{name}")
