"""Sealed contents when their writer is killed, the disk is full or the power fails; and what is deleted is noise."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.support.checks.long import telling
from tests.support.servers.postgres import Postgres
from tests.support.servers.sealed_home import TEXT, Cut, Home, opened_home
from tui.rules.errors import Problem
from tui.server.base.disk import Disk
from tui.server.base.settings import Settings
from tui.server.blobs import LocalBlobs
from tui.server.blobs.base import PIECE
from tui.server.blobs.sealing.chunks import CHUNK, STORED_CHUNK
from tui.server.blobs.sealing.store import SealedBlobs
from tui.server.database.tables import dead_blobs, sealed_contents, sealed_pieces
from tui.server.installation.installation import open_context
from tui.server.library import gc


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with opened_home(tmp_path) as opened:
        yield opened


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tui.server.base.settings import Settings
from tui.server.installation.installation import open_context

async def main(data, key, offset, parts):
    context = await open_context(Settings(data=Path(data)))
    async def arriving():
        for _ in range(parts):
            yield os.urandom(300_000)
        while sum(each.stat().st_size for each in Path(data, "blobs").rglob("*") if each.is_file()) < 2_000_000:
            await asyncio.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
        yield b""
    await context.blobs.append(key, offset, arriving(), exact=True)

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""


def _whole(file: Path) -> None:
    """Nothing was lost."""


def _cut_inside_of_a_chunk(file: Path) -> None:
    os.truncate(file, file.stat().st_size - STORED_CHUNK - 100)


def _zeros_at_the_end(file: Path) -> None:
    """What a loss of power leaves of blocks whose length was synced before them."""
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(size - 2 * STORED_CHUNK - 5)
        stream.write(bytes(2 * STORED_CHUNK + 5))


def _nothing(file: Path) -> None:
    os.truncate(file, 0)


def _gone(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    "loses",
    telling(
        [_whole, _cut_inside_of_a_chunk, _zeros_at_the_end, _nothing, _gone],
        _cut_inside_of_a_chunk,
        _zeros_at_the_end,
    ),
)
async def test_killed_while_it_writes(home: Home, loses: Callable[[Path], None]) -> None:
    """Its last piece ends with its last whole chunk, by its row alone, and what follows is a new piece."""
    key = home.blobs.new_key()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _KILLED, str(home.data), key, "0", "12"
    )
    assert await process.wait() == -signal.SIGKILL
    await home.seen.look(home.context)
    (file,) = home.files()
    written = file.stat().st_size
    loses(file)
    length = await home.blobs.length(key)
    (piece,) = await home.rows(sealed_pieces) or [None]
    if loses in (_nothing, _gone):
        assert (length, piece) == (0, None)
    else:
        assert length % CHUNK == 0
        assert piece.used == length
        assert piece.stored == file.stat().st_size
        # It may have been killed in the middle of writing a chunk.
        assert written - piece.stored < (1 if loses is _whole else 5) * STORED_CHUNK
    head = await home.blobs.piece(key, 0, length)
    text = head + TEXT
    await home.send(key, length, TEXT)
    await home.publish(key, text)
    await home.check(key, text)
    assert home.seen.salts == 2


class SmallDisk(Disk):
    """A disk with so much room."""

    left = 10 * PIECE

    @property
    def room(self) -> int:
        return self.left


async def test_a_full_disk_half_way(home: Home) -> None:
    """What came before stays, the disk gets its room back, and the rest is sent later."""
    disk = SmallDisk(home.data / "blobs")
    context = home.context
    small = LocalBlobs(home.data / "blobs", disk)
    home.blobs = SealedBlobs(
        small,
        small,
        context.database,
        context.keys,
        context.reserved_keys,
        context.clock,
    )
    key = home.blobs.new_key()
    with pytest.raises(Cut):
        await home.send(key, 0, TEXT, cut=PIECE)
    disk.left = 0
    for _ in range(2):
        with pytest.raises(Problem) as refused:
            await home.send(key, PIECE, TEXT[PIECE:])
        assert refused.value.code == "disk_full"
        assert await home.blobs.length(key) == PIECE
    assert len(home.files()) == 1
    disk.left = 10 * PIECE
    await home.send(key, PIECE, TEXT[PIECE:])
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert home.seen.salts == 4


async def test_its_key_goes_with_the_last_reference(home: Home) -> None:
    """Neither the database nor its log has the wrapped key any more, nor any other file (a test of every byte)."""
    texts = [os.urandom(5000) for _ in range(3)]
    keys = await home.context.reserved_keys.take(3)
    await home.blobs.put(dict(zip(keys, ([text] for text in texts), strict=True)))
    for key, text in zip(keys, texts, strict=True):
        await home.settle(key, text)
    wrapped = {row.key: row.wrapped for row in await home.rows(sealed_contents)}
    salts = {row.content: row.salt for row in await home.rows(sealed_pieces)}

    def found(secret: bytes) -> list[Path]:
        files = (file for file in home.data.rglob("*") if file.is_file())
        return [file for file in files if secret in file.read_bytes()]

    assert all(found(secret) for secret in wrapped.values())
    async with home.context.database.write() as connection:
        await gc.release(connection, keys[1], home.context.clock())
    await gc.collect(home.context)
    assert found(wrapped[keys[1]]) == found(salts[keys[1]]) == []
    assert [file for file in home.files() if file.name == keys[1]] == []
    for number in (0, 2):
        assert found(wrapped[keys[number]])
        await home.check(keys[number], texts[number])


async def test_its_key_goes_from_postgresql_too(postgres: Postgres, tmp_path: Path) -> None:
    """From the rows at once, and with the next vacuum from the table's file."""
    url = postgres.database()
    context = await open_context(Settings(data=tmp_path, database_url=url))
    try:
        home, text = Home(context, tmp_path), os.urandom(5000)
        keys = await context.reserved_keys.take(3)
        await home.blobs.put({key: [text] for key in keys})
        for key in keys:
            await home.settle(key, text)
        wrapped = {row.key: row.wrapped for row in await home.rows(sealed_contents)}
        file = Path(
            postgres.tell("SHOW data_directory"),
            postgres.tell("SELECT pg_relation_filepath('sealed_contents')", url),
        )

        def has(key: str) -> bool:
            postgres.tell("CHECKPOINT", url)
            return wrapped[key] in file.read_bytes()

        assert all(map(has, keys))
        async with context.database.write() as connection:
            await gc.release(connection, keys[1], context.clock())
        await gc.collect(context)
        assert {row.key for row in await home.rows(sealed_contents)} == {keys[0], keys[2]}
        postgres.tell("VACUUM sealed_contents", url)
        assert [has(key) for key in keys] == [True, False, True]
        assert [each for each in home.files() if each.name == keys[1]] == []
        await home.check(keys[0], text)
    finally:
        await context.close()


