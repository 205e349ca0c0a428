"""What commands tell of the recipients before anything is sent, and which they refuse by the policy (P2)."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.mail.messages import MIXED, message
from tests.support.real_parts import need
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.share import Sender
from tests.system.command import SCRIPT, SECONDS, Client

ANNA, TYPO, BOB = "anna@halyard.example", "anna@halyrad.example", "bob@varga.example"
CODE = "policy.recipients_domains"


@pytest.fixture
def client(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    made = Client(fresh_server.url, fresh_server.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    made.file("a.txt", b"a")
    return made


def mail(*heads: str) -> bytes:
    """A message with an attachment, and with these recipients only."""
    return message(MIXED, *heads).replace(b"To: keller@example.com\n", b"")


@contextmanager
def listed(client: Client, *more: str) -> Iterator[None]:
    done = client("policy", "set", "recipients_domains=halyard.example", *more)
    assert done.status == 0, done.err
    try:
        yield
    finally:
        client("policy", "set", "recipients_domains=", "recipients_others=")


def kinds(notes: list[dict[str, Any]]) -> list[str]:
    return [note["kind"] for note in notes]


def links(client: Client) -> list[dict[str, Any]]:
    return client("links", "--all", "--json").documents


def test_what_is_odd_is_told(client: Client) -> None:
    """Once an address was sent to, nothing is said of it any more; without recipients nothing is asked."""
    first = client("send", "a.txt", "--to", ANNA, "--json")
    assert first.json["recipients_notes"] == [
        {
            "kind": "never_written_to",
            "recipients": [ANNA],
            "like": None,
            "message": f"You have never sent anything to {ANNA}.",
        }
    ]
    again = client("send", "a.txt", "--to", f"Anna <{ANNA.upper()}>", "--json")
    assert (again.status, again.err) == (0, "")
    assert "recipients_notes" not in again.json
    assert "recipients_notes" not in client("send", "a.txt", "--json").json
    typo = client("send", "a.txt", "--to", TYPO, "--to", "carol@gmail.com", "--json")
    assert kinds(typo.json["recipients_notes"]) == [
        "one_letter_off",
        "free_mail",
        "never_written_to",
    ]
    assert typo.json["recipients_notes"][0]["like"] == ANNA
    assert f"sentlinks: {TYPO} is one letter off {ANNA}, which you have written to.\n" in typo.err
    ident = typo.documents[0]["id"]
    resent = client("resend", ident, "--to", f"{ANNA}, {BOB}", "--json")
    assert kinds(resent.json["recipients_notes"]) == ["several_firms", "never_written_to"]
    assert resent.documents[0]["recipients"] == [ANNA, BOB]
    mailed = client("mail", ident, "--mail", "m.eml", "--json")
    assert kinds(mailed.json["recipients_notes"]) == ["several_firms"]
    client.file("m2.eml", mail(f"To: {ANNA}", "Bcc: dora@halyrad.example"))
    attached = client("smart-attach", "m2.eml", "--json")
    assert kinds(attached.json["recipients_notes"])[0] == "one_letter_off"
    assert "hidden" not in str(attached.documents[0]["recipients"])


def test_a_look_alike_that_was_written_to_is_not_called_genuine(client: Client) -> None:
    """Digits come before letters: of the two, the alphabet has the look-alike first."""
    odd = "anna@ha1yard.example"
    assert client("send", "a.txt", "--to", odd).status == 0
    right = client("send", "a.txt", "--to", ANNA, "--json")
    assert right.json["recipients_notes"][0]["kind"] == "earlier_looks_like"
    assert f"You have written to {odd} before, which only looks like {ANNA}.\n" in right.err
    assert f"{ANNA} only looks like" not in right.err
    for typed in ("anna@halyаrd.example", odd):
        wrong = client("send", "a.txt", "--to", typed, "--json")
        assert (note := wrong.json["recipients_notes"][0])["kind"] == "looks_like"
        assert (note["like"], odd in note["message"].removeprefix(typed)) == (ANNA, False)


def test_the_senders_own_domain_is_no_firm(client: Client, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "config.toml").write_text('mail_from = "me@quillon.example"\n')
    client("send", "a.txt", "--to", f"{ANNA}, dj@quillon.example")
    done = client("send", "a.txt", "--to", f"{ANNA}, dj@quillon.example", "--json")
    assert "recipients_notes" not in done.json


REFUSED: tuple[tuple[str, ...], ...] = (
    ("send", "a.txt", "--to", BOB),
    ("send", "--to", f"{ANNA}, {BOB}", "--", "a.txt"),
    ("send", "a.txt", "--to", ANNA, "--to", BOB, "--mail", "x.eml"),
    ("resend", "ID", "--to", BOB),
    ("resend", "ID", "--new-address", "--to", BOB, "--mail", "x.eml"),
    ("mail", "ID", "--to", BOB, "--mail", "x.eml"),
    ("smart-attach", "to.eml"),
    ("smart-attach", "cc.eml"),
    ("smart-attach", "bcc.eml"),
)


def test_what_the_policy_refuses(client: Client, tmp_path: Path) -> None:
    document = client("send", "a.txt", "--to", ANNA, "--json").documents[0]
    client.file("to.eml", mail(f"To: {BOB}"))
    client.file("cc.eml", mail(f"To: {ANNA}", f"Cc: Bob <{BOB}>"))
    client.file("bcc.eml", mail(f"To: {ANNA}", f"Bcc: {BOB}"))
    before = links(client)
    with listed(client):
        for words in REFUSED:
            words = tuple(document["id"] if word == "ID" else word for word in words)
            done = client(*words, "--json") if "--" not in words else client(words[0], "--json", *words[1:])
            assert (done.status, done.error) == (3, CODE), (words, done.err)
            assert f"Your firm's policy doesn't allow {BOB}" in done.err
            assert not (tmp_path / "x.eml").exists()
        assert links(client) == before, "nothing was published, and nothing changed"
        assert client("send", "a.txt", "--to", f"x@mail.{ANNA.partition('@')[2]}").status == 0
    with listed(client, "recipients_others=refuse"):
        assert client("send", "a.txt", "--to", BOB, "--json").status == 3
    assert client("send", "a.txt", "--to", BOB).status == 0


def test_what_the_policy_warns_of_is_asked_once_on_a_terminal(client: Client, tmp_path: Path) -> None:
    with listed(client, "recipients_others=warn"):
        done = client("send", "a.txt", "--to", BOB, "--json")
        assert (done.status, kinds(done.json["recipients_notes"])[0]) == (0, "domain_not_allowed")
        assert f"{BOB}: your firm's policy doesn't list varga.example." in done.err
        count = len(links(client))
        environ = {**client.environ, "LANG": "C.UTF-8"}
        for answer, status in (("n", 1), ("y", 0)):
            words = ("send", "a.txt", "--to", BOB)
            with Sentlinks(words, environ, 120, cwd=tmp_path) as terminal:
                terminal.wait_for("Send nevertheless? [y/N]")
                assert len(links(client)) == count, "it is asked before anything is sent"
                terminal.type(f"{answer}\r")
                assert terminal.wait() == status
                assert terminal.text.count("Send nevertheless?") == 1
            assert len(links(client)) == count + (answer == "y")
        with Sentlinks(("send", "a.txt", "--to", ANNA), environ, 120, cwd=tmp_path) as terminal:
            assert terminal.wait() == 0
            assert "nevertheless" not in terminal.text


# ---------------------------------------------------------------- as a mail program's sendmail


@pytest.fixture
def mailer(tmp_path: Path) -> Path:
    path = tmp_path / "mailer"
    path.write_text(
        f"#!/bin/sh\ncd {shlex.quote(str(tmp_path))}\ncat > got\nprintf '%s\\n' \"$@\" > arguments\n"
    )
    path.chmod(0o755)
    return path


@few(1)
@pytest.mark.parametrize("unchanged", [(), ("--or-unchanged",)], ids=["or nothing", "or unchanged"])
def test_sendmail_starts_nothing_for_those_who_are_refused(
    client: Client, mailer: Path, tmp_path: Path, unchanged: tuple[str, ...]
) -> None:
    """By any header, or by the envelope alone; the sender's address there is no recipient."""
    to_anna = mail(f"To: {ANNA}")
    with listed(client):
        for raw, arguments in (
            (mail(f"To: {BOB}"), ()),
            (to_anna, ("-f", f"me@{ANNA.partition('@')[2]}", "--", ANNA, BOB)),
            (to_anna, (BOB,)),
            (mail(f"To: {ANNA}", f"Bcc: {BOB}"), ("-t",)),
        ):
            done = client("smart-attach", *unchanged, "--sendmail", str(mailer), *arguments, given=raw)
            assert done.status == 75, done.err
            assert "Your firm's policy doesn't allow" in done.err
            assert not (tmp_path / "got").exists()
        assert links(client) == []
        done = client("smart-attach", "--sendmail", str(mailer), "-f", BOB, "--", ANNA, given=to_anna)
        assert done.status == 0, done.err
        assert (tmp_path / "got").exists()


