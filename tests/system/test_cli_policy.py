"""``sentlinks policy``: shown, set and unset."""

from __future__ import annotations

from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.system.command import Client


def test_the_policy_is_shown_set_and_unset(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    shown = client("policy", "show", "--json")
    keys = {
        "password_required", "password_min_length", "password_classes", "expires_required", "expires_default",
        "expires_max", "downloads_required", "downloads_default", "downloads_max", "folder_name", "grant_seconds",
        "password_refused", "notify_default", "recipients_domains", "recipients_others", "carries_warn",
        "carries_refuse", "carries_unreadable", "presets",
    }  # fmt: skip
    assert set(shown.json) == keys
    assert set(shown.json.values()) == {None}
    client.file("refused.txt", "hunter2\nTrustNo1\n")
    done = client(
        "policy", "set", "password_required=true", "expires_max=30d", "downloads_max=5",
        "password_refused=@refused.txt", "folder_name=Sent by us", "--json",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert done.json["password_required"] is True
    assert (done.json["expires_max"], done.json["downloads_max"]) == ("30d", 5)
    assert done.json["password_refused"] == ["hunter2", "TrustNo1"]
    # What is limited isn't required.
    assert (
        "Links without an expiration date are still allowed; expires_required=true forbids them." in done.err
    )
    assert "Links without a limit of downloads are still allowed" in done.err
    assert client("policy", "show", "--json").json == done.json
    counted = [line for line in client("policy", "show").out.splitlines() if "password_refused" in line]
    assert counted[0].split() == ["password_refused", "2", "passwords"]
    client.file("refused.txt", "trustno1")
    # That is said of what is set, and not whenever something else is.
    changed = client("policy", "set", "password_refused=@refused.txt")
    assert "1 password\n" in changed.out
    assert "still allowed" not in changed.err
    said = client("policy", "set", "downloads_required=").err
    assert "Links without a limit of downloads" in said
    assert "expiration date" not in said
    client.file("a.txt")
    sent = client("send", "a.txt", "--password-stdin", "--json", given="trustno1")
    assert (sent.status, sent.error) == (3, "policy.password_refused")
    unset = client(
        "policy", "set", "password_required=", "downloads_max=", "password_refused=", "--json"
    ).json
    assert (unset["password_required"], unset["downloads_max"], unset["password_refused"]) == (
        None,
        None,
        None,
    )
    assert unset["expires_max"] == "30d"
    said = client("policy", "set", "expires_required=true").err
    assert "still allowed" not in said
    document = client("send", "a.txt", "--expires", "7d", "--json").documents[0]
    assert document["folder"]["name"] == "DJONES - Sent by us"


REFUSED: tuple[list[str], ...] = (
    ["downloads_max=0"],
    ["downloads_max=1.5"],
    ["downloads_max=many"],
    ["password_required=perhaps"],
    ["expires_max=soon"],
    ["password_classes=5"],
    ["folder_name=a/b"],
    ["frobnicate=1"],
    ["downloads_max"],
    ["expires_default=9d", "expires_max=3d"],
    ["password_refused=hunter2"],
    ["password_refused=@missing.txt"],
    [],
)


def test_policies_refused(admin: Client) -> None:
    before = admin("policy", "show", "--json").json
    for values in REFUSED:
        done = admin("policy", "set", *values, "--json")
        assert done.status == 2, (values, done.err)
        assert done.error
    assert admin("policy", "show", "--json").json == before
