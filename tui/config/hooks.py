"""The programs that ``sentlinks watch`` runs when something happens: the table ``hooks`` of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..rules.errors import InvalidValue
from ..rules.text import printable
from ..rules.watching import event_named

if TYPE_CHECKING:
    from . import Config

#: By the name of an event: the programs to run, each with its arguments.
Hooks = Mapping[str, tuple[tuple[str, ...], ...]]


def checked_hooks(config: Config) -> Hooks:
    """The programs in the configuration. Raises :class:`InvalidValue` for an unknown event, and for what is no program
    with its arguments."""
    found = config.setting("hooks")
    if found is None:
        return {}
    where = f"[hooks] of {printable(found.origin)}"
    hooks: dict[str, tuple[tuple[str, ...], ...]] = {}
    for name, value in found.value.items():
        try:
            event = event_named(name, "hooks")
        except InvalidValue as error:
            raise InvalidValue(error.code, f"{where}: {error.message}", "hooks") from error
        hooks[event] = (*hooks.get(event, ()), *_programs(value, f"{printable(name)} in {where}"))
    return hooks


def _programs(value: object, where: str) -> tuple[tuple[str, ...], ...]:
    """One program, or a list of several."""
    wanted = f'{where} must be a program with its arguments, like ["notify-send", "Delivered"], or a list of these.'
    if not isinstance(value, list) or not value:
        raise InvalidValue("config.value", wanted, "hooks")
    listed = value if isinstance(value[0], list) else [value]
    programs = []
    for each in listed:
        if not isinstance(each, list) or not each or not all(_is_word(word) for word in each) or not each[0]:
            raise InvalidValue("config.value", wanted, "hooks")
        programs.append((_whole(each[0], where), *each[1:]))
    return tuple(programs)


def _is_word(word: object) -> bool:
    return isinstance(word, str) and "\0" not in word


def _whole(program: str, where: str) -> str:
    """A name that is looked up in the ``PATH``, or a whole path: another one would depend on the current folder."""
    try:
        path = Path(program).expanduser()
    except RuntimeError:
        path = Path(program)
    if "/" in program and not path.is_absolute():
        raise InvalidValue(
            "config.value",
            f"{where}: {printable(program)} must be a program's name or its whole path, beginning with / or ~/.",
            "hooks",
        )
    return str(path)
