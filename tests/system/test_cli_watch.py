"""``sentlinks watch``: what happens, a line an event; programs that are run for it; waiting for something."""

from __future__ import annotations

import json
import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.support.checks.long import few, more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.put_back import put_back
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client, Running
from tests.system.links import UNKNOWN, Sent, fetch

PATIENCE = 30


class Watching:
    """A watch under way; ``next()`` is the next line that it prints."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._rest = {"out": b"", "err": b""}

    def next(self, which: str = "out") -> str:
        """The next line of standard output, or of standard error."""
        stream = self.running.out if which == "out" else self.running.err
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._rest[which]:
                assert selector.select(PATIENCE), "nothing came"
                piece = os.read(stream.fileno(), 1 << 16)
                assert piece, "it has ended"
                self._rest[which] += piece
        line, _, self._rest[which] = self._rest[which].partition(b"\n")
        return line.decode()

    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.next()))

    def told(self, *words: str) -> str:
        """The next message that has one of these words."""
        while not any(word in (line := self.next("err")) for word in words):
            pass
        return line

    def end(self, number: int = signal.SIGTERM) -> int:
        self.running.send_signal(number)
        return self.running.ended()[0]


@contextmanager
def watching(client: Client, *arguments: str, ready: bool = True, **environ: str) -> Iterator[Watching]:
    """A watch that has begun. It is ended at the end, if it hasn't by itself."""
    started = Running(["watch", *arguments], cwd=client.cwd, env={**os.environ, **client.environ, **environ})
    found = Watching(started)
    try:
        if ready:
            found.told("Watching what happens")
        yield found
    finally:
        if not started.over:
            started.kill()
            started._process.wait()
        with suppress(OSError):
            started._given.close()
        started.out.close()
        started.err.close()


def configure(text: str) -> None:
    home = Path(os.environ["SENTLINKS_HOME"])
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "config.toml").write_text(text)


@pytest.fixture
def hooked(tmp_path: Path) -> Path:
    """The file to which the hook for a delivery writes its events."""
    out = tmp_path / "hooked"
    configure(f'[hooks]\ndelivered = ["sh", "-c", "cat >> {out}"]\n')
    return out


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


def test_until_something_has_happened(client: Client, sent: Sent, hooked: Path) -> None:
    """Before or after it was begun; only that document's events are printed, and no hooks are run."""
    document, other = sent("until.txt"), sent("other.txt")
    with watching(client, "--json", "--until", "delivered", document["id"][:8], ready=False) as watch:
        client("unpublish", other["id"])
        fetch(document["url"])
        status, out, err = watch.running.ended()
    events = [json.loads(line) for line in out.splitlines()]
    assert (status, err) == (0, b"")
    assert events[-1]["event"] == "delivered"
    assert {event["document"] for event in events} == {document["id"]}
    again = client("watch", "--until", "delivered", document["id"])
    assert (again.status, again.err) == (0, "")
    assert again.out.count("\n") == 1
    assert "until.txt: " in again.out
    assert not hooked.exists()
    # Sent again, it is another link.
    client("resend", document["id"])
    late = client("watch", "--until", "delivered", document["id"], "--timeout", "1s")
    assert (late.status, late.out) == (1, "")
    assert late.err.startswith("sentlinks: “delivered” of until.txt didn't happen in time; ")
    assert late.err.endswith("; only what happened since it was sent again counts.\n")
    # But that it was sent at all counts.
    for once in ("sent", "published", "resent"):
        assert client("watch", "--until", once, document["id"], "--timeout", "1s").status == 0
    client("unpublish", document["id"])
    over = client("watch", "--until", "delivered", document["id"])
    assert (over.status, over.err) == (
        1, "sentlinks: “until.txt” was unpublished; “delivered” didn't happen since it was sent again.\n",
    )  # fmt: skip


