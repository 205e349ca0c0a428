"""Links and grants over real HTTP: what counts, what does not, what ends them (L1, L3, L4, L7, L8, F6, S2, S6)."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.servers.server import ServerProcess
from tests.support.users.publish import publish
from tests.support.users.recipient import act, events, names_of, path_of, press, seen, take
from tui.server.base.keys import new_secret
from tui.server.installation.installation import open_context
from tui.server.share import downloads, expiry, links

CONTENT = bytes(range(256)) * 1000


class TestAddresses:
    def test_an_address_cannot_be_guessed_and_needs_no_account(self, server: ServerProcess) -> None:
        """L1, S14: over 128 bits, a different one for each document, even if the same one is sent again."""
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
        """L3, S2: opening, HEAD, previews, scanners, ranges, a resume and 304 aren't counted."""
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
        """L4, F6, L8: the reason is shown, the audit has rows for both, and the document is kept."""
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
        """L7, F8, S6: the address stays, and grants given under the old settings end."""
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
        self, restored_server: ServerProcess
    ) -> None:
        """Decision 1, S6: settings that change between the check of a password and the counting take effect."""
        document = publish(restored_server, CONTENT, "changed.bin", password="Old-heron-41")
        context = await open_context(restored_server.settings)
        try:
            async with context.database.read() as connection:
                link = await links.find(context, connection, path_of(document)[3:])
            assert link is not None
            act(restored_server, document, "resend", password="New-heron-42")
            async with context.database.write() as connection:
                grant = await downloads.count_download(
                    context, connection, link, new_secret(), network="local", address=None, agent=None
                )
            assert grant is None
        finally:
            await context.close()
        assert seen(restored_server, document)["downloads"] == 0

    async def test_a_document_expires_once(self, restored_server: ServerProcess) -> None:
        """F6: whichever process settles it, and however many at once, one audit row is written."""
        due = datetime.now(UTC) + timedelta(hours=1)
        made = [publish(restored_server, b"x", f"{n}.bin", expires_at=due.isoformat()) for n in range(6)]
        later = restored_server.settings
        contexts = [await open_context(later, lambda: due + timedelta(seconds=1)) for _ in range(3)]
        try:
            turned = await asyncio.gather(*(expiry.sweep(context) for context in contexts))
        finally:
            for context in contexts:
                await context.close()
        assert sum(turned) == 6
        assert [names_of(events(restored_server, document["id"])) for document in made] == [["expired"]] * 6


class TestExpiry:
    def test_a_link_stops_at_the_moment_it_is_due(self, restored_server: ServerProcess) -> None:
        """F6: dead at once, shown as unpublished, with the time of expiry in the audit."""
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=2)
        document = publish(restored_server, CONTENT, "due.bin", expires_at=due.isoformat())
        with restored_server.guest() as guest:
            restored_server.turn_clock(7200 - 30)
            assert guest.get(path_of(document)).status_code == 200
            restored_server.turn_clock(7200 + 30)
            assert guest.get(path_of(document)).status_code == 404
            assert press(guest, document).status_code == 404
        after = seen(restored_server, document)
        assert (after["published"], after["reason"]) == (False, "expired")
        rows = [row for row in events(restored_server, document["id"]) if row["event"] == "expired"]
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
