"""Patterns with ``*``: they match what they say, and scan a text only once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules.globs import Glob

_FEW = "ab\n."


def _by_search(pattern: str, text: str) -> bool:
    """The same by brute force, for short strings."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_by_search(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return bool(text) and pattern[0] == text[0] and _by_search(pattern[1:], text[1:])


@given(st.text(_FEW + "*", max_size=7), st.text(_FEW, max_size=9))
def test_it_finds_what_it_says(pattern: str, text: str) -> None:
    assert Glob(pattern).matches(text) is _by_search(pattern, text)


@given(st.lists(st.text(_FEW, max_size=3), min_size=1, max_size=6), st.lists(st.text(_FEW, max_size=3)))
def test_anything_may_stand_for_a_star(pieces: list[str], between: list[str]) -> None:
    between = (between + [""] * len(pieces))[: len(pieces) - 1]
    text = "".join(piece + inner for piece, inner in zip(pieces, [*between, ""], strict=True))
    assert Glob("*".join(pieces)).matches(text)


@pytest.mark.parametrize("special", list(r".^$+?{}[]|()\d"))
def test_nothing_but_the_star_is_special(special: str) -> None:
    assert Glob(f"a{special}*").matches(f"a{special}b")
    assert not Glob(f"a{special}").matches("aa")
    assert re.escape(special) == special or not Glob(special).matches("a")


class _Counted(str):
    """A text that records which parts of it are searched: from the start to the end of the match, if there is one."""

    looked: list[tuple[int, int]]

    def find(self, piece: str, *where: Any) -> int:
        found = super().find(piece, *where)
        self.looked.append((where[0], where[1] if found < 0 else found + len(piece)))
        return found


@given(st.text("ab*", max_size=200), st.text("ab", max_size=200))
def test_no_part_is_gone_through_twice(pattern: str, text: str) -> None:
    counted = _Counted(text)
    counted.looked = []
    Glob(pattern).matches(counted)
    assert len(counted.looked) <= pattern.count("*")
    assert sum(end - start for start, end in counted.looked) <= len(text)
    assert counted.looked == sorted(counted.looked)


def test_the_dearest_pattern() -> None:
    """Each piece is searched for once, where brute force takes more steps than a computer can do."""
    counted = _Counted("a" * 1000)
    counted.looked = []
    assert not Glob("*a" * 400 + "*b*").matches(counted)
    assert len(counted.looked) == 401
    assert sum(end - start for start, end in counted.looked) == 1000