def test_until_what_happened_before_an_undo(server: ServerProcess, client: Client, sent: Sent) -> None:
    """An undone unpublish leaves the link as it was: its delivery counts, and its end doesn't."""
    document = sent("undone.txt", "x", "--downloads", "3")
    fetch(document["url"])
    stopped = client("unpublish", document["id"], "--json").documents[0]
    with Sender(server) as sender:
        moment = stopped["unpublished_at"]
        sender.post(f"/documents/{document['id']}/unpublish/undo", {"unpublished_at": moment})
    done = client("watch", "--until", "delivered", document["id"], "--timeout", "1s")
    assert (done.status, done.err) == (0, "")
    for waits in ("unpublished", "locked"):
        late = client("watch", "--until", waits, document["id"], "--timeout", "1s")
        assert late.err == f"sentlinks: “{waits}” of undone.txt didn't happen in time.\n"


@more
def test_until_several_have_happened(client: Client, sent: Sent) -> None:
    one, two = sent("one.txt"), sent("two.txt")
    fetch(one["url"])
    with watching(
        client, "--until", "delivered", one["id"], "--until", "unpublished", two["id"], ready=False
    ) as watch:
        assert "one.txt" in watch.next()
        client("unpublish", two["id"])
        assert watch.running.ended()[0] == 0


@few(1)
@pytest.mark.parametrize(
    ("command", "words"),
    [("unpublish", "was unpublished"), ("delete", "was deleted")],
)
def test_a_link_that_ends_before_it(client: Client, sent: Sent, command: str, words: str) -> None:
    document = sent("ends.txt")
    with watching(client, "--until", "delivered", document["id"], ready=False) as watch:
        client(command, document["id"])
        status, _, err = watch.running.ended()
    message = f"sentlinks: “ends.txt” {words}; “delivered” didn't happen.\n"
    assert (status, err.decode()) == (1, message)
    # Before it was begun, too.
    done = client("watch", "--until", "delivered", document["id"])
    assert (done.status, done.err) == (1, message)


@more
def test_a_link_that_expires_before_it(server: ServerProcess, client: Client, sent: Sent) -> None:
    document = sent("expires.txt", "x", "--expires", "1h")
    with (
        put_back(server),
        watching(client, "--until", "delivered", document["id"], ready=False) as watch,
    ):
        server.turn_clock(7200)
        status, _, err = watch.running.ended()
    assert (status, err) == (1, "sentlinks: “expires.txt” has expired; “delivered” didn't happen.\n".encode())


@more
def test_a_limit_that_is_reached_ends_no_download(client: Client, sent: Sent) -> None:
    """Its last one is counted before it is delivered; what needs the link itself can't happen any more."""
    document = sent("limit.txt", "x", "--downloads", "1")
    with watching(client, "--until", "delivered", document["id"], ready=False) as watch:
        fetch(document["url"])
        assert watch.running.ended()[0] == 0
    done = client("watch", "--until", "locked", document["id"])
    assert (done.status, done.err) == (
        1,
        "sentlinks: “limit.txt” has reached its download limit; “locked” didn't happen.\n",
    )


def test_what_cannot_be_waited_for(client: Client, sent: Sent) -> None:
    document = sent("wrong.txt")
    unknown = client("watch", "--json", "--until", "delivered", UNKNOWN)
    assert (unknown.status, unknown.error) == (5, "document.unknown")
    misspelled = client("watch", "--until", "delivred", document["id"])
    assert misspelled.status == 2
    assert "Did you mean 'delivered'?" in misspelled.err
    assert client("watch", "--timeout", "2d").status == 2
    assert client("watch", "--until", "delivered", document["id"], "--timeout", "soon").status == 2
    never = client("watch", "--until", "delivered", document["id"], "--timeout", "never")
    assert (never.status, "To wait without end, leave it out." in never.err) == (2, True)
    assert client("watch", "--until", "delivered", "").status == 2
    assert client("watch", "--until", "delivered").status == 2


def test_waiting_ends_by_signals_and_without_a_server(
    client: Client, sent: Sent, spoiled: Misbehaving
) -> None:
    document = sent("signals.txt")
    with watching(client, "--until", "wrong_password", document["id"], ready=False) as watch:
        sent("x.txt")
        watch.running.send_signal(signal.SIGTERM)
        assert watch.running.ended()[0] in (143, -signal.SIGTERM)
    spoiled.down()
    done = client("watch", "--until", "delivered", document["id"], "--timeout", "1s")
    assert (done.status, done.out) == (1, "")
    assert "couldn't be reached in time" in done.err or "didn't happen in time" in done.err
