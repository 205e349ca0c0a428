"""Signing in with a browser: the page, the code, and what it is exchanged for."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.rows import look
from tests.support.server import ServerProcess
from tests.support.share import database
from tests.support.work import PASSWORD, Worker, add_person

PASSWORDS = "dear"
PAGE = "/auth/oauth2/authorize"
HERE = "http://127.0.0.1:8123/back"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code",
    "client_id": "picker",
    "redirect_uri": HERE,
    "scope": "user",
    "state": "s<t>&a=te",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def bsmith(server: ServerProcess) -> str:
    return add_person(server, "BSMITH")


def fields_of(page: httpx.Response) -> dict[str, str]:
    """The hidden fields of the page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page.text)
    return {unescape(name): unescape(value) for name, value in found}


def signed(
    server: ServerProcess, user: str = "bsmith", password: str = PASSWORD, **asked: Any
) -> httpx.Response:
    """The result of filling in the page."""
    with server.guest() as guest:
        page = guest.get(PAGE, params={k: v for k, v in (ASKED | asked).items() if v is not None})
        assert page.status_code == 200, page.text
        return guest.post(PAGE, data={**fields_of(page), "username": user, "password": password})


def code_in(answer: httpx.Response) -> str:
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def redeem(server: ServerProcess, code: str, **more: Any) -> httpx.Response:
    form = {
        "grant_type": "authorization_code", "client_id": "picker", "client_secret": "any", "code": code,
        "redirect_uri": HERE, "code_verifier": VERIFIER,
    }  # fmt: skip
    form = {key: value for key, value in (form | more).items() if value is not None}
    with server.guest() as guest:
        return guest.post("/auth/oauth2/token", data=form)


# ---------------------------------------------------------------- the intended way


def test_a_browser_signs_a_person_in_for_a_program(server: ServerProcess, bsmith: str) -> None:
    answer = signed(server)
    target = urlsplit(answer.headers["location"])
    assert (target.scheme, target.netloc, target.path) == ("http", "127.0.0.1:8123", "/back")
    query = parse_qs(target.query)
    assert set(query) == {"code", "state"}
    assert query["state"] == [ASKED["state"]]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in answer.headers["cache-control"]
    tokens = redeem(server, query["code"][0])
    assert tokens.status_code == 200, tokens.text
    body = tokens.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 1800, "user")
    with Worker(server, body["access_token"]) as worker:
        assert worker.data("/api")["user"]["id"] == "BSMITH"
    with server.guest() as guest:
        form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "http://localhost/",
        "http://localhost:1/a?b=c",
        "http://127.9.9.9:65535/x",
        "http://[::1]:8000/x",
        "{server}/done",
    ],
)
def test_addresses_that_may_have_a_code(server: ServerProcess, bsmith: str, address: str) -> None:
    address = address.format(server=server.url)
    answer = signed(server, redirect_uri=address)
    assert answer.headers["location"].startswith(address + ("&" if "?" in address else "?"))
    assert redeem(server, code_in(answer), redirect_uri=address).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "https://evil.example/",
        "http://evil.example/?http://localhost",
        "http://localhost.evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "http://evil.example#@localhost/",
        "http://localhost#x",
        "http://localhost\\@evil.example/",
        "http://local host/",
        "http://localhost:99999999/",
        "http://2130706433/",
        "http://10.0.0.1/",
        "javascript:alert(1)//localhost",
        "file://localhost/etc",
        "//localhost/",
        "https://localhost/",
        "http://localhost/\r\nX: y",
        "http://localhost/" + "x" * 3000,
    ],
)
def test_addresses_that_get_none(server: ServerProcess, bsmith: str, address: str) -> None:
    with server.guest() as guest:
        shown = guest.get(PAGE, params=ASKED | {"redirect_uri": address})
        form = ASKED | {"redirect_uri": address, "username": "BSMITH", "password": PASSWORD}
        posted = guest.post(PAGE, data=form)
    for answer in (shown, posted):
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert "<form" not in answer.text


def test_the_host_that_a_request_names_gets_none(server: ServerProcess, bsmith: str) -> None:
    """S32: a redirect only trusts the public address; anyone can set a Host header."""
    asked = ASKED | {"redirect_uri": "http://evil.example/back"}
    for host in ("evil.example", "evil.example:80"):
        with server.guest() as guest:
            shown = guest.get(PAGE, params=asked, headers={"Host": host})
            form = asked | {"username": "BSMITH", "password": PASSWORD}
            posted = guest.post(PAGE, data=form, headers={"Host": host})
            own = guest.get(PAGE, params=ASKED | {"redirect_uri": f"{server.url}/x"}, headers={"Host": host})
        for answer in (shown, posted):
            assert answer.status_code == 400
            assert "location" not in answer.headers
        assert own.status_code == 200


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    ],
)
def test_a_program_learns_what_was_wrong_with_its_request(
    server: ServerProcess, asked: dict[str, str], error: str
) -> None:
    with server.guest() as guest:
        answers = [guest.get(PAGE, params=ASKED | asked), guest.post(PAGE, data=ASKED | asked)]
    for answer in answers:
        assert answer.status_code == 303
        query = parse_qs(urlsplit(answer.headers["location"]).query)
        assert query == {"error": [error], "state": [ASKED["state"]]}


# ---------------------------------------------------------------- the page


def test_the_page_is_safe(server: ServerProcess) -> None:
    hostile = '"><script>alert(1)</script>'
    with server.guest() as guest:
        page = guest.get(PAGE, params=ASKED | {"client_id": hostile, "state": hostile})
    assert page.status_code == 200
    assert "<script" not in page.text
    assert fields_of(page)["state"] == hostile
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8123" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "no-store" in page.headers["cache-control"]
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    ("user", "password"),
    [("BSMITH", "wrong"), ("NOBODY", PASSWORD), ("", ""), ('"><b>', "x"), ("DJONES", "")],
)
def test_a_wrong_password_shows_the_page_again(
    server: ServerProcess, bsmith: str, user: str, password: str
) -> None:
    answer = signed(server, user, password)
    assert answer.status_code == 403
    assert "User ID or Password is incorrect" in answer.text
    assert "<b>" not in answer.text.replace("<b>picker</b>", "").replace("<b>127.0.0.1:8123</b>", "")
    assert fields_of(answer) == ASKED
    assert PASSWORD not in answer.text


def test_guessing_is_slowed_down(fresh_server: ServerProcess) -> None:
    add_person(fresh_server, "BSMITH")
    answers = [signed(fresh_server, password="wrong") for _ in range(8)]
    slowed = [answer for answer in answers if answer.status_code == 429]
    assert slowed
    assert int(slowed[0].headers["retry-after"]) >= 1
    # It shares one throttle with the other ways to sign in.
    with fresh_server.guest() as guest:
        form = {"grant_type": "password", "username": "BSMITH", "password": PASSWORD}
        assert guest.post("/auth/oauth2/token", data=form).status_code == 429
    fresh_server.turn_clock(3700)
    assert signed(fresh_server).status_code == 303


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_no_other_site_fills_it_in(server: ServerProcess, bsmith: str, site: str) -> None:
    form = ASKED | {"username": "BSMITH", "password": PASSWORD}
    with server.guest() as guest:
        answer = guest.post(PAGE, data=form, headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 200
    assert "location" not in answer.headers


def test_a_form_that_is_too_large(server: ServerProcess) -> None:
    with server.guest() as guest:
        assert guest.post(PAGE, data=ASKED | {"password": "x" * 70_000}).status_code == 413


# ---------------------------------------------------------------- codes


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
