"""The user's own themes: a file each in the folder ``themes`` beside the configuration, with the tokens of the screens.

Without Textual: the check of the configuration reads them, too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from ..config.preferences import own_theme_file
from ..files.trusted_paths import Untrusted, open_trusted
from ..rules.errors import InvalidValue
from ..rules.text import printable
from .theme_contrast import complaints, luminance
from .tokens import TOKENS, colours

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_BASE = "base"
_BASES = ("dark", "light")
#: Longer than any such file.
_MOST_BYTES = 64 * 1024
#: A ground that is lighter than this is light.
_LIGHT = 0.18


class OwnTheme(NamedTuple):
    """The colours of all tokens, and whether they are on a dark ground."""

    colours: dict[str, str]
    dark: bool


def read_theme(folder: Path, name: str) -> OwnTheme:
    """Read a theme. Raises :class:`InvalidValue`, in one sentence, if its file can't be used, or what it shows can't
    be read."""
    file = own_theme_file(folder, name)
    try:
        return _checked(_values(file))
    except _Wrong as error:
        raise InvalidValue(
            "theme.file", f"The theme {printable(str(file))} isn't used: {error}", "theme"
        ) from error


class _Wrong(Exception):
    """What is wrong with a theme, as the end of a sentence."""


def _values(file: Path) -> dict[str, object]:
    import tomllib

    try:
        with os.fdopen(open_trusted(file), "rb") as opened:
            content = opened.read(_MOST_BYTES + 1)
    except Untrusted as error:
        raise _Wrong(printable(error.advice)) from error
    except OSError as error:
        raise _Wrong(f"{error.strerror}.") from error
    if len(content) > _MOST_BYTES:
        raise _Wrong("it is too long.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise _Wrong(f"it is malformed: {printable(str(error))}.") from error


def _checked(values: dict[str, object]) -> OwnTheme:
    base = values.pop(_BASE, None)
    if base is not None and base not in _BASES:
        raise _Wrong('base must be "dark" or "light".')
    given: dict[str, str] = {}
    for token, value in values.items():
        if token not in TOKENS:
            from ..rules.similar import with_question

            raise _Wrong(with_question(f"there is no token {printable(token)}.", token, TOKENS))
        if not isinstance(value, str) or not _COLOUR.fullmatch(value):
            raise _Wrong(f'{token} must be a colour like "#24476b".')
        given[token] = value.lower()
    if base is None:
        base = "light" if luminance(given.get("ground", "#000000")) > _LIGHT else "dark"
    found = {**colours(str(base)), **given}
    if wrong := complaints(found):
        more = f" And {len(wrong) - 1} more." if len(wrong) > 1 else ""
        raise _Wrong(f"{wrong[0][0].lower()}{wrong[0][1:]}{more}")
    return OwnTheme(found, base == "dark")
