"""The pages of each kind of location: what the servers are asked for, and in which order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.app.items import container, folder, paper, sent
from tui.locations import kinds, share_kinds, work_kinds, work_sources
from tui.locations.kind import BRANCHES, PAGE
from tui.locations.location import Location
from tui.locations.rows import Row
from tui.wire import folders, share


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
        self.known: folders.Folder | None = None

    async def load_folders(self) -> list[folders.Folder]:
        self.loaded += 1
        return [folder()]

    def folder(self, location: Location | None) -> folders.Folder | None:
        return self.known

    @property
    def favorites(self) -> Both:
        return self

    async def locations(self) -> list[Location]:
        return [Location("folder", "F", "A!1", "A!2")]


HERE = Location("sent", "F", "f1")

# ---------------------------------------------------------------- names


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


@pytest.mark.parametrize("name", ["of*.Docx", "the of*.Docx", "o f .docx"])
async def test_the_extension_of_a_name_is_looked_for_here(name: str) -> None:
    """Whatever words come before."""
    items = [paper(), paper(extension="pdf"), container(name="x.docx")]
    source = work_sources.children(Work([(items, "more")]).client, "A!1", name, "-edited")
    page = await source(None)
    assert ([item.id for item in page.items], page.cursor) == (["ACTIVE!453.2", "A!1"], "more")


# ---------------------------------------------------------------- from the end


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


@pytest.mark.parametrize(
    ("order", "sort"), [("name", "-name"), ("-name", "name"), ("-edited", "-name"), ("edited", "-name")]
)
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


# ---------------------------------------------------------------- each kind


@pytest.mark.parametrize("more", [0, 1])
async def test_branches_end_after_so_many(more: int) -> None:
    """With the page that reaches that number, even if it goes beyond it."""
    many = [container(id=f"A!{number}") for number in range(BRANCHES // 2 + more)]
    for kind in (work_kinds.FOLDER, work_kinds.WORKSPACES):
        server = Work([([*many, paper()] if kind is work_kinds.FOLDER else many, "more")] * 3)
        servers: Any = SimpleNamespace(work=server)
        found = await kind.branches(servers, Location("folder", "F", "A!1"))
        assert (len(found), len(server.asked)) == (BRANCHES + 2 * more, 2)
        server = Work([(many, None)])
        found = await kind.branches(SimpleNamespace(work=server), Location("folder", "F", "A!1"))
        assert len(found) == BRANCHES // 2 + more


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
        ("documents", "f1", None, None, None, ""),
        ("documents", "f1", None, None, "sent_at", ""),
        ("documents", "f1", None, None, "-name", ""),
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
        (work_kinds.FOUND, "", ("find", "f1", "c", PAGE, False)),
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
