"""Resuming an interrupted send from the command line, discarding it, or sending the same items anew; and how long a
server that is away is waited for."""

from __future__ import annotations

import json
import os
import pty
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.network.misbehave import ALWAYS
from tests.support.network.spoiling import Say
from tests.support.servers.forking import session
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender, fetch
from tests.system.command import Client, Done
from tests.system.interrupted import MIDDLE, SINGLE, Sending, at, many_sendings, resume
from tests.system.people import new_name
from tests.system.proxy import wait_until


@pytest.fixture
def many(server: ServerProcess, tmp_path: Path) -> Iterator[Callable[..., Sending]]:
    with many_sendings(server, tmp_path) as make:
        yield make


def test_a_generated_password_that_was_told_stays(many: Callable[..., Sending]) -> None:
    """Even if nothing was published by then: the user may have passed it on."""
    sending = many(small=0, large=(MIDDLE,))
    options = "--generate-password"
    status, out, _ = sending.ended_by(signal.SIGINT, at(sending, "PATCH", "/uploads", 0, True), options)
    assert status == 128 + signal.SIGINT
    password = json.loads(out)["password"]
    sending.proxy.behave()
    (left,) = sending.left
    done = sending.client("send", "--resume", left["id"], "--json")
    assert done.status == 0, done.err
    assert "password" not in done.json
    content = (sending.client.cwd / sending.items[0]).read_bytes()
    assert fetch(sending.server, done.documents[0]["url"], password) == content
    gone = sending.client("send", "--resume", left["id"], "--json")
    assert (gone.status, gone.error) == (5, "send.unknown")


def test_the_same_items_are_sent_again_with_anew(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True))
    sending.proxy.behave()
    assert sending.client("send", *sending.items, "--anew", "--json").status == 0
    (left,) = sending.left
    # The same items are recognised in any order; other items are not affected.
    assert sending.client("send", *reversed(sending.items), "--json").error == "send.interrupted"
    assert sending.client("send", sending.items[0], "--json").status == 0
    assert [each["id"] for each in sending.left] == [left["id"]]


def test_discarding_reports_what_is_published_and_leaves_nothing_half_sent(
    many: Callable[..., Sending],
) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True, documents=3))
    sending.proxy.behave()
    (left,) = sending.left
    assert len(left["documents"]) == 3
    assert sending.unfinished == 1
    done = sending.client("send", "--discard", left["id"], "--json")
    assert done.status == 0
    assert [d["id"] for d in done.documents] == [d["id"] for d in left["documents"]]
    assert all(d["published"] for d in done.documents)
    assert (sending.unfinished, sending.left) == (0, [])
    assert sending.client("send", *sending.items, "--json").status == 0


def _killed_and_one_deleted(many: Callable[..., Sending]) -> tuple[Sending, dict[str, Any]]:
    """A send that was killed after two of its three documents, of which the first was deleted since; and what is left
    of it."""
    sending = many(small=2, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True, documents=2))
    sending.proxy.behave()
    (left,) = sending.left
    assert sending.client("delete", left["documents"][0]["id"]).status == 0
    return sending, left


def test_what_was_deleted_since_is_left_out(many: Callable[..., Sending], tmp_path: Path) -> None:
    """Its link no longer works: it is neither printed nor in the e-mail, and is said why."""
    sending, left = _killed_and_one_deleted(many)
    first, second = left["documents"]
    listed = sending.client("sends").out
    assert f"{first['name']}: {first['url']} (in the trash)\n" in listed
    assert f"{second['name']}: {second['url']}\n" in listed
    mail = tmp_path / "mail.eml"
    done = sending.client("send", "--resume", left["id"], "--mail", mail)
    assert done.status == 0
    assert f"{first['name']}: left out, since its link no longer works (in the trash)." in done.err
    for text in (done.out, mail.read_text()):
        assert first["url"] not in text
        assert second["url"] in text
    assert len(done.out.splitlines()) == 2


def test_what_was_permanently_removed_since_is_listed_as_such(many: Callable[..., Sending]) -> None:
    sending, left = _killed_and_one_deleted(many)
    first, second = left["documents"]
    assert sending.client("trash", "empty", "--yes").status == 0
    listed = sending.client("sends").out
    assert f"{first['name']}: permanently removed\n" in listed
    assert f"{second['name']}: {second['url']}\n" in listed
    assert listed.count(": not published\n") == 1


