"""Links and grants over real HTTP: what counts, what does not, what ends them (L1-L8, S1, S2, S4, S6, S18, S21)."""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.publish import publish
from tests.support.recipient import FORM, act, events, names_of, path_of, press, seen, take, volley
from tests.support.server import ServerProcess
from tui.server.context import open_context
from tui.server.settings import Settings
from tui.server.share import links

CONTENT = bytes(range(256)) * 1000


@pytest.fixture
def servers(fresh_server: ServerProcess) -> Iterator[list[ServerProcess]]:
    """Three server processes on one data folder."""
    with ServerProcess(fresh_server.data) as second, ServerProcess(fresh_server.data) as third:
        yield [fresh_server, second, third]


class TestAddresses:
    def test_an_address_cannot_be_guessed_and_needs_no_account(self, server: ServerProcess) -> None:
        """L1, S14: over 128 bits, one for each document, also for the same one sent again."""
        documents = [publish(server, CONTENT, "same.bin") for _ in range(3)]
        secrets = [path_of(d).removeprefix("/s/") for d in documents]
        assert len(set(secrets)) == 3
        assert all(re.fullmatch("[0-9a-f]{48}", s) for s in secrets)
        with server.guest() as guest:
            assert guest.get(take(guest, documents[0])).content == CONTENT

    def test_no_secret_is_kept_as_it_is(self, server: ServerProcess) -> None:
        """S17: neither database nor log holds the address or the grant."""
        document = publish(server, CONTENT, "secret.bin", password="Correct-horse-9")
        with server.guest() as guest:
            grant = take(guest, document, "Correct-horse-9")
            guest.get(grant)
            press(guest, document, "Wrong-horse-9")
        kept = server.log.read_bytes()
        for file in server.data.glob("sentlinks.db*"):
            kept += file.read_bytes()
        for secret in (path_of(document)[3:], grant[3:], "Correct-horse-9", "Wrong-horse-9"):
            assert secret.encode() not in kept


