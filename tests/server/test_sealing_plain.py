"""Sealing what lies plain from an earlier version: begun by a command, one after another, interrupted without loss."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import insert, select, update

from tests.support.checks.long import some
from tests.support.pages.deliveries import rest_of
from tests.support.servers.databases import both
from tests.support.servers.server import ServerProcess
from tests.system.command import Done, run
from tui.server.base.settings import Settings
from tui.server.blobs.outgoing import Outgoing
from tui.server.context import Context
from tui.server.database.tables import blobs, installation, sealed_contents
from tui.server.installation.installation import open_context
from tui.server.library import gc, plain_bytes

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Old:
    """An installation of an earlier version: nothing in it is sealed."""

    def __init__(self, context: Context, data: Path, clock: Clock) -> None:
        self.context = context
        self.data = data
        self.clock = clock
        self.texts: dict[str, bytes] = {}

    async def store(self, *texts: bytes) -> list[str]:
        """Documents with these texts; returns their keys."""
        keys = await self.context.reserved_keys.take(len(texts))
        await self.context.blobs.put({key: [text] for key, text in zip(keys, texts, strict=True)})
        for key, text in zip(keys, texts, strict=True):
            await self.settle(key, text)
        return keys

    async def settle(self, key: str, text: bytes) -> None:
        digest = hashlib.sha256(text).hexdigest()
        row = {"key": key, "size": len(text), "sha256": digest, "created_at": NOW}
        async with self.context.database.write() as connection:
            await connection.execute(insert(blobs).values(row))
            await self.context.blobs.settle(connection, [row])
        self.texts[key] = text

    def delivery(self, key: str) -> Outgoing:
        text = self.texts[key]
        sha256 = hashlib.sha256(text).hexdigest()
        return Outgoing(self.context.blobs, key, 0, len(text), size=len(text), sha256=sha256)

    async def all_are_whole(self) -> None:
        for key, text in self.texts.items():
            assert await self.context.blobs.fault(key, len(text)) is None
            assert await rest_of(self.delivery(key)) == text

    async def sealed(self) -> set[str]:
        async with self.context.database.read() as connection:
            return set((await connection.execute(select(sealed_contents.c.key))).scalars())

    async def state(self) -> plain_bytes.SealingState:
        async with self.context.database.read() as connection:
            return await plain_bytes.sealing_state(connection)

    async def seal_all(self) -> None:
        while (await self.state()).sealing == "begun":
            await plain_bytes.seal_some(self.context)

    def plain_files(self) -> set[str]:
        files = [file for file in (self.data / "blobs").rglob("*") if file.is_file()]
        texts = {text[:64] for text in self.texts.values() if text}
        return {file.name for file in files if file.read_bytes()[:64] in texts}


@pytest.fixture
async def old(tmp_path: Path) -> AsyncIterator[Old]:
    clock = Clock()
    context = await open_context(Settings(data=tmp_path), clock)
    async with context.database.write() as connection:
        await connection.execute(update(installation).values(sealing=None))
    try:
        yield Old(context, tmp_path, clock)
    finally:
        await context.close()


def texts(count: int) -> list[bytes]:
    return [os.urandom(size) for size in [200_000, 70_000, 100][:count] + [5000] * (count - 3)]


async def test_nothing_is_sealed_before_it_is_begun(old: Old) -> None:
    await old.store(*texts(4), b"")
    await plain_bytes.seal_some(old.context)
    assert await old.sealed() == set()
    assert await plain_bytes.at_rest(old.context) == "plain"
    assert await old.state() == (None, 5, 275_100)
    assert len(old.plain_files()) == 4
    await old.all_are_whole()


async def test_then_new_ones_are_and_one_after_another_of_the_others(old: Old) -> None:
    plain = await old.store(*texts(4), b"")
    assert await plain_bytes.begin(old.context)
    assert not await plain_bytes.begin(old.context)
    assert await plain_bytes.at_rest(old.context) == "sealing"
    new = await old.store(os.urandom(3000))
    assert await old.sealed() == set(new)
    assert await old.state() == ("begun", 5, 275_100)
    await old.seal_all()
    assert await old.sealed() == {*plain, *new}
    assert await old.state() == ("done", 0, 0)
    assert await plain_bytes.at_rest(old.context) == "sealed"
    await old.all_are_whole()
    # Whoever was reading had an hour.
    await gc.collect(old.context)
    assert len(old.plain_files()) == 4
    old.clock.now += timedelta(hours=1, minutes=1)
    await gc.collect(old.context)
    assert old.plain_files() == set()
    await old.all_are_whole()


async def test_a_download_under_way_goes_on(old: Old) -> None:
    text = os.urandom(2_000_000)
    (key,) = await old.store(text)
    delivery = old.delivery(key)
    first = await delivery.next()
    await plain_bytes.begin(old.context)
    await old.seal_all()
    await gc.collect(old.context)
    assert bytes(first) + await rest_of(delivery) == text
    await old.all_are_whole()


async def test_an_upload_that_was_begun_before_is_sealed_after_it_was_published(old: Old) -> None:
    text, blobs_ = os.urandom(100_000), old.context.blobs
    key = blobs_.new_key()

    async def part(start: int, end: int) -> AsyncIterator[bytes]:
        yield text[start:end]

    await blobs_.append(key, 0, part(0, 50_000), exact=True)
    await plain_bytes.begin(old.context)
    await old.seal_all()
    assert (await old.state()).sealing == "done"
    assert await blobs_.length(key) == 50_000
    await blobs_.append(key, 50_000, part(50_000, 100_000), exact=True)
    assert await blobs_.received(key) == hashlib.sha256(text).hexdigest()
    await old.settle(key, text)
    assert await old.state() == ("begun", 1, 100_000)
    await old.seal_all()
    assert await old.sealed() == {key}
    await old.all_are_whole()


async def test_what_is_published_where_a_run_has_been_is_left_to_the_next(
    old: Old, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, blobs_ = os.urandom(1000), old.context.blobs
    # Before all others in the order in which they are sealed.
    first = "0" * 32

    async def all_of_it() -> AsyncIterator[bytes]:
        yield text

    await blobs_.append(first, 0, all_of_it(), exact=True)
    await old.store(os.urandom(5000))
    await plain_bytes.begin(old.context)
    seal = blobs_.seal

    async def seal_and_publish(key: str, size: int, sha256: str) -> None:
        await seal(key, size, sha256)
        monkeypatch.undo()
        await old.settle(first, text)

    monkeypatch.setattr(blobs_, "seal", seal_and_publish)
    await plain_bytes.seal_some(old.context)
    assert await old.state() == ("begun", 1, 1000)
    await old.seal_all()
    await old.all_are_whole()


async def test_what_is_damaged_or_missing_stays_as_it_is(old: Old) -> None:
    damaged, missing, good = await old.store(*texts(3))
    path = old.data / "blobs" / damaged[:2] / damaged
    content = path.read_bytes()
    path.write_bytes(b"x" * len(content))
    (old.data / "blobs" / missing[:2] / missing).unlink()
    await plain_bytes.begin(old.context)
    for _ in range(2):
        await plain_bytes.seal_some(old.context)
        assert await old.sealed() == {good}
        assert (await old.state())[:2] == ("begun", 2)
    path.write_bytes(content)
    await plain_bytes.seal_some(old.context)
    assert await old.sealed() == {damaged, good}
    assert await old.context.blobs.fault(missing, len(old.texts[missing])) == "missing"
    # What was written in vain isn't left behind.
    old.clock.now += timedelta(days=1)
    await gc.collect(old.context)
    assert len([file for file in (old.data / "blobs").rglob("*") if file.is_file()]) == 2


async def test_purged_while_it_is_sealed(old: Old) -> None:
    (key,) = await old.store(os.urandom(5_000_000))
    await plain_bytes.begin(old.context)
    sealing = asyncio.create_task(plain_bytes.seal_some(old.context))
    while len([each for each in (old.data / "blobs").rglob("*") if each.is_file()]) < 2:
        await asyncio.sleep(0)
    async with old.context.database.write() as connection:
        await gc.release(connection, key, old.clock())
    await sealing
    await gc.collect(old.context)
    assert await old.sealed() == set()
    assert [each for each in (old.data / "blobs").rglob("*") if each.is_file()] == []


_SEAL = """
import asyncio, os, random, signal, sys, threading, time
from pathlib import Path
from tui.server.base.settings import Settings
from tui.server.installation.installation import open_context
from tui.server.library import plain_bytes

