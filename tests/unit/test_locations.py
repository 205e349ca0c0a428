"""Browsing: the rows of each kind of location, what a server is asked for, and in which order."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tui.clients.files import Entry
from tui.locations import kinds, rows, share_kinds, work_kinds, work_sources
from tui.locations.kind import BRANCHES, PAGE, ItemPage, LocationKind
from tui.locations.local_files import LOCAL
from tui.locations.location import Location
from tui.locations.rows import Column, Row
from tui.wire import share, work

NOW = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def sent(**more: Any) -> share.Document:
    usual: dict[str, Any] = {
        "id": "d1", "work_id": "ACTIVE!9.1", "name": "Offer.pdf", "folder": {"id": "f1", "name": "F"}, "url": None,
        "size": 1234, "sha256": "ab" * 32, "published": True, "reason": None, "has_password": False, "locked": False,
        "expires_at": None, "downloads_permitted": None, "downloads": 2, "last_download_at": None, "sent_at": NOW,
        "source": "ACTIVE!453.2",
    }  # fmt: skip
    return share.Document.model_validate({**usual, **more})


def folder(**more: Any) -> share.Folder:
    usual = {"id": "f1", "name": "DJONES - Secure", "work_id": "A!7", "owner": "DJONES", "current": False}
    return share.Folder.model_validate({**usual, "created_at": NOW, **more})


def paper(**more: Any) -> work.Document:
    found = work.document({"id": "ACTIVE!453.2", "name": "Offer", "extension": "docx", **more})
    assert found is not None
    return found


def container(**more: Any) -> work.Container:
    found = work.container({"id": "A!1", "wstype": "folder", "name": "Drafts", **more})
    assert found is not None
    return found


# ---------------------------------------------------------------- Share


@pytest.mark.parametrize(
    ("more", "cell"),
    [
        ({}, ("● On", "good")),
        ({"throttled": True}, ("● On slowed", "warn")),
        ({"locked": True, "throttled": True}, ("● On locked", "warn")),
        ({"published": False, "locked": True}, ("○ Off locked", "warn")),
        ({"published": False, "throttled": True}, ("○ Off slowed", "warn")),
        ({"published": False, "reason": "limit"}, ("○ Off limit", "dim")),
        ({"published": False}, ("○ Off", "dim")),
    ],
)
def test_whether_a_link_works(more: dict[str, Any], cell: tuple[str, str]) -> None:
    assert share_kinds.SENT.row(sent(**more), NOW).cells[1] == cell


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (2 * 86400, "2 days"), (2 * 86400 - 1, "47 h"), (86400, "24 h"), (3600, "1 h"), (3599, "59 min"),
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


def test_what_has_left_a_folder() -> None:
    here = Location("sent", "F", "f1")
    assert not share_kinds.has_left(sent(), here)
    assert share_kinds.has_left(sent(deleted_at=NOW), here)
    assert share_kinds.has_left(sent(), Location("sent", "F", "f2"))


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
    shortcut = work.shortcut({"id": "A!2", "wstype": "folder_shortcut", "target": {"id": "A!1"}})
    assert work_kinds.FOLDER.row(shortcut, NOW) is None
    assert [found.key for found in work_kinds.FOLDER.rows([shortcut, container()], NOW)] == ["A!1"]
    assert work_kinds.FOLDER.location_of(shortcut) is None
    opened = work_kinds.FOLDER.location_of(container(wstype="workspace"))
    assert opened is not None
    assert opened.key == ("workspace", "A!1")


@pytest.mark.parametrize("has", [True, False, None])
def test_a_folder_opens_unless_it_has_nothing_below_it(has: bool | None) -> None:
    assert work_kinds.container_location(container(has_subfolders=has)).opens is (has is not False)


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
    shortcut = work.shortcut({"id": "A!2", "name": "S", "target": target})
    assert shortcut is not None
    found = work_kinds.shortcut_location(shortcut, {"A!7": folder()})
    assert (found and found.key) == key
    if found:
        assert (found.name, found.shortcut) == ("S", "A!2")
        assert found.opens == (found.kind in ("folder", "workspace"))
        row = work_kinds.FAVORITES.row(found, NOW)
        assert (row.key, row.cells[1]) == ("A!2", kinds.kind_of(found).label)
        assert work_kinds.FAVORITES.location_of(found) is found


def test_a_favorite_without_a_shortcut_has_a_key_too() -> None:
    assert work_kinds.FAVORITES.row(Location("folder", "F", "A!8"), NOW).key == "folder:A!8"


def test_what_was_searched_for() -> None:
    found = work_kinds.found_location("two\x07 words")
    assert (found.key, found.opens) == (("found", "two\x07 words"), False)
    assert "\x07" not in found.name
    assert work_kinds.FOUND.words(found) == "two\x07 words"
    assert work_kinds.FOLDER.words(found) == ""


# ---------------------------------------------------------------- what a server is asked for


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("offer", "*offer*"),
        ("two words", "*two* *words*"),
        ("a*b", "*a* *b*"),
        ("offer.docx", "*offer*"),
        ("new offer.do", "*new* *offer*"),
        (".docx", None),
        ("*", None),
        ("", None),
        ("a.b c", "*a.b* *c*"),
    ],
)
async def test_a_name_as_work_looks_for_it(name: str, words: str | None) -> None:
    server = Work([])
    await work_sources.children(server.client, "A!1", name, "")(None)
    assert server.asked == [{"container": "A!1", "cursor": None, "limit": PAGE, "name": words, "sort": None}]
    assert work_sources.can_search(name) == (words is not None)


class Work:
    """Returns pages, one after the other, and records the requests."""

    def __init__(self, pages: list[tuple[list[Any], str | None]]) -> None:
        self.asked: list[dict[str, Any]] = []
        self._pages = pages
        self.client: Any = self

    async def children(self, container: str, cursor: str | None, limit: int, **more: Any) -> Any:
        self.asked.append({"container": container, "cursor": cursor, "limit": limit, **more})
        return self._page()

    async def counted(self, cursor: str | None, limit: int) -> Any:
        self.asked.append({"cursor": cursor, "limit": limit})
        return self._page(total=450)

    async def child_pages(self, container: str, **more: Any) -> AsyncIterator[Any]:
        while self._pages:
            self.asked.append({"container": container, **more})
            yield self._page()

    async def workspaces(self, cursor: str | None = None, limit: int = 0, **more: Any) -> Any:
        self.asked.append({"cursor": cursor, **more})
        return self._page()

    def _page(self, total: int | None = None) -> Any:
        items, cursor = self._pages.pop(0) if self._pages else ([], None)
        return SimpleNamespace(items=items, cursor=cursor, total=total)


@pytest.mark.parametrize("name", ["of*.Docx", "the of*.Docx", "o f .docx"])
async def test_the_extension_of_a_name_is_looked_for_here(name: str) -> None:
    """Whatever words come before."""
    items = [paper(), paper(extension="pdf"), container(name="x.docx")]
    source = work_sources.children(Work([(items, "more")]).client, "A!1", name, "-edited")
    page = await source(None)
    assert ([item.id for item in page.items], page.cursor) == (["ACTIVE!453.2", "A!1"], "more")


async def test_a_folder_from_its_end() -> None:
    """Documents come after folders, also in reverse; folders are by name, whatever the documents are sorted by."""
    server = Work([([paper()], "c1"), ([paper()], None), ([container()], "c2"), ([container()], None)])
    source = work_sources.children_from_end(server.client, "A!1", "", "-edited")
    cursors = [None, "documents c1", "folders ", "folders c2"]
    pages = [await source(cursor) for cursor in cursors]
    assert [page.cursor for page in pages] == [*cursors[1:], None]
    assert [(a["kind"], a["cursor"], a["sort"]) for a in server.asked] == [
        ("documents", None, "edited"),
        ("documents", "c1", "edited"),
        ("folders", None, "-name"),
        ("folders", "c2", "-name"),
    ]


@pytest.mark.parametrize(("order", "sort"), [("name", "-name"), ("-name", "name"), ("-edited", "-name")])
async def test_a_folder_without_documents_ends_with_its_folders(order: str, sort: str) -> None:
    server = Work([([], None), ([container()], None)])
    page = await work_sources.children_from_end(server.client, "A!1", "", order)(None)
    assert (len(page.items), page.cursor, server.asked[1]["sort"]) == (1, None, sort)
    server = Work([([], None), ([], None)])
    page = await work_sources.children_from_end(server.client, "A!1", "", order)(None)
    assert (page.items, page.cursor, len(server.asked)) == ([], None, 2)


async def test_a_list_that_is_counted_from_its_end() -> None:
    server = Work([([1, 2], None)] * 3)
    source = work_sources.counted_from_end(server.counted, 450)
    pages = [await source(cursor) for cursor in (None, "250", "50")]
    assert [page.cursor for page in pages] == ["250", "50", None]
    assert [page.items for page in pages] == [[2, 1]] * 3
    assert pages[0].total == 450
    assert server.asked == [
        {"cursor": "o:250:", "limit": 200},
        {"cursor": "o:50:", "limit": 200},
        {"cursor": None, "limit": 50},
    ]
    await work_sources.counted_from_end(server.counted, 0)(None)
    assert server.asked[-1] == {"cursor": None, "limit": 1}


async def test_branches_end_after_so_many() -> None:
    many = [container(id=f"A!{number}") for number in range(BRANCHES // 2)]
    for kind in (work_kinds.FOLDER, work_kinds.WORKSPACES):
        server = Work([([*many, paper()] if kind is work_kinds.FOLDER else many, "more")] * 3)
        servers: Any = SimpleNamespace(work=server)
        found = await kind.branches(servers, Location("folder", "F", "A!1"))
        assert (len(found), len(server.asked)) == (BRANCHES, 2)
        server = Work([(many, None)])
        found = await kind.branches(SimpleNamespace(work=server), Location("folder", "F", "A!1"))
        assert len(found) == BRANCHES // 2


class Asked:
    """Answers any request and records it."""

    def __init__(self, **answers: Any) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answers = answers

    def __getattr__(self, name: str) -> Any:
        async def answer(*given: Any, **more: Any) -> Any:
            self.asked.append((name, *given, *more.values()))
            return self._answers[name]

        return answer


class Both:
    """Work and Share, with the user's folders there."""

    def __init__(self) -> None:
        page = SimpleNamespace(items=[paper()], cursor="next", total=450)
        self.work: Any = Asked(
            workspaces=page, recent=page, checked_out=page, find=page, document=paper(), children=page
        )
        documents = share.Documents(documents=[sent()], cursor="next", total=7)
        self.share: Any = Asked(documents=documents, trash=documents, document=sent())
        self.folders = {"A!7": folder()}
        self.loaded = 0
        self.known: share.Folder | None = None

    async def load_folders(self) -> list[share.Folder]:
        self.loaded += 1
        return [folder()]

    def folder(self, location: Location | None) -> share.Folder | None:
        return self.known

    @property
    def favorites(self) -> Both:
        return self

    async def locations(self) -> list[Location]:
        return [Location("folder", "F", "A!1", "A!2")]


