"""The Secure Sent Links folder: its name (F1) and the four cases of shortcut and folder (F3)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.rules import names
from tui.rules.folder import Step, dated_name, folder_name, step


def test_the_name_of_the_folder() -> None:
    """F1: for the user DJONES, DJONES - Secure Sent Links; the administrator sets the base name."""
    assert folder_name("DJONES") == "DJONES - Secure Sent Links"
    assert folder_name("ÄNNE", "Gesendete Links") == "ÄNNE - Gesendete Links"


@pytest.mark.parametrize(
    ("shortcut", "folder", "expected"),
    [
        (True, True, Step.USE),
        (False, False, Step.MAKE),
        (True, False, Step.REPLACE),
        (False, True, Step.START_OVER),
    ],
)
def test_the_four_cases(shortcut: bool, folder: bool, expected: Step) -> None:
    """F3: use both; create both; a new folder for the old shortcut; a new folder and a new shortcut."""
    assert step(shortcut, folder) is expected


@pytest.mark.parametrize("shortcut", [True, False])
def test_a_folder_that_waits_for_its_shortcut_is_used(shortcut: bool) -> None:
    """F1: two sends that start at the same time use the same folder, before its shortcut has been seen."""
    assert step(shortcut, folder=True, confirmed=False) is Step.USE


@pytest.mark.parametrize(("shortcut", "expected"), [(True, Step.REPLACE), (False, Step.MAKE)])
def test_without_a_folder_nothing_waits(shortcut: bool, expected: Step) -> None:
    assert step(shortcut, folder=False, confirmed=False) is expected


def test_a_dated_name_tells_when_it_was_made_where_the_user_is() -> None:
    """F3: `` YYYY-MM-DD HH.MM.SS`` in the user's time zone."""
    made = datetime(2026, 12, 31, 23, 5, 9, 999_999, tzinfo=UTC).astimezone(ZoneInfo("Europe/Berlin"))
    name = dated_name("DJONES - Secure Sent Links", made, lambda _: False)
    assert name == "DJONES - Secure Sent Links 2027-01-01 00.05.09"
    names.validate(name)


def test_a_dated_name_that_is_taken_gets_a_number() -> None:
    """F3: `` (2)`` if that name is taken, and so on."""
    made = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
    taken: set[str] = set()
    for expected in ("A 2026-02-03 04.05.06", "A 2026-02-03 04.05.06 (2)", "A 2026-02-03 04.05.06 (3)"):
        assert dated_name("A", made, taken.__contains__) == expected
        taken.add(expected)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1)), st.integers(0, 5))
def test_a_dated_name_is_never_a_taken_one(made: datetime, count: int) -> None:
    taken: set[str] = set()
    for _ in range(count + 1):
        name = dated_name("A", made, taken.__contains__)
        assert name not in taken
        taken.add(name)
