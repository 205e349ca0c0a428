"""Times of day as people type them, and numbers in words."""

from __future__ import annotations

import re
from datetime import time

#: A time of day. With a dot it has both digits of its minutes.
TIME = re.compile(
    r"(?:(?P<noon>noon)|(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?"
    r"|(?P<hour12>\d{1,2})(?:[:.](?P<minute12>\d{2}))? ?(?P<half>[ap])m)",
    re.ASCII,
)
#: One with a dot that is no day with its month, whatever the order: it has no such month.
_NO_DATE = re.compile(r"(?:[01]?\d|2[0-3])\.(?:00|1[3-9]|[2-5]\d)", re.ASCII)
_NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_NUMBER = re.compile(
    rf"\b(an?|{'|'.join(_NUMBERS)}) (?=(?:years?|months?|weeks?|days?|hours?|min(?:ute)?s?)\b)", re.ASCII
)


def is_only_a_time(text: str) -> bool:
    """Whether it is a time such as 17.00, which can't be a date."""
    return _NO_DATE.fullmatch(text) is not None


def is_dotted_time(text: str) -> bool:
    """Whether it is a time such as 17.10, whatever else it may be."""
    return re.fullmatch(r"(?:[01]?\d|2[0-3])\.[0-5]\d", text, re.ASCII) is not None


def clock(match: re.Match[str]) -> time:
    """The time of a match of :data:`TIME`. Raises :class:`ValueError` for one that doesn't exist."""
    if match["noon"]:
        return time(12)
    if match["half"]:
        hour = int(match["hour12"])
        if not 1 <= hour <= 12:
            raise ValueError
        return time(hour % 12 + (12 if match["half"] == "p" else 0), int(match["minute12"] or 0))
    return time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))


def in_digits(text: str) -> str:
    """The text with the numbers before units in digits: ``2 weeks`` for ``two weeks``, ``1 hour`` for ``an hour``."""

    def digits(match: re.Match[str]) -> str:
        word = match[1]
        return f"{_NUMBERS.index(word) + 1 if word in _NUMBERS else 1} "

    return _NUMBER.sub(digits, text)