HERE = Location("sent", "F", "f1")


async def test_pages_of_a_sent_folder() -> None:
    """If the folder is not known, it is requested first, because it determines what may be done there."""
    servers = Both()
    page = await share_kinds.SENT.pages(servers, HERE, "off", "name")("c")
    assert ([item.id for item in page.items], page.cursor, page.total, servers.loaded) == (
        ["d1"],
        "next",
        7,
        1,
    )
    servers.known = folder()
    await share_kinds.SENT.pages(servers, HERE)(None)
    for order in ("", "name"):
        source = share_kinds.SENT.pages_from_end(servers, HERE, "", None, order)
        assert source is not None
        await source(None)
    assert servers.loaded == 1
    assert servers.share.asked == [
        ("documents", "f1", "c", None, "name", "off"),
        ("documents", "f1", None, None, None, None),
        ("documents", "f1", None, None, "sent_at", None),
        ("documents", "f1", None, None, "-name", None),
    ]
    assert share_kinds.SENT.finds("x")


async def test_pages_of_the_trash_and_folders_of_share() -> None:
    servers = Both()
    page = await share_kinds.TRASH.pages(servers, HERE)("c")
    assert (len(page.items), page.cursor, page.total) == (1, "next", 7)
    assert servers.share.asked == [("trash", "c")]
    assert [item.id for item in await share_kinds.SHARE.whole(servers, HERE)] == ["f1"]
    assert [branch.key for branch in await share_kinds.SHARE.branches(servers, HERE)] == [("sent", "f1")]


