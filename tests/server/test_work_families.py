"""All tokens that come from one sign-in of a program end together: at logout, and when a spent token is used again."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.support.servers.databases import both, on_postgres
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.share import BASE, at_once, until
from tests.support.users.work import PASSWORD, add_person

Tokens = dict[str, str]


#: For what the database decides; all else is tried with SQLite.


@pytest.fixture(scope="module")
def bsmith(server: ServerProcess) -> str:
    """A token from another sign-in of the same user."""
    return add_person(server, "BSMITH")


def ask(server: ServerProcess, **form: str) -> httpx.Response:
    with server.guest() as guest:
        return guest.post("/auth/oauth2/token", data=form)


def signed_in(server: ServerProcess) -> Tokens:
    answer = ask(server, grant_type="password", username="BSMITH", password=PASSWORD)
    tokens: Tokens = answer.raise_for_status().json()
    return tokens


def renew(server: ServerProcess, tokens: Tokens) -> httpx.Response:
    return ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def good(server: ServerProcess, token: str) -> bool:
    with server.client(token) as client:
        return client.get("/api").status_code == 200


@pytest.mark.parametrize("way", ["/auth/logout", f"{BASE}/logout"])
def test_a_logout_ends_what_would_renew_it(server: ServerProcess, bsmith: str, way: str) -> None:
    first = signed_in(server)
    second = renew(server, first).json()
    with server.client(first["access_token"]) as client:
        assert client.post(way).is_success
    for tokens in (first, second):
        assert not good(server, tokens["access_token"])
        assert renew(server, tokens).status_code == 400
    assert good(server, bsmith)


@pytest.mark.parametrize("way", ["logout", "revoke"])
def test_a_token_that_has_run_out_still_signs_out(fresh_server: ServerProcess, way: str) -> None:
    """Half an hour after the last call, its refresh token is still valid."""
    server = fresh_server
    add_person(server, "BSMITH")
    tokens = signed_in(server)
    server.turn_clock(1801)
    with server.client(tokens["access_token"]) as client:
        if way == "logout":
            assert client.get("/auth/logout").status_code == 200
        else:
            form = {"access_token": "forgotten", "refresh_token": tokens["refresh_token"]}
            assert client.post("/auth/oauth2/revoke-token", data=form).status_code == 200
    assert renew(server, tokens).status_code == 400


@both
def test_a_spent_token_that_comes_again_ends_all(server: ServerProcess, bsmith: str) -> None:
    """S32: one of the two holders has stolen it, and no one can tell which."""
    first = signed_in(server)
    second = renew(server, first).json()
    third = renew(server, second).json()
    assert good(server, third["access_token"])
    again = renew(server, first)
    assert again.status_code == 400
    assert again.json()["error"]["code"] == "invalid_grant"
    assert not any(good(server, tokens["access_token"]) for tokens in (first, second, third))
    assert renew(server, third).status_code == 400
    assert good(server, bsmith)
    assert good(server, signed_in(server)["access_token"])


def test_what_is_no_token_ends_nothing(server: ServerProcess, bsmith: str) -> None:
    tokens = signed_in(server)
    for text in ("", "0" * 48, "\x00", tokens["access_token"]):
        assert ask(server, grant_type="refresh_token", refresh_token=text).status_code == 400
    assert good(server, tokens["access_token"])
    assert renew(server, tokens).status_code == 200


@both
def test_of_many_at_once_none_is_left(server: ServerProcess, bsmith: str) -> None:
    """S32: including what was given to the first request, while the others are still under way."""
    with ServerProcess(server.data) as second:
        servers = (server, second)
        for _ in range(3):
            tokens = signed_in(server)
            answers = at_once(8, lambda n: renew(servers[n % 2], tokens))  # noqa: B023
        given = [answer.json() for answer in answers if answer.status_code == 200]
        assert len(given) <= 1
        for each in (tokens, *given):
            assert not good(server, each["access_token"])
            assert renew(server, each).status_code == 400
    assert good(server, bsmith)


@both
def test_a_logout_and_renewals_at_once(server: ServerProcess, bsmith: str) -> None:
    """A renewal during a logout leaves no valid token."""
    before = look(server, "SELECT count(*) FROM tokens WHERE revoked_at IS NULL")
    for _ in range(4):
        tokens = signed_in(server)

        def act(number: int, tokens: Tokens = tokens) -> bool:
            if number:
                return renew(server, tokens).is_success
            with server.client(tokens["access_token"]) as client:
                return client.get("/auth/logout").is_success

        assert at_once(2, act)[0]
    assert look(server, "SELECT count(*) FROM tokens WHERE revoked_at IS NULL") == before


@on_postgres
async def test_a_renewal_that_is_not_done_yet_is_waited_for(server: ServerProcess, bsmith: str) -> None:
    """The tokens it issues are not valid, although they become visible only after the logout has begun. SQLite has one
    writer at a time."""
    import asyncpg

    assert server.database_url is not None

    tokens = signed_in(server)
    newest = "family = (SELECT family FROM tokens WHERE family IS NOT NULL ORDER BY created_at DESC LIMIT 1)"
    renewing = await asyncpg.connect(server.database_url)
    try:
        change = renewing.transaction()
        await change.start()
        await renewing.execute(
            f"UPDATE tokens SET revoked_at = created_at WHERE kind = 'refresh' AND {newest}"
        )
        await renewing.execute(
            "INSERT INTO tokens (id, hash, user_id, kind, created_at, used_at, family) "
            f"SELECT 'given meanwhile', 'x', user_id, 'refresh', created_at, used_at, family FROM tokens "
            f"WHERE kind = 'grant' AND {newest}"
        )
        with server.client(tokens["access_token"]) as client:
            logout = asyncio.create_task(asyncio.to_thread(client.post, "/auth/logout"))
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            await asyncio.to_thread(until, lambda: bool(look(server, waits)))
            await change.commit()
            assert (await logout).status_code == 200
    finally:
        await renewing.close()
    good_still = f"SELECT count(*) FROM tokens WHERE revoked_at IS NULL AND {newest}"
    assert look(server, good_still) == [(0,)]
