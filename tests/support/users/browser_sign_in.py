"""Signing in to Work with a browser: the page is filled in, and its code exchanged for tokens."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.support.servers.server import ServerProcess
from tests.support.users.work import PASSWORD

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
    """The code that the browser is sent back with."""
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


def redeem(server: ServerProcess, code: str, **more: Any) -> httpx.Response:
    """The result of exchanging a code; ``more`` replaces fields of the request, ``None`` leaves one out."""
    form = {
        "grant_type": "authorization_code", "client_id": "picker", "client_secret": "any", "code": code,
        "redirect_uri": HERE, "code_verifier": VERIFIER,
    }  # fmt: skip
    form = {key: value for key, value in (form | more).items() if value is not None}
    with server.guest() as guest:
        return guest.post("/auth/oauth2/token", data=form)
