"""Names of links: what is taken, what is replaced, what is refused."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence

from .errors import InvalidValue
from .text import DECEIVING, composed, printable

FORBIDDEN = '\\/:*?"<>|'
#: The longest name in bytes of UTF-8.
MAX_BYTES = 255
_MAX_EXTENSION = 16
#: So many characters of a name are in a sentence.
_MOST_TOLD = 60
#: Characters that show nothing, though Unicode counts them as letters, marks or symbols.
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


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
    return composed(composed(name).casefold())


def _controls(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in DECEIVING


def _blank(text: str) -> bool:
    """Whether there is nothing to see in it but dots."""
    return all(c == "." or c.isspace() or c in FILLERS or unicodedata.category(c) == "Cf" for c in text)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, room: int) -> str:
    """The longest beginning of ``text`` that fits into ``room`` bytes of UTF-8, whole characters only."""
    return text.encode("utf-8")[: max(room, 0)].decode("utf-8", "ignore")


def _replaced(text: str) -> str:
    return "".join("_" if c in FORBIDDEN or _controls(c) else c for c in text)


def _tail(ext: str) -> str:
    """A document's extension as its links have it: with the dot, and with nothing that a name cannot hold."""
    return f".{_replaced(ext)}" if ext and _bytes(ext) <= MAX_BYTES // 4 else ""


def _ends(name: str, tail: str) -> bool:
    # Character by character: "ß" is no other writing of "ss" here, since what follows counts characters.
    return bool(tail) and name[-len(tail) :].casefold() == tail.casefold()


def _apart(name: str, ext: str) -> tuple[str, str]:
    tail = _tail(ext)
    return (name[: -len(tail)], name[-len(tail) :]) if _ends(name, tail) else split(name)


def stem(name: str, ext: str) -> str:
    """What is renamed of a link name: all of it but the document's extension ``ext``."""
    return _apart(name, ext)[0]


def clean(name: str, ext: str = "") -> str:
    """The link name that a document of Work, or a file of this machine, starts with.

    Forbidden and control characters become ``_``, a name that is too long is cut before its
    extension, a name of nothing but dots and blanks gets a ``_``. ``ext`` is the extension that the
    document has, without its dot. The result passes :func:`validate` with and without it.
    """
    stem, end = _apart(_replaced(name).strip(), ext)
    room = MAX_BYTES - _bytes(end)
    fitting = _cut(stem, room)
    if _blank(fitting):
        fitting = _cut("_" + stem.strip(), room)
    return (fitting + end).strip()


def local_name(name: str, ext: str = "") -> str:
    """The name under which a document of somebody else's is written on this machine: as :func:`clean` has it, and
    without a dot before it, since hidden files such as ``.profile`` are read by programs unasked."""
    cleaned = clean(name, ext)
    return f"_{cleaned.lstrip('.')}" if cleaned.startswith(".") else cleaned


def _told(name: str) -> str:
    """The name as a sentence has it: of a long one the ends, so that there is room for what is wrong."""
    shown = printable(name)
    return shown if len(shown) <= _MOST_TOLD else f"{shown[: _MOST_TOLD - 16]}…{shown[-15:]}"


def validate(name: str, ext: str = "") -> None:
    """Raises :class:`InvalidValue` where ``name`` cannot be the name of a link.

    ``ext`` is the extension that the document has, without its dot: the stem before it is judged.
    """
    for char in name:
        if char in FORBIDDEN:
            raise InvalidValue(
                "name.forbidden_character",
                f"The name {_told(name)} contains the character {char}, which a link name can't have; "
                "remove or replace it.",
                "name",
            )
        if _controls(char):
            raise InvalidValue(
                "name.control_character",
                f"The name {_told(name)} contains a control character (U+{ord(char):04X}); remove it.",
                "name",
            )
    if not name.strip():
        raise InvalidValue("name.empty", "The name is empty; type one.", "name")
    if _blank(_apart(name, ext)[0]):
        raise InvalidValue(
            "name.blank",
            f"The name {_told(name)} has only dots or spaces before its extension; add a letter or a digit.",
            "name",
        )
    if _bytes(name) > MAX_BYTES:
        raise InvalidValue(
            "name.too_long",
            f"The name is {_bytes(name)} bytes long; shorten it to {MAX_BYTES} at most.",
            "name",
        )


def typed(name: str, ext: str) -> str:
    """The link name that results where a person typed ``name`` for a document with extension ``ext``.

    ``Offer`` with ``pdf`` is ``Offer.pdf``. Raises :class:`InvalidValue` where it is refused.
    """
    name = name.strip()
    tail = _tail(ext)
    if _blank(name) or not tail or _ends(name, tail):
        validate(name, ext)
        return name
    validate(name + tail, ext)
    return name + tail


def unique(names: Iterable[str]) -> list[str]:
    """The names with `` (2)``, `` (3)`` before the extension of those that an earlier one has taken.

    Names that need no number keep theirs: ``a.pdf, a.pdf, a (2).pdf`` is ``a.pdf, a (3).pdf, a (2).pdf``.
    """
    names = list(names)
    originals = {key(n) for n in names}
    taken: set[str] = set()
    numbers: dict[str, int] = {}
    result = []
    for name in names:
        kept = name
        while key(kept) in taken or (kept is not name and key(kept) in originals):
            number = numbers[key(name)] = numbers.get(key(name), 1) + 1
            kept = _numbered(name, number)
        taken.add(key(kept))
        result.append(kept)
    return result


def free(name: str, taken: Collection[str]) -> str:
    """The name, with the lowest `` (2)``, `` (3)`` before its extension with which its :func:`key` is not ``taken``."""
    kept, number = name, 1
    while key(kept) in taken:
        number += 1
        kept = _numbered(name, number)
    return kept


def _numbered(name: str, number: int) -> str:
    stem, ext = split(name)
    tail = f" ({number}){ext}"
    return _cut(stem, MAX_BYTES - _bytes(tail)) + tail


def check_distinct(names: Sequence[str]) -> None:
    """Raises :class:`InvalidValue` where two of the names differ in nothing, or in case only."""
    seen: set[str] = set()
    for name in names:
        if key(name) in seen:
            raise InvalidValue(
                "name.taken",
                f"The name {_told(name)} is there twice; give one of the two links another name.",
                "name",
            )
        seen.add(key(name))
