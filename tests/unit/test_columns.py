"""Which columns a list shows at a given width, and how dates and times are written there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.locations.kinds import KINDS as ALL_KINDS
from tui.locations.rows import Column, column_widths, moment_column
from tui.rules.display import MOMENT_WIDTHS, moment_text
from tui.ui.widgets.fit import shorten_to_words

KINDS = tuple(name for name in ALL_KINDS if name)
NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def shown(kind: str, width: int) -> dict[str, int]:
    """The titles and widths of the columns that a table of that width shows."""
    columns = ALL_KINDS[kind].columns
    widths = column_widths(columns, width, 2)
    return {column.title: wide for column, wide in zip(columns, widths, strict=True) if wide}


# ---------------------------------------------------------------- moments


@pytest.mark.usefixtures("berlin")
@pytest.mark.parametrize(
    ("moment", "full", "day", "short"),
    [
        (datetime(2026, 11, 25, 8, 4, tzinfo=UTC), "2026-11-25 09:04", "09:04", "09:04"),
        (datetime(2026, 11, 24, 23, 30, tzinfo=UTC), "2026-11-25 00:30", "00:30", "00:30"),
        (datetime(2026, 11, 24, 22, 30, tzinfo=UTC), "2026-11-24 23:30", "24 Nov", "24 Nov"),
        (datetime(2026, 1, 3, 12, tzinfo=UTC), "2026-01-03 13:00", "3 Jan", "3 Jan"),
        (datetime(2026, 12, 17, 12, tzinfo=UTC), "2026-12-17 13:00", "17 Dec", "17 Dec"),
        (datetime(2025, 12, 31, 23, tzinfo=UTC), "2026-01-01 00:00", "1 Jan", "1 Jan"),
        (datetime(2027, 2, 17, 12, tzinfo=UTC), "2027-02-17 13:00", "17 Feb 2027", "Feb 2027"),
        (None, "", "", ""),
    ],
)
def test_a_moment(moment: datetime | None, full: str, day: str, short: str) -> None:
    """In full; or the time if today, the day if this year, otherwise with the year; in the user's zone."""
    assert [moment_text(moment, NOW, width) for width in MOMENT_WIDTHS] == [full, day, short]
    assert moment_text(moment) == moment_text(moment, NOW) == full


@given(st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2999, 1, 1), timezones=st.just(UTC)))
def test_a_moment_has_room_in_its_column(moment: datetime) -> None:
    assert all(len(moment_text(moment, NOW, width)) <= width for width in MOMENT_WIDTHS)


def test_words_that_are_left() -> None:
    assert shorten_to_words("○ Off · unpublished", 19, 2) == "○ Off · unpublished"
    assert shorten_to_words("○ Off · unpublished", 18, 2) == "○ Off"


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize("kind", KINDS)
def test_the_rule_of_fit(kind: str) -> None:
    """The name has at least 24 cells, everything fits, and no column is left out that is more important than one that
    is shown."""
    columns = ALL_KINDS[kind].columns
    for width in range(2 + 24 + 1, 220):
        widths = column_widths(columns, width, 2)
        there = [column for column, wide in zip(columns, widths, strict=True) if wide]
        assert widths[0] >= 24, width
        assert sum(widths) + len(there) - 1 + 2 < width, width
        left_out = [column.rank for column, wide in zip(columns, widths, strict=True) if not wide]
        assert max(column.rank for column in there) < min(left_out, default=100), width


#: The longest usual value of a column, for all users; empty if its title is longer.
USUAL = {
    "Ver": "999", "Checked out": "", "Documents": "", "Published": "", "Downloads": "", "Delivered": "",
    "Password": "", "Left": "364 days", "External": "○ Off · limit reached", "Author": "LMARCHETTI",
    "Owner": "LMARCHETTI", "Class": "CORRESPONDENCE", "Number": "ACTIVE!453.1", "Sent from": "ACTIVE!4530.12",
    # As many cells as a size may need.
    "Size": "99999 kB",
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_usual_values_have_room_and_names_get_the_rest(kind: str) -> None:
    for column in ALL_KINDS[kind].columns:
        if column.title in USUAL:
            assert column.width == max(len(column.title), len(USUAL[column.title])), column.title
        if column.narrow:
            assert column.narrow == len(column.title)


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_what_is_left_over_are_in_their_lowest_terms(kind: str) -> None:
    assert gcd(*(column.flex for column in ALL_KINDS[kind].columns)) == 1


@pytest.mark.parametrize(
    ("kind", "other"), [("worklist", "Workspace"), ("favorites", "About"), ("sent", "To")]
)
def test_names_get_twice_as_much_of_what_is_left_over(kind: str, other: str) -> None:
    least = {column.title: column.least_width(300, 16) for column in ALL_KINDS[kind].columns}
    found = shown(kind, 300)
    name = next(iter(found))
    assert 0 <= found[name] - least[name] - 2 * (found[other] - least[other]) <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("width", "least"), [(56, 24), (73, 25), (88, 30), (122, 38), (156, 38)])
