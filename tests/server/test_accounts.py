"""What can take over an account, and what can't: programs' grants, one's own password, guesses over many names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.databases import both, on_postgres
from tests.support.servers.put_back import put_back
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, PASSWORD, Sender, at_once, problem, until
from tests.support.users.work import add_person

NEW = "Grey-Heron-52"
NOON = datetime(2030, 5, 1, 12, tzinfo=UTC)


def login(server: ServerProcess, user: str, password: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.guest() as guest:
        return guest.post(f"{BASE}/login", json={"user": user, "password": password}, headers=named)


def put_password(sender: Sender, name: str, **body: Any) -> httpx.Response:
    return sender.request("PUT", f"/users/{name}/password", json=body)


# ---------------------------------------------------------------- grants


def test_a_grant_does_not_take_the_account(me: Sender) -> None:
    """S32: the holder of a program's half-hour token can't change a password, not even with the present one."""
    with Sender(me.server, add_person(me.server, "GRACE")) as grace:
        for name, present in (("GRACE", None), ("grace", PASSWORD)):
            answer = put_password(grace, name, password=NEW, present=present)
            problem(answer, 403, "grant.delegated")
    assert me.sign_in("GRACE")["user"] == "GRACE"


def test_a_grant_of_an_administrator_changes_neither_people_nor_policy(me: Sender) -> None:
    """S32: it can read what the administrator can, and change nothing."""
    me.post("/users", {"name": "ADA", "password": PASSWORD, "admin": True}, 201)
    form = {"grant_type": "password", "username": "ADA", "password": PASSWORD}
    with me.server.guest() as guest:
        token = guest.post("/auth/oauth2/token", data=form).raise_for_status().json()["access_token"]
    with Sender(me.server, token) as ada:
        for method, path, body in (
            ("POST", "/users", {"name": "EVE", "password": PASSWORD, "admin": True}),
            ("DELETE", "/users/DJONES", None),
            ("PUT", "/users/DJONES/password", {"password": NEW}),
            ("PATCH", "/policy", {"downloads_max": 5}),
        ):
            problem(ada.request(method, path, json=body), 403, "grant.delegated")
        assert {user["name"] for user in ada.get("/users")["users"]} >= {"ADA", "DJONES"}
        assert ada.get("/policy")["downloads_max"] is None
        assert "EVE" not in str(ada.get("/users"))


# ---------------------------------------------------------------- one's own password


def test_ones_own_password_takes_the_present_one(me: Sender) -> None:
    """S32: a token alone, such as one that was found, can't change a password."""
    with me.add_user("HUGO") as hugo:
        refused = problem(put_password(hugo, "HUGO", password=NEW), 422, "password.present_missing")
        assert refused["field"] == "present"
        problem(put_password(hugo, "hugo", password=NEW, present="wrong"), 403, "password.present_wrong")
        assert me.sign_in("HUGO")["user"] == "HUGO"
        assert put_password(hugo, "HUGO", password=NEW, present=PASSWORD).status_code == 200
        assert login(me.server, "HUGO", PASSWORD).status_code == 401
        assert me.sign_in("HUGO", NEW)["user"] == "HUGO"


def test_an_administrators_own_password_too(me: Sender) -> None:
    """S32: they need the present password for their own, not for another user's; the first one starts without any."""
    with me.add_user("IRMA", admin=True) as irma, me.add_user("IVAN"):
        problem(put_password(irma, "IRMA", password=NEW), 422, "password.present_missing")
        assert put_password(irma, "IVAN", password=NEW).status_code == 200
        assert me.sign_in("IVAN", NEW)["user"] == "IVAN"
    assert put_password(me, "DJONES", password=NEW).status_code == 200
    problem(put_password(me, "DJONES", password=PASSWORD), 422, "password.present_missing")


def test_present_passwords_are_guessed_as_slowly_as_at_the_sign_in(restored: Sender) -> None:
    """S15: these tries and sign-ins share one count; during the wait, the right password is refused too."""
    with restored.add_user("JANA") as jana:
        for _ in range(6):
            problem(put_password(jana, "JANA", password=NEW, present="wrong"), 403, "password.present_wrong")
        for present in ("wrong", PASSWORD):
            answer = put_password(jana, "JANA", password=NEW, present=present)
            problem(answer, 429, "sign_in.throttled")
            assert int(answer.headers["retry-after"]) >= 1
        problem(login(restored.server, "JANA", PASSWORD), 429, "sign_in.throttled")
        restored.server.turn_clock(3)
        assert put_password(jana, "JANA", password=NEW, present=PASSWORD).status_code == 200


