"""The user's own keys: the ``[keys]`` table of the configuration, checked against the commands that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from textual.keys import Keys

from ..rules.errors import InvalidValue
from ..rules.similar import with_question
from ..rules.text import printable
from ..ui.textual_patches.keys import key_of, sign_of
from ..ui.textual_patches.sequences import BETWEEN, GIVE_UP_KEY
from .command import Command
from .declared import COMMANDS
from .lookup import find

_EVERYWHERE = ("everywhere", "outside_fields")
_LISTS = (*_EVERYWHERE, "lists")
_DIALOG = (*_EVERYWHERE, "dialogs")
_LIST_DIALOG = (*_LISTS, "dialogs")
#: Places whose commands are available at the same time: there, a key has one meaning.
_TOGETHER: tuple[tuple[str, ...], ...] = (
    *((*_LISTS, "main", "places", "tree", kind) for kind in ("picker", "folder", "trash")),
    (*_EVERYWHERE, "text", "dialogs"),
    (*_EVERYWHERE, "text_field", "main"),
    (*_LIST_DIALOG, "versions"),
    (*_LIST_DIALOG, "send", "send_rows"),
    *((*_LIST_DIALOG, name) for name in ("members", "sessions", "timeline", "notices", "policy", "settings")),
    (*_EVERYWHERE, "editing", "send"),
    (*_EVERYWHERE, "filter", "main"),
    *((*_DIALOG, "scrolled", name) for name in ("help", "guides", "links", "questions")),
    (*_DIALOG, "choices", "options"),
    (*_DIALOG, "matches", "options"),
    *((*_DIALOG, name) for name in ("resend", "draft", "sign_in", "ask")),
)
#: Of these two, only the one that has the focus takes keys.
_ONE_OF = {"lists", "tree"}
_MODIFIERS = ("ctrl", "alt", "shift", "super")
_NAMES = {key.value for key in Keys if "+" not in key.value and not key.value.startswith("<")}


def checked(table: Mapping[str, Any], origin: str) -> dict[str, str]:
    """Return the keys of each command named in ``table``, in Textual's names separated by commas.

    ``origin`` names the table in error messages. Raises :class:`InvalidValue` for a command or key that doesn't exist,
    and if two commands that are available at the same time would share a key, or the key of one would be the beginning
    of the other's.
    """
    found: dict[str, str] = {}
    for name, value in table.items():
        command = find(name)
        if command is None:
            message = f"{origin} names an unknown command {printable(name)}."
            raise _wrong(name, with_question(message, name, (each.name for each in COMMANDS)))
        typed = value.split(",") if isinstance(value, str) else value
        if not isinstance(typed, list) or not typed or not all(isinstance(key, str) for key in typed):
            raise _wrong(name, f"{name} in {origin} must be a key like u, ctrl+u or g u, or a list of keys.")
        found[name] = ",".join(_keys(command, key.strip(), origin) for key in typed)
    _check_clashes(found, origin)
    return found


def _keys(command: Command, text: str, origin: str) -> str:
    """Return a key, or the keys of a sequence, which are separated by blanks."""
    keys = [
        _key(command, each, origin, is_first=index == 0) for index, each in enumerate(text.split() or [""])
    ]
    if len(keys) > 1 and GIVE_UP_KEY in keys:
        raise _wrong(
            command.name,
            f"{command.name} in {origin}: {GIVE_UP_KEY} ends a sequence of keys, so it can't be one of "
            f"{printable(text)}.",
        )
    return BETWEEN.join(keys)


def is_key(text: str) -> bool:
    """Return whether there is a key of that name: ``u``, ``U``, ``f5``, ``ctrl+u``, ``alt+up`` or ``question_mark``."""
    before, last, base = _parts(text)
    known = (len(last) == 1 and last.isprintable()) or base in _NAMES or sign_of(base)
    return bool(known) and all(each in _MODIFIERS for each in before) and len(set(before)) == len(before)


def _parts(text: str) -> tuple[list[str], str, str]:
    """Split a key into its modifiers, what follows them, and Textual's name for that."""
    *before, last = text.split("+") if len(text) > 1 else [text]
    return before, last, key_of(last) if len(last) == 1 else last.lower()


def _key(command: Command, text: str, origin: str, *, is_first: bool) -> str:
    before, _, base = _parts(text)
    if not is_key(text):
        raise _wrong(
            command.name,
            f"{command.name} in {origin}: {printable(text) or 'nothing'} is not a key; "
            "use one like u, U, f5, ctrl+u, alt+up or question_mark, or several like g u.",
        )
    if command.priority and is_first and not before and (len(base) == 1 or base == "space" or sign_of(base)):
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
                if _clash(found, (command, key), (other, key)):
                    raise _wrong(
                        command.name,
                        f"With {origin}, {key} would be both {other.name} and {command.name}; "
                        "give one of them another key.",
                    )
        _check_beginnings(found, taken, origin)


def _check_beginnings(found: Mapping[str, str], taken: Mapping[str, Command], origin: str) -> None:
    """Check that no key of a command is the beginning of another's: it would have to wait for the keys that follow."""
    for key, command in taken.items():
        keys = key.split(BETWEEN)
        for count in range(1, len(keys)):
            beginning = BETWEEN.join(keys[:count])
            other = taken.get(beginning)
            if other is not None and _clash(found, (command, key), (other, beginning)):
                raise _wrong(
                    command.name,
                    f"With {origin}, {beginning} would be {other.name} and also begin {key}, which is "
                    f"{command.name}; give one of them another key.",
                )


def _clash(found: Mapping[str, str], one: tuple[Command, str], other: tuple[Command, str]) -> bool:
    """Return whether two commands can't have these keys: one of them is the user's own, and both are available."""
    commands, keys = (one[0], other[0]), (one[1], other[1])
    if {command.place for command in commands} == _ONE_OF:
        return False
    if commands[0].id == commands[1].id and (commands[0] is not commands[1] or keys[0] == keys[1]):
        return False
    return any(_is_users_own(found, command, key) for command, key in (one, other))


def _commands_in(places: Iterable[str]) -> list[Command]:
    return [command for command in COMMANDS if command.place in places]


def _is_users_own(found: Mapping[str, str], command: Command, key: str) -> bool:
    """Return whether the user gave the command this key."""
    return command.name in found and key not in command.keys.split(",")


def _wrong(name: str, sentence: str) -> InvalidValue:
    return InvalidValue("config.keys", sentence, f"keys.{name}")
