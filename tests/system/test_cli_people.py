"""Users: added, named, listed, removed and given another password, with the exit status of each refusal; and what is
recorded of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.terminal.terminal import Sentlinks
from tests.support.users.share import database
from tests.system.command import Client, run
from tests.system.people import new_name, send


def test_full_names(admin: Client) -> None:
    """Full names can be set, changed and removed, and are in the list."""
    name = new_name()
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


# ---------------------------------------------------------------- users


def test_users_are_added_listed_and_removed(admin: Client, server: ServerProcess) -> None:
    name = new_name()
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


def test_a_weak_password_is_refused_with_the_reason(admin: Client) -> None:
    """S44."""
    refused = admin("user", "add", new_name(), "--password-stdin", given="password1234")
    assert (refused.status, refused.err) == (
        2,
        "sentlinks: This password is too easy to guess: this is a very common password. Choose a longer one, such as "
        "four words that have nothing to do with each other.\n",
    )
    named = admin("user", "add", "\u0410LICE", "--password-stdin", "--json", given="secret-heron-1")
    assert (named.status, named.error) == (2, "name.mixed_scripts")
    name = new_name().replace("O", "0")
    admin("user", "add", name.replace("0", "O", 1), "--password-stdin", given="secret-heron-1")
    alike = admin("user", "add", name, "--password-stdin", "--json", given="secret-heron-1")
    assert (alike.status, alike.error) == (1, "user.looks_alike")


def test_an_administrator_stops_the_links_of_others(admin: Client, anna: Client) -> None:
    """By whole IDs only: the short ones are of one's own documents."""
    document = send(anna)
    assert admin("unpublish", document["id"], "--json").status == 5
    done = admin("unpublish", "--as-administrator", document["id"], "0" * 32, "--json")
    assert (done.status, done.json["documents"]) == (
        1,
        [{"id": document["id"], "owner": anna.environ["NAME"], "published": True}],
    )
    again = admin("unpublish", "--as-administrator", document["id"])
    assert (again.status, again.err) == (
        0,
        f"sentlinks: The link was off already: document {document['id']} of {anna.environ['NAME']}.\n",
    )
    assert admin("unpublish", "--as-administrator", "0" * 32, "--json").status == 5
    assert anna("unpublish", "--as-administrator", document["id"], "--json").status == 4
    assert "Stopped by an administrator, DJONES" in anna("audit", document["id"]).out


def test_a_name_that_nobody_can_type_is_spelled_out(admin: Client, server: ServerProcess) -> None:
    """An earlier version allowed such names: the list shows what to type to remove the user."""
    name = new_name()
    refused = admin("user", "add", f"{name}\u200b", "--password-stdin", "--json", given="secret-heron-1")
    assert (refused.status, refused.error) == (2, "name.invisible_character")
    assert admin("user", "add", name, "--password-stdin", given="secret-heron-1").status == 0
    with database(server) as connection:
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
    admin: Client, anna: Client, server: ServerProcess
) -> None:
    name = anna.environ["NAME"]
    home = {"SENTLINKS_HOME": str(anna.cwd / "home")}
    other = run(
        "login", name, "--password-stdin", "--server", server.url, "--json", given="anna-knows-1", **home
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
    assert run("whoami", SENTLINKS_SERVER=server.url, SENTLINKS_TOKEN=other.json["token"]).status == 4
    assert (
        run("login", name, "--password-stdin", "--server", server.url, given="anna-knows-1", **home).status
        == 4
    )
    assert (
        run("login", name, "--password-stdin", "--server", server.url, given="neu-und-lang-2", **home).status
        == 0
    )
    assert admin("user", "passwd", name, "--password-stdin", given="neu-und-lang-3").status == 0
    assert anna("whoami").status == 4


@few(4)
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
    assert f"Password of {name} changed by DJONES" in anna("audit", "--account").out
    assert f"Password of {name} changed by DJONES" in admin("audit", "--installation").out
    assert anna("audit", "--json").json == {"events": []}
    assert anna("audit", "--installation", "--json").status == 4
    first = admin("audit", "--installation", "--json").json["events"][0]
    assert (first["event"], first["details"]) == ("password set", {"person": name})
    for wrong in (["--account", "--installation"], ["--account", "x"]):
        assert admin("audit", *wrong).status == 2
