"""``sentlinks watch --until``: waiting for something, in the past or to come."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.support.checks.long import few, more
from tests.support.network.misbehave import Misbehaving
from tests.support.servers.put_back import put_back
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client
from tests.system.links import UNKNOWN, Sent, fetch
from tests.system.watching import watching


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
