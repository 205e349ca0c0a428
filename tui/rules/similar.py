"""What was probably meant by a word that isn't known."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

#: How much a word has to resemble a known one, from 0 to 1.
LEAST = 0.6
#: Words that resemble it so much less than the nearest one aren't meant.
_FARTHER = 0.1
_MOST = 3
#: No word that is known is longer.
_LONGEST = 100


def near(word: str, known: Iterable[str], least: float = LEAST) -> list[str]:
    """Those of the ``known`` words that resemble ``word`` most, at most three, the nearest first.

    Whether letters are capitals makes no difference.
    """
    # Slow to import, and only needed for a mistake.
    from difflib import SequenceMatcher

    if len(word) > _LONGEST:
        return []
    compared = SequenceMatcher(b=word.casefold())
    found = []
    for each in known:
        compared.set_seq1(each.casefold())
        if compared.quick_ratio() >= least and (alike := compared.ratio()) >= least:
            found.append((alike, each))
    found.sort(key=lambda entry: -entry[0])
    return [each for alike, each in found[:_MOST] if alike >= found[0][0] - _FARTHER]


def question(words: Sequence[str]) -> str:
    """The question whether one of these was meant; empty without one."""
    quoted = [f"'{each}'" for each in words]
    if len(quoted) > 1:
        quoted[-2:] = [f"{quoted[-2]} or {quoted[-1]}"]
    return f"Did you mean {', '.join(quoted)}?" if quoted else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The question what ``word`` was meant to be; empty if it resembles none of the ``known`` ones."""
    return question(near(word, known))


def with_question(message: str, word: str, known: Iterable[str]) -> str:
    """``message`` and, if there is one, the question what ``word`` was meant to be."""
    return f"{message} {did_you_mean(word, known)}".rstrip()
