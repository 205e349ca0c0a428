"""Users, folders and their members, favourites, the policy: with the exit status of each refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ServerProcess
from tests.support.share import database
from tests.support.terminal import Sentlinks
from tests.system.command import Client, run


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("people") / "data") as process:
        yield process


@pytest.fixture
def admin(people: ServerProcess, tmp_path: Path) -> Client:
    folder = tmp_path / "admin"
    folder.mkdir()
    return Client(people.url, people.token, folder)


_names = iter(f"PERSON{i}" for i in range(1000))


@pytest.fixture
def anna(admin: Client, people: ServerProcess, tmp_path: Path) -> Client:
    """A user who is not an administrator."""
    name = next(_names)
    assert admin("user", "add", name, "--password-stdin", given="anna-knows-1").status == 0
    home = tmp_path / "annas home"
    signed = run("login", name, "--password-stdin", "--server", people.url, "--json", given="anna-knows-1",
                 SENTLINKS_HOME=str(home))  # fmt: skip
    folder = tmp_path / "anna"
    folder.mkdir()
    client = Client(people.url, signed.json["token"], folder)
    client.environ = {**client.environ, "NAME": name}
    return client


def send(client: Client, name: str = "a.txt") -> dict[str, Any]:
    client.file(name, "content")
    done = client("send", name, "--json")
    assert done.status == 0, done.err
    return done.documents[0]


def test_full_names(admin: Client) -> None:
    """Full names can be set, changed and removed, and are in the list."""
    name = next(_names)
    added = admin(
        "user", "add", name, "--full-name", "Ada Löwe", "--password-stdin", "--json", given="ada-knows-11"
    )
    assert added.json["users"][0]["full_name"] == "Ada Löwe"
    assert "Ada Löwe" in admin("user", "list").out
    changed = admin("user", "set", name, "--full-name", "Ada King")
    assert (changed.status, changed.err) == (0, f"sentlinks: Recipients see {name} as Ada King.\n")
    taken = admin("user", "set", name, "--full-name", "")
    assert taken.err == f"sentlinks: Recipients see {name} as {name}.\n"
    assert admin("user", "set", name).status == 2
    assert admin("user", "set", name, "--full-name", "a\nb").status == 2
    assert admin("user", "set", "NOBODY-HERE", "--full-name", "x").status == 5


# ---------------------------------------------------------------- signing in


def test_login_keeps_the_token_for_later_commands(
    admin: Client, people: ServerProcess, tmp_path: Path
) -> None:
    """The token is used only for the server that issued it."""
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = next(_names)
    admin("user", "add", name.lower(), "--password-stdin", given="secret-heron-1\n")
    done = run(
        "login",
        name.lower(),
        "--password-stdin",
        "--server",
        people.url,
        "--json",
        given="secret-heron-1\n",
        **home,
    )
    assert done.status == 0, done.err
    assert set(done.json) == {"token", "user", "server"}
    assert (done.json["user"], done.json["server"]) == (name, people.url)
    kept = tmp_path / "own" / "state" / "sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert run("whoami", "--json", **home).json == {"user": name, "server": people.url, "admin": False}
    assert run("whoami", "--json", "--server", people.url + "/", **home).json["user"] == name
    with ServerProcess(tmp_path / "other") as other:
        refused = run("whoami", "--json", "--server", other.url, **home)
        assert refused.status == 4
        assert "needs an access token" in refused.err
    out = run("logout", "--json", **home)
    assert (out.status, out.json) == (0, {"user": name, "server": people.url})
    assert done.json["token"] not in kept.read_text()
    used = run("whoami", "--json", SENTLINKS_SERVER=people.url, SENTLINKS_TOKEN=done.json["token"])
    assert used.status == 4
    assert run("logout", "--server", people.url, **home).status == 0


def test_login_refused(admin: Client, people: ServerProcess, tmp_path: Path) -> None:
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    name = next(_names)
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")
    for who, password in ((name, "wrong"), ("NOBODY", "secret-heron-1"), ("x/../y", "p")):
        done = run("login", who, "--password-stdin", "--server", people.url, "--json", given=password, **home)
        assert (done.status, done.error) == (4, "sign_in.refused")
    assert not (tmp_path / "own" / "state" / "sign-ins.json").exists()
    assert run("login", name, "--server", people.url, given="secret-heron-1", **home).status == 2
    assert (
        run("login", name, "--password-stdin", "--server", "http://127.0.0.1:1", given="x", **home).status
        == 6
    )


def test_many_wrong_passwords_are_throttled(admin: Client, people: ServerProcess) -> None:
    name = next(_names)
    admin("user", "add", name, "--password-stdin", given="secret-heron-1")
    codes = []
    # The server's clock is stopped, so that no wait ends however slow this machine is.
    people.stop_clock(datetime.now(UTC))
    try:
        for _ in range(8):
            done = run("login", name, "--password-stdin", "--server", people.url, "--json", given="wrong")
            assert done.status == 4
            codes.append(done.error)
    finally:
        people.turn_clock(0)
    assert codes[0] == "sign_in.refused"
    assert codes[-1] == "sign_in.throttled"


def test_logout_forgets_where_the_server_is_gone(admin: Client, tmp_path: Path) -> None:
    home = {"SENTLINKS_HOME": str(tmp_path / "own")}
    with ServerProcess(tmp_path / "gone") as gone:
        own = Client(gone.url, gone.token, tmp_path)
        own("user", "add", "ANNA", "--password-stdin", given="secret-heron-1")
        assert (
            run(
                "login", "ANNA", "--password-stdin", "--server", gone.url, given="secret-heron-1", **home
            ).status
            == 0
        )
    done = run("logout", "--json", **home)
    assert (done.status, done.error) == (6, "server.unreachable")
    assert json.loads((tmp_path / "own" / "state" / "sign-ins.json").read_text())["servers"] == {}


def test_whoami_in_words(admin: Client, people: ServerProcess) -> None:
    assert admin("whoami").out == f"DJONES, an administrator on {people.url}\n"


# ---------------------------------------------------------------- users


def test_users_are_added_listed_and_removed(admin: Client, people: ServerProcess) -> None:
    name = next(_names)
    added = admin(
        "user", "add", name.lower(), "--admin", "--password-stdin", "--json", given="secret-heron-1"
    )
    assert added.status == 0, added.err
    user = added.json["users"][0]
    assert (user["id"], user["name"], user["admin"], user["published"]) == (name, name, True, 0)
    listed = admin("user", "list", "--json").json
    assert list(listed) == ["users"]
    assert user in listed["users"]
    assert name in admin("user", "list").out
    again = admin("user", "add", name, "--password-stdin", "--json", given="secret-heron-1")
    assert (again.status, again.error) == (1, "user.taken")
    gone = admin("user", "remove", name, "--yes", "--json")
    assert (gone.status, gone.json["unpublished"]) == (0, 0)
    assert admin("user", "remove", name, "--yes", "--json").status == 5


def test_removing_someone_stops_their_links(admin: Client, anna: Client) -> None:
    document = send(anna)
    name = anna.environ["NAME"]
    refused = admin("user", "remove", name, "--json")
    assert (refused.status, refused.error) == (2, "yes.missing")
    with Sentlinks(["user", "remove", name.lower()], admin.environ, columns=120) as terminal:
        terminal.wait_for("1 published link")
        terminal.type("n\r")
        assert terminal.wait() == 1
    assert anna("links", "--json").documents[0]["published"] is True
    gone = admin("user", "remove", name, "--yes", "--json")
    assert gone.json["unpublished"] == 1
    assert anna("whoami", "--json").status == 4
    import httpx

    assert httpx.post(document["url"], trust_env=False).status_code == 404


def test_a_name_that_nobody_can_type_is_spelled_out(admin: Client, people: ServerProcess) -> None:
    """An earlier version allowed such names: the list shows what to type to remove the user."""
    name = next(_names)
    refused = admin("user", "add", f"{name}\u200b", "--password-stdin", "--json", given="secret-heron-1")
    assert (refused.status, refused.error) == (2, "name.invisible_character")
    assert admin("user", "add", name, "--password-stdin", given="secret-heron-1").status == 0
    with database(people) as connection:
        connection.execute("UPDATE users SET name = ? WHERE name = ?", (f"{name}\u200b", name))
    assert f"{name}\\u200B " in admin("user", "list").out
    assert admin("user", "remove", name, "--yes").status == 5
    gone = admin("user", "remove", f"{name}\\u200B", "--yes")
    assert gone.status == 0
    assert gone.err == f"sentlinks: Removed {name}\\u200B and stopped 0 published links.\n"


def test_the_last_administrator_stays(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    done = client("user", "remove", "DJONES", "--yes", "--json")
    assert (done.status, done.error) == (1, "user.last_admin")


def test_a_password_is_changed_and_other_tokens_end(
    admin: Client, anna: Client, people: ServerProcess
) -> None:
    name = anna.environ["NAME"]
    home = {"SENTLINKS_HOME": str(anna.cwd / "home")}
    other = run(
        "login", name, "--password-stdin", "--server", people.url, "--json", given="anna-knows-1", **home
    )
    for given, status, code in (
        ("neu-und-lang-2", 2, "password.present_missing"),
        ("wrong\nneu-und-lang-2", 4, "password.present_wrong"),
        ("anna-knows-1\n\n", 2, "password.empty"),
        ("anna-knows-1\nelevenchars", 2, "password.too_short"),
        ("anna-knows-1\nChickenWing101", 2, "password.common"),
    ):
        refused = anna("user", "passwd", name, "--password-stdin", "--json", given=given)
        assert (refused.status, refused.error) == (status, code), given
    done = anna("user", "passwd", name, "--password-stdin", "--json", given="anna-knows-1\nneu-und-lang-2\n")
    assert done.status == 0, done.err
    assert anna("whoami").status == 0
    assert run("whoami", SENTLINKS_SERVER=people.url, SENTLINKS_TOKEN=other.json["token"]).status == 4
    assert (
        run("login", name, "--password-stdin", "--server", people.url, given="anna-knows-1", **home).status
        == 4
    )
    assert (
        run("login", name, "--password-stdin", "--server", people.url, given="neu-und-lang-2", **home).status
        == 0
    )
    assert admin("user", "passwd", name, "--password-stdin", given="neu-und-lang-3").status == 0
    assert anna("whoami").status == 4


@pytest.mark.parametrize(
    ("arguments", "given", "status"),
    [
        (["add", "a/b", "--password-stdin"], "secret-heron-1", 2),
        (["add", "", "--password-stdin"], "secret-heron-1", 2),
        (["add", "NEWONE", "--password-stdin"], "elevenchars", 2),
        (["add", "NEWONE", "--password-stdin"], "1Q2w3e4r5t6y", 2),
        (["passwd", "NOBODY", "--password-stdin"], "elevenchars", 2),
        (["add", "NEWONE", "--password-stdin"], "", 2),
        (["add", "NEWONE", "--password-stdin"], "a\nb", 2),
        (["add", "NEWONE"], "x", 2),
        (["add", "--password-stdin"], "x", 2),
        (["passwd", "NOBODY", "--password-stdin"], "secret-heron-1", 5),
        (["remove", "NOBODY", "--yes"], "", 5),
        (["remove", "../me", "--yes"], "", 2),
        (["frobnicate"], "", 2),
    ],
)
def test_wrong_ways_with_users(admin: Client, arguments: list[str], given: str, status: int) -> None:
    done = admin("user", *arguments, "--json", given=given)
    assert done.status == status, done.err
    assert done.error


def test_who_is_no_administrator_may_not(anna: Client) -> None:
    for arguments in (
        ["user", "list"],
        ["user", "add", "X", "--password-stdin"],
        ["user", "remove", "DJONES", "--yes"],
        ["user", "passwd", "DJONES", "--password-stdin"],
        ["policy", "set", "downloads_max=5"],
    ):
        done = anna(*arguments, "--json", given="heron-and-more-1")
        assert done.status == 4, done.err
        assert done.error


# ---------------------------------------------------------------- folders and members


def test_what_is_anothers_is_not_found(admin: Client, anna: Client) -> None:
    document = send(admin)
    folder = document["folder"]["id"]
    for command in (
        ["unpublish"],
        ["delete"],
        ["resend"],
        ["get"],
        ["unlock"],
        ["audit"],
        ["trash", "restore"],
    ):
        done = anna(*command, document["id"], "--json")
        assert done.status == 5, command
    assert anna("links", "--folder", folder, "--json").status == 5
    assert anna("folders", "members", folder, "--json").status == 5
    assert anna("folders", "delete", folder, "--yes", "--json").status == 5
    assert document["id"] not in [d["id"] for d in anna("links", "--all", "--json").documents]


def test_a_member_sees_and_fetches_and_changes_nothing(admin: Client, anna: Client) -> None:
    document = send(admin, "shared.txt")
    folder, name = document["folder"]["id"], anna.environ["NAME"]
    added = admin("folders", "members", folder, "--add", name.lower())
    assert added.status == 0
    assert "single documents can't be hidden from them" in added.err
    assert name in admin("folders", "members", folder).out
    listed = admin("folders", "members", folder, "--json").json
    assert list(listed) == ["members"]
    assert [m["id"] for m in listed["members"]] == [name]
    own = anna("folders", "list", "--json").json["folders"]
    assert [(f["id"], f["role"], f["name"]) for f in own] == [(folder, "member", document["folder"]["name"])]
    seen = anna("links", "--folder", folder, "--json").documents[0]
    assert (seen["id"], seen["url"]) == (document["id"], None)
    assert "-" in anna("links", "--folder", folder).out
    assert anna("get", document["id"], "--json").status == 0
    assert (anna.cwd / "shared.txt").read_text() == "content"
    for command in (["unpublish"], ["delete"], ["resend"], ["unlock"]):
        assert anna(*command, document["id"], "--json").status == 4, command
    assert anna("folders", "delete", folder, "--yes", "--json").status == 4
    assert anna("folders", "members", folder, "--add", "DJONES", "--json").status == 4
    # A name that would change the request's address is never sent: it would delete the folder.
    for way in ("..", ".", ""):
        assert admin("folders", "members", folder, "--remove", way, "--json").status in (2, 5), way
    assert name in admin("folders", "members", folder).out
    for way in ("..", "."):
        assert admin("user", "remove", way, "--yes", "--json").status in (2, 5), way
    for way in ("..", ".", "\udcff", "ACTIVE!\udcff", "ACTIVE!.."):
        assert admin("release", way, "--json").status == 5, way
    removed = admin("folders", "members", folder, "--remove", name, "--json")
    assert removed.json == {"members": []}
    assert anna("links", "--folder", folder, "--json").status == 5


def test_members_refused(admin: Client) -> None:
    folder = send(admin)["folder"]["id"]
    assert admin("folders", "members", folder, "--add", "NOBODY", "--json").status == 5
    assert admin("folders", "members", folder, "--add", "DJONES", "--json").status == 2
    assert admin("folders", "members", "0" * 32, "--add", "DJONES", "--json").status == 5


def test_a_folder_is_deleted_with_what_it_holds(anna: Client) -> None:
    document = send(anna)
    folder = document["folder"]
    listed = anna("folders", "list", "--json").json["folders"]
    assert [(f["id"], f["name"], f["role"], f["current"], f["published"]) for f in listed] == [
        (folder["id"], folder["name"], "owner", True, 1)
    ]
    refused = anna("folders", "delete", folder["id"], "--json")
    assert (refused.status, refused.error) == (2, "yes.missing")
    with Sentlinks(["folders", "delete", folder["id"]], anna.environ, columns=120) as terminal:
        terminal.wait_for("1 published link")
        terminal.type("y\r")
        terminal.wait_for("Are you sure?")
        terminal.type("n\r")
        assert terminal.wait() == 1
    done = anna("folders", "delete", folder["id"], "--yes", "--json")
    assert (done.status, done.json) == (0, {"folders": [folder], "deleted": 1})
    assert anna("folders", "list", "--json").json == {"folders": []}
    assert [d["id"] for d in anna("trash", "list", "--json").documents] == [document["id"]]
    assert anna("folders", "delete", folder["id"], "--yes", "--json").status == 5
    assert anna("links", "--json").status == 0


# ---------------------------------------------------------------- favourites


def test_favorites(anna: Client) -> None:
    folder = send(anna)["folder"]
    done = anna("favorites", "list", "--json")
    assert list(done.json) == ["favorites"]
    (shortcut,) = done.json["favorites"]
    assert {"id", "name", "target"} <= set(shortcut)
    assert shortcut["name"] == folder["name"]
    renamed = anna("favorites", "rename", shortcut["id"], "Mine", "--json")
    assert renamed.json["favorites"][0]["name"] == "Mine"
    assert "Mine" in anna("favorites", "list").out
    assert anna("favorites", "remove", shortcut["id"], "--json").status == 0
    assert anna("favorites", "list", "--json").json == {"favorites": []}
    assert anna("favorites", "remove", shortcut["id"], "--json").status == 5
    added = anna("favorites", "add", folder["id"], "--json")
    assert added.status == 0, added.err
    assert added.json["favorites"][0]["target"]["id"] == shortcut["target"]["id"]
    by_work = anna("favorites", "add", shortcut["target"]["id"], "--json")
    assert by_work.status == 0, by_work.err
    for unknown in ("0" * 32, "ACTIVE!999999", "x/../y", ""):
        assert anna("favorites", "add", unknown, "--json").status == 5, unknown
    for unknown in ("ACTIVE!999999", "nothing"):
        assert anna("favorites", "rename", unknown, "X", "--json").status == 5, unknown


# ---------------------------------------------------------------- policy


def test_the_policy_is_shown_set_and_unset(fresh_server: ServerProcess, tmp_path: Path) -> None:
    client = Client(fresh_server.url, fresh_server.token, tmp_path)
    shown = client("policy", "show", "--json")
    keys = {
        "password_required", "password_min_length", "password_classes", "expires_required", "expires_default",
        "expires_max", "downloads_required", "downloads_default", "downloads_max", "folder_name", "grant_seconds",
        "password_refused", "notify_default",
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
    assert client("policy", "show", "--json").json == done.json
    assert "hunter2" not in client("policy", "show").out
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
    document = client("send", "a.txt", "--json").documents[0]
    assert document["folder"]["name"] == "DJONES - Sent by us"


@pytest.mark.parametrize(
    "values",
    [
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
    ],
)
def test_policies_refused(admin: Client, values: list[str]) -> None:
    before = admin("policy", "show", "--json").json
    done = admin("policy", "set", *values, "--json")
    assert done.status == 2, done.err
    assert done.error
    assert admin("policy", "show", "--json").json == before


# ---------------------------------------------------------------- the audit of users


def test_what_an_administrator_did_to_an_account_is_shown_to_its_owner(admin: Client, anna: Client) -> None:
    """P3, S33: owners see it apart from what happened to documents; administrators see the installation's events."""
    name = anna.environ["NAME"]
    done = admin("user", "passwd", name, "--password-stdin", given="Blue-Heron-50")
    assert done.status == 0, done.err
    again = run("login", name, "--password-stdin", "--server", admin.environ["SENTLINKS_SERVER"], "--json",
                given="Blue-Heron-50", SENTLINKS_HOME=str(anna.cwd))  # fmt: skip
    anna.environ = {**anna.environ, "SENTLINKS_TOKEN": again.json["token"]}
    events = anna("audit", "--account", "--json", "--verify").json
    assert [(event["event"], event["actor"]) for event in events["events"]] == [
        ("signed in", name),
        ("password set", "DJONES"),
        ("signed in", name),
        ("person added", "DJONES"),
    ]
    assert events["verified"]["broken"] is None
    assert "password set" in anna("audit", "--account").out
    assert anna("audit", "--json").json == {"events": []}
    assert anna("audit", "--installation", "--json").status == 4
    first = admin("audit", "--installation", "--json").json["events"][0]
    assert (first["event"], first["details"]) == ("password set", {"person": name})
    for wrong in (["--account", "--installation"], ["--account", "x"]):
        assert admin("audit", *wrong).status == 2
