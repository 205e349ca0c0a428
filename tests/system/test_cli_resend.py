"""``sentlinks resend``: what it keeps, changes, removes and refuses."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.system.command import Client
from tests.system.links import Sent, failed, fetch, works


def test_resend_keeps_what_is_left_out_and_counts_anew(client: Client, sent: Sent) -> None:
    document = sent("a.txt", "content", "--downloads", "1", "--password-stdin", given="geheim-1")
    assert fetch(document["url"], "geheim-1").status_code == 200
    assert fetch(document["url"], "geheim-1").status_code == 404
    done = client("resend", document["id"], "--json")
    assert done.status == 0, done.err
    again = done.documents[0]
    assert (again["published"], again["downloads"], again["downloads_permitted"]) == (True, 0, 1)
    assert (again["has_password"], again["url"]) == (True, document["url"])
    assert fetch(document["url"], "geheim-1").text == "content"


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
    assert fetch(document["url"], "geheim-1").status_code == 403
    assert fetch(document["url"], "neu-2").status_code == 200
    assert "before" not in changed
    less = client("resend", document["id"], "--downloads", "2", "--expires", "1d", "--json")
    assert less.documents[0]["before"] == {
        name: changed[name] for name in ("expires_at", "downloads_permitted")
    }
    assert "allows fewer downloads: 2, before 7." in less.err
    assert "The link of “a.txt” ends earlier: " in less.err
    removed = client(
        "resend", document["id"], "--downloads", "none", "--no-expires", "--no-password", "--json"
    ).documents[0]
    assert (removed["downloads_permitted"], removed["expires_at"], removed["has_password"]) == (
        None,
        None,
        False,
    )
    assert fetch(document["url"]).text == "content"


def test_resend_to_a_new_address(client: Client, sent: Sent) -> None:
    document = sent()
    again = client("resend", document["id"], "--new-address")
    assert again.status == 0
    url = again.out.strip()
    assert url != document["url"]
    assert not works(document)
    assert fetch(url).text == "content"


def test_resend_with_a_password_that_is_made(client: Client, sent: Sent) -> None:
    document = sent()
    done = client("resend", document["id"], "--generate-password", "--json")
    assert list(done.json) == ["documents", "password"]
    assert fetch(document["url"], done.json["password"]).text == "content"


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


@few(3)
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


def test_sent_to_the_wrong_person(client: Client, sent: Sent) -> None:
    """The old link is named as ended; its recipients don't get the e-mail with the new one. The right ones are kept."""
    document = sent("a.txt", "content", "--to", "Bob <bob@example.com>")
    done = client(
        "resend", document["id"], "--new-address", "--to", "carol@example.com", "--mail", "a.eml", "--json"
    )
    assert done.documents[0]["recipients"] == ["carol@example.com"]
    ended = f"The old link of “a.txt”, for Bob <bob@example.com>, no longer works ({document['url']})."
    assert f"sentlinks: {ended}\n" in done.err
    mail = (client.cwd / "a.eml").read_text()
    assert "\nTo: carol@example.com\n" in mail
    assert done.documents[0]["url"] in mail
    assert "bob" not in mail
    assert document["url"] not in mail
    # Whom the next one is for isn't said.
    done = client("resend", document["id"], "--new-address", "--mail", "b.eml")
    assert "The e-mail names no recipient; --to says who gets the new link." in done.err
    mail = (client.cwd / "b.eml").read_text()
    assert "\nTo: " not in mail
    done = client("resend", document["id"], "--new-address")
    assert client("links", "--to", "carol", "--json").documents == []
    assert f"To e-mail what is new: sentlinks mail {document['id']} --to ADDRESS --drafts" in done.err
    done = client("resend", document["id"], "--to", "carol@example.com")
    done = client("resend", document["id"], "--mail", "c.eml")
    assert "\nTo: carol@example.com\n" in (client.cwd / "c.eml").read_text()
    assert "no longer works" not in done.err
