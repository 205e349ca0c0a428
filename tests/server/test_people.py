"""Users: signing in and out, and what an administrator does with them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import argon2
import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, PASSWORD, Sender, at_once, database, fetch, problem
from tui.server.accounts import users
from tui.server.base.clock import system_clock
from tui.server.installation.installation import open_context


def login(server: ServerProcess, user: str, password: str) -> httpx.Response:
    with server.guest() as guest:
        return guest.post(f"{BASE}/login", json={"user": user, "password": password})


def add(me: Sender, name: str, **more: Any) -> None:
    me.post("/users", {"name": name, "password": PASSWORD, **more}, 201)


# ---------------------------------------------------------------- signing in


def test_who_am_i(me: Sender) -> None:
    """P4: the token identifies the user; both headers can carry it."""
    known = me.get("/me")
    assert (known["user"], known["admin"], known["public_url"]) == ("DJONES", True, me.server.url)
    with me.server.guest() as guest:
        bearer = guest.get(f"{BASE}/me", headers={"Authorization": f"Bearer {me.server.token}"})
        assert bearer.json()["user"] == "DJONES"
        for headers in ({}, {"X-Auth-Token": "x"}, {"Authorization": "Basic x"}):
            problem(guest.get(f"{BASE}/me", headers=headers), 401, "token.invalid")


def test_signing_in_and_out(me: Sender) -> None:
    """P4: name and password, with the name in any case, give a token; signing out revokes that one only."""
    add(me, "carla")
    first, second = me.sign_in("CARLA"), me.sign_in("Carla")
    assert first["user"] == "CARLA"
    assert first["server"] == me.server.url
    assert first["token"] != second["token"]
    with Sender(me.server, first["token"]) as carla, Sender(me.server, second["token"]) as other:
        assert carla.get("/me")["user"] == "CARLA"
        assert carla.request("POST", "/logout").status_code == 204
        problem(carla.request("GET", "/me"), 401, "token.invalid")
        assert other.get("/me")["user"] == "CARLA"
    with database(me.server) as connection:
        kept = connection.execute("SELECT hash FROM tokens").fetchall()
    assert all(first["token"].encode() not in row[0] for row in kept)


def test_tokens_that_are_not_used(restored: Sender) -> None:
    """P4: a sign-in is valid until it hasn't been used for 90 days."""
    add(restored, "IDLE")
    token = restored.sign_in("IDLE")["token"]
    with Sender(restored.server, token) as idle:
        for day in (80, 160, 240):
            restored.server.turn_clock(day * 86_400)
            assert idle.get("/me")["user"] == "IDLE"
        restored.server.turn_clock(331 * 86_400)
        problem(idle.request("GET", "/me"), 401, "token.invalid")


def test_wrong_passwords(restored: Sender) -> None:
    """S15, S17: five wrong tries cost no wait, the next one does; the right password in time clears them."""
    add(restored, "DORA")
    for _ in range(5):
        problem(login(restored.server, "DORA", "wrong"), 401, "sign_in.refused")
    assert login(restored.server, "DORA", PASSWORD).status_code == 200
    for _ in range(6):
        problem(login(restored.server, "DORA", "wrong"), 401, "sign_in.refused")
    for password in (PASSWORD, "wrong"):
        throttled = login(restored.server, "DORA", password)
        problem(throttled, 429, "sign_in.throttled")
        assert 1 <= int(throttled.headers["retry-after"]) <= 2
    assert login(restored.server, "DJONES", "wrong").status_code == 401
    restored.server.turn_clock(3)
    assert login(restored.server, "DORA", PASSWORD).status_code == 200


def test_many_wrong_tries_of_a_name(restored: Sender) -> None:
    """S15: after over a hundred an hour, each network has one try a minute; an hour later everything is as before."""
    add(restored, "FINN")
    login(restored.server, "FINN", "wrong")
    with database(restored.server) as connection:
        connection.execute("UPDATE wrong_sign_ins SET tries = 100 WHERE network = '*'")
    problem(login(restored.server, "FINN", "wrong"), 401, "sign_in.refused")
    assert 55 <= int(login(restored.server, "FINN", "wrong").headers["retry-after"]) <= 60
    restored.server.turn_clock(61)
    problem(login(restored.server, "FINN", "wrong"), 401, "sign_in.refused")
    assert login(restored.server, "FINN", PASSWORD).status_code == 429
    restored.server.turn_clock(3761)
    assert login(restored.server, "FINN", PASSWORD).status_code == 200


