"""Presets as lines of text: ``client: password=make expires=7d downloads=5``. ``presets`` says what they mean."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import NoReturn

from .errors import InvalidValue
from .text import printable

#: No more presets than these, of each origin: they are chosen from a menu.
MOST_PRESETS = 100
#: No longer than this is a name.
MOST_LETTERS = 40
#: Letters, digits, and between them blanks and a few signs; so a name is never taken for an option.
_NAME = re.compile(r"[^\W_](?:[\w .&+-]*[\w.&+])?")
#: What stands for the settings that were sent with last.
LAST = "last"
_SHOWN = 60


def check_name(name: str) -> None:
    """Raise :class:`InvalidValue` unless it can be a preset's name."""
    if len(name) > MOST_LETTERS or not _NAME.fullmatch(name):
        _refuse(
            f"{_shown(name)} can't be a preset's name; use up to {MOST_LETTERS} letters and digits, like client."
        )
    if name.casefold() == LAST:
        _refuse(f"A preset can't be called {LAST}: that stands for the settings of your last send.")


def check_count(count: int) -> None:
    """Raise :class:`InvalidValue` for too many presets."""
    if count > MOST_PRESETS:
        _refuse(f"There can be at most {MOST_PRESETS} presets, not {count:,}.")


def read_lines(text: str) -> dict[str, dict[str, str]]:
    """The presets of some lines: their settings, by name, as typed. Raises :class:`InvalidValue`."""
    lines = [line for line in text.splitlines() if line.strip()]
    check_count(len(lines))
    found: dict[str, dict[str, str]] = {}
    for line in lines:
        name, values = _read_line(line)
        if name.casefold() in map(str.casefold, found):
            _refuse(f"There are two presets called {printable(name)}; rename one of them.")
        found[name] = values
    return found


def _read_line(line: str) -> tuple[str, dict[str, str]]:
    name, colon, rest = line.partition(":")
    name = name.strip()
    if not colon:
        _refuse(f"{_shown(line)} is no preset; write a line like client: expires=7d downloads=5.")
    check_name(name)
    try:
        words = shlex.split(rest)
    except ValueError:
        _refuse(f"The preset {name} has a quotation mark without its other half.")
    values: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or key in values:
            _refuse(f"The preset {name} has {_shown(word)}; write each setting once, as in expires=7d.")
        values[key] = value
    return name, values


def written_line(name: str, values: Mapping[str, str]) -> str:
    """The line of a preset, which :func:`read_lines` reads back."""
    return f"{name}: {' '.join(f'{key}={shlex.quote(value)}' for key, value in values.items())}".rstrip()


def names_of(lines: Iterable[str]) -> list[str]:
    """The names of presets in lines that were read before."""
    return [line.partition(":")[0] for line in lines]


def _shown(text: str) -> str:
    return printable(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…") or "An empty name"


def _refuse(message: str) -> NoReturn:
    raise InvalidValue("preset.form", message, "preset")
