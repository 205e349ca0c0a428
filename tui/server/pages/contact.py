"""The contact line of the firm, in which telephone numbers and mail addresses are links."""

from __future__ import annotations

import re
from urllib.parse import quote

from markupsafe import Markup, escape

#: A mail address as contacts have them: nothing that would have to be quoted, and nothing that adds a header.
_ADDRESS = re.compile(
    r"[A-Za-z0-9._+-]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}[^\W\d_]{2,24}(?![\w@-])"
)
#: Digits with what separates them in a telephone number.
#: A slash comes only behind an area: two numbers may have one between them.
_RUN = re.compile(
    r"(?:\+?[0-9]{0,3} ?(?:\(0\) ?)?\(?0?[0-9]{2,5}\)? ?/ ?)?"
    r"[+(]?[0-9](?:[ ().\xa0\u202f\u2010-\u2013-]{0,3}[0-9])+"
)
_AREA_IN_BRACKETS = re.compile(r"\(0\)")
_DATE = re.compile(r"[0-9]{1,4}([./-])[0-9]{1,2}\1[0-9]{1,4}")
_HOURS = re.compile(r"(?:[01][0-9]|2[0-4])\.?[0-5][0-9] ?[\u2010-\u2013-] ?(?:[01][0-9]|2[0-4])\.?[0-5][0-9]")
#: Numbers that can be called from anywhere, or at least in their country: with its code, a leading zero or brackets, or
#: in the groups of North America. Others are numbers of a house, a register, a bank account.
_CALLED = re.compile(r"\+|\(?0|\([0-9]|[2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}\Z")
_LEAST_DIGITS, _MOST_DIGITS = 7, 15


def linked(contact: str) -> Markup:
    """``contact`` as HTML."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(contact):
        if _is_apart(contact, found):
            parts += [
                _with_numbers(contact[end : found.start()]),
                _link("mailto:" + quote(found[0], "@+"), found[0]),
            ]
            end = found.end()
    return Markup("").join([*parts, _with_numbers(contact[end:])])


def _with_numbers(text: str) -> Markup:
    parts, end = [], 0
    for found in _RUN.finditer(text):
        if _is_apart(text, found) and (number := _number(found[0])):
            parts += [escape(text[end : found.start()]), _link("tel:" + number, found[0])]
            end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _is_apart(text: str, found: re.Match[str]) -> bool:
    """Whether what was ``found`` is no part of a longer word or number."""
    before, after = text[: found.start()][-1:], text[found.end() :][:1]
    return not (before.isalnum() or before in tuple("@+._-/") or after.isalnum() or after in tuple("@_"))


def _number(written: str) -> str:
    """A telephone number without its separators; empty if it is none."""
    digits = re.sub(r"[^0-9]", "", _AREA_IN_BRACKETS.sub("", written) if written[0] == "+" else written)
    is_called = _CALLED.match(written) and not any(other.fullmatch(written) for other in (_DATE, _HOURS))
    if not is_called or not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS:
        return ""
    return "+" + digits if written[0] == "+" else digits


def _link(address: str, text: str) -> Markup:
    # Of its own direction: in a contact from right to left, the groups of a number would change their order.
    shown = escape(text).replace("@", Markup("@<wbr>")).replace(".", Markup("<wbr>."))
    return Markup('<a href="{}" dir="ltr">{}</a>').format(address, shown)