@few(1)
@pytest.mark.parametrize(
    ("password", "code", "why"),
    [
        ("elevenchars", "password.too_short", "A sign-in password needs at least 12 characters."),
        ("FinalFantasy", "password.common", "This password is one of the most common ones."),
        ("aaaaaaaaaaaa", "password.weak", "This password is too easy to guess: repeats like"),
    ],
)
def test_passwords_that_are_guessed_first(me: Sender, password: str, code: str, why: str) -> None:
    """P4, S44: refused wherever a password is set, with the same message; the password set before stays valid."""
    with me.add_user(f"KIM {code}") as kim:
        answers = (
            put_password(kim, f"KIM {code}", password=password, present=PASSWORD),
            put_password(me, f"KIM {code}", password=password),
            me.request("POST", "/users", json={"name": "NEWONE", "password": password}),
        )
        said = {problem(answer, 422, code)["detail"] for answer in answers}
        assert len(said) == 1
        assert said.pop().startswith(why)
    assert me.sign_in(f"KIM {code}")
    assert "NEWONE" not in str(me.get("/users"))


def test_passwords_of_what_is_known_of_a_person(me: Sender) -> None:
    """S44: the name, the full name and the e-mail address are tried first, also when a password is changed."""
    known = {
        "name": "QUENDRITHVASK",
        "full_name": "Wexlorian Dubrinsky",
        "email": "morvaquill@zandrothe.example",
    }
    me.post("/users", {**known, "password": PASSWORD}, 201)
    with Sender(me.server, me.sign_in("QUENDRITHVASK")["token"]) as kim:
        for password in ("quendrithvask", "wexloriandubrinsky", known["email"]):
            for sender, present in ((kim, PASSWORD), (me, None)):
                answer = put_password(sender, known["name"], password=password, present=present)
                problem(answer, 422, "password.weak")
    # Of somebody else's, nobody knows that.
    with me.add_user("KIM") as other:
        assert put_password(other, "KIM", password="wexloriandubrinsky", present=PASSWORD).status_code == 200


# ---------------------------------------------------------------- guesses over many names


def guess(server: ServerProcess, names: Iterable[str], at: datetime = NOON, **headers: str) -> list[int]:
    """The statuses of a wrong password for each of the names, with the server's clock stopped."""
    server.stop_clock(at)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.guest() as guest:
        return [
            guest.post(f"{BASE}/login", json={"user": name, "password": "wrong"}, headers=named).status_code
            for name in names
        ]


