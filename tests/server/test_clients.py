"""The clients against a real server: where tokens may go, and what Share says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.network.connections import free_port, problem_from
from tests.support.network.misbehave import Misbehaving
from tests.support.network.spoiling import Say
from tests.support.servers.server import ServerProcess
from tests.support.users.share import Sender
from tui.clients.connection import Target, call, is_loopback, open_http
from tui.clients.share import ShareClient
from tui.rules.errors import InvalidValue, NotFound, NotSignedIn


@pytest.fixture
def spoiled(server: ServerProcess) -> Iterator[Misbehaving]:
    with Misbehaving(server.url) as proxy:
        yield proxy


@pytest.fixture
async def http(server: ServerProcess, spoiled: Misbehaving) -> AsyncIterator[httpx.AsyncClient]:
    async with open_http(Target(spoiled.url, server.token)) as client:
        yield client


# ---------------------------------------------------------------- where tokens may go


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_loopback_is_known(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.example.com", "128.0.0.1", "0.0.0.0", "example.com", "127.0.0.1.nip.io"]
)
def test_what_only_looks_like_loopback_is_not(host: str) -> None:
    assert not is_loopback(host)


def test_plain_http_is_refused_but_to_this_machine() -> None:
    with pytest.raises(InvalidValue) as caught:
        open_http(Target("http://links.example.com", "t"))
    assert "https://" in caught.value.message
    open_http(Target("http://links.example.com", "t", plain=True))
    open_http(Target("https://links.example.com", "t"))
    open_http(Target("http://[::1]:8080", "t"))


@pytest.mark.parametrize(
    "url",
    ["", "links.example.com", "ftp://x", "http://", "https://user:pw@x", "https://x?y", "http://x:port"],
)
def test_what_is_no_address_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        open_http(Target(url, "t"))
    assert caught.value.code == "server.address"


def test_a_token_with_a_line_break_is_no_token_and_is_not_shown() -> None:
    """S17"""
    with pytest.raises(NotSignedIn) as caught:
        open_http(Target("http://127.0.0.1:1", "secret\r\nX: y"))
    assert "secret" not in caught.value.message
    assert "secret" not in repr(Target("http://127.0.0.1:1", "secret"))


async def test_the_token_goes_to_this_server_only(server: ServerProcess, http: httpx.AsyncClient) -> None:
    with Misbehaving(server.url) as other:
        await http.get(f"{other.url}/share/v1/me")
        assert "x-auth-token" not in other.seen[0].headers
    await call(http, "GET", "/healthz")


async def test_redirects_are_not_followed(
    http: httpx.AsyncClient, spoiled: Misbehaving, server: ServerProcess
) -> None:
    with Misbehaving(server.url) as other:
        spoiled.spoil("GET", Say(302, headers=(("Location", f"{other.url}/share/v1/me"),)))
        problem = await problem_from(http)
        assert problem.code == "answer.redirect"
        assert other.url in problem.message
        assert other.seen == []


async def test_loopback_ignores_proxy_variables(
    server: ServerProcess, spoiled: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, spoiled.url)
    async with open_http(Target(server.url, server.token)) as client:
        await call(client, "GET", "/healthz")
    assert spoiled.seen == []


async def test_a_unix_socket_leads_to_the_server(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with ServerProcess(tmp_path / "data", arguments=("--socket", str(path))) as process:
        target = Target(f"http://127.0.0.1:{free_port()}", process.token, path)
        async with open_http(target) as client:
            assert (await ShareClient(client).me()).user == "DJONES"


# ---------------------------------------------------------------- Share


async def test_a_wrong_token_is_reported(server: ServerProcess) -> None:
    async with open_http(Target(server.url, "wrong")) as client:
        with pytest.raises(NotSignedIn):
            await ShareClient(client).me()


async def test_share_says_who_and_what(server: ServerProcess) -> None:
    async with open_http(Target(server.url, server.token)) as client:
        share = ShareClient(client)
        me = await share.me()
        assert (me.user, me.admin, me.public_url) == ("DJONES", True, server.url)
        assert (await share.policy()).password_required is None
        changed = await share.change_policy({"downloads_max": "5"})
        assert changed.downloads_max == 5
        assert (await share.change_policy({"downloads_max": ""})).downloads_max is None
        with pytest.raises(InvalidValue):
            await share.change_policy({"nonsense": "5"})


async def test_the_next_page_is_asked_for_while_one_is_read(
    server: ServerProcess, spoiled: Misbehaving, http: httpx.AsyncClient
) -> None:
    """Each page comes once, in order; whoever wants no more of them leaves nothing behind."""
    with Sender(server) as me:
        ids = [me.send(f"{name}.pdf")["id"] for name in ("One", "Two", "Three")]
    share = ShareClient(http)
    found = [d.id async for page in share.all_document_pages(1) for d in page.documents]
    assert found[:3] == ids[::-1]
    before = spoiled.count("GET", "/documents")
    pages = share.all_document_pages(1)
    assert [document.id for document in (await anext(pages)).documents] == [ids[-1]]
    async with asyncio.timeout(60):
        while spoiled.count("GET", "/documents") < before + 2:
            await asyncio.sleep(0)
    assert isinstance(pages, AsyncGenerator)
    await pages.aclose()
    assert len(asyncio.all_tasks()) == 1
    fitting = [
        d.name async for page in share.all_document_pages(1, "name-that-none-has") for d in page.documents
    ]
    assert fitting == []


@pytest.mark.parametrize("ident", ["../policy", "a/b", "..", "x" * 99, "", "%2e%2e", "a?b", "a#b"])
async def test_an_id_never_becomes_another_address(server: ServerProcess, ident: str) -> None:
    """S10"""
    async with open_http(Target(server.url, server.token)) as client:
        share = ShareClient(client)
        with pytest.raises(NotFound):
            await share.document(ident)
        with pytest.raises(NotFound):
            await share.delete(ident)
        with pytest.raises(NotFound):
            await share.documents(ident)