def test_one_that_is_being_sent_is_not_resumed_by_another(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    with sending.proxy.holding("PATCH", "/uploads"):
        process = sending.start()
        wait_until(lambda: sending.proxy.count("PATCH") > 0)
        (left,) = sending.left
        assert left["state"] == "sending"
        for option in ("--resume", "--discard"):
            refused = sending.client("send", option, left["id"], "--json")
            assert (refused.status, refused.error) == (1, "send.running")
        assert sending.client("send", *sending.items, "--json").error == "send.running"
    status, _, err = process.ended()
    assert status == 0, err
    assert sending.left == []


def test_of_two_that_begin_at_the_same_time_one_sends(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=())
    proxy = sending.proxy
    opened = proxy.count("POST", "/sends")
    with proxy.holding("POST", "/sends"):
        with proxy.holding("GET", "/policy", answer=True, times=2):
            # Without it, neither can begin: both have looked for a send of the same items by then.
            asked = proxy.count("GET", "/policy")
            both = [sending.start(), sending.start()]
            wait_until(lambda: proxy.count("GET", "/policy") == asked + 2)
        wait_until(lambda: any(each.over for each in both) or proxy.count("POST", "/sends") == opened + 2)
    ends = sorted((each.ended() for each in both), key=lambda end: end[0])
    assert [status for status, _, _ in ends] == [0, 1]
    assert json.loads(ends[1][1])["error"]["code"] == "send.running"
    assert sorted(sending.published()) == sorted(sending.items)


@few(1)
@pytest.mark.parametrize(("answered", "given"), [(False, ()), (True, ("--to", "bob@example.com"))])
def test_it_keeps_whom_it_is_for(
    many: Callable[..., Sending], answered: bool, given: tuple[str, ...]
) -> None:
    """Whether the server knew the send or not; an e-mail that is made when it is resumed goes to them, too."""
    sending = many(small=2, large=(MIDDLE,))
    process = sending.client.start("send", *sending.items, "--to", "Anna Arp <anna@example.com>")
    at(sending, *(("PATCH", "/uploads", 0, True) if answered else ("POST", "/sends", 0, False)))(process.kill)
    process.ended()
    sending.over.set()
    sending.proxy.behave()
    (left,) = sending.left
    assert left["recipients"] == ["Anna Arp <anna@example.com>"]
    assert "    to Anna Arp <anna@example.com>\n" in sending.client("sends").out
    done = sending.client("send", "--resume", left["id"], "--json", "--mail", "a.eml", *given)
    assert done.status == 0, done.err
    kept = list(given[1:]) or ["Anna Arp <anna@example.com>"]
    assert [document["recipients"] for document in done.documents] == [kept] * 3
    assert f"To: {kept[0]}\r\n" in (sending.client.cwd / "a.eml").read_bytes().decode()
    listed = sending.client("links", "--all", "--json").documents
    assert [d["recipients"] for d in listed if d["name"] in sending.items] == [kept] * 3


def _killed_with_a_password(many: Callable[..., Sending], *point: Any) -> tuple[Sending, str]:
    """A send with a password, killed at that point, and its id."""
    sending = many(small=2, large=(SINGLE,))
    process = sending.client.start("send", *sending.items, "--password-stdin")
    at(sending, *point)(process.kill)
    process.ended(b"Blue-Heron-48\n")
    sending.over.set()
    sending.proxy.behave()
    (left,) = sending.left
    return sending, left["id"]


def _opens(sending: Sending, done: Done, password: str) -> bool:
    """Whether the first document that was sent is there with this password."""
    content = (sending.client.cwd / sending.items[0]).read_bytes()
    return fetch(sending.server, done.documents[0]["url"], password) == content


def test_its_password_is_kept_where_the_server_has_it(many: Callable[..., Sending]) -> None:
    sending, ident = _killed_with_a_password(many, "POST", "/uploads", 0, True)
    done = sending.client("send", "--resume", ident, "--json", given="Grey-Heron-49\n")
    assert done.status == 0, done.err
    assert _opens(sending, done, "Blue-Heron-48")


@few(1)
@pytest.mark.parametrize("option", ["--password-stdin", "--generate-password"])
def test_its_password_is_asked_for_again_where_the_server_has_none(
    many: Callable[..., Sending], option: str
) -> None:
    sending, ident = _killed_with_a_password(many, "POST", "/sends", 0, False)
    missing = sending.client("send", "--resume", ident, "--json", given="Grey-Heron-49\n")
    assert (missing.status, missing.error) == (2, "password.missing")
    assert [each["id"] for each in sending.left] == [ident]
    done = sending.client("send", "--resume", ident, "--json", option, given="Grey-Heron-49\n")
    assert done.status == 0, done.err
    assert _opens(sending, done, done.json.get("password") or "Grey-Heron-49")


def test_that_there_is_none_is_said(client: Client) -> None:
    assert client("sends").err == "sentlinks: No send is unfinished.\n"
    listed = client("sends", "--json")
    assert (listed.json, listed.err) == ({"sends": []}, "")


def test_options_that_contradict(client: Client) -> None:
    for arguments in (
        ("--resume", "x", "a.txt"), ("--resume", "x", "--discard", "y"), ("--resume", "x", "--expires", "7d"),
        ("--resume", "x", "--no-notify"), ("--discard", "x", "--generate-password"), ("--resume", "x", "--anew"),
        ("--resume", "x", "--name", "a=b"),
    ):  # fmt: skip
        done = client("send", *arguments, "--json")
        assert (done.status, done.error) == (2, "options.contrary"), arguments


def test_other_users_sends_are_not_listed_or_resumed(
    many: Callable[..., Sending], server: ServerProcess
) -> None:
    sending = many(small=2, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True))
    sending.proxy.behave()
    (left,) = sending.left
    with Sender(server) as me, me.add_user(new_name()) as other:
        token = other.http.headers["X-Auth-Token"]
        assert sending.client("sends", "--json", SENTLINKS_TOKEN=token).json == {"sends": []}
        assert sending.client("send", "--resume", left["id"], "--json", SENTLINKS_TOKEN=token).status == 5
    assert sending.client("send", "--discard", left["id"]).status == 0