async def test_a_loss_of_power_takes_64_mib_at_most(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long piece is synced while it is written, and what was synced is found by its chunks."""
    most, block, blocks = 64 * 1024**2, os.urandom(4 * 1024**2), 76
    synced, real = 0, os.fdatasync

    def note(handle: int) -> None:
        nonlocal synced
        before = os.fstat(handle).st_size
        real(handle)
        synced = max(synced, before)

    monkeypatch.setattr(os, "fdatasync", note)
    key, lost, kept = home.blobs.new_key(), 0, []

    async def arriving() -> AsyncIterator[bytes]:
        nonlocal lost
        for _ in range(blocks):
            yield block
            (file,) = home.files()
            lost = max(lost, file.stat().st_size - synced)
        kept.append(synced)
        # As a disk whose cache is gone: nothing of what wasn't synced by now.
        os.truncate(file, synced)
        raise Cut

    with pytest.raises(Cut):
        await home.blobs.append(key, 0, arriving(), exact=True)
    assert 0 < lost <= most + 2 * PIECE
    length = await home.blobs.length(key)
    assert blocks * len(block) - length <= most + 4 * PIECE
    assert length >= kept[0] // STORED_CHUNK * CHUNK
    whole = block * blocks
    for start in range(0, length - 1000, length // 7):
        assert await home.blobs.piece(key, start, 1000) == whole[start : start + 1000]


async def test_an_ended_upload_is_noise_at_once(home: Home) -> None:
    key = home.blobs.new_key()
    with pytest.raises(Cut):
        await home.send(key, 0, TEXT, cut=PIECE)
    with pytest.raises(Cut):
        await home.send(key, PIECE, TEXT[PIECE:], cut=PIECE)
    async with home.context.database.write() as connection:
        await gc.mark_for_deletion(connection, key, home.context.clock())
    assert await home.rows(sealed_contents) == await home.rows(sealed_pieces) == []
    await gc.collect(home.context)
    assert home.files() == []


async def test_what_wasnt_used_of_reserved_names_goes(home: Home) -> None:
    """A name that a piece has got is no longer marked."""
    key = home.blobs.new_key()
    for offset in (0, 1000, 2000):
        await home.send(key, offset, TEXT[offset : offset + 1000])
    names = {row.name for row in await home.rows(sealed_pieces)}
    assert len(names) == 3
    assert names.isdisjoint(row.key for row in await home.rows(dead_blobs))
