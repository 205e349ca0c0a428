"""The short form of a test has some of the cases that the long form has."""

from __future__ import annotations

import pytest

from tests.support.checks import long


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long, "IS_LONG", False)


@pytest.mark.parametrize(
    ("few", "expected"), [(1, "a"), (2, "ag"), (3, "adg"), (4, "aceg"), (7, "abcdefg"), (9, "abcdefg")]
)
@pytest.mark.usefixtures("short")
def test_a_few_are_spread_over_all(few: int, expected: str) -> None:
    assert "".join(long.some(few, "abcdefg")) == expected


@pytest.mark.usefixtures("short")
def test_what_was_chosen_must_be_among_them() -> None:
    assert long.telling("abc", "b") == ["b"]
    assert long.in_long(1, 2) == ()
    with pytest.raises(AssertionError, match="are not among"):
        long.telling("abc", "d")


def test_the_long_form_has_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long, "IS_LONG", True)
    assert long.some(1, "abc") == long.telling("abc", "b") == ["a", "b", "c"]
    assert long.in_long(1, 2) == (1, 2)
    assert long.cases(1, 5) == 5
