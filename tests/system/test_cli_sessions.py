"""``sentlinks sessions``: where the user is signed in, and signing out there."""

from __future__ import annotations

from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.support.users.share import NOBODY, PASSWORD, Sender
from tests.system.command import Client, run


def signed_in(server: ServerProcess, home: Path) -> Client:
    """A user who has signed in on the command line."""
    environ = {"SENTLINKS_HOME": str(home)}
    done = run(
        "login", "ANNA", "--password-stdin", "--server", server.url, "--json", given=PASSWORD, **environ
    )
    assert done.status == 0, done.err
    return Client(server.url, done.json["token"], home)


def test_sessions_are_listed_and_revoked(fresh_server: ServerProcess, tmp_path: Path) -> None:
    with Sender(fresh_server) as admin:
        admin.post("/users", {"name": "ANNA", "password": PASSWORD}, 201)
        elsewhere = Sender(fresh_server, admin.sign_in("ANNA")["token"])
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    here, there = signed_in(fresh_server, tmp_path / "here"), signed_in(fresh_server, tmp_path / "there")
    listed = here("sessions", "list", "--json")
    assert (listed.status, list(listed.json)) == (0, ["sessions"])
    kinds = [(each["kind"], each["current"]) for each in listed.json["sessions"]]
    assert sorted(kinds) == [("command line", False), ("command line", True), ("other", False)]
    table = here("sessions", "list").out
    assert table.splitlines()[0].split() == ["WITH", "LAST", "USED", "FROM", "SIGNED", "IN", "ID"]
    assert table.count("(this one)") == 1
    assert all(each["id"] in table for each in listed.json["sessions"])

    other = next(each["id"] for each in listed.json["sessions"] if each["kind"] == "other")
    done = here("sessions", "revoke", other, NOBODY, "--json")
    assert done.status == 1
    assert [(each["id"], each["status"]) for each in done.json["sessions"]] == [
        (other, "succeeded"),
        (NOBODY, "failed"),
    ]
    assert "You have no such session" in done.err
    with elsewhere:
        assert elsewhere.request("GET", "/me").status_code == 401
    # An ID that would change the request's address is never sent: it would end all other sessions.
    for way in (".", "..", "\udcff"):
        refused = here("sessions", "revoke", way, "--json")
        assert (refused.status, refused.error) == (5, "name.unknown"), way
    assert there("whoami").status == 0
    gone = here("sessions", "revoke", other, "--json")
    assert (gone.status, gone.error) == (5, "session.unknown")

    ended = here("sessions", "revoke", "--others")
    assert ended.status == 0, ended.err
    assert "Signed out" in ended.err
    assert there("whoami").status == 4
    assert here("sessions", "revoke", "--others", "--json").json == {"sessions": []}
    for words in ([], [NOBODY, "--others"]):
        refused = here("sessions", "revoke", *words, "--json")
        assert (refused.status, refused.error) == (2, "sessions.which")
    # The user's own session is ended last, whatever the order.
    there = signed_in(fresh_server, tmp_path / "there")
    found = here("sessions", "list", "--json").json["sessions"]
    ids = sorted(found, key=lambda each: not each["current"])
    done = here("sessions", "revoke", *(each["id"] for each in ids), "--json")
    assert [each["status"] for each in done.json["sessions"]] == ["succeeded"] * 2
    assert here("whoami").status == 4
    assert there("whoami").status == 4
