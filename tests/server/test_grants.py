"""Grants: ranges, resuming, how much and how long they give, and how they end mid-transfer (S2, S4, S13, S20, S21)."""

from __future__ import annotations

import re
import socket
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from tests.support.publish import publish
from tests.support.recipient import (
    HTML,
    act,
    events,
    from_network,
    names_of,
    path_of,
    press,
    receipts,
    seen,
    take,
)
from tests.support.rows import look
from tests.support.server import ServerProcess
from tests.support.share import Sender, until
from tui.server.opening import open_context
from tui.server.pages.housekeeping import forget_old

CONTENT = bytes(range(256)) * 40
SIZE = len(CONTENT)
LARGE = bytes(range(251)) * 4000 * 64


@pytest.fixture(scope="module")
def shared(server: ServerProcess) -> dict[str, Any]:
    """A document for tests that download little of it."""
    return publish(server, CONTENT, "ranges.bin")


class TestRanges:
    @pytest.mark.parametrize(
        ("asked", "first", "last"),
        [
            ("bytes=0-0", 0, 0),
            ("bytes=0-99", 0, 99),
            ("bytes=100-", 100, SIZE - 1),
            ("bytes=-7", SIZE - 7, SIZE - 1),
            (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
            ("bytes=5-999999999999", 5, SIZE - 1),
            ("bytes=-999999999999", 0, SIZE - 1),
            ("Bytes = 3-4", 3, 4),
        ],
    )
    def test_a_single_range(
        self, server: ServerProcess, shared: dict[str, Any], asked: str, first: int, last: int
    ) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{SIZE}"
        assert answer.headers["content-length"] == str(last - first + 1)
        assert answer.content == CONTENT[first : last + 1]

    @pytest.mark.parametrize(
        "asked",
        [
            "bytes=0-1,5-6",
            "bytes=9-3",
            "bytes=",
            "bytes=-",
            "bytes=a-b",
            "lines=0-1",
            "bytes=0-1-2",
            "bytes=٣-٤".encode().decode("latin-1"),
            f"bytes=0-{'9' * 5000}",
        ],
    )
    def test_anything_else_is_the_whole_file(
        self, server: ServerProcess, shared: dict[str, Any], asked: str
    ) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={b"Range": asked.encode("latin-1")})
        assert (answer.status_code, answer.content) == (200, CONTENT)
        assert "content-range" not in answer.headers

    @pytest.mark.parametrize("asked", [f"bytes={SIZE}-", f"bytes={SIZE + 5}-{SIZE + 9}", "bytes=-0"])
    def test_a_range_behind_the_end(self, server: ServerProcess, shared: dict[str, Any], asked: str) -> None:
        with server.guest() as guest:
            answer = guest.get(take(guest, shared), headers={"Range": asked})
        assert answer.status_code == 416
        assert answer.headers["content-range"] == f"bytes */{SIZE}"
        assert answer.content == b""

    def test_if_range(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """S27: the ETag is strong; if it doesn't match, the whole file is sent."""
        with server.guest() as guest:
            etag = guest.head(take(guest, shared)).headers["etag"]
            assert re.fullmatch(r'"[^"]+"', etag)
            for tag, status in (
                (etag, 206),
                ('"other"', 200),
                (f"W/{etag}", 200),
                ("Tue, 01 Jan 2030 00:00:00 GMT", 200),
            ):
                answer = guest.get(take(guest, shared), headers={"Range": "bytes=0-9", "If-Range": tag})
                assert answer.status_code == status, tag

    def test_head_tells_what_get_would(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """S2, S5: it sends no bytes, whatever its headers; a range is for GET only (RFC 9110, 14.2)."""
        with server.guest() as guest:
            grant = take(guest, shared)
            for _ in range(10):
                heads = [guest.head(grant), guest.head(grant, headers={"Range": "bytes=0-9"})]
            got = guest.get(grant)
        for head in heads:
            assert (head.status_code, head.content) == (200, b"")
            assert dict(head.headers) | {"date": ""} == dict(got.headers) | {"date": ""}

    def test_an_empty_file(self, server: ServerProcess) -> None:
        document = publish(server, b"", "empty.txt")
        with server.guest() as guest:
            grant = take(guest, document)
            for _ in range(5):
                answer = guest.get(grant)
                assert (answer.status_code, answer.content) == (200, b"")
                assert answer.headers["content-length"] == "0"
            assert guest.get(grant, headers={"Range": "bytes=0-"}).status_code == 416
            assert guest.head(grant).status_code == 200
        assert seen(server, document)["downloads"] == 1


class TestBounds:
    def test_three_times_the_bytes(self, server: ServerProcess) -> None:
        """Also in small parts: any request beyond that is Not Found."""
        document = publish(server, CONTENT, "thrice.bin")
        with server.guest() as guest:
            grant = take(guest, document)
            given = 0
            for number in range(200):
                start = number * 997 % (SIZE - 500)
                answer = guest.get(grant, headers={"Range": f"bytes={start}-{start + 499}"})
                if answer.status_code != 206:
                    break
                given += len(answer.content)
            assert answer.status_code == 404
            assert 3 * SIZE - 500 < given <= 3 * SIZE
            left = 3 * SIZE - given
            assert guest.get(grant, headers={"Range": f"bytes=0-{left}"}).status_code == 404
            if left:
                assert guest.get(grant, headers={"Range": f"bytes=0-{left - 1}"}).status_code == 206
            assert guest.head(grant).status_code == 404

    def test_what_is_broken_off_is_handed_back(self, server: ServerProcess) -> None:
        """Ten interrupted starts don't use up a grant."""
        document = publish(server, LARGE, "large.bin")
        with server.guest() as guest:
            grant = take(guest, document)
            for _ in range(10):
                with guest.stream("GET", grant) as answer:
                    assert answer.status_code == 200
                    next(answer.iter_raw(1000))
            assert _in_time(lambda: guest.get(grant), 200).content == LARGE

    def test_it_lives_an_hour(self, fresh_server: ServerProcess) -> None:
        """Requests that send no bytes don't extend it."""
        document = publish(fresh_server, CONTENT, "hour.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            fresh_server.turn_clock(3590)
            etag = guest.head(grant).headers["etag"]
            assert guest.get(grant, headers={"If-None-Match": etag}).status_code == 304
            assert guest.get(grant, headers={"Range": f"bytes={SIZE}-"}).status_code == 416
            assert guest.get(grant.rpartition("/")[0], headers=HTML).status_code == 200
            fresh_server.turn_clock(3610)
            assert guest.get(grant).status_code == 404
            assert guest.head(grant).status_code == 404

    def test_in_use_it_lives_an_hour_more(self, fresh_server: ServerProcess) -> None:
        """From each request that sent bytes; a day at most."""
        document = publish(fresh_server, CONTENT, "used.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            for used in range(3500, 86_400, 3500):
                fresh_server.turn_clock(used)
                assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206, used
            fresh_server.turn_clock(86_390)
            assert guest.head(grant).status_code == 200
            fresh_server.turn_clock(86_410)
            assert guest.head(grant).status_code == 404

    def test_a_long_lifetime_is_not_shortened_by_use(self, fresh_server: ServerProcess) -> None:
        with fresh_server.client() as client:
            client.patch("/share/v1/policy", json={"grant_seconds": "172800"}).raise_for_status()
        document = publish(fresh_server, CONTENT, "long.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206
            fresh_server.turn_clock(172_790)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206
            fresh_server.turn_clock(172_810)
            assert guest.head(grant).status_code == 404

    def test_a_request_under_way_keeps_it(self, fresh_server: ServerProcess) -> None:
        """A slow connection that breaks after hours can resume where it stopped."""
        document = publish(fresh_server, LARGE, "slow.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            reader = Reader(fresh_server, grant, slow=True)
            with closing(reader.sock):
                for hours in (0.9, 1.8):
                    ends = expiry(fresh_server)
                    fresh_server.turn_clock(hours * 3600)
                    until(lambda ends=ends: reader.read(200_000) != b"" and expiry(fresh_server) > ends)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206

    def test_or_as_long_as_the_policy_says(self, fresh_server: ServerProcess) -> None:
        with fresh_server.client() as client:
            client.patch("/share/v1/policy", json={"grant_seconds": "120"}).raise_for_status()
        document = publish(fresh_server, CONTENT, "policy.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            fresh_server.turn_clock(110)
            assert guest.head(grant).status_code == 200
            fresh_server.turn_clock(130)
            assert guest.head(grant).status_code == 404

    def test_it_ends_ten_minutes_after_it_gave_the_file(self, fresh_server: ServerProcess) -> None:
        """However many parts that took; requests within those minutes don't restart them."""
        document = publish(fresh_server, CONTENT, "ten.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            guest.get(grant, headers={"Range": f"bytes=0-{SIZE - 2}"})
            fresh_server.turn_clock(1200)
            guest.get(grant, headers={"Range": f"bytes={SIZE - 1}-"})
            fresh_server.turn_clock(1200 + 590)
            assert guest.get(grant).status_code == 200
            fresh_server.turn_clock(1200 + 610)
            assert guest.get(grant).status_code == 404

    def test_reaching_the_limit_leaves_it_alone(self, server: ServerProcess) -> None:
        document = publish(server, CONTENT, "one.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            assert press(guest, document).status_code == 404
            assert guest.get(grant).content == CONTENT


def expiry(server: ServerProcess) -> int:
    """When the only grant expires, in microseconds."""
    return int(look(server, "SELECT expires_at FROM grants")[0][0])


def _in_time(ask: Any, status: int) -> httpx.Response:
    """Repeats the request until the server has noticed that an earlier reader has gone."""
    answers: list[httpx.Response] = []

    def asked() -> bool:
        answers.append(ask())
        return answers[-1].status_code == status

    until(asked)
    return answers[-1]


class Reader:
    """Reads a grant over a plain socket; if ``slow``, with a small receive buffer."""

    def __init__(self, server: ServerProcess, grant: str, *, slow: bool = False) -> None:
        place = urlsplit(server.url)
        self.sock = socket.socket()
        if slow:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self.sock.settimeout(30)
        self.sock.connect((place.hostname, place.port))
        self.sock.sendall(f"GET {grant} HTTP/1.1\r\nHost: t\r\n\r\n".encode())

    def read(self, length: int) -> bytes:
        got = bytearray()
        while len(got) < length:
            piece = self.sock.recv(min(65536, length - len(got)))
            if not piece:
                break
            got += piece
        return bytes(got)


class TestUnderWay:
    """S21: what ends a grant ends it mid-transfer too: no new bytes are sent."""

    @pytest.mark.parametrize("ending", ["unpublish", "delete", "resend", "expiry"])
    def test_a_slow_reader_gets_no_more(self, fresh_server: ServerProcess, ending: str) -> None:
        settings = {}
        if ending == "expiry":
            settings["expires_at"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        document = publish(fresh_server, LARGE, "slow.bin", **settings)
        with fresh_server.guest() as guest:
            grant = take(guest, document)
        reader = Reader(fresh_server, grant, slow=True)
        with closing(reader.sock):
            assert reader.read(200_000).startswith(b"HTTP/1.1 200")
            if ending == "expiry":
                fresh_server.turn_clock(3601)
            else:
                act(fresh_server, document, ending)
            # The server checks once a second; only what it had sent by then can still arrive.
            time.sleep(1.5)
            rest = reader.read(len(LARGE))
        assert len(rest) < len(LARGE) // 4
        assert " ERROR " not in fresh_server.log.read_text(), "it was meant so"

    def test_reaching_the_limit_breaks_nothing_off(self, server: ServerProcess) -> None:
        document = publish(server, LARGE, "limit.bin", downloads_permitted=1)
        with server.guest() as guest:
            reader = Reader(server, take(guest, document))
        with closing(reader.sock):
            start = reader.read(200_000)
            time.sleep(2.5)
            head, _, body = start.partition(b"\r\n\r\n")
            rest = reader.read(len(LARGE) - len(body))
        assert b" 200 " in head
        assert body + rest == LARGE

    def test_the_end_of_its_own_time_breaks_nothing_off(self, fresh_server: ServerProcess) -> None:
        """A slow connection gets the file that it began to fetch in time; the last minutes start when it has it."""
        document = publish(fresh_server, LARGE, "own.bin")
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            reader = Reader(fresh_server, grant)
            with closing(reader.sock):
                _, _, body = reader.read(200_000).partition(b"\r\n\r\n")
                fresh_server.turn_clock(4000)
                time.sleep(1.5)
                assert body + reader.read(len(LARGE) - len(body)) == LARGE
            fresh_server.turn_clock(4000 + 590)
            assert guest.head(grant).status_code == 200
            fresh_server.turn_clock(4000 + 660)
            assert guest.head(grant).status_code == 404


class TestElsewhere:
    def test_another_network_is_in_the_audit(self, fresh_server: ServerProcess) -> None:
        """Once per grant and network, if it takes bytes; the network that pressed isn't recorded."""
        document = publish(fresh_server, CONTENT, "elsewhere.bin")
        with from_network(fresh_server, 2) as presser, from_network(fresh_server, 3) as other:
            grant = take(presser, document)
            presser.get(grant)
            other.head(grant)
            other.get(grant.rpartition("/")[0], headers=HTML)
            other.get(grant, headers={"Range": f"bytes={SIZE}-"})
            assert names_of(events(fresh_server, document["id"])) == ["downloaded"]
            for _ in range(3):
                agent = {"User-Agent": "Elsewhere/1", "Range": "bytes=0-9"}
                assert other.get(grant, headers=agent).status_code == 206
            with fresh_server.guest() as third:
                third.get(grant, headers={"Range": "bytes=0-9"})
            second = take(presser, document)
            other.get(second)
        rows = [row for row in events(fresh_server, document["id"]) if row["event"] == "taken elsewhere"]
        assert [row["address"] for row in rows] == ["127.0.1.3", "127.0.0.1", "127.0.1.3"]
        assert (rows[0]["actor"], rows[0]["agent"]) == (None, "Elsewhere/1")
        assert seen(fresh_server, document)["downloads"] == 2
        with Sender(fresh_server) as sender:
            assert sender.get("/audit/verify")["broken"] is None

    async def test_it_is_forgotten_with_the_grant(self, fresh_server: ServerProcess) -> None:
        document = publish(fresh_server, CONTENT, "elsewhere.bin")
        with from_network(fresh_server, 2) as presser, from_network(fresh_server, 3) as other:
            other.get(take(presser, document))
        assert len(receipts(fresh_server, document)) == 1
        # One that another network took it, one that all of it was delivered.
        assert len(look(fresh_server, "SELECT * FROM grant_events")) == 2
        moment = datetime.now(UTC) + timedelta(days=9)
        context = await open_context(fresh_server.settings, lambda: moment)
        try:
            assert await forget_old(context) == 1
        finally:
            await context.close()
        assert look(fresh_server, "SELECT * FROM grant_events") == []


class TestAddress:
    NAMES = (
        "Übersicht 契約; a=b.pdf",
        "100% #1 & more+.txt",
        "it's (final) $HOME `x` !.pdf",
        "é" * 100 + ".docx",
        "no extension",
        "﷽ שלום مرحبا.pdf",
    )

    @pytest.mark.parametrize("name", NAMES)
    def test_it_ends_in_the_files_name(self, server: ServerProcess, name: str) -> None:
        """Percent-encoded, so that programs that name a file after its address get the right name."""
        document = publish(server, CONTENT, name)
        with server.guest() as guest:
            grant = take(guest, document)
            assert re.fullmatch(r"/g/[0-9a-f]{48}/[A-Za-z0-9._~%-]+", grant)
            assert unquote(grant.rpartition("/")[2]) == name
            assert guest.get(grant).content == CONTENT

    def test_the_name_opens_nothing(self, server: ServerProcess, shared: dict[str, Any]) -> None:
        """Another name, or none, leads to the same file under its own name; a further segment leads nowhere."""
        with server.guest() as guest:
            grant = take(guest, shared).rpartition("/")[0]
            for place in (grant, grant + "/", grant + "/other.exe", grant + "/%00", grant + "/%E9"):
                answer = guest.head(place)
                assert answer.status_code == 200, place
                assert 'filename="ranges.bin"' in answer.headers["content-disposition"]
            for place in (grant + "/a/ranges.bin", grant + "/..%2Franges.bin", grant + "x/ranges.bin"):
                assert guest.get(place).status_code == 404, place

    def test_a_post_gives_the_file(self, server: ServerProcess) -> None:
        """``curl -X POST -L`` and ``--post303`` send one; a browser too gets the file, not the page."""
        document = publish(server, CONTENT, "posted.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            answer = guest.post(grant, data={"password": "x"}, headers={**HTML, "If-None-Match": "*"})
            assert (answer.status_code, answer.content) == (200, CONTENT)
            part = guest.post(grant, headers={"Range": "bytes=5-9"})
            assert (part.status_code, part.content) == (206, CONTENT[5:10])
            for method in ("PUT", "PATCH", "DELETE", "OPTIONS"):
                assert guest.request(method, grant).status_code == 404
        assert seen(server, document)["downloads"] == 1


class TestForgetting:
    async def test_what_is_over_is_forgotten(self, fresh_server: ServerProcess) -> None:
        """Rows of grants, openings and wrong passwords don't pile up; what still matters stays."""
        document = publish(fresh_server, CONTENT, "old.bin", password="Grey-Heron-40")
        with fresh_server.guest() as guest:
            guest.get(path_of(document))
            press(guest, document, "wrong")
            grant = take(guest, document, "Grey-Heron-40")
            press(guest, document, "wrong again")
        for days, forgotten in ((0, 0), (2, 2), (2, 0), (8, 1), (8, 0)):
            moment = datetime.now(UTC) + timedelta(days=days)
            context = await open_context(fresh_server.settings, lambda moment=moment: moment)
            try:
                assert await forget_old(context) == forgotten, days
            finally:
                await context.close()
            with fresh_server.guest() as guest:
                assert guest.head(grant).status_code == (200 if days < 8 else 404)


class TestVanished:
    def test_bytes_that_are_gone_do_not_end_the_server(self, fresh_server: ServerProcess) -> None:
        """S4: a page reports the failure, nothing of the grant is used up, and the server keeps running."""
        document = publish(fresh_server, CONTENT, "gone.bin")
        kept = [p for p in (fresh_server.data / "blobs").rglob("*") if p.is_file()]
        assert len(kept) == 1
        content = kept[0].read_bytes()
        with fresh_server.guest() as guest:
            grant = take(guest, document)
            kept[0].unlink()
            for _ in range(5):
                answer = guest.get(grant)
                assert answer.status_code == 503
                assert "Something went wrong" in answer.text
            assert guest.get(path_of(document)).status_code == 200
            kept[0].write_bytes(content)
            assert guest.get(grant).content == CONTENT
        assert fresh_server.process.poll() is None

    def test_bytes_that_end_too_early_break_the_answer_off(self, fresh_server: ServerProcess) -> None:
        document = publish(fresh_server, LARGE, "short.bin")
        kept = next(p for p in (fresh_server.data / "blobs").rglob("*") if p.is_file())
        with fresh_server.guest() as guest:
            reader = Reader(fresh_server, take(guest, document), slow=True)
            with closing(reader.sock):
                assert reader.read(200_000).startswith(b"HTTP/1.1 200")
                with kept.open("r+b") as file:
                    file.truncate(len(LARGE) // 2)
                assert len(reader.read(len(LARGE))) < len(LARGE) * 3 // 4
            assert guest.get(path_of(document)).status_code == 200


class TestHeaders:
    def test_a_file_is_handed_over_and_never_shown(self, server: ServerProcess) -> None:
        """S13, S27."""
        for name in ("page.html", "picture.svg", "letter.pdf", "data"):
            document = publish(server, b"<script>alert(1)</script>", name)
            with server.guest() as guest:
                headers = guest.get(take(guest, document)).headers
            assert headers["content-disposition"].startswith("attachment; ")
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["content-security-policy"] == "sandbox; default-src 'none'"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["cache-control"] == "private, no-store"
            assert headers["x-robots-tag"] == "noindex"
            assert headers["accept-ranges"] == "bytes"
            expected = "application/pdf" if name.endswith("pdf") else "application/octet-stream"
            assert headers["content-type"] == expected

    def test_both_forms_of_a_name(self, server: ServerProcess) -> None:
        """S12: RFC 6266 and 8187."""
        document = publish(server, b"x", "Übersicht 契約; a=b.pdf")
        with server.guest() as guest:
            headers = guest.get(take(guest, document)).headers
        assert headers["content-disposition"] == (
            'attachment; filename="Ubersicht __; a=b.pdf"; '
            "filename*=UTF-8''%C3%9Cbersicht%20%E5%A5%91%E7%B4%84%3B%20a%3Db.pdf"
        )
