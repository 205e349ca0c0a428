"""Recipients as people write them, in commands and by the server's own addresses."""

from __future__ import annotations

import base64
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.support.mail.messages import MIXED, message
from tests.support.mail.typed_recipients import FORMS
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tests.system.command import Client

SWALLOWED = "Bob <b@example.com>, Carol <c@example.com>"
BOTH = SWALLOWED.split(", ")


@pytest.fixture
def client(server: ServerProcess, tmp_path: Path) -> Client:
    made = Client(server.url, server.token, tmp_path)
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    made.file("a.txt", b"a")
    return made


def test_two_in_one_option(client: Client, tmp_path: Path) -> None:
    """Both get the e-mail, by `send` and by `resend`; the note has both."""
    given = ("--to", SWALLOWED, "--to", "d@example.com;")
    done = client("send", "--mail", "one.eml", *given, "--json", "--", "a.txt")
    assert done.documents[0]["recipients"] == [*BOTH, "d@example.com"]
    again = client("resend", done.documents[0]["id"], "--mail", "two.eml", "--to", f"{SWALLOWED};", "--json")
    assert again.documents[0]["recipients"] == BOTH
    for name, kept in (("one.eml", [*BOTH, "d@example.com"]), ("two.eml", BOTH)):
        mail = message_from_bytes((tmp_path / name).read_bytes(), policy=default)
        assert [str(each) for each in mail["To"].addresses] == kept


@pytest.mark.parametrize("name", ["no comma", "a group", "nothing", "a bracket missing at the end"])
def test_what_is_refused_sends_nothing(client: Client, name: str) -> None:
    before = len(client("links", "--all", "--json").documents)
    given = [word for each in FORMS[name].options for word in ("--to", each)]
    done = client("send", "a.txt", "--mail", "a.eml", *given, "--json")
    assert (done.status, done.error) == (2, "mail.address")
    assert len(client("links", "--all", "--json").documents) == before


def test_after_two_hyphens_it_is_an_item(client: Client) -> None:
    done = client("send", "--json", "--", "a.txt", "--to", "b@example.com")
    assert (done.status, done.error) == (2, "file.missing")


def test_of_a_message(client: Client) -> None:
    """Also an address that its header has in UTF-8; what is none is told."""
    head = (f"To: Team: {SWALLOWED};", "Cc: j@exämple.com, nobody at all")
    client.file("a.eml", message(MIXED, *head))
    done = client("smart-attach", "a.eml", "--json")
    assert done.documents[0]["recipients"] == [*BOTH, "keller@example.com", "j@xn--exmple-cua.com"]
    assert "not an e-mail address: nobody at all\n" in done.err
    assert base64.b64decode(done.json["message_base64"])


def test_more_recipients_than_are_kept(client: Client) -> None:
    many = ",\n ".join(f"a{n}@example.com" for n in range(100))
    client.file("a.eml", message(MIXED, f"To: {many}"))
    done = client("smart-attach", "a.eml", "--json")
    assert len(done.documents[0]["recipients"]) == 100
    assert "Of 101 recipients, the first 100 are kept with the links." in done.err


def test_ones_own_address(client: Client, tmp_path: Path) -> None:
    """There is only one, in the configuration as for notifications."""
    done = client("user", "set", "admin", "--email", SWALLOWED, "--json")
    assert (done.status, done.error) == (2, "mail.address")
    client.file("home/config.toml", f"mail_from = '{SWALLOWED}'\n".encode())
    done = client("send", "a.txt", "--mail", "a.eml", "--to", "b@example.com", "--json")
    assert (done.status, done.error) == (2, "mail.address")
    assert not (tmp_path / "a.eml").exists()


def test_the_server_takes_one_address_for_one(server: ServerProcess, client: Client) -> None:
    document = client("send", "a.txt", "--json").documents[0]
    with Sender(server) as me:
        wants = (
            me.request("POST", "/sends", json={"folder": me.folder, "recipients": [SWALLOWED]}),
            me.request("PUT", f"/sends/{document['send_id']}/recipients", json={"recipients": [SWALLOWED]}),
        )
        assert [(each.status_code, each.json()["code"]) for each in wants] == [(422, "mail.address")] * 2