async def test_tokens_are_forgotten(fresh_server: ServerProcess) -> None:
    """S20, S17: a token is forgotten a month after its end; a valid one stays."""
    with Sender(fresh_server) as me:
        with me.add_user("OLAF") as olaf:
            olaf.request("POST", "/logout")
        me.sign_in("OLAF")
    for days, left in ((29, 3), (31, 2), (119, 2), (121, 1)):
        moment = system_clock() + timedelta(days=days)
        context = await open_context(fresh_server.settings, lambda moment=moment: moment)
        try:
            await users.forget_old(context)
        finally:
            await context.close()
        with database(fresh_server) as connection:
            assert connection.execute("SELECT count(*) FROM tokens").fetchone() == (left,), days
    with Sender(fresh_server) as me:
        assert me.get("/me")["user"] == "DJONES"


# ---------------------------------------------------------------- users


def test_users(me: Sender) -> None:
    """P4: added by an administrator, stored in capitals, listed with the number of their working links."""
    add(me, "hanna", admin=True)
    with Sender(me.server, me.sign_in("hanna")["token"]) as hanna:
        hanna.send()
        listed = {user["name"]: user for user in hanna.get("/users")["users"]}
    assert listed["HANNA"]["admin"]
    assert listed["HANNA"]["id"] == "HANNA"
    assert listed["HANNA"]["published"] == 1
    assert "password" not in str(listed)
    for name in ("hanna", "HANNA", "Hanna "):
        response = me.request("POST", "/users", json={"name": name, "password": PASSWORD})
        problem(response, 409, "user.taken")


@few(5)
@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "a/b", "password": PASSWORD}, "name.forbidden_character"),
        ({"name": "*", "password": PASSWORD}, "name.forbidden_character"),
        ({"name": "a\x1bb", "password": PASSWORD}, "name.control_character"),
        ({"name": "  ", "password": PASSWORD}, "name.empty"),
        ({"name": "..", "password": PASSWORD}, "name.blank"),
        ({"name": "ß" * 200, "password": PASSWORD}, "name.too_long"),
        ({"name": "ok", "password": ""}, "password.empty"),
        ({"name": "ok", "password": "a\nb"}, "password.control_character"),
        ({"name": "ok", "password": "elevenchars"}, "password.too_short"),
        ({"name": "ok", "password": "1Q2w3e4r5t6y"}, "password.common"),
        ({"name": "ok", "password": "password1234"}, "password.weak"),
        ({"name": "mk", "full_name": "Martin Keller", "password": "Martin Keller 1"}, "password.weak"),
        ({"name": "\u0410LICE", "password": PASSWORD}, "name.mixed_scripts"),
        ({"name": "ok"}, "request.invalid"),
        ({"name": "ok", "password": PASSWORD, "admin": "yes"}, "request.invalid"),
    ],
)
def test_users_that_cannot_be(me: Sender, body: dict[str, Any], code: str) -> None:
    """D2: users' names follow the rules for names; passwords contain no control characters."""
    problem(me.request("POST", "/users", json=body), 422, code)


def test_a_name_that_looks_like_another(me: Sender) -> None:
    """S44: also in one script, and whichever was there first; once the other is gone, it is free."""
    for first, second in (("CAPO", "\u0421\u0410\u0420\u041e"), ("\u0412\u0415\u041d", "BEH")):
        with me.add_user(first):
            answer = me.request("POST", "/users", json={"name": second, "password": PASSWORD})
            assert first in problem(answer, 409, "user.looks_alike")["detail"]
        me.delete(f"/users/{first}")
        me.add_user(second).http.close()


def test_a_weak_password_of_before_still_signs_in(me: Sender) -> None:
    """S44: what is refused today may have been accepted earlier; only a new password has to be stronger."""
    with me.add_user("VERA") as vera:
        weak = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("password1234")
        with database(me.server) as connection:
            connection.execute("UPDATE users SET password_hash = ? WHERE name = ?", (weak, "VERA"))
        assert me.sign_in("VERA", "password1234")["user"] == "VERA"
        body = {"password": "aaaaaaaaaaaa", "present": "password1234"}
        problem(vera.request("PUT", "/users/VERA/password", json=body), 422, "password.weak")


def test_only_administrators(me: Sender) -> None:
    """P4, S23: other users can't add, list or remove anyone, or change anyone else's password."""
    with me.add_user("ISA") as isa:
        for method, path, body in (
            ("GET", "/users", None),
            ("POST", "/users", {"name": "x", "password": PASSWORD}),
            ("DELETE", "/users/DJONES", None),
            ("DELETE", "/users/NOBODY", None),
            ("PUT", "/users/DJONES/password", {"password": PASSWORD}),
            ("PUT", "/users/NOBODY/password", {"password": PASSWORD}),
        ):
            problem(isa.request(method, path, json=body), 403, "admin.only")


