"""Ids given as their first digits, and documents of Work in both spellings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.intruder import tamper
from tests.support.servers.server import ServerProcess
from tests.system.command import Client, Done
from tests.system.links import UNKNOWN, Sent, fetch, works


def same_beginning(server: ServerProcess, *documents: dict[str, Any]) -> str:
    """Gives documents ids that begin alike, which chance never does. Returns the first eight digits."""
    beginning = documents[0]["id"][:8]
    for document in documents[1:]:
        ident = beginning + document["id"][8:]
        tamper(server, f"UPDATE sent_documents SET id = '{ident}' WHERE id = '{document['id']}'")
    return str(beginning)


def test_six_digits_are_enough(client: Client, sent: Sent) -> None:
    document = sent("short.txt", "content")
    ident, short = document["id"], document["id"][:6]

    def one(*words: str) -> dict[str, Any]:
        done = client(*words, "--json")
        assert (done.status, done.documents[0]["id"]) == (0, ident), done.err
        return done.documents[0]

    assert Path(one("get", short, "--output", "copy.txt")["path"]).read_text() == "content"
    assert one("unpublish", short)["published"] is False
    assert one("resend", short.upper(), "--downloads", "3")["downloads_permitted"] == 3
    assert one("resend", ident[:31], "--no-downloads")["published"]
    assert one("unlock", short)
    assert client("audit", short, "--json").json == client("audit", ident, "--json").json
    assert client("audit", short, "--verify").status == 0
    assert client("mail", short, "--mail", "short.eml").status == 0
    one("delete", short)
    one("trash", "restore", short)


def test_too_few_or_unknown_digits_are_nobodys(client: Client, sent: Sent) -> None:
    document = sent()
    for wrong in (document["id"][:5], UNKNOWN[:6], UNKNOWN[:8] + "-", "'"):
        done = client("unpublish", wrong, "--json")
        assert done.status == 5, wrong
    done = client("unpublish", document["id"][:6], UNKNOWN[:6], "--json")
    assert (done.status, [each["status"] for each in done.documents]) == (1, ["succeeded", "failed"])


def test_what_fits_several_is_listed_and_nothing_is_done(
    client: Client, sent: Sent, server: ServerProcess
) -> None:
    first, second, third = sent("first.txt"), sent("second.txt"), sent("third.txt")
    beginning = same_beginning(server, first, second)
    done = client("unpublish", third["id"], beginning, "--json")
    assert (done.status, done.error) == (2, "id.ambiguous")
    for name in ("first.txt", "second.txt"):
        assert name in done.err
    assert works(third)
    longer = next(n for n in range(9, 32) if first["id"][8:n] != second["id"][8:n])
    assert client("unpublish", first["id"][:longer]).status == 0
    assert not works(first)


def test_folders_favorites_and_sessions(client: Client, sent: Sent, anna: Client) -> None:
    folder = sent()["folder"]["id"]
    assert client("links", "--folder", folder[:6], "--json").documents
    assert client("folders", "members", folder[:6], "--add", anna.environ["NAME"]).status == 0
    # A folder that one is only a member of isn't one's own.
    assert anna("links", "--folder", folder, "--json").status == 0
    assert anna("links", "--folder", folder[:6], "--json").status == 5
    client("favorites", "remove", client("favorites", "list", "--json").json["favorites"][0]["id"])
    added = client("favorites", "add", folder[:6], "--json").json["favorites"][0]
    assert client("favorites", "rename", added["id"], "Board", "--json").status == 0
    (session,) = anna("sessions", "list", "--json").json["sessions"]
    assert anna("sessions", "revoke", session["id"][:6]).status == 0
    assert anna("whoami").status == 4
    assert client("folders", "delete", folder[:7], "--yes").status == 0


# ---------------------------------------------------------------- documents of Work


@pytest.fixture
def letter(client: Client, tmp_path: Path) -> str:
    """The number of a document in the library."""
    folder = tmp_path / "matter"
    folder.mkdir()
    (folder / "Letter.txt").write_text("letter")
    assert client("import", folder, "--workspace", f"Spelled {tmp_path.name}").status == 0
    found = client("find", "Letter", "--json").documents[0]
    return str(found["id"].partition("!")[2].partition(".")[0])


def test_a_colon_does_for_the_mark_that_shells_mind(client: Client, letter: str) -> None:
    sent = client(
        "send", f"ACTIVE:{letter}", f"ACTIVE:{letter}.1", "--name", f"ACTIVE:{letter}.1=Two", "--json"
    )
    assert [each["source"] for each in sent.documents] == [f"ACTIVE!{letter}.1"] * 2
    assert sent.documents[1]["name"] == "Two.txt"
    assert fetch(sent.documents[0]["url"]).text == "letter"
    assert [d["id"] for d in client("find", f"ACTIVE:{letter}", "--json").documents] == [f"ACTIVE!{letter}.1"]
    assert client("find", f"Case:{letter}", "--json").documents == []

    def ids(done: Done) -> list[str]:
        return [each["id"] for each in done.documents]

    assert ids(client("checkout", f"ACTIVE:{letter}", "--output", "out.txt", "--json")) == [
        f"ACTIVE!{letter}.1"
    ]
    assert ids(client("checkin", f"ACTIVE:{letter}.1", "out.txt", "--json")) == [f"ACTIVE!{letter}.2"]
    # A bare number does where a command reads from Work.
    assert ids(client("checkout", letter, "--output", "again.txt", "--json")) == [f"ACTIVE!{letter}.2"]
    assert ids(client("release", f"ACTIVE:{letter}.2", "--json")) == [f"ACTIVE!{letter}.2"]
    assert f"ACTIVE!{letter}.2" in ids(client("find", letter, "--json"))


def test_a_file_of_that_spelling_wins_and_a_number_is_a_file(client: Client, letter: str) -> None:
    client.file(f"ACTIVE:{letter}", "a file")
    sent = client("send", f"ACTIVE:{letter}", "--json")
    assert sent.documents[0]["source"] == f"file:ACTIVE:{letter}"
    missing = client("send", letter, "--json")
    assert missing.status == 2
    assert client("send", "ACTIVE:999999", "--json").status == 5
