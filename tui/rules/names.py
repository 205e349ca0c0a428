"""Link names: what is allowed, replaced and refused."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from .errors import InvalidValue
from .text import DECEIVING, composed, printable

FORBIDDEN = '\\/:*?"<>|'
#: The maximum length of a name, in bytes of UTF-8.
MAX_BYTES = 255
_MAX_EXTENSION = 16
#: The most characters of a name that a message shows.
_MAX_SHOWN = 60
#: Invisible characters that Unicode counts as letters, marks or symbols.
FILLERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(c) for c in (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
}


def extension(name: str) -> str:
    """The extension of a file name without its dot (``"pdf"``), or ``""`` if there is none."""
    stem, dot, last = name.rpartition(".")
    if not dot or not stem.strip(". ") or not 1 <= len(last) <= _MAX_EXTENSION or not last.isalnum():
        return ""
    return last


def split(name: str) -> tuple[str, str]:
    """Split a name into its stem and its extension with the dot: ``("Offer", ".pdf")``."""
    ext = extension(name)
    return (name[: -len(ext) - 1], name[-len(ext) - 1 :]) if ext else (name, "")


def file_name(name: str, ext: str) -> str:
    """Return a document's name with its extension, which it may have already: ``Offer.docx``."""
    tail = f".{ext}"
    return name if not ext or name.lower().endswith(tail) else name + tail


def key(name: str) -> str:
    """The key for comparing names regardless of case."""
    if name.isascii():
        return name.lower()
    return composed(composed(name).casefold())


#: A whole number in a name. What a file system takes is shorter than the numbers that Python refuses to read.
_NUMBER = re.compile(r"([0-9]+)")


def natural_key(name: str) -> tuple[list[str | int], str]:
    """The key for sorting names of files as people do: regardless of case, and ``doc-2`` before ``doc-10``."""
    # Texts and numbers alternate, so that keys can be compared.
    parts: list[str | int] = [*_NUMBER.split(key(name))]
    parts[1::2] = map(int, parts[1::2])
    return parts, name


