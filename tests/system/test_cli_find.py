"""``sentlinks find``: documents of the library, those imported and those sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.work import Worker
from tests.system.command import Client, Done
from tests.system.importing import imported


@pytest.fixture(scope="module")
def library(server: ServerProcess) -> list[dict[str, Any]]:
    with Worker(server) as work:
        space = work.workspace("Findable")
        return [
            work.upload(space, "Pangolin charter", b"1", "docx", **{"class": "CHARTER"}),
            work.upload(space, "Pangolin lease \x1b[31m", b"2", author="ZOOKEEPER"),
            work.upload(space, "Lease of pangolins", b"3", "pdf"),
        ]


def found(done: Done) -> list[str]:
    assert done.status == 0, done.err
    assert list(done.json) == ["documents"]
    return [document["id"] for document in done.documents]


def test_find_by_name_number_author_and_class(client: Client, library: list[dict[str, Any]]) -> None:
    one, two, three = (paper["id"] for paper in library)
    for text, expected in (
        ("pangolin", [three, two, one]),
        ("PANGO lea", [three, two]),
        ("charter", [one]),
        ("zookeep", [two]),
        ("angolin", []),
        (f"pangolin {library[0]['document_number']}", [one]),
        (one, [one]),
        (one.rpartition(".")[0], [one]),
    ):
        assert found(client("find", text, "--json")) == expected
    shown = client("find", "pangolin charter", "--json").documents[0]
    assert {key: shown[key] for key in ("name", "extension", "class", "document_number")} == {
        "name": "Pangolin charter",
        "extension": "docx",
        "class": "CHARTER",
        "document_number": library[0]["document_number"],
    }


def test_find_in_words(client: Client, library: list[dict[str, Any]]) -> None:
    done = client("find", "pangolin")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "ID",
        *(p["id"] for p in reversed(library)),
    ]
    assert "\x1b" not in done.out
    assert done.err == ""
    assert client("find", "nothing-of-the-kind", "--sent").err == "sentlinks: Nothing found.\n"
    for text in (" ", "%", "[/]"):
        assert client("find", text).status == 2
    long = client("find", "x" * 2000)
    assert (long.status, long.err) == (2, "sentlinks: The search is too long; use fewer words.\n")


def test_find_shows_no_more_than_it_is_told_to(client: Client, library: list[dict[str, Any]]) -> None:
    done = client("find", "pangolin", "--limit", "2", "--json")
    assert found(done) == [library[2]["id"], library[1]["id"]]
    assert "More than 2 found" in done.err
    assert client("find", "pangolin", "--limit", "3", "--json").err == ""
    assert client("find", "pangolin", "--limit", "0").status == 2


@more
def test_find_finds_what_was_imported_and_what_was_sent(client: Client, tree: Path) -> None:
    client.file("tree/Quetzal.txt", "q")
    imported(client, tree, "Birds")
    assert len(found(client("find", "quetz", "--json"))) == 1
    client.file("Kestrel.pdf", "k")
    sent = client("send", "Kestrel.pdf", "--json").documents[0]
    assert found(client("find", "kestr", "--sent", "--json")) == [sent["work_id"]]


@more
def test_find_leaves_sent_copies_out_unless_asked(client: Client, tree: Path) -> None:
    """The copy is newer than the document; the limit counts what is shown."""
    client.file("tree/Wombat board.pdf", "w")
    imported(client, tree, "Marsupials")
    (original,) = found(client("find", "wombat", "--json"))
    client.file("Wombat board.pdf", "w")
    copy = client("send", "Wombat board.pdf", "--json").documents[0]["work_id"]
    assert found(client("find", "wombat", "--limit", "1", "--json")) == [original]
    done = client("find", "wombat", "--sent", "--json")
    assert [(each["id"], each.get("sent_copy")) for each in done.documents] == [
        (copy, True),
        (original, None),
    ]
    assert found(client("find", copy, "--json")) == [copy]
    lines = client("find", "wombat", "--sent").out.splitlines()
    assert [line.rstrip().endswith("a sent copy") for line in lines] == [False, True, False]
    assert client("find", "Kestr-nothing").err == (
        "sentlinks: Nothing found. With --sent, copies that were sent are found, too.\n"
    )
    assert client("find", "Kestr-nothing", "--sent").err == "sentlinks: Nothing found.\n"
