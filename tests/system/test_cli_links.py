"""Commands for what was sent: ``links``, ``unpublish``, ``delete``, ``trash``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.system.command import Client
from tests.system.links import UNKNOWN, Sent, fetch, works

# ---------------------------------------------------------------- links


def test_links_are_those_of_the_current_folder_the_latest_first(client: Client, sent: Sent) -> None:
    first, second = sent("first.txt"), sent("second.txt")
    # Only the send itself can tell.
    del second["changed_while_sent"]
    done = client("links", "--json")
    assert list(done.json) == ["documents"]
    assert [d["id"] for d in done.documents][:2] == [second["id"], first["id"]]
    assert done.documents[0] == second
    by_folder = client("links", "--folder", first["folder"]["id"], "--json")
    assert by_folder.documents == done.documents
    assert client("links", "--all", "--json").documents == done.documents


def test_whom_links_are_for(client: Client, sent: Sent) -> None:
    """``--to`` needs no e-mail; the addresses are kept with the links, and go into a later one."""
    anna, bob = "Anna Arp <anna@example.com>", "bob@example.com"
    document = sent("for.txt", "x", "--to", f"  {anna}", "--to", bob, "--to", "ANNA@example.com")
    assert document["recipients"] == [anna, bob]
    assert client("links", "--json").documents[0]["recipients"] == [anna, bob]
    (line,) = (each for each in client("links").out.splitlines() if "for.txt" in each)
    assert f"{anna}, {bob}" in line
    assert f"to {anna}, {bob}" in client("audit", document["id"]).out
    done = client("resend", document["id"], "--json", "--mail", "kept.eml")
    assert done.documents[0]["recipients"] == [anna, bob]
    assert f"To: {anna},\r\n {bob}\r\n" in (client.cwd / "kept.eml").read_bytes().decode()
    done = client("resend", document["id"], "--json", "--to", bob)
    assert done.documents[0]["recipients"] == [bob]
    events = client("audit", document["id"], "--json").json["events"]
    assert (events[0]["event"], events[0]["details"]["recipients"]) == ("resent", [bob])
    assert f"Sent again by DJONES to {bob}" in client("audit", document["id"]).out
    wrong = client("resend", document["id"], "--to", "bob")
    assert (wrong.status, wrong.err) == (
        2,
        "sentlinks: bob is not an e-mail address; write one like anna@example.com.\n",
    )


def test_links_as_a_table(client: Client, sent: Sent) -> None:
    document = sent("shown.txt", "x", "--downloads", "3", "--expires", "2d")
    fetch(document["url"])
    lines = client("links").out.splitlines()
    assert lines[0].split() == [
        "LINK",
        "NAME",
        "EXTERNAL",
        "DOWNLOADS",
        "EXPIRES",
        "PASSWORD",
        "SENT",
        "TO",
        "ID",
    ]
    row = next(line for line in lines if document["id"] in line)
    assert re.match(
        re.escape(document["url"]) + r" +shown\.txt +On +1 of 3 +\d+ \w+ 20\d\d \d\d:\d\d +no ", row
    )
    client("unpublish", document["id"])
    row = next(line for line in client("links").out.splitlines() if document["id"] in line)
    assert "Off · unpublished" in row


def test_links_of_nothing_are_an_empty_list(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    for arguments in (["links"], ["links", "--all"], ["trash", "list"]):
        done = client(*arguments, "--json")
        assert (done.status, done.json) == (0, {"documents": []})
    assert client("links").err == (
        "sentlinks: Nothing has been sent yet. To send a document: sentlinks send FILE\n"
    )
    assert client("links", "--all").err == client("links").err
    assert client("folders", "list", "--json").json == {"folders": []}
    assert client("favorites", "list", "--json").json == {"favorites": []}
    assert client("audit", "--json").json == {"events": []}


def test_links_of_what_was_deleted(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """It was sent, so that is not what is said of the empty list, even if it is gone for good."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    document = client("send", client.file("a.txt"), "--json").documents[0]
    client("delete", document["id"])
    for _ in range(2):
        here = "No sent documents here; --all looks in all your folders."
        assert client("links").err == f"sentlinks: {here}\n"
        everywhere = "All that was sent is deleted; what is still in the trash: sentlinks trash list"
        assert client("links", "--all").err == f"sentlinks: {everywhere}\n"
        client("trash", "empty", "--yes")
    client("folders", "delete", document["folder"]["id"], "--yes")
    assert client("links").err.startswith("sentlinks: No sent documents here")
    assert client("folders", "list").err == "sentlinks: No folders; a send makes one: sentlinks send FILE\n"


def test_links_of_an_unknown_folder(client: Client) -> None:
    for folder in (UNKNOWN, "../me", "\x1b[31m"):
        done = client("links", "--folder", folder, "--json")
        assert done.status == 5
        assert "\x1b" not in done.out + done.err
    assert client("links", "--folder", UNKNOWN, "--all").status == 2
    assert client("links", "--folder", "").status == 2


def test_more_links_than_a_page(client: Client, sent: Sent) -> None:
    names = [f"n{i}.txt" for i in range(120)]
    for name in names:
        client.file(name, name)
    done = client("send", *names, "--json")
    assert [d["name"] for d in done.documents] == names
    assert {d["id"] for d in done.documents} <= {d["id"] for d in client("links", "--json").documents}


