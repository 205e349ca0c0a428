"""Parsing and checking what is typed: passwords, numbers of downloads, sizes; dates are in ``dates``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from .dates import shown
from .errors import InvalidValue
from .text import printable

MAX_DOWNLOADS = 1_000_000
MAX_PASSWORD_BYTES = 1024

#: What people type where they want no value; not every setting takes each of them, but each says what it takes.
_NONE_WORDS = ("none", "no", "off", "never", "unlimited", "no limit", "nothing", "infinite")

# Of up to 40 digits, besides leading zeros: int() refuses thousands of them.
_WHOLE_NUMBER = re.compile(r"([+-]?(?:0{0,59}\d{1,40}|[1-9]\d{0,2}(?:,\d{3}){1,12}))(k?)", re.ASCII)


_SIZE = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?\s*([kmgt]?)(i?)b?", re.IGNORECASE)


def says_none(text: str) -> bool:
    """Whether a text is one of the words that people type for *no value*."""
    return text.strip().lower() in _NONE_WORDS


@contextmanager
def telling_none(text: str, instead: str) -> Iterator[None]:
    """Within it, a problem with a text that says *no value* ends with the sentence ``instead``."""
    try:
        yield
    except InvalidValue as error:
        if not (instead and says_none(text)):
            raise
        raise InvalidValue(error.code, f"{error.message} {instead}", error.field) from None


def parse_size(text: str) -> int:
    """Parse a size such as ``5MB``, ``1.5 GiB`` or ``800`` into bytes. Raises :class:`InvalidValue`."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidValue(
            "size.unknown", f"{printable(text)} isn't a size; write one like 5MB or 800kB.", "size"
        )
    whole, thousandths, unit, binary = match.groups()
    power = " kmgt".index(unit.lower() or " ")
    # Without floating-point numbers, which would make 4,099,999 bytes of 4.1 MB.
    number = int(whole + (thousandths or "").ljust(3, "0"))
    factor: int = (1024 if binary else 1000) ** power
    return number * factor // 1000


def parse_whole_number(text: str) -> int | None:
    """The whole number that ``text`` is, also with its digits in groups as the program prints them (``1,000``), and in
    thousands (``10k``); else ``None``."""
    match = _WHOLE_NUMBER.fullmatch(text.strip().lower())
    return int(match[1].replace(",", "")) * (1000 if match[2] else 1) if match else None


def parse_downloads(text: str) -> int:
    """Parse a typed download limit. Raises :class:`InvalidValue` unless it is a whole number in range."""
    number = parse_whole_number(text)
    if number is None:
        raise InvalidValue(
            "downloads.unknown",
            f"{shown(text.strip())} can't be read as a number of downloads; give a whole number from 1 to 1,000,000, "
            "or unlimited.",
            "downloads",
        )
    check_downloads(number)
    return number


def check_downloads(number: int) -> None:
    """Raise :class:`InvalidValue` unless ``number`` is from 1 to 1,000,000."""
    if not 1 <= number <= MAX_DOWNLOADS:
        raise InvalidValue(
            "downloads.out_of_range",
            "Allow 1 to 1,000,000 downloads, or unlimited.",
            "downloads",
        )


def check_password(password: str) -> None:
    """Raise :class:`InvalidValue` if ``password`` is invalid regardless of the policy."""
    if not password:
        raise InvalidValue("password.empty", "The password is empty; type one.", "password")
    if any(unicodedata.category(c) in ("Cc", "Cs") for c in password):
        raise InvalidValue(
            "password.control_character", "The password contains a control character; remove it.", "password"
        )
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise InvalidValue(
            "password.too_long", f"The password is over {MAX_PASSWORD_BYTES} bytes; shorten it.", "password"
        )


def without_line_break(text: str) -> str:
    """``text`` without one trailing line break, which standard input and forms add to a password."""
    if text.endswith("\r\n"):
        return text[:-2]
    return text[:-1] if text.endswith(("\n", "\r")) else text
