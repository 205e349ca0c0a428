"""Names of links: what is taken, what is replaced, what is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from .errors import InvalidValue
from .text import DECEIVING, printable

FORBIDDEN = '\\/:*?"<>|'
#: The longest name in bytes of UTF-8.
MAX_BYTES = 255
_MAX_EXTENSION = 16


def extension(name: str) -> str:
    """The extension of a file name without its dot (``"pdf"``), or ``""`` where it has none."""
    stem, dot, last = name.rpartition(".")
    if not dot or not stem.strip(". ") or not 1 <= len(last) <= _MAX_EXTENSION or not last.isalnum():
        return ""
    return last


def split(name: str) -> tuple[str, str]:
    """A name as its stem and its extension with the dot: ``("Offer", ".pdf")``."""
    ext = extension(name)
    return (name[: -len(ext) - 1], name[-len(ext) - 1 :]) if ext else (name, "")


def key(name: str) -> str:
    """What two names have in common that differ in case only."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _controls(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in DECEIVING


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, room: int) -> str:
    """The longest beginning of ``text`` that fits into ``room`` bytes of UTF-8, whole characters only."""
    return text.encode("utf-8")[: max(room, 0)].decode("utf-8", "ignore")


def clean(name: str) -> str:
    """The link name that a document of Work, or a file of this machine, starts with.

    Forbidden and control characters become ``_``, a name that is too long is cut before its
    extension, a name of nothing but dots and blanks becomes ``_``. The result passes
    :func:`validate`.
    """
    kept = "".join("_" if c in FORBIDDEN or _controls(c) else c for c in name).strip()
    stem, ext = split(kept)
    if not stem.strip(". \u3000\xa0") or stem.isspace():
        stem = "_" + stem.strip()
    return _cut(stem, MAX_BYTES - _bytes(ext)) + ext


def validate(name: str, ext: str = "") -> None:
    """Raises :class:`InvalidValue` where ``name`` cannot be the name of a link.

    ``ext`` is the extension that the document has, without its dot: the stem before it is judged.
    """
    tail = f".{ext}"
    stem = name[: -len(tail)] if ext and name.casefold().endswith(tail.casefold()) else split(name)[0]
    for char in name:
        if char in FORBIDDEN:
            raise InvalidValue(
                "name.forbidden_character",
                f"The name {printable(name)} holds the character {char}, which a link name cannot have; "
                f"leave it out or use another.",
                "name",
            )
        if _controls(char):
            raise InvalidValue(
                "name.control_character",
                f"The name {printable(name)} holds a control character (U+{ord(char):04X}); leave it out.",
                "name",
            )
    if not name.strip():
        raise InvalidValue("name.empty", "The name is empty; type one.", "name")
    if all(c == "." or c.isspace() for c in stem):
        raise InvalidValue(
            "name.blank",
            f"The name {printable(name)} has only dots or blanks before its extension; "
            "put a letter or a digit in.",
            "name",
        )
    if _bytes(name) > MAX_BYTES:
        raise InvalidValue(
            "name.too_long",
            f"The name is {_bytes(name)} bytes long; {MAX_BYTES} is the most, so shorten it.",
            "name",
        )


def typed(name: str, ext: str) -> str:
    """The link name that results where a person typed ``name`` for a document with extension ``ext``.

    ``Offer`` with ``pdf`` is ``Offer.pdf``. Raises :class:`InvalidValue` where it is refused.
    """
    name = name.strip()
    tail = f".{ext}"
    if not ext:
        validate(name)
        return name
    if name.casefold().endswith(tail.casefold()):
        validate(name, ext)
        return name
    if not name or all(c == "." or c.isspace() for c in name):
        validate(name or "", "")
    full = name + tail
    validate(full, ext)
    return full


def unique(names: Iterable[str]) -> list[str]:
    """The names with `` (2)``, `` (3)`` before the extension of those that an earlier one has taken.

    Names that need no number keep theirs: ``a.pdf, a.pdf, a (2).pdf`` is ``a.pdf, a (3).pdf, a (2).pdf``.
    """
    names = list(names)
    originals = {key(n) for n in names}
    taken: set[str] = set()
    result = []
    for name in names:
        if key(name) not in taken:
            result.append(name)
        else:
            result.append(_numbered(name, taken | originals))
        taken.add(key(result[-1]))
    return result


def _numbered(name: str, taken: set[str]) -> str:
    stem, ext = split(name)
    number = 2
    while True:
        tail = f" ({number}){ext}"
        candidate = _cut(stem, MAX_BYTES - _bytes(tail)) + tail
        if key(candidate) not in taken:
            return candidate
        number += 1


def check_distinct(names: Sequence[str]) -> None:
    """Raises :class:`InvalidValue` where two of the names differ in nothing, or in case only."""
    seen: set[str] = set()
    for name in names:
        if key(name) in seen:
            raise InvalidValue(
                "name.taken",
                f"The name {printable(name)} is there twice; two links of one send cannot be called the same.",
                "name",
            )
        seen.add(key(name))
