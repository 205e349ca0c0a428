"""Downloads under way: what ends them, what doesn't, and bytes that vanish (S4, S21)."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.checks.long import few
from tests.support.servers.databases import both
from tests.support.servers.rows import look
from tests.support.servers.server import ServerProcess
from tests.support.users.grants import CONTENT, LARGE, Reader
from tests.support.users.publish import publish
from tests.support.users.recipient import act, path_of, take
from tests.support.users.share import until
from tui.server.base.clock import system_clock
from tui.server.installation.installation import open_context
from tui.server.pages.given_bytes import LOST, release_lost


class TestUnderWay:
    """S21: what ends a grant ends it mid-transfer too: no new bytes are sent."""

    @few(2)
    @pytest.mark.parametrize("ending", ["unpublish", "delete", "resend", "expiry"])
    def test_a_slow_reader_gets_no_more(self, restored_server: ServerProcess, ending: str) -> None:
        settings = {}
        if ending == "expiry":
            settings["expires_at"] = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        document = publish(restored_server, LARGE, "slow.bin", **settings)
        with restored_server.guest() as guest:
            grant = take(guest, document)
        reader = Reader(restored_server, grant, slow=True)
        with closing(reader.sock):
            assert reader.read(200_000).startswith(b"HTTP/1.1 200")
            if ending == "expiry":
                restored_server.turn_clock(3601)
            else:
                act(restored_server, document, ending)
            # Only what the server had sent until it noticed can still arrive.
            unsettled = "SELECT count(*) FROM grants WHERE bytes_reserved != bytes_given"
            until(lambda: look(restored_server, unsettled) == [(0,)])
            assert look(restored_server, "SELECT count(*) FROM grants") == [(1,)]
            rest = reader.read(len(LARGE))
        assert len(rest) < len(LARGE) // 4
        assert " ERROR " not in restored_server.log.read_text(), "it was meant so"

    def test_reaching_the_limit_breaks_nothing_off(self, restored_server: ServerProcess) -> None:
        document = publish(restored_server, LARGE, "limit.bin", downloads_permitted=1)
        with restored_server.guest() as guest:
            reader = Reader(restored_server, take(guest, document))
        with closing(reader.sock):
            start = reader.read(200_000)
            _asked_about(restored_server, after=1200)
            head, _, body = start.partition(b"\r\n\r\n")
            rest = reader.read(len(LARGE) - len(body))
        assert b" 200 " in head
        assert body + rest == LARGE

    def test_the_end_of_its_own_time_breaks_nothing_off(self, restored_server: ServerProcess) -> None:
        """A slow connection gets the file that it began to fetch in time; the last minutes start when it has it."""
        document = publish(restored_server, LARGE, "own.bin")
        with restored_server.guest() as guest:
            grant = take(guest, document)
            reader = Reader(restored_server, grant)
            with closing(reader.sock):
                _, _, body = reader.read(200_000).partition(b"\r\n\r\n")
                _asked_about(restored_server, after=4000)
                assert body + reader.read(len(LARGE) - len(body)) == LARGE
            restored_server.turn_clock(4000 + 590)
            assert guest.head(grant).status_code == 200
            restored_server.turn_clock(4000 + 660)
            assert guest.head(grant).status_code == 404

    def test_a_grant_that_was_changed_by_hand_is_its_own_readers_trouble(
        self, fresh_server: ServerProcess, tmp_path: Path
    ) -> None:
        """All that are under way are asked for together."""
        document = publish(fresh_server, LARGE, "changed.bin")
        with fresh_server.guest() as guest, ExitStack() as stack:
            readers = [Reader(fresh_server, take(guest, document)) for _ in range(2)]
            heads = []
            for reader in readers:
                stack.enter_context(closing(reader.sock))
                heads.append(reader.read(200_000))
            with (
                closing(sqlite3.connect(fresh_server.data / "sentlinks.db", timeout=30)) as database,
                database,
            ):
                database.execute(
                    "UPDATE grants SET expires_at = 'soon', busy_at = x'ff' "
                    "WHERE hash = (SELECT min(hash) FROM grants)"
                )
            _asked_about(fresh_server, after=1200)
            for head, reader in zip(heads, readers, strict=True):
                body = head.partition(b"\r\n\r\n")[2]
                assert body + reader.read(len(LARGE) - len(body)) == LARGE


class TestKilled:
    """What requests had reserved that a killed server can't release: as much as a download program may ask for."""

    @staticmethod
    def reading(server: ServerProcess, grant: str, stack: ExitStack) -> None:
        """Ten requests for the whole file, none of which reads on."""
        for _ in range(10):
            reader = Reader(server, grant, slow=True)
            stack.enter_context(closing(reader.sock))
            assert reader.read(1_000).startswith(b"HTTP/1.1 200")

    def test_the_download_goes_on_after_a_kill(self, fresh_server: ServerProcess) -> None:
        document = publish(fresh_server, LARGE, "killed.bin", downloads_permitted=1)
        with fresh_server.guest() as guest, ExitStack() as stack:
            grant = take(guest, document)
            self.reading(fresh_server, grant, stack)
            assert guest.get(grant).status_code == 429
            fresh_server.process.kill()
            fresh_server.process.wait()
        with ServerProcess(fresh_server.data) as again, again.guest() as guest:
            assert guest.get(grant).content == LARGE

    def test_another_server_of_the_same_folder_releases_nothing(self, restored_server: ServerProcess) -> None:
        """The requests are under way."""
        document = publish(restored_server, LARGE, "shared.bin")
        with restored_server.guest() as guest, ExitStack() as stack:
            grant = take(guest, document)
            self.reading(restored_server, grant, stack)
            with ServerProcess(restored_server.data) as other, other.guest() as there:
                assert there.get(grant).status_code == 429


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