# ---------------------------------------------------------------- unpublish, delete


def test_unpublish_stops_the_link_at_once_and_again_is_no_error(client: Client, sent: Sent) -> None:
    document = sent()
    for _ in range(2):
        done = client("unpublish", document["id"], "--json")
        assert done.status == 0
        assert (done.documents[0]["published"], done.documents[0]["reason"]) == (False, "by hand")
        assert done.documents[0]["status"] == "succeeded"
    assert not works(document)
    again = client("unpublish", document["id"])
    assert again.err == "sentlinks: a.txt: its link was off already.\n"
    document = sent()
    human = client("unpublish", document["id"])
    assert human.out == ""
    assert human.err.splitlines() == [
        "sentlinks: a.txt: its link no longer works.",
        f"sentlinks: sentlinks resend {document['id']} publishes it again, counting from 0.",
    ]


def test_delete_moves_to_the_trash_and_again_is_no_error(client: Client, sent: Sent) -> None:
    document = sent()
    for _ in range(2):
        done = client("delete", document["id"], "--json")
        assert done.status == 0
        assert done.documents[0]["reason"] == "by hand"
        assert done.documents[0]["deleted_at"]
    assert not works(document)
    assert document["id"] not in [d["id"] for d in client("links", "--all", "--json").documents]
    assert document["id"] in [d["id"] for d in client("trash", "list", "--json").documents]
    assert client("unpublish", document["id"]).status == 0
    assert client("resend", document["id"], "--json").status == 5
    assert client("get", document["id"], "--json").status == 5
    assert client("get", document["id"], "--output", "b.txt", "--json").status == 5
    assert not (client.cwd / "b.txt").exists()


@few(1)
@pytest.mark.parametrize("command", [["unpublish"], ["delete"], ["resend"], ["trash", "restore"]])
def test_some_ids_are_unknown(client: Client, sent: Sent, command: list[str]) -> None:
    """The known ones are processed; the exit status is 1 if some are unknown, 5 if all are."""
    document = sent()
    if command[0] == "trash":
        assert client("delete", document["id"]).status == 0
    done = client(*command, UNKNOWN, document["id"], "no id/../at\x1ball", "--json")
    assert done.status == 1
    assert [d["status"] for d in done.documents] == ["failed", "succeeded", "failed"]
    assert done.documents[0]["id"] == UNKNOWN
    assert set(done.documents[1]) <= set(done.documents[0]) | {"work_id", "deleted_at"}
    assert done.documents[0]["error"]["message"] in done.err
    assert "\x1b" not in done.err
    assert "error" not in done.json
    nothing = client(*command, UNKNOWN, "f" * 32, "--json")
    assert nothing.status == 5
    assert nothing.json["error"]["code"] == nothing.documents[0]["error"]["code"]
    assert client(*command, "--json").status == 2


# ---------------------------------------------------------------- trash


def test_restore_brings_it_back_unpublished(client: Client, sent: Sent) -> None:
    document = sent()
    client("delete", document["id"])
    done = client("trash", "restore", document["id"], "--json")
    assert done.status == 0
    assert (done.documents[0]["published"], done.documents[0]["deleted_at"]) == (False, None)
    assert not works(document)
    assert document["id"] in [d["id"] for d in client("links", "--json").documents]


@more
def test_empty_wants_yes_where_there_is_no_terminal(client: Client, sent: Sent) -> None:
    document = sent()
    client("delete", document["id"])
    refused = client("trash", "empty", "--json")
    assert (refused.status, refused.error) == (2, "yes.missing")
    done = client("trash", "empty", "--yes", "--json")
    assert done.status == 0
    assert set(done.json) == {"purged"}
    assert done.json["purged"] >= 1
    assert client("trash", "empty", "--yes", "--json").json == {"purged": 0}
    assert client("trash", "list", "--json").documents == []
    for command in (["trash", "restore"], ["unpublish"], ["delete"], ["resend"]):
        assert client(*command, document["id"], "--json").status == 5
    events = client("audit", document["id"], "--json").json["events"]
    assert events[0]["event"] == "purged"


def test_empty_asks_twice_on_a_terminal(client: Client, sent: Sent) -> None:
    """The questions say how many documents there are, and that it cannot be undone."""
    client("trash", "empty", "--yes")
    document = sent()
    for deleted in (document, sent()):
        client("delete", deleted["id"])
    command = ["trash", "empty"]
    for answers, status in ((["n"], 1), (["y", "n"], 1), (["y", "y"], 0)):
        with Sentlinks(command, client.environ, columns=120) as terminal:
            terminal.wait_for("Permanently remove 2 documents from the trash?")
            for answer, question in zip(answers, ("This cannot be undone", ""), strict=False):
                terminal.type(answer + "\r")
                if answer == "y":
                    terminal.wait_for(question)
            assert terminal.wait() == status
        left = [d["id"] for d in client("trash", "list", "--json").documents]
        assert (document["id"] in left) == (status == 1)
    with Sentlinks(command, client.environ, columns=120) as terminal:
        terminal.wait_for("The trash is empty.")
        assert terminal.wait() == 0
