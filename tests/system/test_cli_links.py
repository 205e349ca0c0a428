"""Commands for what was sent: ``links``, ``unpublish``, ``delete``, ``resend``, ``get``, ``trash``, ``unlock``."""

from __future__ import annotations

import os
import re
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.test_unlock import guess
from tests.support.recipient import press
from tests.support.server import ServerProcess
from tests.support.share import PASSWORD
from tests.support.terminal import Terminal
from tests.system.command import SCRIPT, Client, Done

UNKNOWN = "0123456789abcdef" * 2
Sent = Callable[..., dict[str, Any]]


@pytest.fixture
def sent(client: Client) -> Sent:
    """Sends a small document with the given options, and returns it."""

    def send(name: str = "a.txt", content: str = "content", *options: str, given: str = "") -> dict[str, Any]:
        client.file(name, content)
        done = client("send", name, *options, "--json", given=given)
        assert done.status == 0, done.err
        return done.documents[0]

    return send


def post(url: str, **form: str) -> httpx.Response:
    with httpx.Client(trust_env=False, follow_redirects=True, timeout=30) as http:
        return http.post(url, data=form)


def works(document: dict[str, Any]) -> bool:
    return post(document["url"]).status_code == 200


def failed(done: Done) -> tuple[int, str]:
    """Status and error code of a command on one document, which must have failed as a whole."""
    assert done.documents[0]["status"] == "failed"
    assert done.documents[0]["error"] == done.json["error"]
    return done.status, done.json["error"]["code"]


# ---------------------------------------------------------------- links


def test_links_are_those_of_the_current_folder_the_latest_first(client: Client, sent: Sent) -> None:
    first, second = sent("first.txt"), sent("second.txt")
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
    assert f"recipients: {anna}, {bob}" in client("audit", document["id"]).out
    done = client("resend", document["id"], "--json", "--mail", "kept.eml")
    assert done.documents[0]["recipients"] == [anna, bob]
    assert f"To: {anna},\r\n {bob}\r\n" in (client.cwd / "kept.eml").read_bytes().decode()
    done = client("resend", document["id"], "--json", "--to", bob)
    assert done.documents[0]["recipients"] == [bob]
    events = client("audit", document["id"], "--json").json["events"]
    assert (events[0]["event"], events[0]["details"]) == ("recipients set", {"recipients": [bob]})
    wrong = client("resend", document["id"], "--to", "bob")
    assert (wrong.status, wrong.err) == (
        2,
        "sentlinks: bob is not an e-mail address; write one like anna@example.com.\n",
    )


def test_links_as_a_table(client: Client, sent: Sent) -> None:
    document = sent("shown.txt", "x", "--downloads", "3", "--expires", "2d")
    post(document["url"])
    lines = client("links").out.splitlines()
    assert lines[0].split() == [
        "NAME",
        "EXTERNAL",
        "DOWNLOADS",
        "EXPIRES",
        "PASSWORD",
        "SENT",
        "TO",
        "ID",
        "LINK",
    ]
    row = next(line for line in lines if document["id"] in line)
    assert re.match(r"shown\.txt +On +1 of 3 +20\d\d-\d\d-\d\d \d\d:\d\d +no ", row)
    client("unpublish", document["id"])
    row = next(line for line in client("links").out.splitlines() if document["id"] in line)
    assert "Off unpublished" in row


