"""The user's own keys: the table ``[keys]`` of the configuration, held against the commands that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from textual.keys import Keys

from .commands import COMMANDS, Command, find
from .rules.errors import InvalidValue
from .rules.text import printable
from .textual_patches.keys import key_of, sign_of

_EVERYWHERE = ("everywhere", "outside_fields")
_LISTS = (*_EVERYWHERE, "lists")
_DIALOG = (*_EVERYWHERE, "dialogs")
_LIST_DIALOG = (*_LISTS, "dialogs")
#: Places whose commands hold at the same time: there, a key means one thing.
_TOGETHER: tuple[tuple[str, ...], ...] = (
    *((*_LISTS, "main", "places", "tree", kind) for kind in ("picker", "folder", "trash")),
    (*_LIST_DIALOG, "versions"),
    (*_LIST_DIALOG, "send", "send_rows"),
    *((*_LIST_DIALOG, name) for name in ("members", "sessions", "timeline", "policy", "settings")),
    (*_EVERYWHERE, "editing", "send"),
    (*_EVERYWHERE, "filter", "main"),
    *((*_DIALOG, name) for name in ("resend", "draft", "sign_in", "ask", "questions")),
)
#: Of these two, only the one that has the focus takes keys.
_ONE_OF = {"lists", "tree"}
_MODIFIERS = ("ctrl", "alt", "shift", "super")
_NAMES = {key.value for key in Keys if "+" not in key.value and not key.value.startswith("<")}


def checked(table: Mapping[str, Any], origin: str) -> dict[str, str]:
    """The keys of each command named in ``table``, in Textual's names with commas between.

    ``origin`` names the table in sentences. Raises :class:`InvalidValue` for a command or key that there is not,
    and where two commands that hold at once would have one key.
    """
    found: dict[str, str] = {}
    for name, value in table.items():
        command = find(name)
        if command is None:
            raise _wrong(name, f"{origin} names a command {printable(name)} that there is not{_meant(name)}.")
        typed = value.split(",") if isinstance(value, str) else value
        if not isinstance(typed, list) or not typed or not all(isinstance(key, str) for key in typed):
            raise _wrong(name, f"{name} in {origin} must be a key like u or ctrl+u, or a list of keys.")
        found[name] = ",".join(_key(command, key.strip(), origin) for key in typed)
    _no_clash(found, origin)
    return found


def _meant(name: str) -> str:
    close = get_close_matches(name, (command.name for command in COMMANDS), 1)
    return f"; perhaps {close[0]} is meant" if close else ""


def _key(command: Command, text: str, origin: str) -> str:
    *before, last = text.split("+") if len(text) > 1 else [text]
    base = key_of(last) if len(last) == 1 else last.lower()
    known = (len(last) == 1 and last.isprintable()) or base in _NAMES or sign_of(base)
    if not known or any(modifier not in _MODIFIERS for modifier in before) or len(set(before)) < len(before):
        raise _wrong(
            command.name,
            f"{command.name} in {origin}: {printable(text) or 'nothing'} is no key; "
            "write one like u, U, f5, ctrl+u, alt+up or question_mark.",
        )
    if command.priority and not before and (len(base) == 1 or base == "space" or sign_of(base)):
        raise _wrong(
            command.name,
            f"{command.name} in {origin} holds while one types, so its key cannot be {printable(text)}; "
            "choose one with ctrl or a function key.",
        )
    return "+".join((*sorted(before, key=_MODIFIERS.index), base))


def _no_clash(found: Mapping[str, str], origin: str) -> None:
    for places in _TOGETHER:
        taken: dict[str, Command] = {}
        for command in _in(places):
            for key in found.get(command.name, command.keys).split(","):
                other = taken.setdefault(key, command)
                if {command.place, other.place} == _ONE_OF:
                    continue
                if other.id != command.id and (_new(found, command, key) or _new(found, other, key)):
                    raise _wrong(
                        command.name,
                        f"With {origin}, {key} would be both {other.name} and {command.name}; "
                        "give one of them another key.",
                    )


def _in(places: Iterable[str]) -> list[Command]:
    return [command for command in COMMANDS if command.place in places]


def _new(found: Mapping[str, str], command: Command, key: str) -> bool:
    """Whether the command has the key by the user's wish."""
    return command.name in found and key not in command.keys.split(",")


def _wrong(name: str, sentence: str) -> InvalidValue:
    return InvalidValue("config.keys", sentence, f"keys.{name}")
