"""The addresses in headers of messages, such as ``To`` (RFC 5322): groups, comments and all that others write."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .addresses import check_address, join_address, mailbox_of
from .errors import InvalidValue
from .text import printable

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_MARKS = re.compile(r'\\.|["()\[\]:,;]', re.DOTALL)
_PAIR = re.compile(r"\\(.)", re.DOTALL)
#: How much of a part that is no address is shown.
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class FoundAddresses:
    """``addresses`` are in their canonical form and order, each mailbox once; ``others``, as they may be shown, are the
    parts that are none."""

    addresses: tuple[str, ...]
    others: tuple[str, ...]


def read_headers(values: Iterable[str], decoded: Callable[[str], str]) -> FoundAddresses:
    """The addresses in headers, of which one that is malformed doesn't keep the others from being found.

    ``values`` are as they stand in the message, ``decoded`` decodes the encoded words (RFC 2047) of a name.
    """
    addresses: dict[str, str] = {}
    others = []
    for part in (each for value in values for each in _HeaderReader(value).parts):
        address = _address(part, decoded)
        if address is None:
            text = decoded(part.whole)
            others.append(printable(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"))
        else:
            addresses.setdefault(mailbox_of(address), address)
    return FoundAddresses(tuple(addresses.values()), tuple(others))


@dataclass(slots=True)
class _BetweenCommas:
    """Something between two commas: the pieces of its text, without comments, and its ``comments``."""

    pieces: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    #: Whether a quotation or comment in it never ends.
    is_open: bool = False

    @property
    def text(self) -> str:
        return "".join(self.pieces).strip()

    @property
    def whole(self) -> str:
        return " ".join([self.text, *self.comments]).strip()


class _HeaderReader:
    """Splits a header into its parts in one pass, however deep its comments are."""

    def __init__(self, value: str) -> None:
        self.parts: list[_BetweenCommas] = []
        self._part = _BetweenCommas()
        self._comment: list[str] = []
        #: The depth of the comment, and whether this is in a quotation or in ``[…]``.
        self._depth, self._quoted, self._literal = 0, False, False
        start = 0
        for found in _MARKS.finditer(value):
            self._take(value[start : found.start()])
            self._mark(found[0])
            start = found.end()
        self._take(value[start:])
        if self._depth:
            self._end_comment()
        self._part.is_open = bool(self._depth) or self._quoted
        self._end_part()

    def _take(self, text: str) -> None:
        (self._comment if self._depth else self._part.pieces).append(text)

    def _mark(self, mark: str) -> None:
        if self._depth:
            self._in_comment(mark)
        elif self._quoted or mark == '"':
            self._quoted ^= mark == '"'
            self._take(mark)
        elif mark == "(":
            self._depth, self._comment = 1, []
        elif self._literal or mark == "[":
            self._literal = mark != "]"
            self._take(mark)
        elif mark == ":":
            # What was before it is the name of a group, whose addresses follow.
            self._part = _BetweenCommas()
        elif mark in ",;":
            self._end_part()
        else:
            self._take(mark)

    def _in_comment(self, mark: str) -> None:
        self._depth += (mark == "(") - (mark == ")")
        if self._depth:
            self._take(mark)
        else:
            self._end_comment()

    def _end_comment(self) -> None:
        self._part.comments.append("".join(self._comment).strip())

    def _end_part(self) -> None:
        if self._part.whole:
            self.parts.append(self._part)
        self._part, self._literal = _BetweenCommas(), False


def _address(part: _BetweenCommas, decoded: Callable[[str], str]) -> str | None:
    """The address in its canonical form, without a name if that can't be one; ``None`` if it isn't one."""
    name, address = "", part.text
    if address.endswith(">"):
        name, _, address = address[:-1].rpartition("<")
    if part.is_open or any(char in "<>" for char in _QUOTED.sub("", name)):
        return None
    words = _PAIR.sub(r"\1", decoded(_QUOTED.sub(r"\1", name))).split()
    comments = [decoded(each) for each in part.comments if each]
    # Without a name before the address, a comment is the name.
    named = " ".join([*words, *(f"({each})" for each in comments)] if words else comments)
    for each in (named, ""):
        try:
            return check_address(join_address(each, decoded(address).strip()))
        except InvalidValue:
            continue
    return None
