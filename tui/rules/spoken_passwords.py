"""Passwords that are made here and said on the telephone: words with hyphens between them."""

from __future__ import annotations

import secrets
from functools import cache
from pathlib import Path

from .policy import Policy

#: That many of them are one of 2**72 passwords: at a thousand guesses a second, more than a hundred billion years.
WORDS = 7
#: No more characters than this, unless the policy asks for more.
MOST_CHARACTERS = 40
#: A word and its hyphen are no longer.
_LONGEST = 6
#: From this many kinds of characters on, a password needs a digit; with one more, a capital letter, too.
_WITH_DIGIT, _WITH_CAPITAL = 3, 4


@cache
def spoken_words() -> tuple[str, ...]:
    """The words, in lower case: of three to five letters, and none that sounds like another."""
    lines = Path(__file__).with_name("spoken_words.txt").read_text("ascii").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def made_password(rules: Policy) -> str:
    """Make a password like ``tiger-ivory-plot-lunch-grain-oak-mural``, of at most 40 characters.

    If the policy asks for more characters, it has more words; if it asks for digits and capitals, it has a number of
    two digits, and a capital letter at its beginning.
    """
    least, kinds = rules.password_min_length or 0, rules.password_classes or 0
    number = [str(secrets.randbelow(90) + 10)] if kinds >= _WITH_DIGIT else []
    while True:
        words = [secrets.choice(spoken_words()) for _ in range(WORDS)]
        while least > MOST_CHARACTERS and len(_joined(words, number)) < least:
            words.append(secrets.choice(spoken_words()))
        if kinds >= _WITH_CAPITAL:
            words[0] = words[0].capitalize()
        made = _joined(words, number)
        if least <= len(made) <= max(MOST_CHARACTERS, least + _LONGEST):
            return made


def _joined(words: list[str], number: list[str]) -> str:
    return "-".join([*words, *number])
