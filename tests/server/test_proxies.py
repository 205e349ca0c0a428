"""Where a request comes from: the peer, or what a configured proxy has seen; never what headers claim (S16)."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.server import ServerProcess
from tests.support.users.recipient import events, path_of
from tests.support.users.share import PASSWORD, Sender
from tui.rules.errors import InvalidValue
from tui.server.base.settings import parse_proxies

CLAIMS = {
    "X-Forwarded-For": "198.51.100.66",
    "X-Real-IP": "198.51.100.66",
    "Forwarded": "for=198.51.100.66",
    "X-Forwarded-Host": "elsewhere.example",
    "X-Forwarded-Proto": "https",
}


def test_headers_of_anybody_are_not_believed(me: Sender) -> None:
    """S16: without a configured proxy, the peer's address counts, and links lead where they did."""
    document = me.send()
    with me.server.guest() as guest:
        assert guest.post(path_of(document), headers=CLAIMS).headers["location"].startswith("/g/")
        guest.get(path_of(document), headers=CLAIMS)
    named = {row["address"] for row in events(me.server, document["id"]) if row["event"] != "sent"}
    assert named == {"127.0.0.1"}
    known = me.request("GET", "/me", headers=CLAIMS).json()
    assert known["public_url"] == me.server.url


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server for which this machine, and two networks behind it, are proxies."""
    data = tmp_path_factory.mktemp("proxied") / "data"
    with ServerProcess(data, arguments=("--proxies", "127.0.0.1, 10.1.0.0/16, 2001:db8::/32")) as server:
        yield server


@few(5)
@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        (["203.0.113.9"], "203.0.113.9"),
        # Anything before the last address that a proxy has seen itself is the client's own claim.
        (["198.51.100.66, 203.0.113.9"], "203.0.113.9"),
        (["198.51.100.66", "203.0.113.9"], "203.0.113.9"),
        (["198.51.100.66, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        (["203.0.113.9:4711, [2001:db8::5]:443, 10.1.2.3:80"], "203.0.113.9"),
        (["::ffff:203.0.113.9"], "203.0.113.9"),
        (["2a00:1450::7"], "2a00:1450::7"),
        (["10.1.9.9, 10.1.2.3"], "10.1.9.9"),
        (["203.0.113.9, unknown, 10.1.2.3"], "10.1.2.3"),
        (["<b>red</b>"], "127.0.0.1"),
        ([""], "127.0.0.1"),
        ([], "127.0.0.1"),
        (["," * 5000], "127.0.0.1"),
    ],
)
def test_a_proxy_is_believed(proxied: ServerProcess, forwarded: list[str], address: str) -> None:
    """S16: the address that the configured proxies have seen, however many claims come before it."""
    with Sender(proxied) as me, proxied.guest() as guest:
        document = me.send()
        headers = [(b"X-Forwarded-For", value.encode()) for value in forwarded]
        assert guest.post(path_of(document), headers=headers).status_code == 303
        row = next(r for r in events(proxied, document["id"]) if r["event"] == "downloaded")
        assert row["address"] == address


def test_a_scheme_that_is_none_is_not_believed(proxied: ServerProcess) -> None:
    """S16: a proxy may pass on what a client claims, with which each address would be another."""
    with Sender(proxied) as me, proxied.guest() as guest:
        document = me.send()
        for claimed in ("x/y", "//elsewhere.example/", "x?"):
            told = guest.get(
                path_of(document), headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": claimed}
            )
            assert (told.status_code, document["url"] in told.text) == (200, True), told.text


def test_others_are_not_believed_because_of_it(proxied: ServerProcess) -> None:
    """S16: with proxies configured, a client from elsewhere is still identified by its socket."""
    transport = httpx.HTTPTransport(local_address="127.0.1.9")
    with Sender(proxied) as me, httpx.Client(base_url=proxied.url, transport=transport) as stranger:
        document = me.send()
        assert stranger.post(path_of(document), headers=CLAIMS).status_code == 303
    row = next(r for r in events(proxied, document["id"]) if r["event"] == "downloaded")
    assert row["address"] == "127.0.1.9"


def test_recipients_behind_a_proxy_are_distinguished(proxied: ServerProcess) -> None:
    """S15, S16: each has its own tries, and claims don't get a client any more of them."""
    with Sender(proxied) as me, proxied.guest() as guest:
        document = me.send(password=PASSWORD)

        def statuses(forwarded: str, count: int) -> list[int]:
            return [
                guest.post(
                    path_of(document),
                    data={"password": "wrong"},
                    headers={"X-Forwarded-For": forwarded.format(n)},
                ).status_code
                for n in range(count)
            ]

        assert statuses("198.51.100.{}, 203.0.113.20", 7) == [403] * 5 + [429] * 2
        assert statuses("203.0.113.21", 5) == [403] * 5


def test_what_is_no_proxy() -> None:
    """S16: a word that isn't an address or network is reported, never taken for all of them."""
    assert [str(network) for network in parse_proxies(" 10.0.0.1, ,10.1.0.0/16,::1")] == [
        "10.0.0.1/32",
        "10.1.0.0/16",
        "::1/128",
    ]
    assert parse_proxies("") == ()
    for text in ("*", "10.0.0.1/8", "proxy.example", "10.0.0.1 10.0.0.2", "\x1b[2J"):
        with pytest.raises(InvalidValue, match="isn't the address of a proxy") as caught:
            parse_proxies(text)
        assert "\x1b" not in caught.value.message