@few(1)
@pytest.mark.parametrize("program", ["mutt", "neomutt"])
def test_of_a_real_mail_program(
    program: str, client: Client, fresh_server: ServerProcess, mailer: Path, tmp_path: Path
) -> None:
    """Its blind copies stand in the arguments alone."""
    need(program)
    client.file("offer.pdf", b"%PDF-1.4 offer")
    lines = [
        f'set sendmail="{SCRIPT[0]} smart-attach --sendmail {mailer}"',
        "set from=me@halyard.example",
        "set copy=no use_domain=no",
    ]
    client.file("rc", "\n".join(lines) + "\n")

    def send(*blind: str) -> subprocess.CompletedProcess[bytes]:
        words = [program, "-n", "-F", "rc", "-s", "Offer", *(w for each in blind for w in ("-b", each))]
        return subprocess.run(
            [*words, "-a", "offer.pdf", "--", ANNA],
            cwd=tmp_path,
            input=b"Here it is.\n",
            env=os.environ | client.environ | {"HOME": str(tmp_path)},
            timeout=SECONDS,
            check=False,
            capture_output=True,
        )

    with listed(client):
        refused = send(BOB)
        assert refused.returncode != 0
        assert b"policy doesn't allow" in refused.stdout + refused.stderr
        assert not (tmp_path / "got").exists()
        with Sender(fresh_server) as me:
            assert me.get("/documents")["documents"] == []
        done = send()
        assert done.returncode == 0, done.stdout + done.stderr
        assert re.search(rb"/s/[0-9a-f]+", (tmp_path / "got").read_bytes())
