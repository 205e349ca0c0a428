"""The full-text search: which words find a document, in which order, and that every change takes effect at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.support.checks.derived_data import check_kept
from tests.support.checks.effort import Effort
from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.support.users.work import Worker, add_person, kind
from tui.server.database.tables import users
from tui.server.installation.installation import open_context
from tui.server.library.batch import Batch
from tui.server.library.lookup import FEW_RULES
from tui.server.library.model import Actor, NewVersion
from tui.server.library.name_match import Words, terms_of
from tui.server.library.rights import Level

# ---------------------------------------------------------------- the index on its own

_TEXT = st.text(alphabet="abAß é_-1 .契約書の-*", max_size=24)


@given(st.lists(_TEXT, max_size=3), _TEXT)
def test_what_is_found_is_in_the_index(texts: list[str], asked: str) -> None:
    """Whatever the words match has their terms; if the words are exact, the reverse holds too."""
    words, terms = Words(asked, beginnings=True), terms_of(texts)
    looked_up = all(any(term.startswith(start) for term in terms) for start in words.terms)
    if words.found_in(texts):
        assert looked_up
    if words.exact and words:
        assert words.found_in(texts) == looked_up


@pytest.mark.parametrize(
    ("asked", "terms", "exact"),
    [
        ("warrant", ["warrant"], True),
        ("warranty", ["warranty"], True),
        ("warranties", ["warranti"], False),
        ("Share Purch", ["share", "purch"], True),
        ("w*", ["w"], True),
        ("w*ty", ["w"], False),
        ("*ty", [], False),
        ("契約", ["契約"], True),
        ("A契約", ["契約"], False),
        ("4711", ["4711"], True),
    ],
)
def test_what_words_are_looked_up_by(asked: str, terms: list[str], exact: bool) -> None:
    words = Words(asked, beginnings=True)
    assert (words.terms, words.exact) == (terms, exact)


# ---------------------------------------------------------------- over HTTP


@pytest.fixture(scope="module")
def work(server: ServerProcess) -> Iterator[Worker]:
    with Worker(server) as worker:
        yield worker
    check_kept(server)


def found(worker: Worker, text: str, **params: Any) -> list[str]:
    """The names of the documents found, in order."""
    return [item["name"] for item in worker.items("documents", anywhere=text, **params)]


@pytest.fixture(scope="module")
def library(work: Worker) -> dict[str, dict[str, Any]]:
    space = work.workspace("Words")
    documents: tuple[tuple[str, dict[str, Any]], ...] = (
        ("Confidentiality Undertaking", {"author": "QUIMBY", "class": "UNDERTAKING"}),
        ("Confidential Memo", {"class": "MEMO", "extension": "docx"}),
        ("Zebra crossing", {"comment": "striped"}),
        ("秘密保持契約書 2024", {}),
        ("under_score", {}),
    )
    return {name: work.upload(space, name, **more) for name, more in documents}


@few(8)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("confidentiality", ["Confidentiality Undertaking"]),
        ("confidential", ["Confidential Memo", "Confidentiality Undertaking"]),
        ("confidentialx", []),
        ("CONFID memo", ["Confidential Memo"]),
        ("undertak", ["Confidentiality Undertaking"]),
        ("quimb", ["Confidentiality Undertaking"]),
        ("memo docx", ["Confidential Memo"]),
        ("z", ["Zebra crossing"]),
        ("zebr stri", ["Zebra crossing"]),
        ("契約", ["秘密保持契約書 2024"]),
        ("持契約書", ["秘密保持契約書 2024"]),
        ("2024", ["秘密保持契約書 2024"]),
        ("under_s", ["under_score"]),
        ("score", []),
        ("z*ra", ["Zebra crossing"]),
        ("*bra", ["Zebra crossing"]),
        ('"zebra" OR', []),
        ("zebra NOT crossing", []),
        ("zebra*)", ["Zebra crossing"]),
    ],
)
def test_words_and_beginnings_of_words(
    work: Worker, library: dict[str, dict[str, Any]], text: str, expected: list[str]
) -> None:
    assert found(work, text) == expected
    answer = work.get("documents", anywhere=text, total="true", limit=1)
    assert answer["total_count"] == len(expected)


def test_a_number_finds_its_document(work: Worker, library: dict[str, dict[str, Any]]) -> None:
    for paper in library.values():
        number = str(paper["document_number"])
        assert paper["name"] in found(work, number)
        assert [d["id"] for d in work.items("documents", document_number=number)] == [paper["id"]]


def test_a_full_name_finds_its_author(sample_server: ServerProcess) -> None:
    with Worker(sample_server) as sample:
        by_name = sample.items("documents", anywhere="keller")
        assert by_name
        assert {item["author"] for item in by_name} == {"MKELLER"}
    check_kept(sample_server)


def test_what_was_edited_last_comes_first(fresh_server: ServerProcess) -> None:
    with Worker(fresh_server) as work:
        space = work.workspace("W")
        papers = [work.upload(space, f"Turn {name}") for name in "abc"]
        assert found(work, "turn") == ["Turn c", "Turn b", "Turn a"]
        work.new_version(papers[0]["id"], "Turn a")
        assert found(work, "turn") == ["Turn a", "Turn c", "Turn b"]
        # A clock that goes back, and one that stands still: nothing is lost, and nothing appears twice.
        fresh_server.turn_clock(-3600)
        assert work.upload(space, "Turn past")["name"] == "Turn past"
        assert found(work, "turn") == ["Turn a", "Turn c", "Turn b", "Turn past"]
        for limit in (1, 2, 3):
            pages = work.pages("documents", anywhere="turn", limit=limit)
            assert [i["name"] for page in pages for i in page] == found(work, "turn")
            assert found(work, "turn", limit=limit, offset=2) == found(work, "turn")[2 : 2 + limit]
    check_kept(fresh_server)


def test_a_clock_that_stands_still(tmp_path: Any) -> None:
    with ServerProcess(tmp_path / "data", stands_at="2026-01-02T03:04:05+00:00") as server:
        with Worker(server) as work:
            space = work.workspace("W")
            names = [f"Same {number}" for number in range(12)]
            papers = [work.upload(space, name) for name in names]
            work.new_version(papers[3]["id"], "Same 3")
            assert sorted(found(work, "same")) == sorted(names)
        check_kept(server)


def test_a_change_is_in_it_at_once(work: Worker) -> None:
    space = work.workspace("Changing")
    paper = work.upload(space, "Alpaca", comment="woolly")
    assert found(work, "alpac wool") == ["Alpaca"]
    work.request("PATCH", f"documents/{paper['id']}", json={"name": "Vicuna"}).raise_for_status()
    assert found(work, "alpaca") == []
    assert found(work, "vicu wool") == ["Vicuna"]
    work.new_version(paper["id"], "Guanaco")
    assert found(work, "vicuna") == []
    assert found(work, "guanaco") == ["Guanaco"]
    work.request("DELETE", f"documents/{paper['id'].rpartition('.')[0]}.2").raise_for_status()
    assert found(work, "guanaco") == []
    assert found(work, "vicuna") == ["Vicuna"]
    work.request("DELETE", f"documents/{paper['id']}").raise_for_status()
    assert found(work, "vicuna") == []
    restored = work.request("POST", f"trash-bin/documents/{paper['id']}/restore", json={})
    assert restored.status_code == 200
    assert found(work, "vicuna") == ["Vicuna"]


def test_who_may_not_see_it_does_not_find_it(work: Worker, other: Worker) -> None:
    space = work.workspace("Seen")
    folder = work.folder(space, "F")
    paper = work.upload(folder, "Okapi")
    assert found(other, "okapi") == ["Okapi"]
    for path, body in (
        (f"documents/{paper['id']}", {"default_security": "private"}),
        (f"documents/{paper['id']}", {"default_security": "view"}),
        (f"documents/{paper['id']}", {"default_security": "inherit"}),
        (f"folders/{folder}", {"default_security": "private"}),
        (f"folders/{folder}", {"default_security": "inherit"}),
        (f"workspaces/{space}", {"default_security": "private"}),
        (f"workspaces/{space}", {"user_trustees": [{"id": "BSMITH", "access_level": "read"}]}),
        (f"workspaces/{space}", {"user_trustees": []}),
        (f"workspaces/{space}", {"default_security": "public"}),
    ):
        work.request("PATCH", path, json=body).raise_for_status()
        seen = other.request("GET", f"documents/{paper['id']}").status_code == 200
        assert (found(other, "okapi") == ["Okapi"]) is seen
        assert found(work, "okapi") == ["Okapi"]
    assert seen


def test_many_rules_find_the_same(fresh_server: ServerProcess) -> None:
    """With few rules, each of them is looked up; with many, everything is scanned."""
    with Worker(fresh_server) as work, Worker(fresh_server, add_person(fresh_server, "BSMITH")) as other:
        space = work.workspace("W", default_security="private")
        mine = work.workspace("Mine", default_security="private")
        trustee = [{"id": "BSMITH", "access_level": "read"}]
        for number in range(3):
            security: dict[str, Any] = {"default_security": "private", "user_trustees": trustee}
            work.upload(space, f"Given {number}", **security)
        work.upload(mine, "Given not")
        _finds_what_was_given(other, 3, pages_of=1)
        assert len(found(work, "giv")) == 4
        asyncio.run(_give(fresh_server, range(3, FEW_RULES + 1)))
        _finds_what_was_given(other, FEW_RULES + 1, pages_of=25)
        assert len(found(work, "giv")) == FEW_RULES + 2
    check_kept(fresh_server)


def _finds_what_was_given(other: Worker, rules: int, *, pages_of: int) -> None:
    expected = [f"Given {number}" for number in reversed(range(rules))]
    assert found(other, "giv") == expected
    assert found(other, "nothing") == []
    assert [i["name"] for i in other.items("documents")] == expected
    assert other.get("documents", anywhere="giv", total="true")["total_count"] == rules
    assert other.get("documents", total="true")["total_count"] == rules
    pages = other.pages("documents", anywhere="giv", limit=pages_of)
    assert [i["name"] for page in pages for i in page] == expected


async def _give(server: ServerProcess, numbers: Iterable[int]) -> None:
    """Adds documents that another user may read, each by a rule of its own."""
    context = await open_context(server.settings)
    try:
        async with context.database.write() as connection:
            rows = await connection.execute(select(users.c.name, users.c.id))
            ids = {row.name: row.id for row in rows}
            owner, trustees = Actor(ids["DJONES"], "DJONES"), {ids["BSMITH"]: Level.READ}
            batch = Batch(context, connection, len(ids))
            space = await batch.workspace(owner, "More", security="private")
            for number in numbers:
                at = context.clock()
                said = (f"Given {number}", "txt", "ANSI", "DOC", "X", "X", 0, "0" * 64, f"{number:032x}")
                version = NewVersion(*said, at, at)
                await batch.document(space, owner, [version], security="private", trustees=trustees)
            await batch.write()
    finally:
        await context.close()


def test_sent_documents_are_found_by_who_may_see_them(fresh_server: ServerProcess) -> None:
    with Sender(fresh_server) as sender, Worker(fresh_server) as work:
        sent = sender.send("Aardvark.pdf", b"the offer")
        assert found(work, "aardv") == ["Aardvark"]
        sender.delete(f"/documents/{sent['id']}")
        assert found(work, "aardv") == []
        sender.post(f"/trash/{sent['id']}/restore")
        assert found(work, "aardv") == ["Aardvark"]
        check_kept(fresh_server)
        sender.delete(f"/documents/{sent['id']}")
        sender.post("/trash/empty")
        assert found(work, "aardv") == []
    check_kept(fresh_server)


def test_other_filters_in_addition_to_words(work: Worker) -> None:
    space = work.workspace("Beside")
    inner = work.folder(space, "Inner")
    one = work.upload(space, "Walrus one", **kind("MEMO"))
    two = work.upload(inner, "Walrus two", author="BSMITH", extension="pdf")
    work.request("POST", f"documents/{two['id']}/lock").raise_for_status()

    def ids(**params: Any) -> list[str]:
        answer = work.get("documents", total="true", **params)
        assert answer["total_count"] == len(answer["data"]["results"])
        return [item["id"] for item in answer["data"]["results"]]

    both = [two["id"], one["id"]]
    assert ids(anywhere="walrus") == both
    assert ids(anywhere="walrus", container_id=space) == [one["id"]]
    assert ids(anywhere="walrus", container_id=space, include_subtree="true") == both
    assert ids(anywhere="walrus", container_id=inner) == [two["id"]]
    assert ids(name="walrus", author="BSMITH") == [two["id"]]
    assert ids(name="walrus", **kind("MEMO")) == [one["id"]]
    assert ids(name="walrus", checked_out="true") == [two["id"]]
    assert ids(name="walrus", checked_out="false") == [one["id"]]
    assert ids(in_use_by="DJONES", anywhere="walr") == [two["id"]]
    assert ids(in_use_by="NOBODY") == []
    assert ids(name="walrus memo") == []
    assert ids(name="walrus", type="ACROBAT") == [two["id"]]
    number = two["document_number"]
    assert ids(anywhere="walrus", document_number=number) == [two["id"]]
    assert ids(anywhere="zebra", document_number=number) == []
    posted = work.request(
        "POST", "documents/search", json={"limit": 1, "filters": {"anywhere": "walrus"}}
    ).json()
    assert [item["id"] for item in posted["data"]] == [two["id"]]
    assert posted["overflow"] is True


def test_an_answer_costs_no_more_for_words_that_all_have(tmp_path: Path) -> None:
    """A word that many documents have is found by index: it costs what a rare one costs."""
    effort = Effort(tmp_path / "work")
    with ServerProcess(tmp_path / "data", arguments=effort.arguments) as server, Worker(server) as work:
        space = work.workspace("W")
        for number in range(80):
            work.upload(space, f"Common {number}", b"")
        work.upload(space, "Rare", b"")
        rare = effort.steps(lambda: found(work, "rare", limit=1))
        assert 0 < effort.steps(lambda: found(work, "comm", limit=1)) < rare * 2
