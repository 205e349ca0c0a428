"""Certificates, versions of TLS and proxies: what is wrong with them is said, and what to do."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.network.hostile import OK, HostileServer, answering
from tests.support.servers.certificates import Authority, make_authority
from tui.clients.connection import call, json_of, open_http
from tui.clients.target import Target
from tui.rules.errors import InvalidValue, Problem, Unreachable

_VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@contextmanager
def serving(context: ssl.SSLContext | None) -> Iterator[str]:
    with HostileServer(answering(lambda: [OK + b"Content-Length: 2\r\n\r\n{}"]), context) as server:
        yield f"https://localhost:{server.port}"


async def asked(url: str) -> object:
    async with open_http(Target(url, "token")) as http:
        return json_of(await call(http, "GET", "/share/v1/me"))


async def refused(url: str) -> Problem:
    with pytest.raises(Problem) as caught:
        await asked(url)
    return caught.value


def trust(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))


async def test_an_authority_that_is_named_is_trusted(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also for this machine, which proxies aren't asked for."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with serving(authority.server_context()) as url:
        problem = await refused(url)
        assert isinstance(problem, Unreachable)
        assert "is not trusted (unable to get local issuer certificate)" in problem.message
        assert "SSL_CERT_FILE" in problem.message
        trust(authority, monkeypatch)
        assert await asked(url) == {}


def test_whom_this_machine_trusts_is_trusted() -> None:
    """As doctor, curl and the mail servers' connections do: a firm's own authority is installed on its machines."""
    ours = ssl.create_default_context()
    if not ours.get_ca_certs():
        pytest.skip("this machine trusts nobody by a file")
    from tui.clients.tls import trusting_context

    def names(context: ssl.SSLContext) -> set[str]:
        return {str(each["serialNumber"]) for each in context.get_ca_certs()}

    assert names(trusting_context()) == names(ours)


@pytest.mark.parametrize(
    ("name", "days", "said"),
    [
        ("localhost", -1, "has expired; the server's administrator must renew it."),
        ("other.example.com", 30, "is for another name; check the address."),
    ],
)
async def test_certificates_that_are_not_good(
    name: str, days: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = make_authority(tmp_path, name, days)
    trust(authority, monkeypatch)
    with serving(authority.server_context()) as url:
        problem = await refused(url)
    assert isinstance(problem, Unreachable)
    assert problem.message == f"The certificate of {url} {said}"


async def test_a_server_of_the_past(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(authority, monkeypatch)
    context = authority.server_context()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving(context) as url:
        problem = await refused(url)
    assert isinstance(problem, Unreachable)
    assert "speaks only outdated versions of TLS" in problem.message


async def test_a_server_without_tls(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    trust(authority, monkeypatch)
    with serving(None) as url:
        problem = await refused(url)
    assert isinstance(problem, Unreachable)
    assert "does not speak TLS" in problem.message


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
async def test_authorities_that_cannot_be_read(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_certificate = tmp_path / "text"
    no_certificate.write_text("no certificate")
    for path in (tmp_path / "missing", no_certificate):
        monkeypatch.setenv(name, str(path))
        problem = await refused("https://links.example.com")
        assert isinstance(problem, InvalidValue)
        assert problem.code == "certificates.unreadable"
        assert f"{name} names {path}" in problem.message


async def test_a_name_that_is_none_in_any_language() -> None:
    problem = await refused("https://xn--a")
    assert isinstance(problem, InvalidValue)
    assert problem.code == "server.address"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize("given", ["http://me:secret@127.0.0.1:1", "me:secret@127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_reached(name: str, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the proxy that has to be looked at, not the server; its password isn't printed."""
    monkeypatch.setenv(name, given)
    problem = await refused("https://links.example.com")
    assert isinstance(problem, Unreachable)
    assert problem.message == (
        "The proxy http://127.0.0.1:1 cannot be reached; check that it is running, and HTTPS_PROXY and NO_PROXY."
    )


async def test_what_needs_no_proxy_is_itself_not_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "links.invalid")
    problem = await refused("https://links.invalid")
    assert problem.message.startswith("The server https://links.invalid ")


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "ALL_PROXY", "https_proxy"])
@pytest.mark.parametrize(
    "value",
    [
        "socks5://me:secret@127.0.0.1:1",
        "socks5h://127.0.0.1",
        "ftp://me:secret@x",
        "http://[::1",
        "http://",
        "http://me:secret@127.0.0.1:99999",
    ],
)
async def test_proxies_that_cannot_be_used(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    problem = await refused("https://links.example.com")
    assert isinstance(problem, InvalidValue)
    assert problem.code == "proxy.unusable"
    assert "secret" not in problem.message