def test_links_of_nothing_are_an_empty_list(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    for arguments in (["links"], ["links", "--all"], ["trash", "list"]):
        done = client(*arguments, "--json")
        assert (done.status, done.json) == (0, {"documents": []})
    assert client("links").err == "sentlinks: Nothing has been sent yet.\n"
    assert client("folders", "list", "--json").json == {"folders": []}
    assert client("favorites", "list", "--json").json == {"favorites": []}
    assert client("audit", "--json").json == {"events": []}


def test_links_of_an_unknown_folder(client: Client) -> None:
    for folder in (UNKNOWN, "../me", "", "\x1b[31m"):
        done = client("links", "--folder", folder, "--json")
        assert done.status == 5
        assert "\x1b" not in done.out + done.err
    assert client("links", "--folder", UNKNOWN, "--all").status == 2


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
    human = client("unpublish", document["id"])
    assert (human.out, human.err) == ("", "sentlinks: a.txt: its link no longer works.\n")


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
    document = sent()
    client("delete", document["id"])
    command = [*SCRIPT, "trash", "empty"]
    for answers, status in ((["n"], 1), (["y", "n"], 1), (["y", "y"], 0)):
        with Terminal(command, client.environ, columns=120) as terminal:
            terminal.wait_for("in the trash?")
            for answer, question in zip(answers, ("Are you sure?", ""), strict=False):
                terminal.type(answer + "\r")
                if answer == "y":
                    terminal.wait_for(question)
            assert terminal.wait() == status
        left = [d["id"] for d in client("trash", "list", "--json").documents]
        assert (document["id"] in left) == (status == 1)


# ---------------------------------------------------------------- resend


def test_resend_keeps_what_is_left_out_and_counts_anew(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "content", "--downloads", "1", "--password-stdin", given="geheim-1")
    assert post(document["url"], password="geheim-1").status_code == 200
    assert post(document["url"], password="geheim-1").status_code == 404
    done = client("resend", document["id"], "--json")
    assert done.status == 0, done.err
    again = done.documents[0]
    assert (again["published"], again["downloads"], again["downloads_permitted"]) == (True, 0, 1)
    assert (again["has_password"], again["url"]) == (True, document["url"])
    assert post(document["url"], password="geheim-1").text == "content"


def test_resend_changes_and_removes(client: Client, sent: Sent) -> None:
    document = sent(
        "a.txt", "content", "--downloads", "1", "--expires", "1d", "--password-stdin", given="geheim-1"
    )
    changed = client(
        "resend",
        document["id"],
        "--downloads",
        "7",
        "--expires",
        "3d",
        "--password-stdin",
        "--json",
        given="neu-2\n",
    ).documents[0]
    assert changed["downloads_permitted"] == 7
    expires = [datetime.fromisoformat(d["expires_at"]) for d in (document, changed)]
    assert timedelta(days=2) <= expires[1] - expires[0] < timedelta(days=2, minutes=5)
    assert post(document["url"], password="geheim-1").status_code == 403
    assert post(document["url"], password="neu-2").status_code == 200
    removed = client(
        "resend", document["id"], "--no-downloads", "--no-expires", "--no-password", "--json"
    ).documents[0]
    assert (removed["downloads_permitted"], removed["expires_at"], removed["has_password"]) == (
        None,
        None,
        False,
    )
    assert post(document["url"]).text == "content"


def test_resend_to_a_new_address(client: Client, sent: Sent) -> None:
    document = sent()
    again = client("resend", document["id"], "--new-address")
    assert again.status == 0
    url = again.out.strip()
    assert url != document["url"]
    assert not works(document)
    assert post(url).text == "content"


def test_resend_with_a_password_that_is_made(client: Client, sent: Sent) -> None:
    document = sent()
    done = client("resend", document["id"], "--generate-password", "--json")
    assert list(done.json) == ["documents", "password"]
    assert post(document["url"], password=done.json["password"]).text == "content"


def test_resend_prints_links_in_the_order_given(client: Client, sent: Sent) -> None:
    one, two = sent("one.txt"), sent("two.txt")
    done = client("resend", two["id"], one["id"])
    assert done.out.split() == [two["url"], one["url"]]


def test_resend_of_what_is_past(client: Client, fresh_server: ServerProcess, tmp_path: Path) -> None:
    """Resending with an unchanged expiry that has passed is a wrong value."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("a.txt")
    document = client("send", "a.txt", "--expires", "1d", "--json").documents[0]
    fresh_server.turn_clock(2 * 86400)
    listed = client("links", "--json").documents[0]
    assert (listed["published"], listed["reason"]) == (False, "expired")
    assert failed(client("resend", document["id"], "--json"))[0] == 2
    assert client("resend", document["id"], "--expires", "1d", "--json").status == 0
    assert works(document)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--downloads", "0"], "0 downloads"),
        (["--expires", "2020-01-01"], "is in the past"),
        (["--password-stdin", "--no-password"], "not both"),
        (["--generate-password", "--no-password"], "not both"),
        (["--password-stdin"], "is empty"),
        (["--name", "x=y"], "--name"),
    ],
)
def test_resend_refuses(client: Client, sent: Sent, arguments: list[str], words: str) -> None:
    document = sent()
    done = client("resend", document["id"], *arguments)
    assert done.status == 2
    assert words in done.err
    assert works(document)


def test_resend_is_held_against_the_policy_of_today(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("a.txt")
    document = client("send", "a.txt", "--json").documents[0]
    client("policy", "set", "downloads_required=true")
    done = client("resend", document["id"], "--json")
    assert failed(done) == (3, "policy.downloads_required")
    assert client("resend", document["id"], "--downloads", "2").status == 0


# ---------------------------------------------------------------- get


def test_get_fetches_and_does_not_count(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "the content")
    place = client.cwd / "out"
    place.mkdir()
    done = client("get", document["id"], "--output", "out", "--json")
    assert done.status == 0, done.err
    assert done.documents[0]["path"] == str(place / "a.txt")
    assert done.documents[0]["id"] == document["id"]
    assert (place / "a.txt").read_text() == "the content"
    named = client("get", document["id"], "--output", "out/b.txt")
    assert named.out == "out/b.txt\n"
    assert sorted(os.listdir(place)) == ["a.txt", "b.txt"]
    assert client("links", "--json").documents[0]["downloads"] == 0


def test_get_writes_into_the_current_folder_and_never_over_a_file(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "sent")
    client.file("a.txt", "mine")
    (client.cwd / "link").symlink_to("nowhere")
    for arguments in ([], ["--output", "a.txt"], ["--output", "link"]):
        done = client("get", document["id"], *arguments, "--json")
        assert (done.status, done.error) == (2, "output.exists")
    assert (client.cwd / "a.txt").read_text() == "mine"
    assert not (client.cwd / "nowhere").exists()
    (client.cwd / "a.txt").unlink()
    assert client("get", document["id"]).out == "a.txt\n"
    assert (client.cwd / "a.txt").read_text() == "sent"


def test_get_writes_no_hidden_file(client: Client, sent: Sent) -> None:
    document = sent("profile", "alias ls=rm")
    renamed = client("send", "profile", "--name", "profile=.bash_profile", "--json").documents[0]
    for ident, name in ((document["id"], "profile"), (renamed["id"], "_bash_profile")):
        (client.cwd / "profile").unlink(missing_ok=True)
        assert client("get", ident).out == f"{name}\n"
        assert (client.cwd / name).stat().st_mode & 0o777 == 0o600
    assert not (client.cwd / ".bash_profile").exists()


def test_get_of_an_unpublished_document(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "x")
    client("unpublish", document["id"])
    assert client("get", document["id"], "--output", "b.txt").status == 0


def test_get_refuses(client: Client, sent: Sent) -> None:
    document = sent()
    for output in ("no/folder/x", "a.txt/x"):
        done = client("get", document["id"], "--output", output, "--json")
        assert (done.status, done.error) == (2, "output.folder")
    unknown = client("get", UNKNOWN, "--output", "y", "--json")
    assert unknown.status == 5
    assert unknown.error
    assert not (client.cwd / "y").exists()


def test_get_from_a_full_disk(client: Client, sent: Sent) -> None:
    """No partial file is left if the document does not fit."""
    import subprocess

    document = sent("large.bin", "x" * 300_000)
    code = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from tui.cli import main
sys.exit(main(["get", "{document["id"]}", "--output", "copy.bin", "--json"]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=client.cwd, capture_output=True, text=True,
        env={**os.environ, **client.environ}, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert os.listdir(client.cwd) == ["large.bin"]


# ---------------------------------------------------------------- unlock, audit


def test_unlock_and_again(client: Client, sent: Sent) -> None:
    document = sent()
    for _ in range(2):
        done = client("unlock", document["id"], "--json")
        assert (done.status, done.documents[0]["locked"]) == (0, False)
    assert client("unlock", UNKNOWN, "--json").status == 5


def test_unlocking_lifts_the_waits_of_whoever_guessed(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """L6: even if the link was never locked."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("a.txt")
    document = client("send", "a.txt", "--password-stdin", "--json", given=PASSWORD).documents[0]
    assert (document["locked"], document["throttled"]) == (False, False)
    with fresh_server.guest() as guest:
        guess(fresh_server, guest, document, 15)
        assert press(guest, document, PASSWORD).status_code == 429
        assert client("links", "--json").documents[0]["throttled"]
        assert "yes, slowed" in client("links").out
        done = client("unlock", document["id"])
        assert (done.status, done.out) == (0, "")
        assert "its recipients can try passwords again" in done.err
        assert press(guest, document, PASSWORD).status_code == 303
    unlocked = client("unlock", document["id"], "--json").documents[0]
    assert (unlocked["throttled"], unlocked["downloads"]) == (False, 1)
    names = [event["event"] for event in client("audit", document["id"], "--json").json["events"]]
    assert names.count("unlocked") == 1


def test_the_audit_of_a_document_is_one_timeline(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "x", "--downloads", "1", "--password-stdin", given="geheim-1")
    with httpx.Client(trust_env=False, headers={"User-Agent": "=cmd()"}, follow_redirects=True) as http:
        http.post(document["url"], data={"password": "falsch"})
        http.post(document["url"], data={"password": "geheim-1"})
    client("resend", document["id"])
    client("delete", document["id"])
    done = client("audit", document["id"], "--json")
    events = done.json["events"]
    for event in events:
        assert {"id", "at", "side", "event", "actor", "address", "agent", "details"} <= set(event)
    names = [event["event"] for event in reversed(events)]
    for name in ("sent", "published", "wrong password", "downloaded", "limit reached", "resent", "deleted"):
        assert name in names
    assert names.index("sent") < names.index("downloaded") < names.index("resent") < names.index("deleted")
    assert "geheim" not in done.out
    everything = client("audit", "--json").json["events"]
    assert {event["id"] for event in events} <= {event["id"] for event in everything}
    table = client("audit", document["id"])
    assert "\x1b" not in table.out
    lines = client("audit", document["id"], "--format", "jsonl").out.splitlines()
    assert len(lines) == len(events)
    sheet = client("audit", document["id"], "--format", "csv").out
    assert sheet.startswith("at,side,event,actor,address,agent,document,details\n")
    assert ",=cmd" not in sheet
    assert client("audit", UNKNOWN, "--json").status == 5


def test_the_audit_is_proved_and_a_broken_row_is_named(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """A row rewritten behind the program's back is found by verifying its document or the whole audit."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("a.txt")
    first, second = (client("send", "a.txt", "--json").documents[0]["id"] for _ in range(2))
    whole = client("audit", "--verify", "--json")
    assert (whole.status, whole.json["verified"]["broken"]) == (0, None)
    assert whole.json["verified"]["rows"] >= 4
    assert "is intact" in client("audit", first, "--verify").err
    with closing(sqlite3.connect(fresh_server.data / "sentlinks.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        changed = database.execute(
            "UPDATE audit SET actor = 'NOBODY' WHERE subject = ? AND sequence = 2", [f"document:{second}"]
        )
        assert changed.rowcount == 1
        database.commit()
    for arguments in ([], [second]):
        broken = client("audit", *arguments, "--verify", "--json")
        assert broken.status == 1
        found = broken.json["verified"]["broken"]
        assert (found["subject"], found["sequence"]) == (f"document:{second}", 2)
        assert f"broken at row 2 of document:{second}" in broken.err
    assert client("audit", first, "--verify").status == 0
    assert client("audit", UNKNOWN, "--verify", "--json").status == 5
