"""``--preset``: the user's own presets and the administrator's, for all commands that send, within the policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.mail.messages import MIXED, message
from tests.support.servers.server import ServerProcess
from tests.system.command import Client

OWN = """
[presets.client]
password = true
expires = "7d"
downloads = 5
notify = false
to = ["Anna Arp <anna@halyard.example>", "bob@halyard.example"]

[presets.old]
expires = 2020-01-01
"""


@pytest.fixture
def client(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    (tmp_path / "home").mkdir(mode=0o700)
    (tmp_path / "home" / "config.toml").write_text(OWN)
    (tmp_path / "home" / "config.toml").chmod(0o600)
    (tmp_path / "work").mkdir()
    made = Client(fresh_server.url, fresh_server.token, tmp_path / "work")
    made.environ = {**made.environ, "SENTLINKS_HOME": str(tmp_path / "home")}
    made.file("a.txt", "a")
    return made


def test_a_preset_of_ones_own_and_what_is_given_before_it(client: Client) -> None:
    done = client("send", "a.txt", "--preset", "Client", "--downloads", "2", "--json")
    assert done.status == 0, done.err
    (document,) = done.documents
    assert (document["downloads_permitted"], document["has_password"]) == (2, True)
    assert document["recipients"] == ["Anna Arp <anna@halyard.example>", "bob@halyard.example"]
    lasts = datetime.fromisoformat(document["expires_at"]) - datetime.fromisoformat(document["sent_at"])
    assert timedelta(days=6, hours=23) < lasts <= timedelta(days=7, minutes=1)
    assert len(done.json["password"].split("-")) == 7
    again = client("send", "a.txt", "--anew", "--preset", "client", "--password-stdin", given="Grey-Heron-48")
    assert again.status == 0, again.err
    assert "The password is strong." in again.err
    assert "share it another way" not in again.err
    assert "blanks" not in again.err
    blanks = client(
        "send", "a.txt", "--anew", "--preset", "client", "--password-stdin", given=" Grey-Heron-48 \n"
    )
    assert "The password has blanks at its ends, which recipients must enter, too.\n" in blanks.err


def test_those_of_the_administrator_are_for_everyone(client: Client, fresh_server: ServerProcess) -> None:
    assert client("policy", "set", "presets=court: expires=1d downloads=1").status == 0
    client.file("presets.txt", 'court: expires=1d downloads=1\nbank: expires="31 Dec 2030"\n')
    assert client("policy", "set", "presets=@presets.txt").status == 0
    assert "court, bank" in client("policy", "show").out
    assert client("policy", "show", "--json").json["presets"] == [
        "court: expires=1d downloads=1",
        "bank: expires='31 Dec 2030'",
    ]
    assert client("send", "a.txt", "--preset", "court", "--json").documents[0]["downloads_permitted"] == 1


def test_sending_again_takes_what_it_has_and_keeps_the_rest(client: Client) -> None:
    (sent,) = client("send", "a.txt", "--downloads", "9", "--expires", "2d", "--json").documents
    assert client("policy", "set", "presets=court: downloads=1 to=c@x.example").status == 0
    (again,) = client("resend", sent["id"], "--preset", "court", "--json").documents
    assert (again["downloads_permitted"], again["expires_at"]) == (1, sent["expires_at"])
    assert again["recipients"] == ["c@x.example"]
    made = client("resend", sent["id"], "--preset", "client", "--json")
    assert made.documents[0]["has_password"]
    assert len(made.json["password"].split("-")) == 7


def test_a_message_is_sent_with_it(client: Client) -> None:
    client.file("offer.eml", message(MIXED))
    done = client("smart-attach", "offer.eml", "--preset", "client", "--downloads", "none")
    assert done.status == 0, done.err
    assert "The password is " in done.err
    (document,) = client("links", "--json").documents
    assert (document["downloads_permitted"], document["has_password"]) == (None, True)


def test_what_the_policy_refuses_is_told_with_the_setting_and_nothing_is_sent(client: Client) -> None:
    assert client("policy", "set", "expires_max=3d").status == 0
    done = client("send", "a.txt", "--preset", "client", "--json")
    assert (done.status, done.error) == (3, "policy.expires_too_far")
    assert (
        "The preset “client” is refused for the expiration date: your firm lets links last 3 days at most."
        in done.err
    )
    assert client("send", "a.txt", "--preset", "client", "--expires", "2d").status == 0, (
        "it isn't needed then"
    )
    old = client("send", "a.txt", "--anew", "--preset", "old", "--json")
    assert (old.status, old.error) == (2, "expires.past")
    assert client("policy", "set", "presets=court: expires=30d", "--json").error == "policy.expires_too_far"
    assert client("policy", "show", "--json").json["presets"] is None


def test_a_name_that_nobody_has(client: Client) -> None:
    for name, meant in (
        ("cleint", "Did you mean 'client'?"),
        ("--x", "There are client, old."),
        ("", "There are"),
    ):
        done = client("send", "a.txt", f"--preset={name}", "--json")
        assert (done.status, done.error) == (2, "preset.unknown"), name
        assert meant in done.err
    assert client("send", "--resume", "123456", "--preset", "client").status == 2
    assert client("links", "--json").documents == []


def test_a_wrong_preset_is_told_before_anything_is_sent(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "home" / "config.toml"
    file.write_text('[presets.client]\nexpiry = "7d"\n')
    done = client("send", "a.txt", "--preset", "client")
    assert done.status == 2
    assert "has no setting expiry. Did you mean 'expires'?" in done.err
    assert client("send", "a.txt").status == 0, "it isn't needed"
    checked = client("doctor", "--json").json["checks"]
    (row,) = [each for each in checked if each["id"] == "setting presets"]
    assert row["state"] == "bad"
    in_environment = client("send", "a.txt", "--anew", "--preset", "x", SENTLINKS_PRESETS="x: downloads=3")
    assert in_environment.status == 0, in_environment.err
