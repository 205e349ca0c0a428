"""How wide the columns of a list are at a given width."""

from __future__ import annotations

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
)
from tui.rules.display import MOMENT_WIDTHS, moment_text
from tui.session.session import Session
from tui.ui.dialogs.timeline_rows import TimelineRows
from tui.ui.send.send_rows import columns as send_columns

KINDS = tuple(name for name in ALL_KINDS if name)
NOW = datetime(2026, 11, 25, 13, 5, tzinfo=UTC)


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


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_what_is_left_over_are_in_their_lowest_terms(kind: str) -> None:
    assert gcd(*(column.flex for column in ALL_KINDS[kind].columns)) == 1


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