def test_a_client_that_vanished_makes_room_for_its_next_try(tmp_path: Path) -> None:
    """A grant has bytes for ten downloads. One that only pauses is let alone."""
    with (
        ServerProcess(tmp_path / "data", arguments=("--vanished-seconds", "1")) as server,
        server.guest() as guest,
        ExitStack() as stack,
    ):
        grant = take(guest, publish(server, LARGE, "large.bin"))
        readers = [Reader(server, grant) for _ in range(10)]
        starts = []
        for reader in readers:
            stack.enter_context(closing(reader.sock))
            starts.append(reader.read(4096).partition(b"\r\n\r\n")[2])
        assert guest.get(grant).status_code == 429
        pausing, *vanishing = readers
        for reader in vanishing:
            reader.vanish()
        until(lambda: guest.get(grant).status_code == 200)
        assert starts[0] + pausing.read(len(LARGE) - len(starts[0])) == LARGE


@both
class TestLost:
    """What a killed process had reserved returns, though other processes give out bytes."""

    async def test_it_returns_after_a_while(self, fresh_server: ServerProcess) -> None:
        document = publish(fresh_server, LARGE, "lost.bin", downloads_permitted=1)
        with fresh_server.guest() as guest:
            grant = take(guest, document)
        with ExitStack() as readers:
            for _ in range(10):
                reader = Reader(fresh_server, grant, slow=True)
                readers.enter_context(reader.sock)
                assert reader.read(1000).startswith(b"HTTP/1.1 200")
            fresh_server.process.kill()
            fresh_server.process.wait()
        assert _reserved(fresh_server) == 10
        await _after(fresh_server, LOST - timedelta(minutes=1))
        assert _reserved(fresh_server) == 10
        await _after(fresh_server, LOST + timedelta(minutes=1))
        assert _reserved(fresh_server) == 0

    async def test_what_is_under_way_stays_reserved(self, fresh_server: ServerProcess) -> None:
        """However slow; the requests are seen each minute."""
        document = publish(fresh_server, LARGE, "slow.bin", downloads_permitted=1)
        with fresh_server.guest() as guest:
            grant = take(guest, document)
        reader = Reader(fresh_server, grant, slow=True)
        with closing(reader.sock):
            assert reader.read(1000).startswith(b"HTTP/1.1 200")
            _asked_about(fresh_server, after=1200)
            await _after(fresh_server, timedelta(minutes=20) + LOST - timedelta(minutes=1))
            assert _reserved(fresh_server) == 1
            # Even if it was believed to be lost.
            await _after(fresh_server, timedelta(minutes=21) + LOST)
            assert _reserved(fresh_server) == 0
        until(lambda: look(fresh_server, "SELECT bytes_given FROM grants")[0][0] > 0)
        assert look(fresh_server, "SELECT bytes_reserved - bytes_given FROM grants")[0][0] == 0


async def _after(server: ServerProcess, span: timedelta) -> None:
    """Releases what is lost when this much time has passed."""
    context = await open_context(server.settings, lambda: system_clock() + span)
    try:
        await release_lost(context)
    finally:
        await context.close()


def _reserved(server: ServerProcess) -> int:
    """How often the file is reserved."""
    return round(float(look(server, "SELECT bytes_reserved - bytes_given FROM grants")[0][0]) / len(LARGE))


def _asked_about(server: ServerProcess, *, after: int) -> None:
    """Sets the server's clock ``after`` seconds ahead, and waits until it has asked whether what is under way may go
    on: it notes that of those that may, if it hasn't for a minute."""
    began = datetime.now(UTC) + timedelta(seconds=after - 60)
    server.turn_clock(after)
    until(lambda: _seen(server) > began)


def _seen(server: ServerProcess) -> datetime:
    """When a request was last noted to be under way."""
    # One may have been changed by hand.
    moments = [moment for (moment,) in look(server, "SELECT busy_at FROM grants") if isinstance(moment, int)]
    return datetime.fromtimestamp(max(moments) / 1_000_000, UTC)
