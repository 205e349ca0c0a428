"""Folders of sent documents, their members, and favourites: who may do what, with the exit status of each refusal."""

from __future__ import annotations

from tests.support.checks.long import more
from tests.support.terminal.terminal import Sentlinks
from tests.system.command import Client
from tests.system.people import send

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


@more
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
    for unknown in ("0" * 32, "ACTIVE!999999", "x/../y"):
        assert anna("favorites", "add", unknown, "--json").status == 5, unknown
    for unknown in ("ACTIVE!999999", "nothing"):
        assert anna("favorites", "rename", unknown, "X", "--json").status == 5, unknown
