"""The rows of each kind of location, and the columns that their cells stand in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.app.items import NOW, container, entry, folder, paper, sent
from tui.locations import kinds, rows, share_kinds, work_kinds
from tui.locations.kind import LocationKind
from tui.locations.local_files import LOCAL
from tui.locations.location import Location
from tui.locations.rows import Column, Row
from tui.wire import work_reading

pytestmark = pytest.mark.usefixtures("utc")


# ---------------------------------------------------------------- Share


@pytest.mark.parametrize(
    ("more", "cell"),
    [
        ({}, ("● On", "good")),
        ({"throttled": True}, ("● On · slowed", "warn")),
        ({"locked": True, "throttled": True}, ("● On · locked", "warn")),
        ({"published": False, "locked": True}, ("○ Off · locked", "warn")),
        ({"published": False, "throttled": True}, ("○ Off · slowed", "warn")),
        ({"published": False, "reason": "limit"}, ("○ Off · limit reached", "dim")),
        ({"published": False}, ("○ Off", "dim")),
    ],
)
def test_whether_a_link_works(more: dict[str, Any], cell: tuple[str, str]) -> None:
    assert share_kinds.SENT.row(sent(**more), NOW).cells[1] == cell


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2 * 86400, "2 days"), (2 * 86400 - 1, "48 h"), (86400, "24 h"), (3600, "1 h"), (3599, "60 min"),
        (7 * 86400 - 1, "7 days"), (7 * 86400 - 3600, "7 days"), (6 * 86400 + 3600, "6 days"),
        (60, "1 min"), (59, "59 s"), (0, "0 s"), (-5, "0 s"), (5000 * 86400, "5,000 days"),
    ],
)  # fmt: skip
def test_the_time_that_is_left(seconds: int, text: str) -> None:
    found = sent(expires_at=NOW + timedelta(seconds=seconds))
    assert share_kinds.SENT.row(found, NOW).cells[5] == text


def test_rows_of_a_sent_folder() -> None:
    row = share_kinds.SENT.row(sent(has_password=True, downloads_permitted=5, delivered=1), NOW)
    assert (row.key, row.name, *row.cells[2:5], row.cells[9]) == (
        "d1",
        "Offer.pdf",
        "2 of 5",
        "1 of 2",
        "never",
        "yes",
    )
    assert len(row.cells) == len(share_kinds.SENT.columns)
    assert share_kinds.SENT.row(sent(downloads=0), NOW).cells[3] == ""
    off = share_kinds.SENT.row(sent(published=False, expires_at=NOW + timedelta(hours=1)), NOW)
    assert (off.cells[4], off.cells[5], off.cells[9]) == (NOW + timedelta(hours=1), "", "no")


def test_rows_of_folders_and_of_the_trash() -> None:
    own = share_kinds.SHARE.row(folder(documents=1200, published=3, current=True), NOW)
    assert own.cells == (("▸ DJONES - Secure", "accent"), "current", "1,200", "3", NOW)
    assert not own.selectable
    assert share_kinds.SHARE.row(folder(), NOW).cells[1] == "yours"
    assert share_kinds.SHARE.row(folder(role="member"), NOW).cells[1] == "DJONES"
    assert share_kinds.SHARE.location_of(folder()).key == ("sent", "f1")
    deleted = share_kinds.TRASH.row(sent(deleted_at=NOW), NOW)
    assert deleted.cells == ("Offer.pdf", NOW, NOW, "2", "1.2 kB")


# ---------------------------------------------------------------- Work


def test_rows_of_documents() -> None:
    row = work_kinds.FOLDER.row(paper(size=0, is_checked_out=True, in_use_by="ANNA", edit_date=NOW), NOW)
    assert row is not None
    assert row.key == "ACTIVE!453"
    assert row.cells == ("Offer.docx", "2", "0 B", ("⊘ ANNA", "warn"), "", NOW, "", "ACTIVE!453.2", "")
    unknown = work_kinds.FOLDER.row(paper(is_checked_out=True), NOW)
    free = work_kinds.FOLDER.row(paper(), NOW)
    assert unknown is not None
    assert free is not None
    assert (unknown.cells[2], unknown.cells[3], free.cells[3]) == ("", ("⊘ someone", "warn"), ("", "warn"))


def test_rows_of_containers_and_of_what_no_list_shows() -> None:
    row = work_kinds.FOLDER.row(container(), NOW)
    assert row is not None
    assert (row.key, row.cells, row.selectable) == ("A!1", (("▸ Drafts", "accent"), "", ""), False)
    shortcut = work_reading.shortcut({"id": "A!2", "wstype": "folder_shortcut", "target": {"id": "A!1"}})
    assert work_kinds.FOLDER.row(shortcut, NOW) is None
    assert [found.key for found in work_kinds.FOLDER.rows([shortcut, container()], NOW)] == ["A!1"]
    assert work_kinds.FOLDER.location_of(shortcut) is None
    opened = work_kinds.FOLDER.location_of(container(wstype="workspace"))
    assert opened is not None
    assert opened.key == ("workspace", "A!1")


@pytest.mark.parametrize(
    ("more", "about"),
    [
        ({"description": "D", "owner": "O"}, "D"),
        ({"owner_description": "Dana", "owner": "O"}, "Dana"),
        ({"owner": "O"}, "O"),
        ({}, ""),
    ],
)
def test_rows_of_workspaces(more: dict[str, Any], about: str) -> None:
    row = work_kinds.WORKSPACES.row(container(wstype="workspace", **more), NOW)
    assert (row.cells[1], row.cells[2], row.selectable) == ("workspace", about, False)
    assert work_kinds.WORKSPACES.location_of(container(wstype="workspace")).kind == "workspace"


# ---------------------------------------------------------------- this machine


def test_rows_of_files() -> None:
    assert LOCAL.row(entry("a"), NOW) == Row("/x/a", ("a", "5 B", NOW), data=LOCAL.row(entry("a"), NOW).data)
    broken = LOCAL.row(entry("a", usable=False), NOW)
    assert (broken.tone, broken.selectable, broken.cells) == ("dim", False, ("a", "", NOW))
    assert broken.unusable == "a is not a regular file, so it can't be sent."
    inner = LOCAL.row(entry("b", folder=True, usable=False), NOW)
    assert (inner.cells, inner.tone, inner.selectable) == ((("▸ b", "accent"), "", NOW), "", False)
    assert LOCAL.location_of(entry("a")) is None
    assert LOCAL.location_of(entry("b", folder=True)) == Location("local", "b", "/x/b")


# ---------------------------------------------------------------- columns


#: Items of each kind whose rows have a cell for every column.
ITEMS: dict[str, list[Any]] = {
    "sent": [sent()], "share": [folder()], "trash": [sent(deleted_at=NOW)], "worklist": [paper()],
    "checked_out": [paper()], "found": [paper()], "workspaces": [container()], "local": [entry("a")],
}  # fmt: skip


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name or "nowhere")
def test_the_columns_of_a_kind(kind: LocationKind) -> None:
    """Columns are left out one by one if there is no room, but never the name; each has room for its title."""
    ranks = sorted(column.rank for column in kind.columns)
    narrow = sorted(column.narrow_rank for column in kind.columns if column.narrow_rank)
    assert ranks[0] == 0
    assert kind.columns[0].rank == 0
    assert sorted([*ranks[1:], *narrow]) == list(range(1, len(ranks) + len(narrow)))
    name = kind.columns[0]
    assert (name.name, name.width, name.ample, name.flex > 0) == (True, 24, 38, True)
    assert all(column.width >= len(column.title) for column in kind.columns)
    assert all(column.width == 16 for column in kind.columns if column.moment)
    assert (Column("T", 5).flex, Column("T", 5).words, Column("T", 5).rank) == (0, 0, 0)
    assert (Column("T", 5).narrow, Column("T", 5).narrow_rank) == (0, 0)
    for item in ITEMS.get(kind.name, []):
        row = kind.row(item, NOW)
        assert row is not None
        assert len(row.cells) == len(kind.columns)


def test_cells_and_orders_in_words() -> None:
    assert [rows.cell_text(cell) for cell in (None, NOW, "x", ("y", "dim"))] == [
        "",
        "2026-11-27 09:00",
        "x",
        "y",
    ]
    assert (rows.flipped("name"), rows.flipped("-name")) == ("-name", "name")
    assert Row("k", ()).name == ""
    assert [
        c.value_label for c in (Column("T", 5), Column("T", 5, name=True), Column("T", 5, label="L"))
    ] == [
        "T",
        "",
        "L",
    ]


@pytest.mark.parametrize(
    ("width", "widths"),
    [
        (60, [34, 8, 10, 3]),
        (50, [24, 8, 10, 3]),
        (49, [26, 5, 10, 3]),
        (47, [24, 5, 10, 3]),
        (46, [29, 0, 10, 3]),
        (41, [24, 0, 10, 3]),
        (40, [27, 0, 10, 0]),
        (37, [24, 0, 10, 0]),
        (36, [34, 0, 0, 0]),
        (5, [4, 0, 0, 0]),
    ],
)
def test_what_has_the_highest_rank_is_left_out_first(width: int, widths: list[int]) -> None:
    columns = (
        Column("Name", 24, flex=1, name=True),
        Column("State", 8, rank=3, narrow=5, narrow_rank=4),
        Column("Owner", 10, rank=1),
        Column("Ver", 3, rank=2),
    )
    assert rows.column_widths(columns, width, 1) == widths


def test_moments_are_written_shorter_before_anything_is_left_out() -> None:
    columns = (Column("Name", 10, flex=1, name=True), rows.moment_column("Sent", rank=1))
    assert [rows.column_widths(columns, width, 0) for width in (28, 27, 23, 22, 20, 19)] == [
        [10, 16], [14, 11], [10, 11], [12, 8], [10, 8], [18, 0],
    ]  # fmt: skip
