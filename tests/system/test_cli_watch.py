"""``sentlinks watch``: what happens, a line an event; programs that are run for it; waiting for something."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from tests.support.checks.long import more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ServerProcess
from tests.system.command import Client
from tests.system.links import Sent, fetch
from tests.system.watching import configure, watching


def test_what_happens_is_told_and_hooks_are_run(client: Client, sent: Sent, hooked: Path) -> None:
    """As people read it and as JSON; there is neither a link nor a password in it."""
    document = sent("Offer.pdf", "x", "--password-stdin", "--downloads", "2", given="Corr3ct-horse-battery")
    with watching(client) as watch:
        fetch(document["url"], "wrong")
        line = watch.next()
        assert line.endswith("Offer.pdf: Wrong password with a program from 127.0.0.1, try 1")
        fetch(document["url"], "Corr3ct-horse-battery")
        lines = [watch.next(), watch.next()]
        assert "Offer.pdf: " in lines[0]
        assert watch.end() == 143
    first = json.loads(hooked.read_text())
    token = document["url"].rpartition("/")[2]
    with watching(client) as watch:
        sent("Terms.pdf", "x", "--password-stdin", "--expires", "2036-01-31", given="Corr3ct-horse-battery")
        lines = [watch.next(), watch.next()]
        assert lines[1].endswith(": until Thu 31 Jan 2036, end of day, with password")
        other = sent("Plain.pdf", "x", "--downloads", "3")
        lines = [watch.next(), watch.next()]
        assert lines[1].endswith("Plain.pdf: Published by DJONES: 3 downloads")
        assert watch.end() == 143
    with watching(client, "--json") as watch:
        client("resend", other["id"], "--expires", "2036-01-31", "--generate-password")
        settings = watch.event()["details"]
        # As the audit has them.
        assert settings == client("audit", other["id"], "--json").json["events"][0]["details"]
        assert settings["password"] == "set"
        assert settings["expires_at"].startswith("2036-0")
        assert watch.end(signal.SIGINT) == 130
    with watching(client, "--json") as watch:
        fetch(document["url"], "Corr3ct-horse-battery")
        found = [watch.event() for _ in range(3)]
        assert watch.end(signal.SIGINT) == 130
    assert [event["event"] for event in found] == ["downloaded", "limit reached", "delivered"]
    delivered = found[2]
    assert delivered == {
        "id": delivered["id"], "at": delivered["at"], "side": "share", "event": "delivered", "actor": None,
        "address": "127.0.0.1", "agent": delivered["agent"], "document": document["id"],
        "folder": document["folder"]["id"], "name": "Offer.pdf", "details": {"downloads": 2, "downloads_permitted": 2},
    }  # fmt: skip
    assert delivered["at"].endswith("Z")
    assert "python" in delivered["agent"].lower()
    # The rows of the audit have the same numbers and names.
    (row,) = [
        event
        for event in client("audit", document["id"], "--json").json["events"]
        if event["id"] == delivered["id"]
    ]
    assert {key: row[key] for key in ("at", "event", "address", "agent", "name")} == {
        key: delivered[key] for key in ("at", "event", "address", "agent", "name")
    }
    assert [first["event"], *map(json.loads, hooked.read_text().splitlines()[1:])] == ["delivered", delivered]
    told = json.dumps(found) + hooked.read_text() + "".join(lines)
    assert token not in told
    assert "Corr3ct" not in told


@more
def test_begun_again_it_goes_on_where_it_ended(client: Client, sent: Sent) -> None:
    document = sent("again.txt")
    with watching(client) as watch:
        client("unpublish", document["id"])
        assert "again.txt: Unpublished by" in watch.next()
        assert watch.end(signal.SIGINT) == 130
    client("resend", document["id"])
    client("delete", document["id"])
    with watching(client) as watch:
        assert "again.txt: Sent again by" in watch.next()
        assert "again.txt: Moved to the trash by" in watch.next()
        assert watch.end() == 143
        assert watch._rest["out"] == b""


def test_one_that_is_killed_while_it_tells_tells_it_again_and_says_so(
    client: Client, sent: Sent, tmp_path: Path
) -> None:
    """At least once; whoever minds can tell by ``repeated`` and by the number."""
    out = tmp_path / "out"
    configure(f'[hooks]\nunpublished = ["sh", "-c", "cat >> {out}; sleep 60"]\n')
    document = sent("killed.txt")
    with watching(client, "--json") as watch:
        client("unpublish", document["id"])
        event = watch.event()
        watch.running.kill()
    configure(f'[hooks]\nunpublished = ["sh", "-c", "cat >> {out}"]\n')
    with watching(client, "--json") as watch:
        assert watch.event() == event | {"repeated": True}
        client("delete", document["id"])
        assert watch.event()["event"] == "deleted"
        assert watch.end() == 143
    assert json.loads(out.read_text().splitlines()[-1]) == event | {"repeated": True}


def test_a_signal_waits_for_the_hook_and_a_second_one_does_not(
    client: Client, sent: Sent, tmp_path: Path
) -> None:
    out, go = tmp_path / "out", tmp_path / "go"
    os.mkfifo(go)
    configure(f'[hooks]\nunpublished = ["sh", "-c", "read _ < {go}; cat >> {out}"]\n')
    document = sent("signal.txt")
    with watching(client) as watch:
        client("unpublish", document["id"])
        assert "signal.txt" in watch.next()
        watch.running.send_signal(signal.SIGTERM)
        watch.told("Ending when the hook for “unpublished” has ended. Once more ends it at once.")
        go.write_text("\n")
        assert watch.running.ended()[0] == 143
    assert json.loads(out.read_text())["event"] == "unpublished"
    client("resend", document["id"])
    client("unpublish", document["id"])
    with watching(client) as watch:
        assert "Sent again" in watch.next()
        assert "Unpublished" in watch.next()
        watch.running.send_signal(signal.SIGINT)
        watch.told("Once more")
        watch.running.send_signal(signal.SIGINT)
        status, _, err = watch.running.ended()
        assert (status, err) == (130, b"")
    assert len(out.read_text().splitlines()) == 1


def test_it_ends_when_nobody_reads_it(client: Client) -> None:
    with watching(client) as watch:
        watch.running.out.close()
        assert watch.running._process.wait() == 0


def test_only_one_at_a_time(client: Client) -> None:
    with watching(client):
        done = client("watch")
        assert (done.status, done.out) == (1, "")
        assert "Another sentlinks watch is running for this account." in done.err
        failed = client("watch", "--json")
        # A line, as everything else that it prints.
        assert json.loads(failed.out)["error"]["code"] == "watch.running"
        assert failed.out.count("\n") == 1


def test_a_configuration_that_others_can_change_runs_nothing(client: Client, hooked: Path) -> None:
    """S38."""
    (Path(os.environ["SENTLINKS_HOME"]) / "config.toml").chmod(0o666)
    done = client("watch")
    assert (done.status, done.out) == (1, "")
    assert "chmod go-w" in done.err


def test_a_wrong_hook_is_said_at_once(client: Client) -> None:
    configure('[hooks]\ndeliverd = ["true"]\n')
    done = client("watch", "--json")
    assert (done.status, done.error) == (2, "event.unknown")
    assert "Did you mean 'delivered'?" in done.err
    configure('[hooks]\ndelivered = "true"\n')
    assert client("watch").status == 2


@more
def test_a_server_that_is_away_is_waited_for(
    client: Client, sent: Sent, spoiled: Misbehaving, server: ServerProcess
) -> None:
    """At the start, and in between."""
    direct = Client(server.url, server.token, client.cwd)
    document = direct("send", client.file("away.txt"), "--json").documents[0]
    spoiled.down()
    with watching(client, ready=False) as watch:
        watch.told("The server can't be reached. Waiting for the server.")
        spoiled.up()
        watch.told("Watching what happens")
        watch.told("Connected again.")
        direct("unpublish", document["id"])
        assert "away.txt: Unpublished" in watch.next()
        spoiled.down()
        watch.told("Waiting for the server.")
        direct("resend", document["id"])
        spoiled.up()
        watch.told("Connected again.")
        assert "away.txt: Sent again" in watch.next()
        assert watch.end() == 143


@more
def test_a_sign_in_that_ends_ends_it(anna: Client, admin: Client) -> None:
    with watching(anna) as watch:
        assert admin("user", "remove", str(anna.environ["NAME"]), "--yes").status == 0
        status, out, err = watch.running.ended()
    assert (status, out) == (4, b"")
    assert b"rejects the access token" in err


# ---------------------------------------------------------------- until