def _to_the_end(terminal: int) -> bytes:
    """What was written to a terminal by the time that no process has it any more: each read returns a piece of it."""
    found = b""
    with suppress(OSError):
        while more := os.read(terminal, 1 << 16):
            found += more
    return found


def test_on_a_terminal_it_asks(many: Callable[..., Sending]) -> None:
    sending = many(small=3, large=(MIDDLE,))
    sending.ended_by(signal.SIGKILL, at(sending, "PATCH", "/uploads", 0, True, documents=3))
    sending.proxy.behave()
    for answer, options, status in (
        (b"n\n", (), 1), (b"y\n", ("--generate-password",), 2), (b"y\n", ("--expires", "7d"), 0),
    ):  # fmt: skip
        ours, theirs = pty.openpty()
        with open(theirs, "r+b", buffering=0) as terminal, (sending.client.cwd / "out").open("wb") as out:
            process = session.process(
                "tui.__main__", ["send", *sending.items, *options], cwd=sending.client.cwd,
                env={**os.environ, **sending.client.environ, "TERM": "dumb"}, streams=(terminal, out, terminal),
            )  # fmt: skip
        seen = b""
        while b"[Y/n]" not in seen:
            seen += os.read(ours, 4096)
        assert b"3 of 4 are published" in b" ".join(seen.split())
        os.write(ours, answer)
        assert process.wait(60) == status
        output = _to_the_end(ours)
        os.close(ours)
        # The user asked for a password, so links without one are not resumed.
        assert (b"has no password" in output) == (status == 2)
        assert (b"keeps its original names and settings" in b" ".join(output.split())) == (status == 0)
    assert len((sending.client.cwd / "out").read_text().split()) == 4
    assert sending.left == []


@more
def test_a_server_that_is_away_is_waited_for(many: Callable[..., Sending]) -> None:
    """The command waits from the first request on, and says so."""
    sending = many(small=3, large=(MIDDLE,))
    sending.proxy.down()
    process = sending.start("--patience", "90s")
    line = process.err.readline()
    assert line.startswith(b"sentlinks: Waiting for the server; trying again in ")
    sending.proxy.up()
    status, out, err = process.ended()
    assert status == 0, err
    sending.check_all(json.loads(out)["documents"])


@more
def test_patience_can_be_short(many: Callable[..., Sending]) -> None:
    """A send that ran out of patience can be resumed."""
    sending = many(small=3, large=(MIDDLE,))
    sending.proxy.spoil("PATCH", Say(503), times=ALWAYS)
    done = sending.client("send", *sending.items, "--json", "--patience", "1s")
    assert done.status == 1
    (left,) = sending.left
    assert f"--resume {left['id']}" in done.err
    sending.proxy.behave()
    resume(sending)
    sending.proxy.down()
    assert sending.client("send", *sending.items, "--json", "--patience", "0s").status == 6
    sending.proxy.up()
    assert sending.left == []


def test_invalid_spans(client: Client) -> None:
    client.file("a.txt")
    for span in ("", "soon", "10", "-1s", "1.5h"):
        done = client("send", "a.txt", "--patience", span, "--json")
        assert (done.status, done.error) == (2, "span.unknown"), span
