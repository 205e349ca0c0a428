"""A user's sessions: what is reported about each, and ending them."""

from __future__ import annotations

from typing import Any

import httpx

from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, NOBODY, PASSWORD, Sender, problem

#: For what the database decides; all else is tried with SQLite.


def signed_in(server: ServerProcess, user: str, program: str | None = None) -> Sender:
    with server.guest() as guest:
        body = {"user": user, "password": PASSWORD, "program": program}
        return Sender(server, guest.post(f"{BASE}/login", json=body).raise_for_status().json()["token"])


def granted(server: ServerProcess, user: str, client: str = "picker") -> dict[str, str]:
    form = {"grant_type": "password", "username": user, "password": PASSWORD, "client_id": client}
    with server.guest() as guest:
        found: dict[str, str] = guest.post("/auth/oauth2/token", data=form).raise_for_status().json()
        return found


def renewed(server: ServerProcess, tokens: dict[str, str]) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    with server.guest() as guest:
        return guest.post("/auth/oauth2/token", data=form)


def sessions(sender: Sender) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sender.get("/sessions")["sessions"]
    return found


def test_the_data_folders_own(me: Sender) -> None:
    """T5: a user with the data folder is signed in through it."""
    (only,) = sessions(me)
    assert (only["kind"], only["client"], only["current"]) == ("data folder", None, True)
    assert only["begun_at"] == only["used_at"]


def test_what_is_shown_of_each(restored: Sender) -> None:
    """T5: with what, since when, from where, and how long it stays valid without being used."""
    server = restored.server
    restored.post("/users", {"name": "OLGA", "password": PASSWORD}, 201)
    with signed_in(server, "OLGA", "app") as app, signed_in(server, "OLGA") as other:
        tokens = granted(server, "OLGA")
        server.turn_clock(600)
        with signed_in(server, "OLGA", "command line") as command:
            found = sessions(command)
            kinds = [(each["kind"], each["client"], each["current"], each["address"]) for each in found]
            assert kinds[0] == ("command line", None, True, "127.0.0.1")
            assert sorted(kinds[1:]) == [
                ("app", None, False, "127.0.0.1"),
                ("oauth client", "picker", False, "127.0.0.1"),
                ("other", None, False, "127.0.0.1"),
            ]
            assert not any(secret in str(found) for secret in map(str, tokens.values()) if len(secret) > 20)
            app.get("/me")
            again = {each["kind"]: each for each in sessions(command)}
            assert again["app"]["used_at"] > again["app"]["begun_at"]
            assert again["app"]["ends_at"] > again["app"]["used_at"]
            assert other.get("/me")["user"] == "OLGA"
    # A renewal continues the session; only sessions that are still valid are listed.
    old = next(each for each in found if each["kind"] == "oauth client")
    server.turn_clock(3 * 86_400)
    renewed(server, tokens).raise_for_status()
    with signed_in(server, "OLGA") as late:
        new = next(each for each in sessions(late) if each["kind"] == "oauth client")
        assert (new["id"], new["begun_at"]) == (old["id"], old["begun_at"])
        assert new["used_at"] > old["used_at"]
        server.turn_clock(80 * 86_400)
        assert late.get("/me")["user"] == "OLGA"
        server.turn_clock(95 * 86_400)
        assert [each["current"] for each in sessions(late)] == [True]


def test_ending_one(me: Sender) -> None:
    """T5: that session, with everything that came of it, and no other."""
    server = me.server
    me.post("/users", {"name": "PIA", "password": PASSWORD}, 201)
    tokens = granted(server, "PIA")
    with signed_in(server, "PIA", "app") as app, signed_in(server, "PIA", "command line") as command:
        by_kind = {each["kind"]: each["id"] for each in sessions(app)}
        (ended,) = app.delete(f"/sessions/{by_kind['oauth client']}")["sessions"]
        assert ended["client"] == "picker"
        assert renewed(server, tokens).status_code == 400
        assert app.delete(f"/sessions/{by_kind['command line']}")["sessions"][0]["kind"] == "command line"
        problem(command.request("GET", "/me"), 401, "token.invalid")
        for ident in (by_kind["command line"], NOBODY, "x", "%00"):
            problem(app.request("DELETE", f"/sessions/{ident}"), 404, "session.unknown")
        assert app.delete(f"/sessions/{by_kind['app']}")["sessions"][0]["current"] is True
        problem(app.request("GET", "/sessions"), 401, "token.invalid")


@both
def test_ending_all_others(me: Sender) -> None:
    """T5: everywhere but here, whatever kind the others are; other users' sessions stay."""
    server = me.server
    me.post("/users", {"name": "RITA", "password": PASSWORD}, 201)
    tokens = granted(server, "RITA")
    with signed_in(server, "RITA") as here, signed_in(server, "RITA") as there:
        assert len(here.delete("/sessions")["sessions"]) == 2
        problem(there.request("GET", "/me"), 401, "token.invalid")
        assert renewed(server, tokens).status_code == 400
        assert here.delete("/sessions") == {"sessions": []}
        assert [each["current"] for each in sessions(here)] == [True]
    assert me.get("/me")["user"] == "DJONES"


def test_other_peoples_are_not_found(me: Sender) -> None:
    """S8: neither by list nor by id, not even for an administrator."""
    own = sessions(me)[0]["id"]
    with me.add_user("SUSI") as susi:
        problem(susi.request("DELETE", f"/sessions/{own}"), 404, "session.unknown")
        problem(me.request("DELETE", f"/sessions/{sessions(susi)[0]['id']}"), 404, "session.unknown")
        assert own not in [each["id"] for each in sessions(susi)]
    assert me.get("/me")["user"] == "DJONES"


def test_a_program_neither_sees_nor_ends_any(me: Sender) -> None:
    """S32: otherwise anyone who has its token could sign the user out."""
    me.post("/users", {"name": "TINA", "password": PASSWORD}, 201)
    with signed_in(me.server, "TINA") as tina:
        ident = sessions(tina)[0]["id"]
        with Sender(me.server, granted(me.server, "TINA")["access_token"]) as program:
            for method, path in (
                ("GET", "/sessions"),
                ("DELETE", "/sessions"),
                ("DELETE", f"/sessions/{ident}"),
            ):
                problem(program.request(method, path), 403, "grant.delegated")
        assert tina.get("/me")["user"] == "TINA"