def test_most_names_fit_where_there_is_room(kind: str, width: int, least: int) -> None:
    """In terminals of 80, 100, 120, 160 and 200 columns; three of four names of the sample matters have 34 cells."""
    assert next(iter(shown(kind, width).values())) >= least


@pytest.mark.parametrize("reason", ["unpublished", "expired", "limit reached", "locked", "slowed"])
def test_a_narrow_column_says_only_whether_a_link_works(reason: str) -> None:
    """A part of the reason would be of no use."""
    external = next(column for column in ALL_KINDS["sent"].columns if column.narrow)
    assert shorten_to_words(f"○ Off {reason}", external.narrow, external.words) == "○ Off"


def test_a_column_without_a_rank_is_never_left_out() -> None:
    columns = (Column("Name", 24, flex=1, name=True), moment_column("When", rank=0), Column("What", 10))
    assert all(column_widths(columns, 10, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_have_one_rank(kind: str) -> None:
    columns = ALL_KINDS[kind].columns
    ranks = [column.rank for column in columns] + [c.narrow_rank for c in columns if c.narrow_rank]
    assert sorted(ranks) == list(range(len(ranks)))


def test_moments_are_shortened_before_anything_is_left_out() -> None:
    columns = (
        Column("Name", 24, flex=1, name=True),
        moment_column("Sent", rank=1),
        Column("Size", 8, rank=2),
    )
    assert column_widths(columns, 54, 2) == [25, 16, 8]
    assert column_widths(columns, 53, 2) == [24, 16, 8]
    assert column_widths(columns, 52, 2) == [28, 11, 8]
    assert column_widths(columns, 47, 2) == [26, 8, 8]
    assert column_widths(columns, 45, 2) == [24, 8, 8]
    assert column_widths(columns, 44, 2) == [24, 16, 0]
    assert column_widths(columns, 36, 2) == [24, 8, 0]
    assert column_widths(columns, 35, 2) == [32, 0, 0]
    # What is never left out is as short as it can be where even that is too long.
    assert column_widths((columns[0], moment_column("Sent", rank=0)), 30, 2) == [18, 8]


def test_what_is_narrow_makes_room_before_what_is_more_important_goes() -> None:
    flag = Column("External", 13, words=2, rank=1, narrow=8, narrow_rank=3)
    columns = (
        Column("Name", 24, flex=1, name=True),
        flag,
        Column("Count", 9, rank=2),
        Column("Left", 8, rank=4),
    )
    assert column_widths(columns, 60, 2) == [24, 13, 9, 8]
    assert column_widths(columns, 59, 2) == [32, 13, 9, 0]
    assert column_widths(columns, 51, 2) == [24, 13, 9, 0]
    assert column_widths(columns, 50, 2) == [28, 8, 9, 0]
    assert column_widths(columns, 45, 2) == [33, 8, 0, 0]


@pytest.mark.parametrize(
    ("terminal", "width"), [(60, 36), (80, 56), (100, 73), (120, 88), (160, 122), (200, 156)]
)
def test_the_folder_says_what_was_sent_when(terminal: int, width: int) -> None:
    """F2: Sent is a column from a terminal width of 80 on, and Sent from, which is in the line below anyway, where
    names have room as well."""
    found = shown("sent", width)
    assert found["Document"] >= 24
    assert "External" in found
    assert ("Sent" in found) == (terminal >= 80)
    assert ("Expires" in found) == (terminal >= 100)
    assert (found.get("External") == 21) == (terminal >= 120)
    assert ("Sent from" in found) == (terminal >= 160)


@pytest.mark.parametrize("kind", ["worklist", "checked_out", "found"])
def test_documents_from_anywhere_say_when_and_where(kind: str) -> None:
    """The workspace leaves room for the day of the last edit at 80 columns, and for the time as well at 120."""
    assert shown(kind, 56) == {"Document": 24, "Ver": 3, "Edited": 11, "Workspace": 12}
    wide = {"Ver": 3, "Size": 8, "Checked out": 11, "Edited": 16, "Workspace": 12}
    assert shown(kind, 88) == {"Document": 30, **wide}


@pytest.mark.parametrize("kind", ["favorites", "workspaces"])
def test_locations_say_at_80_columns_what_they_are(kind: str) -> None:
    assert shown(kind, 56) == {"Name": 26, "Kind": 12, "About": 13}
    assert all(len(other.label) <= 12 for other in ALL_KINDS.values())


def test_a_row_of_an_earlier_day() -> None:
    """The cell holds the moment itself; how it is written is decided when it is drawn."""
    assert moment_text(NOW - timedelta(days=1), NOW, 8) == "24 Nov"
    assert moment_text(NOW - timedelta(days=1), NOW + timedelta(days=60), 8) == "Nov 2026"