async def main():
    context = await open_context(Settings(data=Path(sys.argv[1])))
    until = float(sys.argv[2])
    def end():
        time.sleep(until)
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=end, daemon=True).start()
    await plain_bytes.seal_some(context)

asyncio.run(main())
"""


async def test_killed_at_any_point_nothing_is_lost(old: Old) -> None:
    """S25: each document is whole, plain or sealed, and the next process goes on."""
    await old.store(*(os.urandom(300_000) for _ in range(60)))
    await plain_bytes.begin(old.context)
    killed = 0
    for number in some(2, range(6)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _SEAL, str(old.data), str(0.01 + 0.03 * number)
        )
        killed += await process.wait() == -signal.SIGKILL
        await old.all_are_whole()
    assert killed
    await old.seal_all()
    assert len(await old.sealed()) == 60
    await old.all_are_whole()
    # The processes that were killed had the system's clock.
    old.clock.now = datetime.now(UTC) + timedelta(days=1)
    await gc.collect(old.context)
    assert old.plain_files() == set()
    assert len([each for each in (old.data / "blobs").rglob("*") if each.is_file()]) == 60


_SERVES = """
import sys, time
from pathlib import Path
from tui.server.base.sharing import sharing

with sharing(Path(sys.argv[1])):
    print("serves", flush=True)
    time.sleep(600)
