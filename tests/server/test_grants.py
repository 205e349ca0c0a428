"""Grants: how much and how long they give, which networks take them, and when they are forgotten (S2, S20)."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import CONTENT, LARGE, SIZE, Reader
from tests.support.users.publish import publish
from tests.support.users.recipient import (
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
from tests.support.users.share import Sender, until
from tui.server.installation.installation import open_context
from tui.server.pages.housekeeping import forget_old


class TestBounds:
    def test_ten_times_the_bytes(self, restored_server: ServerProcess) -> None:
        """Of what has not all arrived, also in small parts: any request beyond that is Not Found."""
        document = publish(restored_server, CONTENT, "ten times.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            given = 0
            for number in range(80):
                # Never the last byte.
                start = number * 997 % (SIZE - 2001)
                answer = guest.get(grant, headers={"Range": f"bytes={start}-{start + 1999}"})
                if answer.status_code != 206:
                    break
                given += len(answer.content)
            assert answer.status_code == 404
            assert 10 * SIZE - 2000 < given <= 10 * SIZE
            left = 10 * SIZE - given
            page = guest.get(grant.rpartition("/")[0], headers=HTML)
            assert (page.status_code, "Not Found" in page.text) == (404, True), "its button would lead there"
            assert guest.get(grant, headers={"Range": f"bytes=0-{left}"}).status_code == 404
            if left:
                assert guest.get(grant, headers={"Range": f"bytes=0-{left - 1}"}).status_code == 206
            assert guest.head(grant).status_code == 404
            assert guest.get(grant, headers=HTML).status_code == 404

    def test_three_more_times_when_it_has_arrived(self, restored_server: ServerProcess) -> None:
        """However much was fetched before; the page says how often."""
        document = publish(restored_server, CONTENT, "more.bin", downloads_permitted=1)
        with restored_server.guest() as guest:
            grant = take(guest, document)
            place = grant.rpartition("/")[0]
            assert (
                "ten minutes and at most three more downloads remain" in guest.get(place, headers=HTML).text
            )
            for _ in range(6):
                guest.get(grant, headers={"Range": f"bytes=0-{SIZE - 2}"})
            assert guest.get(grant).content == CONTENT
            for left in (3, 2, 1):
                page = guest.get(place, headers=HTML).text
                assert f"You can download it {left} more time" in page
                assert "ten minutes and three" not in page
                assert guest.get(grant).content == CONTENT
            assert guest.get(grant).status_code == 404
            assert guest.get(grant, headers={"Range": "bytes=0-0"}).status_code == 404
            assert "You have downloaded this" in guest.get(place, headers=HTML).text

    @pytest.mark.parametrize(("before", "afterwards"), [(6, 3), (8, 1), (9, 0)])
    def test_the_three_are_within_the_ten(
        self, restored_server: ServerProcess, before: int, afterwards: int
    ) -> None:
        """Whoever has had all but a byte of the file nine times gets it once, and no three times more."""
        document = publish(restored_server, CONTENT, "nine.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            for _ in range(before):
                answer = guest.get(grant, headers={"Range": f"bytes=0-{SIZE - 2}"})
                assert len(answer.content) == SIZE - 1
            whole = [guest.get(grant).status_code for _ in range(afterwards + 2)]
            assert whole == [200] * (1 + afterwards) + [404]

    def test_what_is_broken_off_is_handed_back(self, restored_server: ServerProcess) -> None:
        """Ten interrupted starts don't use up a grant."""
        document = publish(restored_server, LARGE, "large.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            for _ in range(10):
                with guest.stream("GET", grant) as answer:
                    assert answer.status_code == 200
                    next(answer.iter_raw(1000))
            assert _in_time(lambda: guest.get(grant), 200).content == LARGE

    def test_it_lives_an_hour(self, restored_server: ServerProcess) -> None:
        """Requests that send no bytes don't extend it."""
        document = publish(restored_server, CONTENT, "hour.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            restored_server.turn_clock(3590)
            etag = guest.head(grant).headers["etag"]
            assert guest.get(grant, headers={"If-None-Match": etag}).status_code == 304
            assert guest.get(grant, headers={"Range": f"bytes={SIZE}-"}).status_code == 416
            assert guest.get(grant.rpartition("/")[0], headers=HTML).status_code == 200
            restored_server.turn_clock(3610)
            assert guest.get(grant).status_code == 404
            assert guest.head(grant).status_code == 404

    def test_in_use_it_lives_an_hour_more(self, restored_server: ServerProcess) -> None:
        """From each request that sent bytes; a day at most."""
        document = publish(restored_server, CONTENT, "used.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            for used in range(3500, 86_400, 3500):
                restored_server.turn_clock(used)
                assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206, used
            restored_server.turn_clock(86_390)
            assert guest.head(grant).status_code == 200
            restored_server.turn_clock(86_410)
            assert guest.head(grant).status_code == 404

    def test_a_long_lifetime_is_not_shortened_by_use(self, restored_server: ServerProcess) -> None:
        with restored_server.client() as client:
            client.patch("/share/v1/policy", json={"grant_seconds": "172800"}).raise_for_status()
        document = publish(restored_server, CONTENT, "long.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206
            restored_server.turn_clock(172_790)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206
            restored_server.turn_clock(172_810)
            assert guest.head(grant).status_code == 404

    def test_a_request_under_way_keeps_it(self, restored_server: ServerProcess) -> None:
        """A slow connection that breaks after hours can resume where it stopped."""
        document = publish(restored_server, LARGE, "slow.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            reader = Reader(restored_server, grant, slow=True)
            with closing(reader.sock):
                for hours in (0.9, 1.8):
                    ends = expiry(restored_server)
                    restored_server.turn_clock(hours * 3600)
                    until(lambda ends=ends: reader.read(200_000) != b"" and expiry(restored_server) > ends)
            assert guest.get(grant, headers={"Range": "bytes=0-9"}).status_code == 206

    def test_or_as_long_as_the_policy_says(self, restored_server: ServerProcess) -> None:
        with restored_server.client() as client:
            client.patch("/share/v1/policy", json={"grant_seconds": "120"}).raise_for_status()
        document = publish(restored_server, CONTENT, "policy.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            restored_server.turn_clock(110)
            assert guest.head(grant).status_code == 200
            restored_server.turn_clock(130)
            assert guest.head(grant).status_code == 404

    def test_it_ends_ten_minutes_after_it_gave_the_file(self, restored_server: ServerProcess) -> None:
        """However many parts that took; requests within those minutes don't restart them."""
        document = publish(restored_server, CONTENT, "ten.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            guest.get(grant, headers={"Range": f"bytes=0-{SIZE - 2}"})
            restored_server.turn_clock(1200)
            guest.get(grant, headers={"Range": f"bytes={SIZE - 1}-"})
            restored_server.turn_clock(1200 + 590)
            assert guest.get(grant).status_code == 200
            restored_server.turn_clock(1200 + 610)
            assert guest.get(grant).status_code == 404

    def test_the_page_promises_no_more(self, restored_server: ServerProcess) -> None:
        """Before and after it gave the file: one time, until when a recipient comes back for what hasn't arrived, and
        then for the file."""
        document = publish(restored_server, CONTENT, "promised.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            page = guest.get(grant.rpartition("/")[0], headers=HTML).text
            before = expiry(restored_server)
            guest.get(grant)
            until(lambda: expiry(restored_server) < before)
            again = guest.get(grant.rpartition("/")[0], headers=HTML).text
        ends = expiry(restored_server)
        assert "Once it has arrived, ten minutes and at most three more downloads remain." in page
        for said, at in ((page, before), (again, ends)):
            there = datetime.fromtimestamp(at / 1_000_000, UTC)
            assert promised(said) == there.replace(second=0, microsecond=0)

    def test_reaching_the_limit_leaves_it_alone(self, restored_server: ServerProcess) -> None:
        document = publish(restored_server, CONTENT, "one.bin", downloads_permitted=1)
        with restored_server.guest() as guest:
            grant = take(guest, document)
            assert press(guest, document).status_code == 404
            assert guest.get(grant).content == CONTENT


class TestDownloaded:
    """What a browser gets of a grant that has ended because all of the file had arrived; a program gets 404, since it
    would take a page for the file, or for the rest of it."""

    def test_by_its_time_and_by_its_bytes(self, restored_server: ServerProcess) -> None:
        """With and without the name in its address; the link itself is *Not Found* for both."""
        document = publish(restored_server, CONTENT, "got.bin", downloads_permitted=2)
        with restored_server.guest() as guest:
            timed, used = take(guest, document), take(guest, document)
            assert guest.get(timed).content == CONTENT
            for _ in range(4):
                assert guest.get(used).content == CONTENT
            told(guest, used)
            assert guest.get(timed, headers=HTML).content == CONTENT
            restored_server.turn_clock(610)
            for grant in (timed, used):
                told(guest, grant)
            nothing = guest.get("/s/unknown", headers=HTML)
            link = guest.get(path_of(document), headers=HTML)
            assert (link.status_code, link.content) == (404, nothing.content)

    def test_in_the_language_of_the_reader(self, restored_server: ServerProcess) -> None:
        document = publish(restored_server, CONTENT, "got.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            for _ in range(4):
                guest.get(grant)
            page = guest.get(grant, headers={**HTML, "Accept-Language": "de"})
        assert "<h1>Sie haben dieses Dokument heruntergeladen</h1>" in page.text

    @pytest.mark.parametrize("ending", ["unpublish", "delete", "resend", "expiry"])
    def test_not_if_its_link_was_ended(self, restored_server: ServerProcess, ending: str) -> None:
        """S18: neither status, headers nor body tell it from one that never existed."""
        ends = datetime.now(UTC) + timedelta(hours=1)
        settings = {"expires_at": ends.isoformat()} if ending == "expiry" else {}
        document = publish(restored_server, CONTENT, "ended.bin", **settings)
        with restored_server.guest() as guest:
            grant = take(guest, document)
            for _ in range(4):
                guest.get(grant)
            told(guest, grant)
            if ending == "expiry":
                restored_server.turn_clock(3600)
            else:
                act(restored_server, document, ending)
            same_as_unknown(guest, grant)

    def test_not_if_something_has_not_arrived(self, restored_server: ServerProcess) -> None:
        document = publish(restored_server, CONTENT, "part.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            guest.get(grant, headers={"Range": f"bytes=1-{SIZE - 1}"})
            restored_server.turn_clock(3610)
            same_as_unknown(guest, grant)


def told(guest: httpx.Client, grant: str) -> None:
    """Only a browser that asks for a page is told that the grant's file has been downloaded."""
    for place in (grant, grant.rpartition("/")[0]):
        page = guest.get(place, headers=HTML)
        assert (page.status_code, page.headers["cache-control"]) == (200, "private, no-store")
        assert "<h1>You have downloaded this</h1>" in page.text
        assert "<form" not in page.text
        assert 'class="button"' not in page.text
        assert guest.head(place, headers=HTML).status_code == 200
        for headers in ({}, {"Accept": "*/*"}, {**HTML, "Range": "bytes=0-"}, {**HTML, "Range": "x"}):
            assert guest.get(place, headers=headers).status_code == 404, headers
        assert guest.post(place, headers=HTML).status_code == 404


def same_as_unknown(guest: httpx.Client, grant: str) -> None:
    for place in (grant, grant.rpartition("/")[0]):
        for headers in (HTML, {}, {**HTML, "Range": "bytes=0-"}):
            dead, unknown = guest.get(place, headers=headers), guest.get("/g/" + "0" * 48, headers=headers)
            answers = [(each.status_code, each.content, sans_date(each)) for each in (dead, unknown)]
            assert answers[0] == answers[1]
            assert dead.status_code == 404


def sans_date(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "date"}


def expiry(server: ServerProcess) -> int:
    """When the only grant expires, in microseconds."""
    return int(look(server, "SELECT expires_at FROM grants")[0][0])


def promised(page: str) -> datetime:
    """Until when the page of a grant offers the document: it says one time only."""
    (moment,) = re.findall(r"until <bdi>(.+?) UTC<", page)
    return datetime.strptime(moment, "%d %B %Y, %H:%M").replace(tzinfo=UTC)


def _in_time(ask: Any, status: int) -> httpx.Response:
    """Repeats the request until the server has noticed that an earlier reader has gone."""
    answers: list[httpx.Response] = []

    def asked() -> bool:
        answers.append(ask())
        return answers[-1].status_code == status

    until(asked)
    return answers[-1]


class TestElsewhere:
    def test_another_network_is_in_the_audit(self, restored_server: ServerProcess) -> None:
        """Once per grant and network, if it takes bytes; the network that pressed isn't recorded."""
        document = publish(restored_server, CONTENT, "elsewhere.bin")
        with from_network(restored_server, 2) as presser, from_network(restored_server, 3) as other:
            grant = take(presser, document)
            presser.get(grant)
            other.head(grant)
            other.get(grant.rpartition("/")[0], headers=HTML)
            other.get(grant, headers={"Range": f"bytes={SIZE}-"})
            assert names_of(events(restored_server, document["id"])) == ["downloaded"]
            for _ in range(3):
                agent = {"User-Agent": "Elsewhere/1", "Range": "bytes=0-9"}
                assert other.get(grant, headers=agent).status_code == 206
            with restored_server.guest() as third:
                third.get(grant, headers={"Range": "bytes=0-9"})
            second = take(presser, document)
            other.get(second)
        rows = [row for row in events(restored_server, document["id"]) if row["event"] == "taken elsewhere"]
        assert [row["address"] for row in rows] == ["127.0.1.3", "127.0.0.1", "127.0.1.3"]
        assert (rows[0]["actor"], rows[0]["agent"]) == (None, "Elsewhere/1")
        assert seen(restored_server, document)["downloads"] == 2
        with Sender(restored_server) as sender:
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