@pytest.fixture
def proxied(database_url: Callable[[], str | None], tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that treats this machine as a proxy."""
    proxies = ("--proxies", "127.0.0.1")
    with ServerProcess(tmp_path / "proxied", database_url=database_url(), arguments=proxies) as server:
        yield server


def test_what_is_no_name_is_counted_too(server: ServerProcess) -> None:
    """S15: each counts as a try by the network, and as one on an unknown name."""
    no_names = ("*", "  ", "a\x00b", "\u200b")
    for name in no_names:
        with put_back(server):
            assert guess(server, [name] * 7) == [401] * 6 + [429], name
    with put_back(server):
        assert guess(server, no_names) == [401] * 4
        assert guess(server, [f"N{n}" for n in range(29)]) == [401] * 27 + [429] * 2


def test_an_account_of_ones_own_wipes_no_guesses(restored: Sender) -> None:
    """S15: a successful sign-in in between clears the wrong tries on that name, not those on all others."""
    with restored.add_user("MINE"):
        server = restored.server
        for turn in range(10):
            assert guess(server, [f"A{turn}", f"B{turn}", f"C{turn}"]) == [401] * 3
            assert login(server, "MINE", PASSWORD).status_code == 200
        assert guess(server, ["LAST", "ONEMORE"]) == [401, 429]
        # The right password has to wait too; otherwise it would stand out from the wrong ones.
        problem(login(server, "MINE", PASSWORD), 429, "sign_in.throttled")
        server.stop_clock(NOON + timedelta(seconds=2))
        assert login(server, "MINE", PASSWORD).status_code == 200
        assert login(server, "ONEMORE", "wrong").status_code == 401
        assert login(server, "ONEMORE", "wrong").status_code == 429


def test_networks_behind_a_proxy_count_for_themselves(proxied: ServerProcess) -> None:
    """S15, S16: guesses through the proxy don't keep out others who come through it."""
    with Sender(proxied) as admin, admin.add_user("NORA"):
        names = [f"P{n}" for n in range(32)]
        assert guess(proxied, names, X_Forwarded_For="203.0.113.9") == [401] * 31 + [429]
        assert login(proxied, "NORA", PASSWORD, X_Forwarded_For="203.0.113.9").status_code == 429
        for client in ("203.0.113.10", "2a00:1450::7", "198.51.100.66, 203.0.113.11"):
            assert login(proxied, "NORA", PASSWORD, X_Forwarded_For=client).status_code == 200
            assert login(proxied, "NORA", "wrong", X_Forwarded_For=client).status_code == 401
        # With IPv6, all addresses of a household count as one network.
        assert guess(proxied, names, X_Forwarded_For="2001:db8::1")[-1] == 429
        assert login(proxied, "NORA", PASSWORD, X_Forwarded_For="2001:db8::2").status_code == 429
        assert login(proxied, "NORA", PASSWORD, X_Forwarded_For="2001:db8:0:1::2").status_code == 200


def test_guesses_over_many_names_bring_a_wait(alone: Sender) -> None:
    """S15: two guesses on each of many names are as good a way into an account as many on one."""
    names = [f"NAME{n // 2}" for n in range(34)]
    statuses = guess(alone.server, names)
    assert statuses == [401] * 31 + [429] * 3
    answer = login(alone.server, "SOMEBODY", "wrong")
    problem(answer, 429, "sign_in.throttled")
    assert answer.headers["retry-after"] == "2"
    for tried, wait in enumerate((2, 4, 8, 16, 32, 60, 60), 1):
        passed = sum((2, 4, 8, 16, 32, 60, 60)[:tried])
        alone.server.stop_clock(NOON + timedelta(seconds=passed - 1))
        assert login(alone.server, "SOMEBODY", "wrong").status_code == 429, wait
        alone.server.stop_clock(NOON + timedelta(seconds=passed))
        assert login(alone.server, f"OTHER{tried}", "wrong").status_code == 401, wait
    # An hour after the first guess, everything is as before.
    later = [f"LATER{n}" for n in range(31)]
    assert guess(alone.server, later, at=NOON + timedelta(hours=1)) == [401] * 31


@both
def test_two_processes_count_together(alone: Sender) -> None:
    """S15: concurrent guesses through two processes get no more answers than consecutive ones."""
    first = alone.server
    first.stop_clock(NOON)
    with ServerProcess(first.data) as second:
        servers = (first, second)
        answers = at_once(40, lambda n: login(servers[n % 2], f"AT{n}", "wrong"))
        statuses = [answer.status_code for answer in answers]
        assert sorted(statuses) == [401] * 31 + [429] * 9
        for server in servers:
            problem(login(server, "NEXT", "wrong"), 429, "sign_in.throttled")
    first.stop_clock(NOON + timedelta(seconds=2))
    assert [login(first, "LATER", "wrong").status_code for _ in range(2)] == [401, 429]
    first.stop_clock(NOON + timedelta(hours=1, seconds=2))
    assert [login(first, "MUCH LATER", "wrong").status_code for _ in range(2)] == [401, 401]


# ---------------------------------------------------------------- with more than one writer at a time


@few(2)
@on_postgres
@pytest.mark.parametrize("way", ["login", "token", "session", "page"])
async def test_who_signs_in_while_the_password_is_changed(me: Sender, way: str) -> None:
    """S32: a sign-in with the old password at that moment is refused, or it would outlive the change of password."""
    server, name = me.server, f"LENA {way}"
    import asyncpg

    me.post("/users", {"name": name, "password": PASSWORD}, 201)

    def sign_in() -> int:
        with server.guest() as guest:
            if way == "login":
                return login(server, name, PASSWORD).status_code
            if way == "session":
                body = {"user_id": name, "password": PASSWORD}
                return guest.put("/api/v1/session/login", json=body).status_code
            form = {"grant_type": "password", "username": name, "password": PASSWORD}
            if way == "token":
                return guest.post("/auth/oauth2/token", data=form).status_code
            asked = {
                "response_type": "code", "redirect_uri": "http://127.0.0.1:1/", "code_challenge": "c" * 43,
                "code_challenge_method": "S256",
            }  # fmt: skip
            return guest.post("/auth/oauth2/authorize", data=form | asked).status_code

    changing = await asyncpg.connect(server.database_url)
    try:
        change = changing.transaction()
        await change.start()
        await changing.execute("UPDATE users SET password_hash = 'another' WHERE name = $1", name.upper())
        signing = asyncio.create_task(asyncio.to_thread(sign_in))
        waits = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        await asyncio.to_thread(until, lambda: bool(look(server, waits)))
        await change.commit()
        assert await signing == (403 if way == "page" else 401)
    finally:
        await changing.close()
