"""The code that signing in with a browser gives: once, for a short time, and for whom it was made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.checks.long import few
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.browser_sign_in import CHALLENGE, HERE, VERIFIER, code_in, redeem, signed
from tests.support.users.share import database
from tests.support.users.work import add_person


@pytest.fixture(scope="module")
def bsmith(server: ServerProcess) -> str:
    return add_person(server, "BSMITH")


def test_a_code_is_good_once_and_who_comes_again_ends_what_it_gave(
    server: ServerProcess, bsmith: str
) -> None:
    code = code_in(signed(server))
    tokens = redeem(server, code).json()
    with server.client(tokens["access_token"]) as client:
        assert client.get("/api").status_code == 200
        again = redeem(server, code)
        assert again.status_code == 400
        assert again.json()["error"]["code"] == "invalid_grant"
        assert client.get("/api").status_code == 401
    with server.guest() as guest:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 400
    with server.client(bsmith) as other:
        assert other.get("/api").status_code == 200


def test_of_many_at_once_one_gets_the_tokens(server: ServerProcess, bsmith: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    code = code_in(signed(server))
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda _: redeem(server, code).status_code, range(16)))
    assert sorted(statuses) == [200] + [400] * 15


@few(3)
@pytest.mark.parametrize(
    "more",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": CHALLENGE},
        {"redirect_uri": HERE + "x"},
        {"redirect_uri": None},
        {"client_id": "other"},
        {"client_id": None},
    ],
)
def test_a_code_is_good_for_whom_it_was_made_only(
    server: ServerProcess, bsmith: str, more: dict[str, Any]
) -> None:
    code = code_in(signed(server))
    assert redeem(server, code, **more).status_code == 400
    assert redeem(server, code).status_code == 400, "a try uses it up"


def test_a_code_of_before_that_has_no_challenge(server: ServerProcess, bsmith: str) -> None:
    """S32: such as one that an earlier version issued a moment ago."""
    for verifier in (None, VERIFIER, ""):
        code = code_in(signed(server))
        with database(server) as connection:
            connection.execute("UPDATE sign_in_codes SET challenge = NULL")
        assert redeem(server, code, code_verifier=verifier).status_code == 400


def test_a_code_lives_two_minutes(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    first, second = code_in(signed(fresh_server)), code_in(signed(fresh_server))
    fresh_server.turn_clock(115)
    assert redeem(fresh_server, first).status_code == 200
    fresh_server.turn_clock(121)
    assert redeem(fresh_server, second).status_code == 400


def test_a_code_of_a_removed_user(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    code = code_in(signed(fresh_server))
    with fresh_server.client() as client:
        client.delete("/share/v1/users/BSMITH").raise_for_status()
    assert redeem(fresh_server, code).status_code == 400


def test_a_code_of_who_signed_in_with_the_old_password(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    code = code_in(signed(fresh_server))
    with fresh_server.client() as client:
        client.put("/share/v1/users/BSMITH/password", json={"password": "Grey-Heron-52"}).raise_for_status()
    assert redeem(fresh_server, code).status_code == 400


def test_codes_are_not_kept_for_ever(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    used, unused = code_in(signed(fresh_server)), code_in(signed(fresh_server))
    assert redeem(fresh_server, used).status_code == 200
    kept = "SELECT count(*) FROM sign_in_codes"
    assert look(fresh_server, kept) == [(2,)]
    fresh_server.turn_clock(3600 + 60)
    code_in(signed(fresh_server))
    assert look(fresh_server, kept) == [(3,)], "a second use within the hour is noticed"
    fresh_server.turn_clock(2 * (3600 + 121))
    code_in(signed(fresh_server))
    assert look(fresh_server, kept) == [(1,)]
    assert redeem(fresh_server, unused).status_code == 400


@pytest.mark.parametrize("code", ["", "x", "0" * 48, "\x00", None])
def test_codes_that_are_none(server: ServerProcess, code: Any) -> None:
    answer = redeem(server, code)
    assert answer.status_code == 400
    assert answer.json()["error_description"]


def test_a_code_is_no_token(server: ServerProcess, bsmith: str) -> None:
    code = code_in(signed(server))
    with server.guest() as guest:
        assert guest.get("/api", headers={"X-Auth-Token": code}).status_code == 401
        form = {"grant_type": "refresh_token", "refresh_token": code}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 400
    assert code not in server.log.read_text()