@pytest.mark.parametrize("place", ["f1", "f2"])
async def test_whether_a_row_is_there_still(place: str) -> None:
    servers, row = Both(), Row("d1", (), data=paper())
    assert await share_kinds.SENT.has(servers, Location("sent", "F", place), row) is (place == "f1")
    assert await work_kinds.FOLDER.has(servers, HERE, row) is True
    assert await work_kinds.DOCUMENT.has(servers, HERE, row) is False
    assert await kinds.NOWHERE.has(servers, HERE, row) is False
    assert servers.work.asked == [("document", "ACTIVE!453.2")]


async def test_pages_of_works_lists() -> None:
    servers = Both()
    asked = [
        (work_kinds.WORKSPACES, "my mat", ("workspaces", "c", PAGE, "*my* *mat*")),
        (work_kinds.WORKLIST, "", ("recent", "c", PAGE)),
        (work_kinds.CHECKED_OUT, "", ("checked_out", "c", PAGE)),
        (work_kinds.FOUND, "", ("find", "f1", "c", PAGE)),
        (work_kinds.FOLDER, "", ("children", "f1", "c", PAGE, None, None)),
    ]
    for kind, name, expected in asked:
        page = await kind.pages(servers, HERE, name)("c")
        assert (len(page.items), page.cursor, page.total) == (1, "next", 450)
        assert servers.work.asked.pop() == expected
    for listed, name in ((work_kinds.WORKLIST, "recent"), (work_kinds.CHECKED_OUT, "checked_out")):
        assert listed.pages_from_end(servers, HERE, "", None) is None
        source = listed.pages_from_end(servers, HERE, "", 450)
        assert source is not None
        await source(None)
        assert servers.work.asked.pop() == (name, "o:250:", 200)
    source = work_kinds.FOLDER.pages_from_end(servers, HERE, "", None)
    assert source is not None
    await source(None)
    assert servers.work.asked.pop() == ("children", "f1", None, PAGE, "documents", "-name", None)
    for kind in (work_kinds.FOLDER, work_kinds.WORKSPACES):
        assert (kind.finds("a"), kind.finds(".docx")) == (True, False)


