"""Which columns a list shows at a given width, and how dates and times are written there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import gcd

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.clients.target import Target
from tui.locations.kinds import KINDS as ALL_KINDS
from tui.locations.rows import (
    Column,
    ColumnNeeds,
    Row,
    column_widths,
    measured,
    moment_column,
    name_column,
    usual_needs,
)
from tui.rules.display import MOMENT_WIDTHS, moment_text
from tui.session.session import Session
from tui.ui.dialogs.timeline_rows import TimelineRows
from tui.ui.send.send_rows import columns as send_columns

KINDS = tuple(name for name in ALL_KINDS if name)
NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


# ---------------------------------------------------------------- moments


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
        left_out = [c.rank for c, wide in zip(columns, widths, strict=True) if not wide and c.width]
        assert max(column.rank for column in there) < min(left_out, default=100), width


@given(
    st.sampled_from(KINDS),
    st.integers(27, 220),
    st.lists(st.integers(0, 60), min_size=14, max_size=14),
)
def test_no_column_is_left_out_for_the_sign_of_another(kind: str, width: int, lengths: list[int]) -> None:
    """Whatever a list is sorted by, the same columns are there and all fits. The sign has room, if its title does not
    give way."""
    columns = ALL_KINDS[kind].columns
    needs = [
        ColumnNeeds(0, MOMENT_WIDTHS) if column.moment else ColumnNeeds(length, lengths=1 << length)
        for column, length in zip(columns, lengths, strict=False)
    ]
    there = [wide > 0 for wide in column_widths(columns, width, 2, needs)]
    for index, column in enumerate(columns):
        for order in {column.sort, f"-{column.sort.lstrip('-')}"} if column.sort else ():
            widths = column_widths(columns, width, 2, needs, order)
            assert [wide > 0 for wide in widths] == there, order
            assert 2 + sum(widths) + sum(there) <= width, order
            assert column.flex or not widths[index] or widths[index] >= len(column.title) + 2, order


#: What a table of documents holds, with nothing under *Out*.
COLUMNS = (
    name_column("Document"),
    Column("Ver", 3, align="right", rank=1),
    Column("Out", 11, narrow=3, rank=3),
    Column("Author", 10, rank=4),
    moment_column("Edited", rank=2),
)


def needs(name: int, out: int = 0, author: int = 6) -> list[ColumnNeeds]:
    return [
        ColumnNeeds(name),
        ColumnNeeds(1),
        ColumnNeeds(out),
        ColumnNeeds(author),
        ColumnNeeds(0, MOMENT_WIDTHS),
    ]


@pytest.mark.parametrize(
    ("width", "name", "out", "widths"),
    [
        # There is room for everything; the name gets what is left over.
        (100, 40, 9, [62, 3, 9, 6, 13]),
        # Dates get shorter first, and no column is wider than what it holds.
        (67, 36, 0, [37, 3, 3, 6, 11]),
        (64, 36, 0, [39, 3, 3, 6, 6]),
        # A column without anything in it goes before a name is cut,
        (59, 36, 0, [38, 3, 0, 6, 6]),
        # then those from the right, as soon as the name would lose its share.
        (59, 50, 9, [35, 3, 9, 0, 6]),
        (56, 50, 9, [32, 3, 9, 0, 6]),
        # What is more important only gets narrow before it goes.
        (50, 50, 9, [28, 3, 7, 0, 6]),
        (46, 60, 9, [26, 3, 5, 0, 6]),
        (40, 50, 0, [26, 3, 0, 0, 6]),
        (34, 50, 9, [27, 3, 0, 0, 0]),
    ],
)
def test_what_columns_hold_decides(width: int, name: int, out: int, widths: list[int]) -> None:
    found = column_widths(COLUMNS, width, 2, needs(name, out))
    assert found == widths
    assert sum(found) + sum(map(bool, found)) + 2 <= width


@given(st.integers(30, 200), st.integers(1, 120), st.integers(0, 20), st.integers(0, 20))
def test_no_name_is_cut_for_nothing(width: int, name: int, out: int, author: int) -> None:
    """While a name is cut, no column has more room than its values and its title need, no date is longer than it has
    to be, and no column without a value is shown."""
    given_needs = needs(name, out, author)
    found = column_widths(COLUMNS, width, 2, given_needs)
    if found[0] >= name:
        return
    assert found[-1] in (0, 6)
    for column, each, wide in zip(COLUMNS[1:-1], given_needs[1:-1], found[1:-1], strict=True):
        assert wide <= max(len(column.title), each.text)
        assert not (wide and each == ColumnNeeds())


@given(st.sampled_from(KINDS), st.integers(30, 220), st.lists(st.integers(0, 38), min_size=14, max_size=14))
def test_no_text_is_cut_for_a_column_without_a_value(kind: str, width: int, lengths: list[int]) -> None:
    """The most that any text gets before other columns is 38 cells."""
    columns = ALL_KINDS[kind].columns
    given_needs = [
        listed(moments=MOMENT_WIDTHS if length else (0, 0, 0))
        if column.moment
        else listed(*[min(length, column.width) if column.narrow else length][:length])
        for column, length in zip(columns, lengths, strict=False)
    ]
    widths = column_widths(columns, width, 2, given_needs)
    shown = [each for each in zip(columns, given_needs, widths, strict=True) if each[2]]
    is_cut = any(
        wide < each.text
        for column, each, wide in shown
        if not (column.fixed or column.narrow or column.moment)
    )
    empty = [column.title for column, each, _ in shown if column.rank and each == ColumnNeeds()]
    assert not (is_cut and empty)


def test_what_is_measured() -> None:
    rows = [
        Row("1", ("Offer.pdf", "1", ("⊘ MKELLER", "warn"), "", NOW - timedelta(days=20))),
        Row("2", ("Letter of Intent.pdf", "12", ("", "warn"), ("", "dim"), "never")),
    ]
    expected = [
        ColumnNeeds(20, lengths=1 << 20 | 1 << 9),
        ColumnNeeds(2, lengths=1 << 2 | 1 << 1),
        ColumnNeeds(9, lengths=1 << 9),
        ColumnNeeds(0),
        ColumnNeeds(5, (13, 6, 6), lengths=1 << 5),
    ]
    assert measured(COLUMNS, rows, len, NOW) == expected


def listed(*lengths: int, moments: tuple[int, int, int] = (0, 0, 0)) -> ColumnNeeds:
    """What a column of texts of these lengths needs."""
    return ColumnNeeds(max(lengths, default=0), moments, sum(1 << length for length in set(lengths)))


@pytest.mark.parametrize("long", [90, 168, 300])
def test_what_is_cut_anyhow_takes_no_room_from_the_rest(long: int) -> None:
    """One name that has no room in any case leaves recipients theirs; what is left then is its."""
    columns = ALL_KINDS["sent"].columns[:7]
    given_needs = [
        listed(24, 37, long),
        listed(20, 12, 70),
        listed(7),
        listed(5, moments=MOMENT_WIDTHS),
        listed(6),
        listed(moments=MOMENT_WIDTHS),
        listed(12),
    ]
    name, to, external, ends, downloads, sent, source = column_widths(columns, 118, 2, given_needs)
    assert (to, external, downloads) == (20, 8, 9)
    assert (ends, sent) == (6, 6), "dates are the first to get shorter"
    assert source == 12
    assert name >= 37
    assert name + to + external + downloads + ends + sent + source + 6 + 2 == 117
    # A column is never wider than its longest value while another one has a cut one.
    given_needs[0] = listed(24, 37)
    name, to, *_ = column_widths(columns, 118, 2, given_needs)
    assert name == 37
    assert to > 20


@pytest.mark.parametrize("width", range(64, 130))
def test_no_date_is_longer_than_it_has_to_be_beside_recipients_that_are_cut(width: int) -> None:
    """Dates get shorter before recipients are cut, and before their column is left out."""
    columns = ALL_KINDS["sent"].columns[:7]
    ends = listed(moments=MOMENT_WIDTHS)
    given_needs = [listed(26), listed(28), listed(8), ends, listed(6), listed(moments=(5, 5, 5)), listed()]
    name, to, _, until, *_ = column_widths(columns, width, 2, given_needs)
    assert name >= 24
    if to < 28:
        assert until in (0, 6) or (not to and width < 78)
    if width >= 78:
        assert to >= 14


@pytest.mark.parametrize("status", [9, 16, 19, 21])
def test_the_warning_of_a_document_has_the_room_that_its_name_leaves(status: int) -> None:
    needed = [ColumnNeeds(1), ColumnNeeds(36), ColumnNeeds(2), ColumnNeeds(7), ColumnNeeds(status)]
    *_, name, origin, size, wide = column_widths(send_columns(3), 76, 1, needed)[1:]
    assert wide == max(status, 13)
    assert name >= 36 or origin + size < 14


@given(
    st.lists(st.timedeltas(timedelta(days=-900), timedelta(days=900)), min_size=1, max_size=3),
    st.integers(20, 70),
)
def test_dates_get_the_cells_that_they_need_and_no_more(ages: list[timedelta], width: int) -> None:
    """None is cut, and one of them is as wide as the column unless others are shorter than that by their day alone."""
    columns = (name_column("Document"), moment_column("At", rank=0))
    moments = [NOW + age for age in ages]
    rows = [Row(str(index), ("Offer.pdf", moment)) for index, moment in enumerate(moments)]
    wide = column_widths(columns, width, 2, measured(columns, rows, len, NOW))[1]
    shown = [moment_text(moment, NOW, wide) for moment in moments]
    widest = max(map(len, shown))
    assert widest <= wide <= max(widest + 3, 2)


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


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_what_is_left_over_are_in_their_lowest_terms(kind: str) -> None:
    assert gcd(*(column.flex for column in ALL_KINDS[kind].columns)) == 1


def test_a_column_without_a_rank_is_never_left_out() -> None:
    columns = (Column("Name", 24, flex=1, name=True), moment_column("When", rank=0), Column("What", 10))
    assert all(column_widths(columns, 10, 2))


@pytest.mark.parametrize("kind", KINDS)
def test_no_two_columns_have_one_rank(kind: str) -> None:
    assert sorted(column.rank for column in ALL_KINDS[kind].columns) == list(
        range(len(ALL_KINDS[kind].columns))
    )


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        ("local", {"File": 0, "Modified": 36, "Size": 45}),
        ("share", {"Folder": 0, "Owner": 38, "Published": 48, "Documents": 58, "Created": 66}),
        ("sent", {"Document": 0, "External": 38, "Sent": 45, "Downloads": 57, "Ends": 64, "To": 79, "From": 94}),
        ("trash", {"Document": 0, "Deleted": 35, "Sent": 42, "Size": 51, "Downloads": 61}),
        ("favorites", {"Name": 0, "Kind": 40, "About": 53}),
        ("folder", {"Document": 0, "Ver": 31, "Edited": 38, "Out": 42, "Size": 59, "Author": 70, "Class": 85,
                    "Number": 98}),
        ("worklist", {"Document": 0, "Ver": 31, "Edited": 38, "Workspace": 51, "Out": 55, "Size": 72,
                      "Author": 83, "Class": 98, "Number": 111}),
    ],
)  # fmt: skip
def test_from_which_width_on_a_column_is_there(kind: str, least: dict[str, int]) -> None:
    """Before its values are known. What matters most comes first."""
    columns = ALL_KINDS[kind].columns
    found: dict[str, int] = {}
    for width in range(130):
        for column, cells in zip(columns, column_widths(columns, width, 2), strict=True):
            if cells:
                found.setdefault(column.title, width)
    assert found == least
    assert list(found) == list(least)


@pytest.mark.parametrize("width", [36, 56, 80, 88, 122])
def test_the_folder_says_whether_links_work_and_what_was_sent_when(width: int) -> None:
    """In terminals of 60 columns and more."""
    columns = ALL_KINDS["sent"].columns
    # The titles of the other two have room for the sign of what the list is sorted by.
    usual = {"External": ColumnNeeds(8), "Downloads": ColumnNeeds(6)}
    given = [
        usual.get(column.title, each) for column, each in zip(columns, usual_needs(columns), strict=True)
    ]
    widths = column_widths(columns, width, 2, given)
    found = {column.title: wide for column, wide in zip(columns, widths, strict=True) if wide}
    assert found["Document"] >= 24
    assert "External" in found
    assert ("Sent" in found) == ("Downloads" in found) == (width >= 56)
    assert ("Ends" in found) == (width >= 80)
    assert ("To" in found) == (width >= 80)


#: What the columns of a Secure Sent Links folder need where names are long: *External*, *Downloads* and dates little.
_LONG = {
    "Document": ColumnNeeds(60),
    "To": ColumnNeeds(),
    "External": ColumnNeeds(7),
    "Downloads": ColumnNeeds(6),
    "Ends": ColumnNeeds(5, MOMENT_WIDTHS),
    "Sent": ColumnNeeds(0, MOMENT_WIDTHS),
    "From": ColumnNeeds(12),
}


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        # Beside tree and details on 120 and on 140 columns,
        (54, ["Document", "External", "Downloads", "Sent"]),
        (70, ["Document", "External", "Ends", "Downloads", "Sent"]),
        # and with the whole width, on 40, on 60 and on 80.
        (40, ["Document", "External"]),
        (60, ["Document", "External", "Downloads", "Sent"]),
        (80, ["Document", "External", "Ends", "Downloads", "Sent"]),
    ],
)
def test_long_names_leave_the_folder_what_was_taken_and_when_links_end(width: int, shown: list[str]) -> None:
    columns = ALL_KINDS["sent"].columns
    given = [_LONG.get(column.title, ColumnNeeds()) for column in columns]
    widths = column_widths(columns, width, 2, given)
    there = {column.title: wide for column, wide in zip(columns, widths, strict=True) if wide}
    assert list(there) == shown
    assert there["Document"] >= 24
    assert sum(widths) + len(there) + 2 <= width + 1


@pytest.mark.parametrize(("kind", "often_empty"), [("sent", "To"), ("folder", "Out"), ("worklist", "Out")])
def test_what_is_often_empty_is_beside_the_names(kind: str, often_empty: str) -> None:
    """A name gets the room of empty cells next to it."""
    assert ALL_KINDS[kind].columns[1].title == often_empty


def test_a_row_of_an_earlier_day() -> None:
    """The cell holds the moment itself; how it is written is decided when it is drawn."""
    assert moment_text(NOW - timedelta(days=1), NOW, 6) == "Tue"
    assert moment_text(NOW - timedelta(days=1), NOW + timedelta(days=60), 6) == "2026"


def test_a_renamed_link_says_what_it_is_from_where_the_name_has_28_cells() -> None:
    """On 80 columns; on 60, the size is more important."""
    columns = send_columns(3)
    for width, origin, shown in (
        (74, 40, ["#", "Rename Secure Link", "from", "Size", "Status"]),
        (56, 40, ["#", "Rename Secure Link", "Size", "Status"]),
        (56, 2, ["#", "Rename Secure Link", "Size", "Status"]),
    ):
        needed = [ColumnNeeds(1), ColumnNeeds(36), ColumnNeeds(origin), ColumnNeeds(7), ColumnNeeds(9)]
        widths = column_widths(columns, width, 1, needed)
        there = {column.title: wide for column, wide in zip(columns, widths, strict=True) if wide}
        assert list(there) == shown, width
        assert there["Rename Secure Link"] >= 28


@pytest.mark.parametrize(("table", "at_least"), [(63, 20), (76, 20), (116, 36), (200, 60)])
@pytest.mark.parametrize("longest", [36, 168])
def test_a_timeline_of_all_says_what_happened_and_to_which_document(
    table: int, at_least: int, longest: int
) -> None:
    """Neither a long name nor a long sentence takes the other's room."""
    columns = TimelineRows(Session(Target("http://127.0.0.1:1")), one=False).columns
    needs = [ColumnNeeds(8), ColumnNeeds(140), ColumnNeeds(longest)]
    when, what, document = column_widths(columns, table, 2, needs)
    assert when == 8
    assert document >= min(at_least, longest)
    assert what >= 30
    assert table - 1 <= what + document + when + 5 <= table
