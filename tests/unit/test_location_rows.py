"""The rows of each kind of location, and the columns that their cells stand in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.app.items import NOW, container, entry, folder, paper, sent
from tui.locations import kinds, rows, share_kinds, work_kinds
from tui.locations.kind import LocationKind
from tui.locations.kinds import KINDS
from tui.locations.local_files import LOCAL
from tui.locations.location import Location
from tui.locations.rows import Column, Row
from tui.ui.main.details_tab import DetailsTab
from tui.ui.main.pane_widths import DETAILS_WIDTHS
from tui.wire import work_reading

pytestmark = pytest.mark.usefixtures("utc")


# ---------------------------------------------------------------- Share


@pytest.mark.parametrize(
    ("more", "cell"),
    [
        ({}, ("◐ On", "good")),
        ({"downloads": 0}, ("● On", "good")),
        ({"downloads": 0, "has_password": True}, ("● On  *", "good")),
        ({"throttled": True}, ("! On", "warn")),
        ({"locked": True, "throttled": True, "has_password": True}, ("! On  *", "warn")),
        ({"published": False, "locked": True}, ("! Off", "warn")),
        ({"published": False, "has_password": True}, ("○ Off *", "dim")),
        ({"published": False, "reason": "limit"}, ("○ Off", "dim")),
        ({"published": False}, ("○ Off", "dim")),
    ],
)
def test_whether_a_link_works(more: dict[str, Any], cell: tuple[str, str]) -> None:
    assert share_kinds.SENT.row(sent(**more), NOW).cells[2] == cell


@pytest.mark.parametrize(
    ("more", "cell"),
    [
        ({}, "never"),
        ({"expires_at": NOW + timedelta(hours=1)}, NOW + timedelta(hours=1)),
        ({"published": False, "expires_at": NOW, "reason": "expired"}, ("expired", "dim")),
        ({"published": False, "reason": "limit"}, ("limit", "dim")),
        ({"published": False, "reason": "by hand"}, ("by hand", "dim")),
        (
            {"published": False, "reason": "by hand", "unpublished_at": NOW, "url": "https://x/s/1"},
            ("by you", "dim"),
        ),
        ({"published": False, "reason": "by hand", "unpublished_at": NOW, "url": None}, ("by hand", "dim")),
        # Members don't get the link.
        ({"published": False, "reason": "by hand", "ended_by": "owner", "url": None}, ("by owner", "dim")),
        ({"published": False, "reason": "by hand", "ended_by": "deletion"}, ("deleted", "dim")),
        ({"published": False, "reason": "by hand", "ended_by": "unheard of"}, ("unheard of", "dim")),
        ({"published": False, "reason": "limit", "ended_by": None}, ("limit", "dim")),
        ({"published": False}, ("", "dim")),
    ],
)
def test_when_a_link_ends_or_why_it_has(more: dict[str, Any], cell: object) -> None:
    assert share_kinds.SENT.row(sent(**more), NOW).cells[3] == cell


def test_rows_of_a_sent_folder() -> None:
    row = share_kinds.SENT.row(sent(downloads_permitted=5, delivered=1, recipients=["anna@example.com"]), NOW)
    assert (row.key, row.name, row.cells[1], row.cells[4], *row.cells[5:]) == (
        *("d1", "Offer.pdf", "anna@example.com", "2 of 5", NOW, "ACTIVE!453, v2", "", "1", None, None),
    )
    assert len(row.cells) == len(share_kinds.SENT.columns)
    assert share_kinds.SENT.row(sent(downloads=0), NOW).cells[8] == ""
    again = share_kinds.SENT.row(sent(downloads=0, downloads_permitted=2, resent_at=NOW), NOW)
    assert (again.cells[4], again.cells[-1]) == ("0 of 2 anew", NOW), (
        "nobody concludes that no one ever took it"
    )
    assert share_kinds.TRASH.row(sent(downloads=3, resent_at=NOW), NOW).cells[3] == "3 anew"
    for more, said in (
        ({"locked": True, "throttled": True, "wrong_passwords": 1101}, "1,101 wrong passwords, locked"),
        ({"throttled": True, "wrong_passwords": 6}, "6 wrong passwords"),
        # A server of an earlier version doesn't count them.
        ({"throttled": True}, "wrong passwords"),
        ({"wrong_passwords": 3}, ""),
    ):
        assert share_kinds.SENT.row(sent(**more), NOW).cells[7] == said
    assert share_kinds.SENT.row(sent(source="file:Offer.pdf"), NOW).cells[6] == "a local file"


@pytest.mark.parametrize(
    ("source", "name", "cell", "brief"),
    [
        ("ACTIVE!453.1", None, "ACTIVE!453, v1", "ACTIVE!453, v1"),
        ("ACTIVE!453.1", "Offer.pdf", "ACTIVE!453, v1", "ACTIVE!453, v1"),
        ("ACTIVE!453.1", "Minutes.docx", "ACTIVE!453, v1 (Minutes.docx)", "Minutes.docx"),
        ("ACTIVE!453.1", "Minutes (old).docx", "ACTIVE!453, v1 (Minutes (old).docx)", "Minutes (old).docx"),
        ("file:Draft.docx", None, "a local file (Draft.docx)", "Draft.docx"),
        ("file:", None, "a local file", "a local file"),
    ],
)
def test_what_a_link_was_sent_from_is_named_where_it_is_called_otherwise(
    source: str, name: str | None, cell: str, brief: str
) -> None:
    column = next(column for column in share_kinds.SENT.columns if column.title == "From")
    assert share_kinds.SENT.row(sent(source=source, source_name=name), NOW).cells[6] == cell
    assert column.brief is not None
    assert column.brief(cell) == brief


def test_rows_of_folders_and_of_the_trash() -> None:
    own = share_kinds.SHARE.row(folder(documents=1200, published=3, current=True), NOW)
    assert own.cells == ("▸ DJONES - Secure", "current", "1,200", "3", NOW)
    assert not own.selectable
    assert share_kinds.SHARE.row(folder(), NOW).cells[1] == "yours"
    assert share_kinds.SHARE.row(folder(role="member"), NOW).cells[1] == "DJONES"
    place = share_kinds.SHARE.location_of(folder())
    assert (place.key, place.opens) == (("sent", "f1"), False), "it has no folders to open in the tree"
    deleted = share_kinds.TRASH.row(sent(deleted_at=NOW), NOW)
    assert deleted.cells == ("Offer.pdf", NOW, NOW, "2", "1.2 kB")


@pytest.mark.parametrize(
    ("recipients", "brief"),
    [
        (["Anna Arp <anna@example.com>", "bob@example.com"], "Anna Arp, bob@example.com"),
        (['"Keller, Max" <max@example.com>'], '"Keller, Max"'),
        (["bob@example.com"], "bob@example.com"),
        ([], ""),
    ],
)
def test_recipients_are_named_where_there_is_little_room(recipients: list[str], brief: str) -> None:
    column = next(column for column in share_kinds.SENT.columns if column.title == "To")
    cell = rows.cell_text(share_kinds.SENT.row(sent(recipients=recipients), NOW).cells[1])
    assert cell == ", ".join(recipients)
    assert column.brief is not None
    assert column.brief(cell) == brief


# ---------------------------------------------------------------- Work


def test_rows_of_documents() -> None:
    row = work_kinds.FOLDER.row(paper(size=0, is_checked_out=True, in_use_by="ANNA", edit_date=NOW), NOW)
    assert row is not None
    assert row.key == "ACTIVE!453"
    assert row.cells == ("Offer.docx", ("⊘ ANNA", "warn"), "2", NOW, "0 B", "", "", "ACTIVE!453.2", "")
    unknown = work_kinds.FOLDER.row(paper(is_checked_out=True), NOW)
    free = work_kinds.FOLDER.row(paper(), NOW)
    assert unknown is not None
    assert free is not None
    assert (unknown.cells[4], unknown.cells[1], free.cells[1]) == ("", ("⊘ someone", "warn"), ("", "warn"))
    with_copies = KINDS["found_with_copies"]
    copy, original = (with_copies.row(paper(sent_copy=is_copy), NOW) for is_copy in (True, False))
    assert copy is not None
    assert original is not None
    assert copy.cells == (*original.cells[:-1], ("sent copy", "warn"))


def test_rows_of_containers_and_of_what_no_list_shows() -> None:
    row = work_kinds.FOLDER.row(container(), NOW)
    assert row is not None
    assert (row.key, row.cells, row.selectable) == ("A!1", ("▸ Drafts", "", ""), False)
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
    assert (inner.cells, inner.tone, inner.selectable) == (("▸ b", "", NOW), "", False)
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
    assert ranks[0] == 0
    assert kind.columns[0].rank == 0
    assert ranks == list(range(len(ranks)))
    name = kind.columns[0]
    assert (name.name, name.width, name.flex > 0) == (True, 24, True)
    assert all(column.width >= len(column.title) for column in kind.columns if column.width)
    assert all(column.width == 13 for column in kind.columns if column.moment)
    assert (Column("T", 5).flex, Column("T", 5).fixed, Column("T", 5).rank) == (0, False, 0)
    for item in ITEMS.get(kind.name, []):
        row = kind.row(item, NOW)
        assert row is not None
        assert len(row.cells) == len(kind.columns)


def test_cells_and_orders_in_words() -> None:
    assert [rows.cell_text(cell) for cell in (None, NOW, "x", ("y", "dim"))] == [
        "",
        "Fri 27 Nov 2026, 09:00",
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


@pytest.mark.parametrize("kind", [name for name in KINDS if name])
def test_no_label_is_cut_in_the_details(kind: str) -> None:
    """Beside it, a moment in full has room."""
    width = DetailsTab().label_width(KINDS[kind])
    assert max(len(column.title) for column in KINDS[kind].columns[1:]) <= width
    assert DETAILS_WIDTHS[1] - 4 - width - 1 >= len("Wed 25 Nov 2026, 13:05")


def test_dates_are_shown_in_the_longest_form_that_there_is_room_for() -> None:
    """Which only a column of moments has: all that have dates are made by the same function."""
    assert rows.moment_column("Sent", rank=1).moment
    assert not rows.name_column("Document").moment
