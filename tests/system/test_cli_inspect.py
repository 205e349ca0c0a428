"""``sentlinks inspect``, and ``send --carries``."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

import pytest

from tests.support.carried.office import core, docx, paragraph
from tests.support.carried.office import run as text_run
from tests.support.checks.long import few, some
from tests.support.servers.server import ServerProcess
from tests.system.command import Client, run

CHANGED = docx(paragraph('<w:ins w:id="1" w:author="Ann\u202e">', text_run("secret words"), "</w:ins>"))
FACTS = docx(paragraph(text_run("a")), {"docProps/core.xml": core(dc__creator="Ann&#x85;Arp")})
PLAIN = docx(paragraph(text_run("a")))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (
        ("changed.docx", CHANGED),
        ("facts.docx", FACTS),
        ("plain.docx", PLAIN),
        ("a.zip", b"PK\3\4x"),
    ):
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_what_is_found_is_shown(folder: Path) -> None:
    done = run("inspect", "changed.docx", "facts.docx", "plain.docx", cwd=folder)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "changed.docx",
        "  ! 1 tracked change             Ann\ufffd; body",
        "facts.docx",
        "    1 author                     Ann\ufffdArp",
        "plain.docx",
        "    nothing found",
    ]
    assert "secret" not in done.out


def test_json_has_all_of_it(folder: Path) -> None:
    done = run("inspect", "changed.docx", str(folder / "plain.docx"), "--json", cwd=folder)
    assert (done.status, done.err) == (0, "")
    changed, plain = done.documents
    assert changed | {"ms": 0} == {
        "id": "file:changed.docx", "name": "changed.docx", "file": "changed.docx", "size": len(CHANGED),
        "sha256": hashlib.sha256(CHANGED).hexdigest(), "status": "succeeded", "error": None, "ms": 0,
        "looked": "whole", "reason": None, "not_looked_at": [],
        "findings": [
            {
                "kind": "tracked_changes", "class": "warn", "count": 1, "certain": True, "who": ["Ann\ufffd"],
                "where": ["body"],
            }
        ],
    }  # fmt: skip
    assert (plain["file"], plain["looked"], plain["findings"]) == (str(folder / "plain.docx"), "whole", [])


def test_what_was_not_looked_into_is_said_and_fails(folder: Path) -> None:
    done = run("inspect", "a.zip", "plain.docx", cwd=folder)
    assert done.status == 1
    assert done.out.splitlines()[:2] == [
        "a.zip",
        "  not looked into: It is damaged, or not what its name says.",
    ]
    (document, _) = run("inspect", "a.zip", "plain.docx", "--json", cwd=folder).documents
    assert (document["status"], document["looked"], document["reason"]) == ("failed", "not", "damaged")
    assert document["error"]["code"] == "carries.damaged"


@few(2)
@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--fail-on", "tracked_changes"], 3),
        (["--fail-on", "comments, tracked_changes"], 3),
        (["--fail-on", "comments", "--fail-on=tracked_changes"], 3),
        (["--fail-on", "comments,macros"], 0),
        (["--fail-on", "author"], 3),
        (["--fail-on", "author", "a.zip"], 3),
        (["--fail-on", "macros", "a.zip"], 1),
    ],
)
def test_kinds_to_fail_on(folder: Path, options: list[str], status: int) -> None:
    assert run("inspect", "plain.docx", "changed.docx", "facts.docx", *options, cwd=folder).status == status


@few(1)
@pytest.mark.parametrize("kinds", ["comment", "", ",", "comments,", "Comments"])
def test_an_unknown_kind_is_refused_before_anything(folder: Path, kinds: str) -> None:
    done = run("inspect", "plain.docx", "--fail-on", kinds, "--json", cwd=folder)
    assert (done.status, done.error) == (2, "kind.unknown")
    if kinds == "comment":
        assert "comments" in done.err


def test_a_file_that_is_missing_is_said_before_anything(folder: Path) -> None:
    for name in ("none.docx", ".", ""):
        done = run("inspect", "plain.docx", name, cwd=folder)
        assert (done.status, done.out) == (2, "")
    assert run("inspect", cwd=folder).status == 2


def test_a_file_is_read_only_and_from_a_home_folder(folder: Path) -> None:
    (folder / "plain.docx").chmod(0o400)
    before = (folder / "plain.docx").stat()
    assert run("inspect", "~/plain.docx", HOME=str(folder)).status == 0
    after = (folder / "plain.docx").stat()
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)


# ---------------------------------------------------------------- send --carries


def test_send_tells_and_sends(client: Client) -> None:
    client.file("changed.docx", CHANGED)
    client.file("plain.docx", PLAIN)
    client.file("a.zip", b"PK\3\4x")
    done = client("send", "changed.docx", "plain.docx", "a.zip", "--carries", "warn", "--json")
    assert done.status == 0
    assert "changed.docx carries 1 tracked change." in done.err
    assert "a.zip was not looked into: It is damaged, or not what its name says." in done.err
    assert "plain.docx" not in done.err
    marks = [(d["name"], d["carries"]["looked"], len(d["carries"]["findings"])) for d in done.documents]
    assert marks == [("changed.docx", "whole", 1), ("plain.docx", "whole", 0), ("a.zip", "not", 0)]


def test_send_looks_into_nothing_unless_it_is_told(client: Client) -> None:
    client.file("changed.docx", CHANGED)
    for options in ([], ["--carries", "off"]):
        done = client("send", "changed.docx", "--anew", "--json", *options)
        assert (done.status, "carries" in done.documents[0]) == (0, False)
    done = client("send", "changed.docx", "--anew", SENTLINKS_CARRIES="warn")
    assert (done.status, "carries 1 tracked change" in done.err) == (0, True)
    done = client("send", "changed.docx", "--anew", "--carries", "off", SENTLINKS_CARRIES="refuse")
    assert done.status == 0


def test_send_refuses_and_sends_nothing(client: Client) -> None:
    client.file("changed.docx", CHANGED)
    client.file("plain.docx", PLAIN)
    before = len(client("links", "--json").documents)
    for options, environ in ((["--carries", "refuse"], {}), ([], {"SENTLINKS_CARRIES": "refuse"})):
        done = client("send", "plain.docx", "changed.docx", "--json", *options, **environ)
        assert (done.status, done.error) == (3, "carries.refused")
        assert "changed.docx carries 1 tracked change." in done.err
    assert len(client("links", "--json").documents) == before
    assert client("sends", "--json").json == {"sends": []}
    assert client("send", "plain.docx", "--carries", "refuse", "--json").status == 0


def test_what_send_cannot_do_with_it(client: Client) -> None:
    client.file("plain.docx", PLAIN)
    done = client("send", "plain.docx", "--carries", "maybe")
    assert done.status == 2
    done = client("send", "plain.docx", SENTLINKS_CARRIES="maybe")
    assert (done.status, "carries from SENTLINKS_CARRIES must be one of warn, off, refuse" in done.err) == (
        2,
        True,
    )
    done = client("send", "--resume", "0" * 32, "--carries", "warn", "--json")
    assert (done.status, done.error) == (2, "options.contrary")


def test_what_was_told_is_in_the_audit(client: Client) -> None:
    """Of a small document, and of one that is uploaded by itself."""
    large = docx(
        paragraph('<w:ins w:id="1" w:author="Ann"/>'), {"a.bin": random.Random(1).randbytes(2_000_000)}
    )
    client.file("changed.docx", CHANGED)
    client.file("large.docx", large)
    done = client("send", "changed.docx", "large.docx", "--carries", "warn", "--json")
    for document in done.documents:
        events = client("audit", document["id"], "--json").json["events"]
        (details,) = [event["details"] for event in events if event["event"] == "sent"]
        assert (details["looked"], details["carries"]) == ("whole", {"tracked_changes": 1})
        assert details["overruled"] == ["tracked_changes"]


def test_the_policy_refuses_before_anything_is_sent(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    client.file("changed.docx", CHANGED)
    client.file("plain.docx", PLAIN)
    client.file("a.zip", b"PK\3\4x")
    assert client("policy", "set", "carries_refuse=tracked_changes", "carries_unreadable=refuse").status == 0
    why = "It is damaged, or not what its name says."
    unread = f"a.zip can't be looked into, and your firm's policy asks for that. {why}"
    for name, code, send, inspect in (
        (
            "changed.docx",
            "policy.carries",
            "changed.docx carries 1 tracked change. Nothing was sent.",
            "changed.docx carries 1 tracked change, which your firm's policy refuses.",
        ),
        ("a.zip", "policy.carries_unreadable", f"{unread} Nothing was sent.", unread),
    ):
        for options in some(1, (["--carries", "warn"], [])):
            done = client("send", "plain.docx", name, "--json", *options)
            assert (done.status, done.error) == (3, code)
            assert send in done.err
        done = client("inspect", "plain.docx", name)
        assert (done.status, done.err) == (3, f"sentlinks: {inspect}\n")
    done = client("send", "a.zip", "a.zip", "--json")
    assert f"{unread} The same goes for 1 other. Nothing was sent." in done.err
    done = client("send", "a.zip", "changed.docx", "--json")
    assert done.error == "policy.carries", "what can be cleaned is said first"
    assert client("inspect", "plain.docx").status == 0
    assert client("links", "--json").documents == []
    assert client("send", "plain.docx", "--json").status == 0


def test_a_policy_that_is_not_reached_is_said(folder: Path) -> None:
    done = run("inspect", "changed.docx", "--server", "http://127.0.0.1:9", cwd=folder)
    assert done.status == 0
    assert done.err.startswith("sentlinks: Your firm's policy wasn't read. ")
    assert "! 1 tracked change" in done.out
