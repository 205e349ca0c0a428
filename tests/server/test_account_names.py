"""User names: they must be visible and typeable; names that were accepted earlier can still be removed."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, PASSWORD, Sender, database, problem

UNSEEN = "ALICE\u200b"
WIDE = "\uff22\uff25\uff32\uff34\uff21"


def kept_before(sender: Sender, name: str, *, admin: bool = False) -> None:
    """A user whose name an earlier version accepted and stored as it was."""
    sender.add_user("OF BEFORE", admin=admin).http.close()
    with database(sender.server) as connection:
        connection.execute("UPDATE users SET name = ? WHERE name = ?", (name, "OF BEFORE"))


def signs_in(server: ServerProcess, user: str) -> bool:
    with server.guest() as guest:
        return guest.post(f"{BASE}/login", json={"user": user, "password": PASSWORD}).status_code == 200


@few(4)
@pytest.mark.parametrize(
    "added",
    ["\u200b", "\u00ad", "\ufeff", "\u200e", "\u3164", "\u2800", "\ufe0f", "\U000e0041", "\U000e0101"],
)
def test_invisible_names_are_refused(me: Sender, added: str) -> None:
    """D2, S11: such a name looks like another one, and can't be typed."""
    for name in (f"ALICE{added}", f"{added}ALICE", f"AL{added}ICE"):
        answer = me.request("POST", "/users", json={"name": name, "password": PASSWORD, "admin": True})
        said = problem(answer, 422, "name.invisible_character")
        assert said["field"] == "name"
        assert f"U+{ord(added):04X}" in said["detail"] or added == "\u3164"
    assert "ALICE" not in str(me.get("/users"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\uff30etra", "PETRA"),
        ("Ame\u0301lie", "AM\u00c9LIE"),
        ("o\ufb03ce", "OFFICE"),
        (" anna \u00a0 lee ", "ANNA LEE"),
        ("stra\u00dfe", "STRASSE"),
    ],
)
def test_letters_have_one_form(me: Sender, typed: str, kept: str) -> None:
    """D2: every form of a letter means the same user, when adding one and at every lookup."""
    assert me.post("/users", {"name": typed, "password": PASSWORD}, 201)["name"] == kept
    for name in (typed, kept, kept.lower()):
        problem(me.request("POST", "/users", json={"name": name, "password": PASSWORD}), 409, "user.taken")
        assert me.sign_in(name)["user"] == kept
    found = me.http.get(f"/work/api/v2/customers/1/libraries/ACTIVE/users/{quote(typed)}")
    assert found.json()["data"]["id"] == kept
    members = me.post(f"/folders/{me.folder}/members", {"name": typed})["members"]
    assert kept in [member["name"] for member in members]
    assert me.delete(f"/users/{quote(typed)}")["user"] == kept


def test_who_was_let_in_before_can_be_removed(me: Sender) -> None:
    """D2: removing a user whose name has an invisible character never removes the one whose name looks the same."""
    me.add_user("ALICE").http.close()
    kept_before(me, UNSEEN, admin=True)
    assert signs_in(me.server, "ALICE")
    assert not signs_in(me.server, UNSEEN)
    assert me.delete(f"/users/{quote(UNSEEN)}")["user"] == UNSEEN
    names = {user["name"] for user in me.get("/users")["users"]}
    assert "ALICE" in names
    assert UNSEEN not in names
    problem(me.request("DELETE", f"/users/{quote(UNSEEN)}"), 404, "user.unknown")


def test_who_was_let_in_with_another_form_of_letters(me: Sender) -> None:
    """D2: they can still sign in; the user with the plain form is a different one."""
    me.add_user("BERTA").http.close()
    kept_before(me, WIDE)
    assert me.sign_in(WIDE)["user"] == WIDE
    assert me.sign_in("berta")["user"] == "BERTA"
    assert me.delete(f"/users/{quote(WIDE)}")["user"] != "BERTA"
    assert me.sign_in("\uff22erta")["user"] == "BERTA"


def test_the_last_administrator_is_one_who_can_sign_in(restored: Sender) -> None:
    """P4: an administrator who can't sign in doesn't count as a second one."""
    kept_before(restored, UNSEEN, admin=True)
    problem(restored.request("DELETE", "/users/DJONES"), 409, "user.last_admin")
    restored.delete(f"/users/{quote(UNSEEN)}")
    with restored.add_user("BEA", admin=True) as bea:
        kept_before(restored, UNSEEN, admin=True)
        assert bea.delete("/users/DJONES")["user"] == "DJONES"
        problem(bea.request("DELETE", "/users/BEA"), 409, "user.last_admin")
        assert bea.delete(f"/users/{quote(UNSEEN)}")["user"] == UNSEEN
