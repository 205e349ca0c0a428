"""The short form of a test has some of the cases that the long form has."""

from __future__ import annotations

from typing import cast

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


class Case:
    """An item as pytest collects it, with the marks of these names."""

    def __init__(self, nodeid: str, **marks: object) -> None:
        self.nodeid = nodeid
        self._marks = marks

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return getattr(pytest.mark, name).with_args(self._marks[name]).mark if name in self._marks else None


def of_short_form(*cases: Case) -> list[str]:
    return [item.nodeid for item in long.of_short_form(cast("list[pytest.Item]", list(cases)))]


def test_marked_tests_and_cases_are_left_out() -> None:
    many = [Case(f"a.py::test_many[{letter}]", few=2) for letter in "abc"]
    assert of_short_form(Case("a.py::test_one"), Case("a.py::test_more", more=True), *many) == [
        "a.py::test_one",
        "a.py::test_many[a]",
        "a.py::test_many[c]",
    ]


def test_each_case_is_played_on_one_database_and_a_part_of_them_on_postgresql() -> None:
    names = [f"test_{number}" for number in range(60)]
    databases = ("sqlite", "postgres")
    found = of_short_form(
        *(Case(f"a.py::{name}[{at}-x]", in_turn=True) for name in names for at in databases)
    )
    assert [each.partition("[")[0] for each in found] == [f"a.py::{name}" for name in names]
    assert 10 < sum("postgres" in each for each in found) < 30


def test_of_a_few_cases_on_each_database_as_many_are_played() -> None:
    """Each on the database whose turn it is, whichever that is."""
    for name in (f"test_{number}" for number in range(20)):
        found = of_short_form(
            *(Case(f"a.py::{name}[{at}]", few=1, in_turn=True) for at in ("sqlite", "postgres"))
        )
        assert len(found) == 1
