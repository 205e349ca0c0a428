"""The ids that people type: of documents in Work (``ACTIVE!453``, ``ACTIVE!453.2`` for a version), and short ones of
Share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .errors import InvalidValue
from .text import printable

_WORK_ID = re.compile(r"[^!/]+!(?P<number>[0-9]{1,18})(\.(?P<version>[0-9]{1,9}))?")
#: The same with a colon, which no shell minds.
_WITH_COLON = re.compile(r"(?P<library>[^!:/\s]+):(?P<rest>[0-9]{1,18}(\.[0-9]{1,9})?)")
#: How many digits of an id of Share are enough.
FEWEST_DIGITS = 6
#: The length of a whole one.
DIGITS = 32
_SHORT = re.compile(rf"[0-9a-fA-F]{{{FEWEST_DIGITS},{DIGITS - 1}}}")
#: As many are listed if several fit.
MOST_LISTED = 10


def is_document(text: str) -> bool:
    """Whether ``text`` is the id of a document or a version, in either spelling."""
    return _WORK_ID.fullmatch(canonical(text)) is not None


def is_version(text: str) -> bool:
    """Whether ``text`` is the id of a version."""
    found = _WORK_ID.fullmatch(text)
    return found is not None and found["version"] is not None


def number_of(text: str) -> int | None:
    """The document's number, if ``text`` is the id of a document or a version, else ``None``."""
    found = _WORK_ID.fullmatch(text)
    return int(found["number"]) if found else None


def canonical(text: str) -> str:
    """``ACTIVE!453`` for ``ACTIVE:453``; anything else as it is."""
    found = _WITH_COLON.fullmatch(text)
    return f"{found['library']}!{found['rest']}" if found else text


def is_short(text: str) -> bool:
    """Whether ``text`` can be the beginning of an id of Share, and is long enough to stand for it."""
    return _SHORT.fullmatch(text) is not None


def fewest_digits(ids: Sequence[str]) -> int:
    """How many digits tell these ids from one another, and are enough for each to stand for its id."""
    different = len(set(ids))
    return next(
        (
            count
            for count in range(FEWEST_DIGITS, DIGITS)
            if len({ident[:count] for ident in ids}) == different
        ),
        DIGITS,
    )


def whole(short: str, known: Iterable[tuple[str, str]]) -> str:
    """The id that begins with ``short``, among those of ``known`` with their names; ``short`` itself if there is none.

    Raises :class:`InvalidValue` ``id.ambiguous`` if several do.
    """
    fitting = sorted((ident, name) for ident, name in known if ident.startswith(short.lower()))
    if len(fitting) > 1:
        listed = [f"{ident} ({printable(name)})" for ident, name in fitting[:MOST_LISTED]]
        more = ", …" if len(fitting) > MOST_LISTED else ""
        message = f"{short} is the beginning of several IDs; give more digits: {', '.join(listed)}{more}."
        raise InvalidValue("id.ambiguous", message, "id")
    return fitting[0][0] if fitting else short