def _is_control(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in DECEIVING


def _is_blank(text: str) -> bool:
    """Whether dots are the only visible characters, if any."""
    return all(c == "." or c.isspace() or c in FILLERS or unicodedata.category(c) == "Cf" for c in text)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _cut(text: str, room: int) -> str:
    """The longest prefix of ``text`` that fits into ``room`` bytes of UTF-8, in whole characters."""
    return text.encode("utf-8")[:room].decode("utf-8", "ignore")


def _replaced(text: str) -> str:
    return "".join("_" if c in FORBIDDEN or _is_control(c) else c for c in text)


def _tail(ext: str) -> str:
    """A document's extension as used in link names: with the dot, and without characters that names can't have."""
    return f".{_replaced(ext)}" if ext and _bytes(ext) <= MAX_BYTES // 4 else ""


def _ends_with(name: str, tail: str) -> bool:
    # Character by character: "ß" doesn't match "ss" here, because the callers count characters.
    return bool(tail) and name[-len(tail) :].casefold() == tail.casefold()


def _split_extension(name: str, ext: str) -> tuple[str, str]:
    tail = _tail(ext)
    return (name[: -len(tail)], name[-len(tail) :]) if _ends_with(name, tail) else split(name)


def stem(name: str, ext: str) -> str:
    """The editable part of a link name: everything but the document's extension ``ext``."""
    return _split_extension(name, ext)[0]


def clean(name: str, ext: str = "") -> str:
    """The initial link name for a document in Work or a file on this machine.

    Forbidden and control characters become ``_``, a name that is too long is cut before its extension, and a name of
    only dots and blanks gets a ``_``. ``ext`` is the document's extension without its dot. The result passes
    :func:`validate` with and without it.
    """
    base, end = _split_extension(_replaced(name).strip(), ext)
    room = MAX_BYTES - _bytes(end)
    fitting = _cut(base, room)
    if _is_blank(fitting):
        fitting = _cut("_" + base.strip(), room)
    return (fitting + end).strip()


def why_another(name: str, ext: str = "") -> str:
    """Why :func:`clean` changes a name; empty if it doesn't."""
    if found := "".join(dict.fromkeys(c for c in name if c in FORBIDDEN)):
        return f"link names can't have {' '.join(found)}"
    if any(map(_is_control, name)):
        return "link names can't have control characters"
    if clean(name, ext) == name.strip():
        return "" if name == name.strip() else "link names don't begin or end with blanks"
    if _bytes(name.strip()) > MAX_BYTES:
        return f"link names have at most {MAX_BYTES} bytes"
    return "link names need a letter or a digit"


def local_name(name: str, ext: str = "") -> str:
    """A safe name for saving someone else's document on one's machine: that of :func:`clean`, without a leading dot,
    because programs read hidden files such as ``.profile`` automatically."""
    cleaned = clean(name, ext)
    return f"_{cleaned.lstrip('.')}" if cleaned.startswith(".") else cleaned


def _shortened(name: str) -> str:
    """The name as shown in messages: a long one is abbreviated in the middle, to leave room for the problem."""
    shown = printable(name)
    return shown if len(shown) <= _MAX_SHOWN else f"{shown[: _MAX_SHOWN - 16]}…{shown[-15:]}"


def validate(name: str, ext: str = "", *, kind: str = "a link name") -> None:
    """Raise :class:`InvalidValue` if ``name`` isn't a valid link name, or another name for which the same rules hold;
    ``kind`` says of what it is.

    ``ext`` is the document's extension without its dot: the stem before it must not be blank.
    """
    for char in name:
        if char in FORBIDDEN:
            raise InvalidValue(
                "name.forbidden_character",
                f"The name {_shortened(name)} contains the character {char}, which {kind} can't have; "
                "remove or replace it.",
                "name",
            )
        if _is_control(char):
            raise InvalidValue(
                "name.control_character",
                f"The name {_shortened(name)} contains a control character (U+{ord(char):04X}); remove it.",
                "name",
            )
    if not name.strip():
        raise InvalidValue("name.empty", "The name is empty; type one.", "name")
    base, end = _split_extension(name, ext)
    if _is_blank(base):
        where = " before its extension" if end else ""
        raise InvalidValue(
            "name.blank", f"The name {_shortened(name)} needs a letter or a digit{where}.", "name"
        )
    if _bytes(name) > MAX_BYTES:
        raise InvalidValue(
            "name.too_long",
            f"The name is {_bytes(name)} bytes long; shorten it to {MAX_BYTES} at most.",
            "name",
        )


def typed(name: str, ext: str) -> str:
    """The link name that results from typing ``name`` for a document with extension ``ext``.

    ``Offer`` with ``pdf`` is ``Offer.pdf``. Raises :class:`InvalidValue` if the result is invalid.
    """
    name = name.strip()
    tail = _tail(ext)
    if _is_blank(name) or not tail or _ends_with(name, tail):
        validate(name, ext)
        return name
    validate(name + tail, ext)
    return name + tail


def retyped(text: str, before: str, ext: str) -> str:
    """``text`` as meant, after the name ``before`` was edited in place.

    The extension ``ext`` stays behind the stem that is typed over, so one typed with the stem isn't repeated:
    ``Letter.txt.txt`` is ``Letter.txt``, unless ``before`` ended so too.
    """
    text, tail = text.strip(), _tail(ext)
    repeated = _ends_with(text, tail * 2) and not _ends_with(before, tail * 2)
    return text[: -len(tail)] if repeated else text


def unique(names: Iterable[str]) -> list[str]:
    """Make the names unique by adding `` (2)``, `` (3)`` before the extension of duplicates.

    Names that are unique already are kept: ``a.pdf, a.pdf, a (2).pdf`` becomes ``a.pdf, a (3).pdf, a (2).pdf``.
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
    """The name, with the lowest `` (2)``, `` (3)`` before its extension that makes its :func:`key` not ``taken``."""
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
    """Raise :class:`InvalidValue` if two of the names are equal regardless of case."""
    seen: set[str] = set()
    for name in names:
        if key(name) in seen:
            raise InvalidValue(
                "name.taken",
                f"The name {_shortened(name)} is used twice; rename one of the two links.",
                "name",
            )
        seen.add(key(name))
