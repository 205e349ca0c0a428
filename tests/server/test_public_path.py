"""A public address with a path, which the proxy in front removes: every address that the server gives leads there."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
import pytest

from tests.support.network.misbehave import Misbehaving
from tests.support.servers.server import ROOT, ServerProcess
from tests.support.users.browser_sign_in import ASKED, CHALLENGE, fields_of
from tests.support.users.recipient import HTML, path_of
from tests.support.users.share import PASSWORD, Sender
from tests.support.users.work import Worker, add_person
from tui.clients.connection import open_http
from tui.clients.target import Target
from tui.clients.work import WorkClient

FILE = b"the offer"
PREFIX = "/files/links"
PUBLIC = f"https://firm.example{PREFIX}"


@pytest.fixture(scope="module")
def prefixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("prefixed") / "data"
    with ServerProcess(data, arguments=("--public-url", PUBLIC, "--proxies", "127.0.0.1")) as server:
        yield server


@pytest.fixture(scope="module")
def front(prefixed: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(prefixed.url, PREFIX) as proxy:
        yield proxy


@pytest.fixture
def me(prefixed: ServerProcess) -> Iterator[Sender]:
    with Sender(prefixed) as sender:
        yield sender


@pytest.fixture
def guest(front: Misbehaving) -> Iterator[httpx.Client]:
    """Someone whose requests all come through the proxy."""
    with httpx.Client(base_url=front.url.removesuffix(PREFIX), trust_env=False) as client:
        yield client


def references(page: httpx.Response) -> list[str]:
    """What the page refers to: addresses in full."""
    found = re.findall(r'\s(?:href|src|action)="([^"]*)"', page.text)
    found += re.findall(r'http-equiv="refresh" content="\d+;\s*url=([^"]*)"', page.text)
    return [urljoin(str(page.url), unescape(each)) for each in found if not each.startswith("data:")]


@pytest.mark.parametrize("through", ["proxy", "server"])
def test_an_upload_is_found_at_its_location(
    through: str, front: Misbehaving, prefixed: ServerProcess, me: Sender
) -> None:
    """Also by a client that reaches the server itself."""
    base = front.url if through == "proxy" else prefixed.url
    metadata = "send " + base64.b64encode(me.open()["id"].encode()).decode()
    tus = {"Tus-Resumable": "1.0.0", "X-Auth-Token": prefixed.token}
    with httpx.Client(headers=tus, trust_env=False) as client:
        created = client.post(
            f"{base}/share/v1/uploads", headers={"Upload-Length": "3", "Upload-Metadata": metadata}
        )
        assert created.status_code == 201, created.text
        place = urljoin(str(created.url), created.headers["location"])
        sent = client.patch(
            place,
            headers={"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"},
            content=b"abc",
        )
        assert (sent.status_code, sent.headers["upload-offset"]) == (204, "3")
        assert client.head(place).headers["upload-offset"] == "3"


@pytest.mark.parametrize("password", [None, PASSWORD])
def test_a_recipient_gets_from_the_link_to_the_file(
    guest: httpx.Client, me: Sender, password: str | None
) -> None:
    settings = {"password": password} if password else {}
    document = me.send("Offer.pdf", FILE, **settings)
    assert document["url"].startswith(f"{PUBLIC}/s/")
    page = guest.get(path_of(document), headers=HTML)
    assert page.status_code == 200
    for address in references(page):
        assert guest.get(address, headers=HTML).status_code == 200, address
    pressed = guest.post(path_of(document), data={"password": password} if password else None, headers=HTML)
    assert pressed.status_code == 303
    started = guest.get(urljoin(str(pressed.url), pressed.headers["location"]), headers=HTML)
    assert started.status_code == 200
    assert "attachment" not in started.headers.get("content-disposition", "")
    files = [address for address in references(started) if "Offer.pdf" in address]
    assert files
    assert {guest.get(address).content for address in files} == {FILE}


def test_a_program_is_led_to_the_file(guest: httpx.Client, me: Sender) -> None:
    document = me.send("Offer.pdf", FILE)
    pressed = guest.post(path_of(document))
    assert guest.get(urljoin(str(pressed.url), pressed.headers["location"])).content == FILE
    assert f"{PUBLIC}/g/" in pressed.text


def test_signing_in_with_a_browser(guest: httpx.Client, prefixed: ServerProcess) -> None:
    add_person(prefixed, "ANN")
    page = guest.get(f"{PREFIX}/auth/oauth2/authorize", params=ASKED | {"code_challenge": CHALLENGE})
    (action,) = (urljoin(str(page.url), each) for each in re.findall(r'action="([^"]*)"', page.text))
    signed = guest.post(action, data={**fields_of(page), "username": "ann", "password": PASSWORD})
    assert signed.status_code == 303, signed.text


def test_the_description_names_the_path(guest: httpx.Client) -> None:
    description = guest.get(f"{PREFIX}/share/v1/openapi.json").raise_for_status()
    (server,) = description.json()["servers"]
    assert urlsplit(urljoin(str(description.url), server["url"])).path == PREFIX


async def test_the_programs_own_client_works_through_the_proxy(
    front: Misbehaving, prefixed: ServerProcess
) -> None:
    """Work's discovery names the public address, although the proxy calls the server by another name."""
    async with open_http(Target(front.url, prefixed.token)) as http:
        assert (await WorkClient(http).discover()).url == f"{PUBLIC}/work/api/v2"
    file = prefixed.data.with_name("Sent through the proxy.txt")
    file.write_text("through")
    environ = {
        **os.environ,
        "SENTLINKS_HOME": str(prefixed.data.with_name("home")),
        "SENTLINKS_SERVER": front.url,
        "SENTLINKS_TOKEN": prefixed.token,
    }
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "tui", "send", str(file), "--json"],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{PUBLIC}/s/" in done.stdout
    with Worker(prefixed) as worker:
        assert len(worker.request("GET", "my-favorites/children").raise_for_status().json()["data"]) == 1