def test_changing_a_password(me: Sender) -> None:
    """P4: one's own or, as an administrator, another user's; that user's other tokens are revoked."""
    with me.add_user("JOHN") as john, Sender(me.server, me.sign_in("JOHN")["token"]) as elsewhere:
        changed = john.request(
            "PUT", "/users/john/password", json={"password": "New-Heron-11", "present": PASSWORD}
        )
        assert changed.json()["name"] == "JOHN"
        assert john.get("/me")["user"] == "JOHN"
        problem(elsewhere.request("GET", "/me"), 401, "token.invalid")
        assert login(me.server, "JOHN", PASSWORD).status_code == 401
        assert me.sign_in("JOHN", "New-Heron-11")
        assert me.request("PUT", "/users/JOHN/password", json={"password": PASSWORD}).status_code == 200
        problem(john.request("GET", "/me"), 401, "token.invalid")
    for name in ("NOBODY", "%00", "x" * 300):
        response = me.request("PUT", f"/users/{name}/password", json={"password": PASSWORD})
        problem(response, 404, "user.unknown")
    problem(me.request("PUT", "/users/JOHN/password", json={"password": ""}), 422, "password.empty")


def test_removing(me: Sender) -> None:
    """P4, S21: links stop, tokens end, folder and audit stay for its members; the number of links is returned."""
    with me.add_user("KATE") as kate:
        published, stopped = kate.send("a.txt"), kate.send("b.txt")
        kate.post(f"/documents/{stopped['id']}/unpublish")
        folder = published["folder"]["id"]
        kate.post(f"/folders/{folder}/members", {"name": "DJONES"})
        me.post(f"/folders/{me.folder}/members", {"name": "KATE"})
        assert me.delete("/users/kate") == {"user": "KATE", "unpublished": 1}
        problem(kate.request("GET", "/me"), 401, "token.invalid")
    assert fetch(me.server, published["url"]) is None
    assert login(me.server, "KATE", PASSWORD).status_code == 401
    assert me.get(f"/folders/{folder}/documents")["total"] == 2
    assert me.events(f"/documents/{published['id']}/audit")[-1] == "unpublished"
    assert me.get(f"/folders/{me.folder}/members") == {"members": []}
    assert "KATE" not in str(me.get("/users"))
    problem(me.request("DELETE", "/users/KATE"), 404, "user.unknown")


def test_added_again_is_a_new_person(me: Sender) -> None:
    """P4, S8: a user who is removed and added again sees nothing from before."""
    with me.add_user("LEO") as leo:
        document = leo.send()
    me.delete("/users/LEO")
    with me.add_user("LEO") as leo:
        assert leo.get("/folders") == {"folders": []}
        assert leo.get("/audit")["events"] == []
        assert leo.request("GET", f"/documents/{document['id']}").status_code == 404
        assert leo.ensure()["folder"]["name"] == "LEO - Secure Sent Links"


def test_the_last_administrator_stays(alone: Sender) -> None:
    """P4: there is always an administrator, even if two remove each other at the same moment."""
    problem(alone.request("DELETE", "/users/DJONES"), 409, "user.last_admin")
    with alone.add_user("MIA", admin=True) as mia:
        pairs = [(alone, "/users/MIA"), (mia, "/users/DJONES")]
        statuses = [r.status_code for r in at_once(2, lambda n: pairs[n][0].request("DELETE", pairs[n][1]))]
        assert statuses.count(200) == 1
        assert [alone.request("GET", "/me").status_code, mia.request("GET", "/me").status_code].count(
            200
        ) == 1


def test_a_link_does_not_outlive_its_sender(alone: Sender, tmp_path: Path) -> None:
    """P4, S25: while a user is being removed, nothing of theirs is published."""
    for turn in range(2):
        with alone.add_user(f"N{turn}") as sender:
            send = sender.open()["id"]
            uploads = [sender.upload(send, b"x") for _ in range(4)]

            def work(n: int, s: Sender = sender, i: str = send, u: list[str] = uploads, t: int = turn) -> Any:
                return alone.delete(f"/users/N{t}") if n == 4 else s.publish(i, u[n], f"{n}.txt", b"x")

            at_once(5, work)
    with database(alone.server) as connection:
        alive = connection.execute("SELECT count(*) FROM sent_documents WHERE state = 'published'").fetchone()
    assert alive == (0,)
