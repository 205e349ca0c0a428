"""What people sign in with: names that can be seen and typed, and passwords that are not guessed first."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from . import names, options
from .errors import InvalidValue
from .text import composed, printable

#: The least characters of a password for signing in.
LEAST = 12
_WEAK = f"A sign-in password needs at least {LEAST} characters and must not be a common one; choose another."
#: The most characters of a full name.
MOST_FULL_NAME = 255
#: No name has more characters, however it is typed.
_MOST = 1024
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def kept_name(text: str) -> str:
    """A person's name as it is kept: in capitals, each letter in its plain form, single spaces between words.

    Raises :class:`InvalidValue` where it breaks the rules of names, or holds what cannot be seen.
    """
    if len(text) > _MOST:
        # It is none, and normalising takes the square of its length.
        names.validate(text)
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    name = " ".join(filter(None, name.split(" ")))
    names.validate(name)
    for char in name:
        if _unseen(char):
            raise InvalidValue(
                "name.invisible_character",
                f"The name {printable(escaped(name))} contains an invisible character (U+{ord(char):04X}); remove it.",
                "name",
            )
    return name


def full_name(text: str) -> str | None:
    """What a person is called on pages and in lists, as it is kept; ``None`` for nothing.

    Raises :class:`InvalidValue` where it is too long or holds what cannot be seen.
    """
    found = " ".join(filter(None, composed(text[: _MOST + 1]).split(" ")))
    if len(found) > MOST_FULL_NAME or not found.isprintable():
        raise InvalidValue(
            "full_name.invalid",
            f"A full name is one line of at most {MOST_FULL_NAME} characters, all of them visible.",
            "full_name",
        )
    return found or None


def names_meant(text: str) -> tuple[str, ...]:
    """The kept names that somebody who types ``text`` may mean, the nearest first. Names were once kept in other
    forms, too; those with something that nobody sees are meant by nobody."""
    if len(text) > _MOST:
        return ()
    meant = [text, unicodedata.normalize("NFC", text.strip()).upper()]
    try:
        meant.append(kept_name(text))
    except InvalidValue:
        pass
    return tuple(dict.fromkeys(name for name in meant if name and visible(name)))


def visible(name: str) -> bool:
    """Whether somebody can sign in by that name, as it can be read and typed."""
    return not any(map(_unseen, name))


def _unseen(char: str) -> bool:
    return not char.isprintable() or char in names.FILLERS


def escaped(name: str) -> str:
    """The name with what nobody sees spelled out, as ``ALICE\\u200B``; no name holds a backslash itself."""
    return "".join(_spelled(ord(c)) if _unseen(c) else c for c in name)


def _spelled(code: int) -> str:
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def unescaped(text: str) -> str:
    """The name that is spelled so (:func:`escaped`)."""
    return _ESCAPED.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < 0x110000 else found[0]


def session_words(kind: str, client: str | None, *, current: bool = False) -> str:
    """With what somebody is signed in: a program that acts for them by its own id."""
    words = (client or "program") if kind == "oauth client" else kind
    return f"{words} (this one)" if current else words


def check_password(password: str, common: Container[str]) -> None:
    """Raises :class:`InvalidValue` where nobody may sign in with that from now on. ``common`` passwords are in lower
    case."""
    options.check_password(password)
    if len(password) < LEAST:
        raise InvalidValue("password.too_short", _WEAK, "password")
    if password.lower() in common:
        raise InvalidValue("password.common", _WEAK, "password")
