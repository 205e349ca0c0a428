"""Which columns are left out of a list that is narrow, and which are not."""

from __future__ import annotations

import pytest

from tui.locations.kinds import KINDS as ALL_KINDS
from tui.locations.rows import (
    Column,
    ColumnNeeds,
    column_widths,
    moment_column,
    usual_needs,
)
from tui.rules.display import MOMENT_WIDTHS
from tui.ui.send.send_rows import columns as send_columns

KINDS = tuple(name for name in ALL_KINDS if name)


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
