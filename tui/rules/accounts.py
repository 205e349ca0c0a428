"""Sign-in names, which must be visible and typeable, and sign-in passwords, which must not be easy to guess."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

from . import addresses, names, typed_values
from .errors import Conflict, InvalidValue
from .password_strength import strength
from .similar_names import looks_like, mixed_scripts
from .text import composed, printable

#: The minimum length of a sign-in password, in characters.
LEAST = 12
_ADVICE = "Choose a longer one, such as four words that have nothing to do with each other."
#: The maximum length of a full name, in characters.
MOST_FULL_NAME = 255
#: The maximum length of a typed name, in characters, before any normalisation.
_MAX_TYPED = 1024
#: What a name is called in messages about it.
KIND_OF_NAME = "a sign-in name"
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


def kept_name(text: str) -> str:
    """A user's name as it is stored: in capitals, NFKC-normalised, with single spaces between words.

    Raises :class:`InvalidValue` if it breaks the rules for names, or contains invisible characters.
    """
    if len(text) > _MAX_TYPED:
        # It is invalid anyway, and normalising takes time quadratic in its length.
        names.validate(text, kind=KIND_OF_NAME)
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).upper())
    name = " ".join(filter(None, name.split(" ")))
    names.validate(name, kind=KIND_OF_NAME)
    for char in name:
        if _is_invisible(char):
            raise InvalidValue(
                "name.invisible_character",
                f"The name {printable(escaped(name))} contains an invisible character (U+{ord(char):04X}); remove it.",
                "name",
            )
    return name


def full_name(text: str) -> str | None:
    """A user's full name, shown on pages and in lists, as it is stored; ``None`` if it is empty.

    Raises :class:`InvalidValue` if it is too long or contains invisible characters.
    """
    name = " ".join(filter(None, composed(text).split(" ")))
    if len(text) > _MAX_TYPED or len(name) > MOST_FULL_NAME or not name.isprintable():
        raise InvalidValue(
            "full_name.invalid",
            f"A full name must be one line of at most {MOST_FULL_NAME} visible characters.",
            "full_name",
        )
    return name or None


def email(text: str) -> str | None:
    """A user's e-mail address in its canonical form; ``None`` if it is empty.

    Raises :class:`InvalidValue` if it isn't one, or has a name too.
    """
    if not text.strip():
        return None
    name, address = addresses.split_address(text)
    if name:
        raise InvalidValue("email.invalid", "Give the e-mail address alone, without a name.", "email")
    return address


def names_meant(text: str) -> tuple[str, ...]:
    """The stored names that a user who types ``text`` may mean, the closest first.

    Names of older accounts may be stored in other forms. Names with invisible characters never match.
    """
    if len(text) > _MAX_TYPED:
        return ()
    candidates = [text, unicodedata.normalize("NFC", text.strip()).upper()]
    try:
        candidates.append(kept_name(text))
    except InvalidValue:
        pass
    return tuple(dict.fromkeys(name for name in candidates if name and visible(name)))


def visible(name: str) -> bool:
    """Whether the name has no invisible characters, so that it can be read, typed and used to sign in."""
    return not any(map(_is_invisible, name))


def _is_invisible(char: str) -> bool:
    return not char.isprintable() or char in names.FILLERS


def escaped(name: str) -> str:
    """The name with invisible characters escaped, as ``ALICE\\u200B``; names never contain a backslash."""
    return "".join(_escape(ord(c)) if _is_invisible(c) else c for c in name)


def _escape(code: int) -> str:
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"


def unescaped(text: str) -> str:
    """The inverse of :func:`escaped`."""
    return _ESCAPED.sub(_unescape_match, text)


def _unescape_match(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code < 0x110000 else match[0]


#: Kinds of sessions that are called differently on screens.
_SESSION_KINDS = {"data folder": "this computer"}


def session_words(kind: str, client: str | None, *, current: bool = False) -> str:
    """The label of a session: its kind, or the client id of an OAuth client."""
    words = (client or "program") if kind == "oauth client" else _SESSION_KINDS.get(kind, kind)
    return f"{words} (this one)" if current else words


def check_password(password: str, common: Container[str], known: Iterable[str] = ()) -> None:
    """Raise :class:`InvalidValue` if ``password`` can't be set as a sign-in password.

    ``common`` are the common passwords, in lower case; ``known`` are words that someone who guesses knows, such as the
    name. This takes up to 0.2 s.
    """
    typed_values.check_password(password)
    if len(password) < LEAST:
        raise InvalidValue(
            "password.too_short",
            f"A sign-in password needs at least {LEAST} characters. {_ADVICE}",
            "password",
        )
    if password.lower() in common:
        raise InvalidValue(
            "password.common", f"This password is one of the most common ones. {_ADVICE}", "password"
        )
    found = strength(password, known)
    if not found.is_strong:
        why = f": {found.why}" if found.why else ""
        raise InvalidValue("password.weak", f"This password is too easy to guess{why}. {_ADVICE}", "password")


def check_new_name(name: str, others: Iterable[str]) -> None:
    """Raise an error if ``name``, as :func:`kept_name` returns it, can be taken for another person's name.

    :class:`InvalidValue` if it mixes scripts, :class:`Conflict` if it looks like one of ``others``.
    """
    scripts = mixed_scripts(name)
    if scripts:
        raise InvalidValue(
            "name.mixed_scripts",
            f"The name {printable(name)} mixes letters of different scripts ({', '.join(scripts)}). "
            "Write it in one script.",
            "name",
        )
    alike = looks_like(name, others)
    if alike is not None:
        raise Conflict(
            "user.looks_alike",
            f"The name {printable(name)} looks like {printable(escaped(alike))}, who exists already. "
            "Choose a name that can't be confused with it.",
        )