"""


async def test_refused_while_a_server_of_an_earlier_version_serves(old: Old) -> None:
    """It shares the data folder, as all do, and has no row."""
    await old.store(*texts(3))

    def begin() -> Done:
        return run("admin", "seal", "--begin", "--json", "--data", str(old.data))

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _SERVES, str(old.data), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    refused = await asyncio.to_thread(begin)
    assert refused.error == "seal.earlier_server"
    assert str(process.pid) in refused.err
    assert (await old.state()).sealing is None
    # To look is allowed.
    assert (await asyncio.to_thread(run, "admin", "seal", "--data", str(old.data))).status == 0
    process.kill()
    await process.wait()
    assert (await asyncio.to_thread(begin)).status == 0


@both
async def test_a_server_of_this_version_is_no_reason(fresh_server: ServerProcess) -> None:
    server = fresh_server
    url = server.database_url
    words = ["admin", "seal", "--begin", "--json", "--data", str(server.data)]
    words += ["--database-url", url] if url else []
    done = {"sealing": "done", "left": 0, "left_bytes": 0}
    assert (await asyncio.to_thread(run, *words)).json == done
    if url:
        # One of another machine, which says nothing to PostgreSQL.
        silent = await asyncpg.connect(url)
        assert (await asyncio.to_thread(run, *words)).error == "seal.earlier_server"
        await silent.close()
        assert (await asyncio.to_thread(run, *words)).json == done


async def test_the_command(old: Old) -> None:
    """Beside the server or without it; to begin twice does nothing."""
    await old.store(*texts(3))

    def seal(*options: str) -> dict[str, object]:
        done = run("admin", "seal", "--data", str(old.data), "--json", *options)
        assert done.status == 0, done.err
        return dict(done.json)

    before = {"sealing": None, "left": 3, "left_bytes": 270_100}
    assert await asyncio.to_thread(seal) == before
    for _ in range(2):
        assert await asyncio.to_thread(seal, "--begin") == before | {"sealing": "begun"}
    await old.seal_all()
    assert await asyncio.to_thread(seal) == {"sealing": "done", "left": 0, "left_bytes": 0}
    done = await asyncio.to_thread(run, "admin", "seal", "--data", str(old.data))
    assert "All documents are encrypted" in done.out
