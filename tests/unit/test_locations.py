"""Locations and their kinds: what holds of which, which commands each offers, and the way to it."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.app.items import NOW, container, folder, sent
from tui.locations import kinds, share_kinds, work_kinds
from tui.locations.kind import ItemPage, LocationKind
from tui.locations.local_files import LOCAL
from tui.locations.location import Location
from tui.wire import work_reading


def test_what_holds_of_a_kind_that_says_nothing() -> None:
    kind, here, servers = kinds.NOWHERE, Location("", ""), None
    assert (kind.orders, kind.own_way(here), kind.row(None, NOW), kind.location_of(None)) == (
        [],
        [],
        None,
        None,
    )
    assert kind.finds("x") is False
    assert kind.pages_from_end(servers, here, "", 5) is None  # type: ignore[arg-type]


async def test_a_list_in_one_piece() -> None:
    class Single(LocationKind):
        async def whole(self, servers: Any, location: Location) -> list[Any]:
            return [servers, location]

    here, servers = Location("", ""), SimpleNamespace()
    try:
        page = await Single().pages(servers, here)(None)
    finally:
        kinds.KINDS[""] = kinds.NOWHERE
    assert isinstance(page, ItemPage)
    assert (page.items, page.cursor, page.total) == ([servers, here], None, None)


def test_orders_and_commands() -> None:
    assert share_kinds.SENT.orders == [
        "name", "external", "expires_at", "-downloads", "-sent_at",
        "-name", "-external", "-expires_at", "downloads", "sent_at",
    ]  # fmt: skip
    assert work_kinds.WORKLIST.orders == []
    assert share_kinds.SENT.offers("folder.unpublish")
    assert share_kinds.SENT.offers("main.audit_document")
    assert not share_kinds.SENT.offers("main.find")
    assert share_kinds.SHARE.offers("folder.trash")
    assert not share_kinds.SHARE.offers("folder.unpublish")


def test_what_is_true_of_which_kinds() -> None:
    def those(what: str) -> list[str]:
        return sorted(name for name, kind in kinds.KINDS.items() if getattr(kind, what))

    in_library = ["checked_out", "folder", "found", "found_with_copies", "worklist", "workspace"]
    assert those("lists_library_documents") == in_library
    assert those("is_container") == ["folder", "workspace"]
    assert (those("is_share_folder"), those("is_document")) == (["sent"], ["document"])


def test_which_roots_have_others_below_them() -> None:
    assert [root.name for root in kinds.ROOTS if not root.opens] == ["Document Worklist", "Checked Out"]


def test_a_location_is_the_same_whether_it_is_known_what_is_below_it() -> None:
    assert Location("folder", "Drafts", "A!1", opens=False) == Location("folder", "Drafts", "A!1")
    assert Location("folder", "Drafts", "A!1", "s1") != Location("folder", "Drafts", "A!1")


def test_the_way_below_a_root() -> None:
    def names(location: Location) -> list[str]:
        return [part.name for part in kinds.way_below_root(location)]

    assert names(Location("workspace", "W", "A!1")) == ["Workspaces", "W"]
    assert names(Location("workspace", "W", "A!1", shortcut="A!2")) == ["My Favorites", "W"]
    assert names(Location("sent", "S", "f1")) == ["Share", "S"]
    assert names(Location("folder", "F", "A!1")) == ["F"]
    assert [root.name for root in kinds.unfolding_roots()] == ["My Favorites", "Workspaces", "Share"]
    assert kinds.kind_of(None) is kinds.NOWHERE
    assert Location("folder", "F").is_a("folder")
    assert not Location("folder", "F").is_a("sent")


def test_what_was_searched_for() -> None:
    found = work_kinds.found_location("two\x07 words")
    assert (found.key, found.opens) == (("found", "two\x07 words"), False)
    assert "\x07" not in found.name
    assert work_kinds.FOUND.words(found) == "two\x07 words"
    assert work_kinds.FOLDER.words(found) == ""


@pytest.mark.parametrize(
    ("target", "key"),
    [
        ({"id": "A!7", "wstype": "folder"}, ("sent", "f1")),
        ({"id": "A!8", "wstype": "folder"}, ("folder", "A!8")),
        ({"id": "A!8", "wstype": "workspace"}, ("workspace", "A!8")),
        ({"id": "A!8.1", "wstype": "document"}, ("document", "A!8.1")),
        ({"id": "A!8.1", "wstype": "email"}, ("document", "A!8.1")),
        ({"id": "A!8", "wstype": "search"}, None),
        (None, None),
    ],
)
def test_where_shortcuts_lead(target: dict[str, str] | None, key: tuple[str, str] | None) -> None:
    shortcut = work_reading.shortcut({"id": "A!2", "name": "S", "target": target})
    assert shortcut is not None
    found = work_kinds.shortcut_location(shortcut, {"A!7": folder()})
    assert (found and found.key) == key
    if found:
        assert (found.name, found.shortcut) == ("S", "A!2")
        assert found.opens == (found.kind in ("folder", "workspace"))
        row = work_kinds.FAVORITES.row(found, NOW)
        assert (row.key, row.cells[1], row.selectable) == ("A!2", kinds.kind_of(found).label, False)
        assert work_kinds.FAVORITES.location_of(found) is found


def test_a_favorite_without_a_shortcut_has_a_key_too() -> None:
    assert work_kinds.FAVORITES.row(Location("folder", "F", "A!8"), NOW).key == "folder:A!8"


@pytest.mark.parametrize("has", [True, False, None])
def test_a_folder_opens_unless_it_has_nothing_below_it(has: bool | None) -> None:
    assert work_kinds.container_location(container(has_subfolders=has)).opens is (has is not False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("offer", "No name here contains “offer”; to: looks for recipients, is: for states"),
        ('"an offer"', 'No name here contains “"an offer"”; to: looks for recipients, is: for states'),
        ("to:anna", "Nothing here fits to:anna"),
        ("offer is:on", "Nothing here fits offer is:on"),
    ],
)
def test_what_is_said_if_nothing_sent_fits_a_filter(text: str, said: str) -> None:
    assert kinds.kind_of(Location("sent", "F", "f1")).nothing_found(text) == said


def test_what_has_left_a_folder() -> None:
    here = Location("sent", "F", "f1")
    assert not share_kinds.has_left(sent(), here)
    assert share_kinds.has_left(sent(deleted_at=NOW), here)
    assert share_kinds.has_left(sent(), Location("sent", "F", "f2"))


async def test_folders_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "file").write_text("x")
    monkeypatch.chdir(tmp_path)
    servers: Any = None
    assert LOCAL.resolved(Location("local", "Local Files")).id == str(tmp_path)
    assert LOCAL.resolved(Location("local", "x", "/x")).id == "/x"
    assert [item.name for item in await LOCAL.whole(servers, Location("local", ""))] == ["inner", "file"]
    assert [b.name for b in await LOCAL.branches(servers, Location("local", "", str(tmp_path)))] == ["inner"]
    way = LOCAL.own_way(Location("local", "b", "/a/b"))
    assert [(part.name, part.id) for part in way] == [("/", "/"), ("a", "/a"), ("b", "/a/b")]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("", ["Old", "young", "a", "B", "c"]),
        ("name", ["Old", "young", "a", "B", "c"]),
        ("-name", ["young", "Old", "c", "B", "a"]),
        ("-size", ["Old", "young", "B", "a", "c"]),
        ("size", ["Old", "young", "a", "c", "B"]),
        ("-modified", ["young", "Old", "c", "a", "B"]),
        ("modified", ["Old", "young", "B", "a", "c"]),
    ],
)
async def test_the_order_of_files(order: str, expected: list[str], tmp_path: Path) -> None:
    """Folders come first in any order; of equal ones, the names decide."""
    for name, modified in (("young", 9), ("Old", 1)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (modified, modified))
    for name, size, modified in (("c", 1, 7), ("B", 20, 2), ("a", 1, 5)):
        (tmp_path / name).write_bytes(b"x" * size)
        os.utime(tmp_path / name, (modified, modified))
    servers: Any = None
    page = await LOCAL.pages(servers, Location("local", "", str(tmp_path)), order=order)(None)
    assert [entry.name for entry in page.items] == expected
    assert not order or order in LOCAL.orders