async def test_lists_in_one_piece() -> None:
    servers = Both()
    assert await work_kinds.DOCUMENT.whole(servers, Location("document", "D", "A!1.1")) == [paper()]
    assert servers.work.asked == [("document", "A!1.1")]
    for found in (
        await work_kinds.FAVORITES.whole(servers, HERE),
        await work_kinds.FAVORITES.branches(servers, HERE),
    ):
        assert [part.id for part in found] == ["A!1"]
    assert await kinds.NOWHERE.whole(servers, HERE) == await kinds.NOWHERE.branches(servers, HERE) == []
    assert work_kinds.FOLDER.location_of(paper()) is None


# ---------------------------------------------------------------- this machine


def entry(name: str, *, folder: bool = False, usable: bool = True) -> Entry:
    entry: Any = SimpleNamespace(
        name=name, path=Path("/x") / name, is_folder=folder, usable=usable, size=5, modified=NOW
    )
    return entry


def test_rows_of_files() -> None:
    assert LOCAL.row(entry("a"), NOW) == Row("/x/a", ("a", "5 B", NOW), data=LOCAL.row(entry("a"), NOW).data)
    broken = LOCAL.row(entry("a", usable=False), NOW)
    assert (broken.tone, broken.selectable) == ("dim", False)
    inner = LOCAL.row(entry("b", folder=True, usable=False), NOW)
    assert (inner.cells, inner.tone, inner.selectable) == ((("▸ b", "accent"), "", NOW), "", False)
    assert LOCAL.location_of(entry("a")) is None
    assert LOCAL.location_of(entry("b", folder=True)) == Location("local", "b", "/x/b")


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


# ---------------------------------------------------------------- kinds


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
        "name", "-downloads", "expires_at", "-sent_at", "-name", "downloads", "-expires_at", "sent_at",
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

    in_library = ["checked_out", "folder", "found", "worklist", "workspace"]
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


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize("kind", kinds.KINDS.values(), ids=lambda kind: kind.name or "nowhere")
def test_the_columns_of_a_kind(kind: LocationKind) -> None:
    """Columns are left out one by one if there is no room, but never the name; each has room for its title."""
    ranks = sorted(column.rank for column in kind.columns)
    narrow = sorted(column.narrow_rank for column in kind.columns if column.narrow_rank)
    assert ranks[0] == 0
    assert kind.columns[0].rank == 0
    assert sorted([*ranks[1:], *narrow]) == list(range(1, len(ranks) + len(narrow)))
    assert (kind.columns[0].name, kind.columns[0].width, kind.columns[0].flex > 0) == (
        True,
        rows.NAME_WIDTH,
        True,
    )
    assert all(column.width >= len(column.title) for column in kind.columns)
    assert all(column.width == 16 for column in kind.columns if column.moment)
    assert (Column("T", 5).flex, Column("T", 5).words, Column("T", 5).rank) == (0, 0, 0)
    assert (Column("T", 5).narrow, Column("T", 5).narrow_rank) == (0, 0)
    for item in ITEMS.get(kind.name, []):
        row = kind.row(item, NOW)
        assert row is not None
        assert len(row.cells) == len(kind.columns)


#: Items of each kind whose rows have a cell for every column.
ITEMS: dict[str, list[Any]] = {
    "sent": [sent()], "share": [folder()], "trash": [sent(deleted_at=NOW)], "worklist": [paper()],
    "checked_out": [paper()], "found": [paper()], "workspaces": [container()], "local": [entry("a")],
}  # fmt: skip


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
