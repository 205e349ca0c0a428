"""How hard a password is to guess, as the library zxcvbn estimates it.

Importing it takes 0.1 s and 14 MB, and an estimate up to 0.1 s: neither at a start, nor where someone types.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

#: The characters that are looked at; more of them are no easier to guess, but take longer to look at.
_MOST = 72
#: The least score, of 0 to 4, of a password that isn't weak: it takes 100 million guesses or more.
_STRONG = 3


class Strength(NamedTuple):
    """``why`` says what makes a weak password easy to guess, as half a sentence; it may be empty."""

    is_strong: bool
    why: str


def strength(password: str, known: Iterable[str] = ()) -> Strength:
    """Estimate the strength of a password; ``known`` are words that someone who guesses knows, such as a name."""
    from zxcvbn import zxcvbn

    words = [part for text in known for part in (text, *text.replace("@", " ").split())]
    found = zxcvbn(password[:_MOST], user_inputs=words, max_length=_MOST)
    why = found["feedback"]["warning"].rstrip(".")
    return Strength(found["score"] >= _STRONG, f"{why[:1].lower()}{why[1:]}")
