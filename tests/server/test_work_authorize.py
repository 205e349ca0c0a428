"""Signing in with a browser: the page, and who may have a code."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.browser_sign_in import ASKED, PAGE, code_in, fields_of, redeem, signed
from tests.support.users.work import PASSWORD, Worker, add_person


@pytest.fixture(scope="module")
def bsmith(server: ServerProcess) -> str:
    return add_person(server, "BSMITH")


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


@few(2)
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


@few(6)
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
