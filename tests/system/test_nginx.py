"""The server behind a real nginx, with and without its buffering: downloads that are cut (L3, L4), and doctor."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.checks.long import few
from tests.support.servers.nginx import buffering, needs_nginx, nginx, of_guide, reserved_port
from tests.support.servers.rows import look
from tests.support.servers.server import Reachable, ServerProcess
from tests.support.users.grants import CONTENT, LARGE, Reader
from tests.support.users.publish import ensure_folder, publish, upload
from tests.support.users.recipient import HTML, events, names_of, receipts, seen, take
from tests.support.users.share import until
from tests.system.command import Client

pytestmark = needs_nginx

SIZE = len(LARGE)
#: How nginx is set up to buffer. Its default is overruled by the server's header; the last overrules the server.
HOW = {
    "off": "proxy_buffering off;",
    "on": "proxy_buffering on;",
    "HTTP/1.0": "proxy_buffering on; proxy_http_version 1.0;",
    "forced": "proxy_buffering on; proxy_ignore_headers X-Accel-Buffering;",
}


@dataclass
class Behind:
    """A server, and the address of the nginx in front of it."""

    server: ServerProcess
    url: str
    is_forced: bool

    def guest(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False)

    def cut(self, grant: str, after: int) -> None:
        assert Reader(self.server, grant, url=self.url).cut(after)[:after] == LARGE[:after]


@pytest.fixture(scope="module", params=list(HOW))
def behind(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder = tmp_path_factory.mktemp("behind")
    with reserved_port() as port:
        arguments = ("--proxies", "127.0.0.1", "--public-url", f"http://127.0.0.1:{port}")
        with ServerProcess(folder / "data", arguments=arguments) as server:
            configuration = buffering(of_guide(port, httpx.URL(server.url).port or 0), HOW[request.param])
            if "http_version 1.0" in configuration:
                # A setting may be given once only.
                configuration = configuration.replace("proxy_http_version 1.1;", "")
            with nginx(folder / "nginx", port, configuration) as url:
                yield Behind(server, url, request.param == "forced")


def settled(server: ServerProcess) -> None:
    until(lambda: look(server, "SELECT count(*) FROM grants WHERE bytes_reserved > bytes_given")[0][0] == 0)


def counted_once(server: ServerProcess, document: dict[str, Any]) -> None:
    until(lambda: seen(server, document)["delivered"] == 1)
    assert seen(server, document)["downloads"] == 1
    assert ("delivered", None) in receipts(server, document)
    assert names_of(events(server, document["id"])) == ["downloaded", "limit reached"]
    rows = events(server, document["id"])
    (begun_at,) = [row["at"].isoformat() for row in rows if row["event"] == "downloaded"]
    delivered = [row["details"] for row in rows if row["event"] == "delivered"]
    expected = {"downloads": 1, "downloads_permitted": 1, "to": "a proxy"}
    assert delivered == [{**expected, "begun_at": begun_at}]


@few(1)
def test_five_cuts_at_three_quarters(behind: Behind) -> None:
    document = publish(behind.server, LARGE, "large.bin", downloads_permitted=1)
    with behind.guest() as guest:
        grant = take(guest, document)
        for _ in range(5):
            behind.cut(grant, SIZE * 3 // 4)
        settled(behind.server)
        assert guest.get(grant).content == LARGE
    counted_once(behind.server, document)


@few(1)
def test_ten_cuts_anywhere(behind: Behind) -> None:
    """Then once from the start, and once by a range."""
    if behind.is_forced:
        pytest.skip("each attempt may cost the whole file there, and the grant has ten")
    chance = random.Random(1)
    document = publish(behind.server, LARGE, "large.bin", downloads_permitted=1)
    with behind.guest() as guest:
        grant = take(guest, document)
        for _ in range(10):
            behind.cut(grant, chance.randrange(SIZE))
        settled(behind.server)
        assert guest.get(grant).content == LARGE
        start = chance.randrange(SIZE)
        assert guest.get(grant, headers={"Range": f"bytes={start}-"}).content == LARGE[start:]
    counted_once(behind.server, document)


@few(1)
def test_with_curl(behind: Behind, tmp_path: Path) -> None:
    """Cut by a pipe that is closed early, and resumed with what it had: three times 14.5 of 20 MB are more bytes than
    the file has, and yet not the file."""
    document = publish(behind.server, LARGE, "large.bin", downloads_permitted=1)
    with behind.guest() as guest:
        address = behind.url + take(guest, document)
    part = tmp_path / "large.bin"
    for _ in range(3):
        subprocess.run(
            ["/bin/sh", "-c", f"curl -fsS {address} 2>/dev/null | head -c 14500000 > {part}"], check=True
        )
    settled(behind.server)
    with behind.guest() as guest:
        assert "Download started" in guest.get(address.rpartition("/")[0], headers=HTML).text
    subprocess.run(["curl", "-fsS", "-C", "-", "-o", str(part), address], check=True)
    assert part.read_bytes() == LARGE
    counted_once(behind.server, document)


@few(1)
def test_nothing_is_shortened_by_what_a_proxy_has_taken(behind: Behind) -> None:
    """An hour and ten times remain, and the page says so; then a browser is told."""
    document = publish(behind.server, CONTENT, "small.bin", downloads_permitted=1)
    with behind.guest() as guest:
        grant = take(guest, document)
        place = grant.rpartition("/")[0]
        for left in range(9, 0, -1):
            assert guest.get(grant).content == CONTENT
            until(
                lambda: (
                    look(behind.server, "SELECT count(*) FROM grants WHERE delivered_at IS NULL")[0][0] == 0
                )
            )
            assert f"You can download it {left} more time" in guest.get(place, headers=HTML).text
        assert guest.get(grant).content == CONTENT
        assert guest.get(grant).status_code == 404
        assert "You have downloaded this" in guest.get(grant, headers=HTML).text
        assert guest.get(grant, headers={**HTML, "Range": "bytes=0-"}).status_code == 404
    counted_once(behind.server, document)


@few(1)
def test_large_uploads_come_through(behind: Behind) -> None:
    proxied = Reachable(behind.url, behind.server.data)
    with proxied.client() as client:
        opening = {"folder": ensure_folder(client)}
        send = client.post("/share/v1/sends", json=opening).raise_for_status().json()["id"]
        ident = upload(client, send, LARGE, "large.bin")
        head = client.head(f"/share/v1/uploads/{ident}", headers={"Tus-Resumable": "1.0.0"})
    assert head.headers["upload-offset"] == str(SIZE)


@few(1)
def test_doctor_notices_buffering(behind: Behind, tmp_path: Path) -> None:
    """Whether one reaches the server through the proxy or directly."""
    for url in (behind.url, behind.server.url):
        done = Client(url, behind.server.token, tmp_path)("doctor", "--json", TERM="xterm")
        check = next(each for each in done.json["checks"] if each["id"] == "public address")
        assert check["state"] == ("warn" if behind.is_forced else "ok"), check
        assert behind.url in check["found"]
        assert ("proxy_buffering off" in check["remedy"]) == behind.is_forced
