"""``sentlinks send`` under a policy: what it refuses, its defaults, and passwords that are made to meet it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.servers.server import ServerProcess
from tests.system.command import Client


@pytest.fixture
def strict(fresh_server: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "work"
    folder.mkdir()
    client = Client(fresh_server.url, fresh_server.token, folder)
    client.file("a.txt", "a")
    return client


REFUSED: tuple[tuple[str, str, list[str], str, str], ...] = (
    ("password_required", "true", [], "", "policy.password_required"),
    ("password_min_length", "12", ["--password-stdin"], "short", "policy.password_too_short"),
    ("password_classes", "4", ["--password-stdin"], "abcdefghijkl1", "policy.password_too_plain"),
    ("expires_required", "true", [], "", "policy.expires_required"),
    ("expires_max", "7d", ["--expires", "9d"], "", "policy.expires_too_far"),
    ("downloads_required", "true", [], "", "policy.downloads_required"),
    ("downloads_max", "5", ["--downloads", "6"], "", "policy.downloads_too_many"),
)


def test_the_policy_refuses(strict: Client) -> None:
    """A send that the policy refuses creates nothing, not even a folder."""
    before = ""
    for rule, value, arguments, given, code in REFUSED:
        changes = [f"{rule}={value}", *([f"{before}="] if before else [])]
        assert strict("policy", "set", *changes).status == 0
        done = strict("send", "a.txt", *arguments, "--json", given=given)
        assert (done.status, done.error) == (3, code)
        before = rule
    assert strict("folders", "list", "--json").json == {"folders": []}


def test_what_the_policy_requires_is_named_with_its_options(strict: Client) -> None:
    (document,) = strict("send", "a.txt", "--json").documents
    for rule, says in (
        ("password", "a password; give one with --password-stdin or --generate-password."),
        ("expires", "an expiration date; give one with --expires."),
        ("downloads", "a download limit; give one with --downloads."),
    ):
        assert strict("policy", "set", f"{rule}_required=true").status == 0
        assert strict("send", "a.txt", "--anew").err == f"sentlinks: Your firm requires {says}\n"
        assert says in strict("resend", document["id"]).err
        assert strict("policy", "set", f"{rule}_required=").status == 0


def test_the_policys_defaults_are_taken_and_can_be_declined(strict: Client) -> None:
    assert strict("policy", "set", "expires_default=3d", "downloads_default=4").status == 0
    taken = strict("send", "a.txt", "--json").documents[0]
    assert taken["downloads_permitted"] == 4
    expires = datetime.fromisoformat(taken["expires_at"]) - datetime.fromisoformat(taken["sent_at"])
    assert timedelta(days=2, hours=23) < expires <= timedelta(days=3, minutes=1)
    declined = strict("send", "a.txt", "--expires", "none", "--downloads", "None", "--json").documents[0]
    assert (declined["downloads_permitted"], declined["expires_at"]) == (None, None)


def test_a_password_that_is_made_meets_the_policy(strict: Client) -> None:
    assert strict("policy", "set", "password_min_length=40", "password_classes=4").status == 0
    done = strict("send", "a.txt", "--generate-password", "--json")
    assert done.status == 0, done.err
    assert len(done.json["password"]) >= 40


def test_spans_count_from_the_servers_clock(strict: Client, fresh_server: ServerProcess) -> None:
    fresh_server.turn_clock(-86400 * 3)
    done = strict("send", "a.txt", "--expires", "2d", "--json")
    assert done.status == 0, done.err
    sent, expires = (datetime.fromisoformat(done.documents[0][key]) for key in ("sent_at", "expires_at"))
    assert timedelta(days=1, hours=23) < expires - sent <= timedelta(days=2, minutes=1)
