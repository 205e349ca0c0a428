"""``unlock`` and ``audit``: passwords that were guessed at a link, and all that happened to it."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.support.checks.long import more
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import guess, press
from tests.support.users.share import PASSWORD
from tests.system.command import Client
from tests.system.links import UNKNOWN, Sent


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
        assert "yes, 16 wrong passwords" in client("links").out
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
    # The table has the sentences of the app; only JSON has the events as they are stored.
    told = {re.split("  +", line, maxsplit=1)[1] for line in table.out.splitlines()}
    assert "Sent by DJONES from a local file: 1 download, with password" in told
    assert any(each.startswith("Downloaded with a program from 127.0.0.1, 1 of ") for each in told)
    assert not re.search(r"has_password|file:\w|downloads_", table.out)
    assert next(event["details"]["has_password"] for event in events if event["event"] == "published") is True
    lines = client("audit", document["id"], "--format", "jsonl").out.splitlines()
    assert len(lines) == len(events)
    sheet = client("audit", document["id"], "--format", "csv").out
    assert sheet.startswith("at,side,event,actor,address,agent,document,details,name,sentence\n")
    assert ",=cmd" not in sheet
    both = client("audit", document["id"], "--format", "csv", "--json")
    assert (both.status, both.json["error"]["message"]) == (
        2, "Give --json or --format, not both. See: sentlinks audit --help",
    )  # fmt: skip
    assert client("audit", UNKNOWN, "--json").status == 5


@more
def test_the_audit_of_all_documents_names_them(fresh_server: ServerProcess, tmp_path: Path) -> None:
    """It has the name in the table, unless all of it is about one document, and last in each row of a sheet."""
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    hostile = "b\u200f[red].txt"
    for name in ("a.txt", hostile):
        client.file(name)
    sent = client("send", "a.txt", hostile, "--password-stdin", "--json", given=PASSWORD).documents
    with fresh_server.guest() as guest:
        press(guest, sent[0], "wrong")
        press(guest, sent[1], PASSWORD)
    table = client("audit").out.splitlines()
    assert table[0].split() == ["AT", "WHAT", "DOCUMENT"]
    what, document = (table[0].index(heading) for heading in ("WHAT", "DOCUMENT"))
    named = {line[what:].split(" ")[0]: line[document:].split("  ")[0] for line in table}
    assert (named["Wrong"], named["Downloaded"]) == ("a.txt", "b\N{REPLACEMENT CHARACTER}[red].txt")
    assert "DOCUMENT" not in client("audit", sent[0]["id"]).out
    assert "DOCUMENT" not in client("audit", "--account").out
    rows = list(csv.DictReader(client("audit", "--format", "csv").out.splitlines()))
    assert {row["name"] for row in rows if row["event"] == "wrong password"} == {"a.txt"}
    assert list(rows[0])[-2:] == ["name", "sentence"]
    # Each filter takes the beginning of a kind, or a part of a name.
    for words, names in (
        ("kind:wrong", {"a.txt"}),
        ("by:127.0.0 kind:Downloaded", {hostile}),
        ("doc:A.TX password", {"a.txt"}),
    ):
        found = client("audit", "--filter", words, "--json").json["events"]
        assert found
        assert {event["name"] for event in found} == names
    unknown = client("audit", "--filter", "kind:foo")
    assert (unknown.status, unknown.out) == (2, "")
    assert unknown.err.startswith(
        "sentlinks: No kind of activity begins with “foo”. There are: sent, published, "
    )
    assert "…" not in unknown.err
    assert client("audit", "--filter", "kind:foo", "--json").status == 2
    mistyped = client("audit", "--filter", "kin:sent")
    assert (mistyped.status, mistyped.out) == (0, "")
    assert mistyped.err == (
        "sentlinks: No activity fits. There is no filter kin:, only kind:, by: and doc:. Did you mean 'kind:'?\n"
    )
    nothing = client("audit", "--filter", "by:nobody")
    assert (nothing.status, nothing.out, nothing.err) == (0, "", "sentlinks: No activity fits.\n")


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