class TestCounting:
    def test_what_does_not_count(self, server: ServerProcess) -> None:
        """L3, S2: opening, HEAD, previews, scanners, ranges, a resume and 304 count nothing."""
        document = publish(server, CONTENT, "count.bin")
        path = path_of(document)
        with server.guest() as guest:
            guest.get(path)
            guest.head(path)
            guest.get(path, headers={"User-Agent": "Slackbot-LinkExpanding 1.0"})
            guest.get(path, headers={"Sec-Purpose": "prefetch"})
            guest.get(path, headers={"Range": "bytes=0-0"})
            assert seen(server, document)["downloads"] == 0
            grant = take(guest, document)
            guest.head(grant)
            guest.get(grant, headers={"Range": "bytes=0-9"})
            etag = guest.get(grant).headers["etag"]
            assert guest.get(grant, headers={"If-None-Match": etag}).status_code == 304
        after = seen(server, document)
        assert after["downloads"] == 1
        assert after["last_download_at"] is not None

    def test_a_download_that_breaks_off_and_is_resumed_counts_once(self, server: ServerProcess) -> None:
        """L3."""
        content = CONTENT * 40
        document = publish(server, content, "resume.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            got = b""
            with guest.stream("GET", grant) as answer:
                etag = answer.headers["etag"]
                for piece in answer.iter_raw(65536):
                    got += piece
                    if len(got) > len(content) // 3:
                        break
            rest = guest.get(grant, headers={"Range": f"bytes={len(got)}-", "If-Range": etag})
        assert rest.status_code == 206
        assert got + rest.content == content
        assert seen(server, document)["downloads"] == 1

    def test_the_last_download_turns_the_link_off(self, server: ServerProcess) -> None:
        """L4, F6, L8: with the reason, the audit rows of both, and the document kept."""
        document = publish(server, CONTENT, "twice.bin", downloads_permitted=2)
        with server.guest() as guest:
            for _ in range(2):
                assert guest.get(take(guest, document)).content == CONTENT
            assert press(guest, document).status_code == 404
            assert guest.get(path_of(document)).status_code == 404
        after = seen(server, document)
        assert (after["published"], after["reason"], after["downloads"]) == (False, "limit", 2)
        rows = [r for r in events(server, document["id"]) if r["event"] in ("downloaded", "limit reached")]
        assert [r["event"] for r in rows] == ["downloaded", "downloaded", "limit reached"]
        assert rows[1]["address"] == "127.0.0.1"
        assert rows[1]["agent"].startswith("python-httpx")
        assert rows[1]["details"] == {"downloads": 2, "downloads_permitted": 2}

    def test_new_settings_start_the_counter_at_zero(self, server: ServerProcess) -> None:
        """L7, F8, S6: the address stays, what was given under the old settings ends."""
        document = publish(server, CONTENT, "again.bin", downloads_permitted=1)
        with server.guest() as guest:
            old = take(guest, document)
            again = act(server, document, "resend", downloads_permitted=2)
            assert (again["downloads"], again["published"], again["url"]) == (0, True, document["url"])
            assert guest.get(old).status_code == 404
            for _ in range(2):
                assert guest.get(take(guest, document)).content == CONTENT
            assert press(guest, document).status_code == 404

    async def test_what_a_password_was_checked_against_must_still_hold(
        self, fresh_server: ServerProcess
    ) -> None:
        """Decision 1, S6: settings that change between the check of a password and the counting win."""
        document = publish(fresh_server, CONTENT, "changed.bin", password="Old-heron-41")
        context = await open_context(Settings(data=fresh_server.data))
        try:
            async with context.database.read() as connection:
                link = await links.find(context, connection, path_of(document)[3:])
            assert link is not None
            act(fresh_server, document, "resend", password="New-heron-42")
            async with context.database.write() as connection:
                grant = await links.count_download(context, connection, link, address=None, agent=None)
            assert grant is None
        finally:
            await context.close()
        assert seen(fresh_server, document)["downloads"] == 0

    async def test_a_document_expires_once(self, fresh_server: ServerProcess) -> None:
        """F6: whoever settles it, and however many at once, one audit row is written."""
        due = datetime.now(UTC) + timedelta(hours=1)
        made = [publish(fresh_server, b"x", f"{n}.bin", expires_at=due.isoformat()) for n in range(6)]
        later = Settings(data=fresh_server.data)
        contexts = [await open_context(later, lambda: due + timedelta(seconds=1)) for _ in range(3)]
        try:
            turned = await asyncio.gather(*(links.sweep(context) for context in contexts))
        finally:
            for context in contexts:
                await context.close()
        assert sum(turned) == 6
        assert [names_of(events(fresh_server, document["id"])) for document in made] == [["expired"]] * 6


class TestAtTheSameMoment:
    """L4, S1: with a limit of N exactly N are given out, over several processes on one data folder."""

    def test_sixty_four_on_a_limit_of_five(self, servers: list[ServerProcess]) -> None:
        document = publish(servers[0], CONTENT, "five.bin", downloads_permitted=5)
        answers = volley(servers[:2], path_of(document), 64)
        grants = [a.headers["location"] for a in answers if a.status == 303]
        assert len(grants) == 5
        assert sorted({a.status for a in answers}) == [303, 404]
        with servers[1].guest() as guest:
            assert [guest.get(grant).content == CONTENT for grant in grants] == [True] * 5
        rows = names_of(events(servers[0], document["id"]))
        assert rows == ["downloaded"] * 5 + ["limit reached"]
        after = seen(servers[1], document)
        assert (after["downloads"], after["published"], after["reason"]) == (5, False, "limit")

    def test_a_thousand_in_volleys(self, servers: list[ServerProcess]) -> None:
        given = wanted = posts = 0
        for limit in (1, 5, 17) * 5 + (17,):
            document = publish(servers[0], b"whole file", f"{posts}.bin", downloads_permitted=limit)
            answers = volley(servers, path_of(document), 64)
            posts += len(answers)
            whole = 0
            with servers[posts % 3].guest() as guest:
                for answer in answers:
                    if answer.status == 303:
                        whole += guest.get(answer.headers["location"]).content == b"whole file"
            rows = names_of(events(servers[0], document["id"]))
            assert (whole, rows.count("downloaded"), rows.count("limit reached")) == (limit, limit, 1)
            assert seen(servers[0], document)["downloads"] == limit
            given, wanted = given + whole, wanted + limit
        assert posts >= 1000
        assert given == wanted

    def test_with_a_password(self, servers: list[ServerProcess]) -> None:
        """At most N at once, and N when those that were told to wait come again."""
        document = publish(servers[0], b"content", "p.bin", password="Tr0ubadour!", downloads_permitted=40)
        count, given = 64, 0
        for _ in range(10):
            answers = volley(servers[:2], path_of(document), count, b"password=Tr0ubadour%21")
            given += sum(a.status == 303 for a in answers)
            assert given <= 40
            waiting = [a for a in answers if a.status == 429]
            assert all(int(a.headers["retry-after"]) > 0 for a in waiting)
            count = len(waiting)
            if not count:
                break
        assert given == 40
        rows = names_of(events(servers[0], document["id"]))
        assert rows == ["downloaded"] * 40 + ["limit reached"]

    def test_a_grant_is_no_way_round_the_limit(self, server: ServerProcess) -> None:
        """Decision 1: at most three times the bytes, whatever the number of requests at once."""
        content = CONTENT * 20
        document = publish(server, content, "thrice.bin")
        with server.guest() as guest:
            grant = take(guest, document)

        def fetch(_: int) -> bool:
            with server.guest() as guest:
                answer = guest.get(grant)
                assert answer.status_code in (200, 404, 429)
                return answer.content == content

        with ThreadPoolExecutor(12) as pool:
            whole = sum(pool.map(fetch, range(36)))
        assert whole == 3


class TestDead:
    """L5, S18: one answer for all that is not, or no longer, there."""

    @pytest.fixture
    def dead(self, fresh_server: ServerProcess) -> dict[str, str]:
        """A path of each kind; each document has a password, or has not, whatever that may change."""
        paths = {"unknown": "/s/" + "0" * 48, "wrong shape": "/s/x%00%F0/../y", "nothing": "/s/"}
        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        for password in (None, "Open-sesame-7"):
            made = {
                name: publish(fresh_server, CONTENT, f"{name}.pdf", password=password, **settings)
                for name, settings in {
                    "expired": {"expires_at": soon},
                    "unpublished": {},
                    "deleted": {},
                    "used up": {"downloads_permitted": 1},
                    "old address": {},
                }.items()
            }
            act(fresh_server, made["unpublished"], "unpublish")
            act(fresh_server, made["deleted"], "delete")
            act(fresh_server, made["old address"], "resend", new_address=True)
            with fresh_server.guest() as guest:
                take(guest, made["used up"], password)
            paths.update({f"{name} {password}": path_of(document) for name, document in made.items()})
        fresh_server.turn_clock(3600)
        return paths

    def test_all_kinds_answer_alike(self, fresh_server: ServerProcess, dead: dict[str, str]) -> None:
        def ask(guest: httpx.Client, method: str, path: str) -> tuple[int, dict[str, str], bytes]:
            data = {"password": "Open-sesame-7"} if method == "POST" else None
            answer = guest.request(method, path, data=data)
            headers = {k: v for k, v in answer.headers.items() if k != "date"}
            return answer.status_code, headers, answer.content

        with fresh_server.guest() as guest:
            for method in ("GET", "HEAD", "POST"):
                answers = {kind: ask(guest, method, path) for kind, path in dead.items()}
                answers["grant"] = ask(guest, method, "/g/" + "0" * 48)
                status, headers, body = answers["unknown"]
                assert status == 404
                for kind, answer in answers.items():
                    assert answer == (status, headers, body), kind
                if method == "GET":
                    text = (
                        "Could not find the item you are looking for. It may have been deleted, "
                        "or you may no longer have access to it."
                    )
                    assert "<h1>Not Found</h1>" in body.decode()
                    assert text in body.decode()

    def test_no_password_and_no_throttle_is_looked_at(
        self, fresh_server: ServerProcess, dead: dict[str, str]
    ) -> None:
        with fresh_server.guest() as guest:
            for kind, path in dead.items():
                statuses = {guest.post(path, data={"password": "wrong"}).status_code for _ in range(8)}
                assert statuses == {404}, kind
                assert guest.post(path, content=b"x" * 200_000, headers=FORM).status_code == 404
                cross = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
                assert guest.post(path, headers=cross).status_code == 404

    def test_all_kinds_take_the_same_time(self, fresh_server: ServerProcess, dead: dict[str, str]) -> None:
        """Taken in turns, so that whatever else the machine does falls on all of them alike."""
        times: dict[str, list[float]] = {kind: [] for kind in dead}
        with fresh_server.guest() as guest:
            for _ in range(150):
                for kind, path in dead.items():
                    begun = time.perf_counter()
                    guest.post(path, data={"password": "Open-sesame-7"})
                    times[kind].append(time.perf_counter() - begun)
        medians = {kind: statistics.median(taken) * 1000 for kind, taken in times.items()}
        # An answer that skips the look into the database takes half as long.
        assert max(medians.values()) < 1.4 * min(medians.values()), medians

    def test_grants_of_dead_links(self, fresh_server: ServerProcess) -> None:
        """Decision 1: unpublishing by hand, deleting, expiry and new settings end them at once."""
        soon = (datetime.now(UTC) + timedelta(minutes=10)).isoformat()
        endings: dict[str, dict[str, Any]] = {
            "unpublish": {},
            "delete": {},
            "resend": {},
            "expiry": {"expires_at": soon},
        }
        with fresh_server.guest() as guest:
            unknown = guest.get("/g/" + "1" * 48)
            for ending, settings in endings.items():
                document = publish(fresh_server, CONTENT, f"{ending}.bin", **settings)
                grant = take(guest, document)
                assert guest.head(grant).status_code == 200
                if ending == "expiry":
                    fresh_server.turn_clock(600)
                else:
                    act(fresh_server, document, ending)
                for answer in (guest.get(grant), guest.get(grant, headers={"Range": "bytes=0-0"})):
                    assert (answer.status_code, answer.content) == (404, unknown.content), ending
                assert guest.head(grant).status_code == 404

    def test_a_restored_document_revives_no_grant(self, server: ServerProcess) -> None:
        document = publish(server, CONTENT, "back.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            assert guest.head(grant).status_code == 200
            act(server, document, "delete")
            assert guest.head(grant).status_code == 404
            act(server, document, "restore")
            assert guest.head(grant).status_code == 404
            assert press(guest, document).status_code == 404

    def test_unpublishing_what_is_used_up_ends_its_grants(self, server: ServerProcess) -> None:
        """F7: whoever unpublishes by hand means the downloads that are left as well."""
        document = publish(server, CONTENT, "used.bin", downloads_permitted=1)
        with server.guest() as guest:
            grant = take(guest, document)
            act(server, document, "unpublish")
            assert guest.head(grant).status_code == 404


class TestExpiry:
    def test_a_link_stops_at_the_moment_it_is_due(self, fresh_server: ServerProcess) -> None:
        """F6: dead at once, shown unpublished, the audit stamped with the moment of expiry."""
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        document = publish(fresh_server, CONTENT, "due.bin", expires_at=due.isoformat())
        with fresh_server.guest() as guest:
            fresh_server.turn_clock(7200 - 30)
            assert guest.get(path_of(document)).status_code == 200
            fresh_server.turn_clock(7200 + 30)
            assert guest.get(path_of(document)).status_code == 404
            assert press(guest, document).status_code == 404
        after = seen(fresh_server, document)
        assert (after["published"], after["reason"]) == (False, "expired")
        rows = [row for row in events(fresh_server, document["id"]) if row["event"] == "expired"]
        assert [row["at"] for row in rows] == [due]

    def test_also_where_the_server_was_down_over_that_moment(self, tmp_path: Path) -> None:
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        with ServerProcess(tmp_path / "data") as before:
            document = publish(before, CONTENT, "due.bin", expires_at=due.isoformat())
            before.turn_clock(10_000)
        with ServerProcess(tmp_path / "data") as after:
            assert seen(after, document)["reason"] == "expired"
            rows = [row for row in events(after, document["id"]) if row["event"] == "expired"]
            assert [row["at"] for row in rows] == [due]
