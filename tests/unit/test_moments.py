"""How dates and times are written in lists."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.locations.rows import (
    Row,
    measured,
    moment_column,
    name_column,
)
from tui.rules.display import MOMENT_WIDTHS, moment_text

NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("moment", "full", "day", "short"),
    [
        (datetime(2026, 11, 25, 8, 4, tzinfo=UTC), "09:04", "09:04", "09:04"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "00:30", "00:30", "00:30"),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), "24 Nov, 23:30", "24 Nov", "Tue"),
        (datetime(2026, 11, 19, 12, tzinfo=UTC), "19 Nov, 13:00", "19 Nov", "Thu"),
        (datetime(2026, 11, 18, 12, tzinfo=UTC), "18 Nov, 13:00", "18 Nov", "18 Nov"),
        (datetime(2026, 12, 1, 12, tzinfo=UTC), "1 Dec, 13:00", "1 Dec", "Tue"),
        (datetime(2026, 12, 2, 12, tzinfo=UTC), "2 Dec, 13:00", "2 Dec", "2 Dec"),
        (datetime(2026, 1, 3, 12, tzinfo=UTC), "3 Jan, 13:00", "3 Jan", "3 Jan"),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "1 Jan, 00:00", "1 Jan", "1 Jan"),
        (datetime(2027, 2, 17, 12, tzinfo=UTC), "17 Feb 2027", "17 Feb 2027", "2027"),
        (None, "", "", ""),
    ],
)
def test_a_moment(moment: datetime | None, full: str, day: str, short: str) -> None:
    """The time if today, the day if this year, otherwise with the year; in the user's zone. As short as can be, the
    days next to today have their names: none of them is that of another day."""
    assert [moment_text(moment, NOW, width) for width in MOMENT_WIDTHS] == [full, day, short]
    assert moment_text(moment, NOW) == full


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)))
def test_a_moment_has_room_in_its_column(moment: datetime) -> None:
    assert all(len(moment_text(moment, NOW, width)) <= width for width in MOMENT_WIDTHS)


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("moments", "widths"),
    [
        ([NOW], (5, 5, 5)),
        ([NOW, NOW - timedelta(days=1)], (13, 6, 6)),
        ([NOW - timedelta(days=400)], (11, 11, 6)),
        ([NOW - timedelta(days=400), NOW + timedelta(days=20)], (13, 11, 6)),
        ([], (0, 0, 0)),
    ],
)
def test_what_moments_need(moments: list[datetime], widths: tuple[int, int, int]) -> None:
    """A list of what is all of today has times alone; one of this year has no room for years."""
    rows = [Row(str(index), ("Offer.pdf", moment)) for index, moment in enumerate(moments)]
    columns = (name_column("Document"), moment_column("When", rank=0))
    assert measured(columns, rows, len, NOW)[1].moments == widths


def test_a_row_of_an_earlier_day() -> None:
    """The cell holds the moment itself; how it is written is decided when it is drawn."""
    assert moment_text(NOW - timedelta(days=1), NOW, 6) == "Tue"
    assert moment_text(NOW - timedelta(days=1), NOW + timedelta(days=60), 6) == "2026"
