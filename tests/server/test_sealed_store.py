"""The store of sealed contents: cut and gone on, by two at once, killed and full; and no nonce is ever used twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests.support.pages.deliveries import delivery_of, rest_of
from tests.support.servers.postgres import Postgres
from tui.rules.errors import Conflict, Problem
from tui.server.base.disk import Disk
from tui.server.base.settings import Settings
from tui.server.blobs import Damaged, Discard, LocalBlobs
from tui.server.blobs.base import PIECE
from tui.server.blobs.outgoing import LARGE_PART, Outgoing
from tui.server.blobs.sealing.chunks import CHUNK, STORED_CHUNK
from tui.server.blobs.sealing.store import SealedBlobs
from tui.server.context import Context
from tui.server.database.tables import blobs, dead_blobs, sealed_contents, sealed_pieces
from tui.server.installation.installation import open_context
from tui.server.library import gc

TEXT = os.urandom(4 * PIECE + 12_345)
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Cut(Exception):
    """The sender is gone."""


class Seen:
    """Everything that was ever stored: for each salt, the longest that was stored with it.

    A piece's key follows from its salt, and a chunk's nonce from its place. So a nonce was used twice exactly if two
    different things were ever stored at one place with one salt.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._stored: dict[bytes, bytes] = {}
        self._places: dict[str, bytes] = {}

    async def look(self, context: Context) -> None:
        async with context.database.read() as connection:
            for row in (await connection.execute(select(sealed_pieces))).all():
                assert self._places.setdefault(row.name, row.salt) == row.salt, "another salt in its place"
        assert len(set(self._places.values())) == len(self._places), "a salt twice"
        for name, salt in self._places.items():
            file = self._root / name[:2] / name
            now = file.read_bytes() if file.exists() else b""
            before = self._stored.get(salt, b"")
            longer, shorter = (now, before) if len(now) > len(before) else (before, now)
            assert longer.startswith(shorter), "something was written in the place of something else"
            self._stored[salt] = longer

    @property
    def salts(self) -> int:
        return len(self._stored)


class Home:
    """An installation, and what was ever stored in it."""

    def __init__(self, context: Context, data: Path) -> None:
        self.context = context
        self.blobs = context.blobs
        self.data = data
        self.seen = Seen(data / "blobs")

    async def send(
        self,
        key: str,
        offset: int,
        text: bytes,
        *,
        cut: int | None = None,
        raising: Exception | None = None,
        exact: bool = True,
    ) -> int:
        """Send ``text``, of which only the first ``cut`` bytes arrive."""
        return await self.blobs.append(
            key, offset, self._arriving(text, cut, raising), exact=exact, digest=True
        )

    async def _arriving(
        self, text: bytes, cut: int | None, raising: Exception | None
    ) -> AsyncIterator[bytes]:
        end = len(text) if cut is None else cut
        for start in range(0, end, 300_000):
            yield text[start : min(start + 300_000, end)]
            await self.seen.look(self.context)
        if cut is not None:
            raise raising or Cut

    async def publish(self, key: str, text: bytes) -> None:
        """Make what is stored a document's, as it is done with an upload."""
        sha256 = hashlib.sha256(text).hexdigest()
        assert await self.blobs.received(key) == sha256
        await self.settle(key, text)

    async def settle(self, key: str, text: bytes) -> None:
        row = {"key": key, "size": len(text), "sha256": hashlib.sha256(text).hexdigest(), "created_at": NOW}
        async with self.context.database.write() as connection:
            await connection.execute(insert(blobs).values(row))
            await self.blobs.settle(connection, [row])

    def delivery(self, key: str, text: bytes, start: int = 0, length: int | None = None) -> Outgoing:
        return delivery_of(self.blobs, key, text, start, length)

    async def check(self, key: str, text: bytes) -> None:
        """What is given out, whole and in part, is ``text``."""
        await self.seen.look(self.context)
        assert await rest_of(self.delivery(key, text)) == text
        start, length = len(text) // 3, min(100_000, len(text) // 2)
        assert await rest_of(self.delivery(key, text, start, length)) == text[start : start + length]
        assert await self.blobs.fault(key, len(text)) is None
        for file in self.files():
            assert text[1000:1032] not in file.read_bytes()

    def files(self) -> list[Path]:
        return [file for file in (self.data / "blobs").rglob("*") if file.is_file()]

    async def rows(self, table: Any) -> Sequence[Any]:
        async with self.context.database.read() as connection:
            return (await connection.execute(select(table))).all()


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    context = await open_context(Settings(data=tmp_path))
    try:
        yield Home(context, tmp_path)
    finally:
        await context.close()


async def test_at_one_go(home: Home) -> None:
    key = home.blobs.new_key()
    assert await home.send(key, 0, TEXT) == len(TEXT)
    assert await home.blobs.prefix(key) == (len(TEXT), hashlib.sha256(TEXT).digest())
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert [file.name for file in home.files()] == [key]


@pytest.mark.parametrize("cut", [1, CHUNK - 1, CHUNK, PIECE + 5, 3 * PIECE])
async def test_cut_and_gone_on_from_where_it_was(home: Home, cut: int) -> None:
    """All that arrived is kept, and what follows has a salt of its own."""
    key = home.blobs.new_key()
    with pytest.raises(Cut):
        await home.send(key, 0, TEXT, cut=cut)
    assert await home.blobs.length(key) == cut
    for offset in (cut - 1, cut + 1):
        with pytest.raises(Conflict, match="continue from there"):
            await home.send(key, offset, TEXT[offset:])
    assert await home.send(key, cut, TEXT[cut:]) == len(TEXT)
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert home.seen.salts == len(await home.rows(sealed_pieces)) == 2


@pytest.mark.parametrize("back", [0, 1, CHUNK, CHUNK + 77, PIECE + 300_001, 2 * PIECE])
async def test_going_back_also_inside_of_a_chunk(home: Home, back: int) -> None:
    """As a sender does whose prefix has another digest; what is sent again differs from what was there."""
    key, first = home.blobs.new_key(), TEXT[:back] + os.urandom(len(TEXT))
    with pytest.raises(Cut):
        await home.send(key, 0, first, cut=PIECE + 300_002)
    with pytest.raises(Cut):
        await home.send(key, PIECE + 300_002, first[PIECE + 300_002 :], cut=PIECE)
    assert await home.blobs.length(key) == 2 * PIECE + 300_002
    assert await home.send(key, back, TEXT[back:], exact=False) == len(TEXT)
    length, digest = await home.blobs.prefix(key)
    assert (length, digest) == (len(TEXT), hashlib.sha256(TEXT).digest())
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert home.seen.salts == 3


async def test_what_is_refused_leaves_what_was_there(home: Home) -> None:
    key = home.blobs.new_key()
    with pytest.raises(Discard):
        await home.send(key, 0, TEXT, cut=PIECE, raising=Discard())
    assert await home.blobs.length(key) == 0
    with pytest.raises(Cut):
        await home.send(key, 0, TEXT, cut=PIECE)
    for _ in range(2):
        with pytest.raises(Discard):
            await home.send(key, PIECE, os.urandom(len(TEXT)), cut=PIECE, raising=Discard())
        assert await home.blobs.prefix(key) == (PIECE, hashlib.sha256(TEXT[:PIECE]).digest())
    await home.send(key, PIECE, TEXT[PIECE:])
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert len(home.files()) == 2
    assert home.seen.salts == 5


async def test_two_processes_at_once(home: Home, tmp_path: Path) -> None:
    """The second is told to try again, and goes on where the first has been."""
    other = await open_context(Settings(data=tmp_path))
    try:
        key = home.blobs.new_key()
        begun, go_on = asyncio.Event(), asyncio.Event()

        async def held() -> AsyncIterator[bytes]:
            yield TEXT[:PIECE]
            yield TEXT[PIECE : 2 * PIECE]
            begun.set()
            await go_on.wait()
            raise Cut

        async def rest() -> AsyncIterator[bytes]:
            yield TEXT[2 * PIECE :]

        first = asyncio.create_task(home.blobs.append(key, 0, held(), exact=True))
        await begun.wait()
        for offset in (0, PIECE, 2 * PIECE):
            with pytest.raises(Conflict) as refused:
                await other.blobs.append(key, offset, rest(), exact=False)
            assert refused.value.code == "upload.locked"
        await home.seen.look(other)
        go_on.set()
        with pytest.raises(Cut):
            await first
        assert await other.blobs.length(key) == 2 * PIECE
        await other.blobs.append(key, 2 * PIECE, rest(), exact=True)
        await home.publish(key, TEXT)
        await home.check(key, TEXT)
        assert home.seen.salts == 2
    finally:
        await other.close()


async def test_of_two_that_begin_at_once_one_does(home: Home, tmp_path: Path) -> None:
    other = await open_context(Settings(data=tmp_path))
    try:
        for _ in range(5):
            key = home.blobs.new_key()

            async def text() -> AsyncIterator[bytes]:
                yield TEXT

            done = await asyncio.gather(
                *(each.append(key, 0, text(), exact=True) for each in (home.blobs, other.blobs) * 2),
                return_exceptions=True,
            )
            assert done.count(len(TEXT)) == 1
            codes = {each.code for each in done if isinstance(each, Problem)}
            assert codes <= {"upload.locked", "upload.offset"}
            await home.publish(key, TEXT)
            await home.check(key, TEXT)
    finally:
        await other.close()


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


@pytest.mark.parametrize("loses", [_whole, _cut_inside_of_a_chunk, _zeros_at_the_end, _nothing, _gone])
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
        assert written - piece.stored <= (0 if loses is _whole else 4 * STORED_CHUNK)
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


async def test_what_changes_between_its_digest_and_its_publishing_is_refused(home: Home) -> None:
    """Nothing is digested when it goes out, so what is fixed must be exactly what was digested."""
    key = home.blobs.new_key()
    await home.send(key, 0, TEXT)
    assert await home.blobs.received(key) == hashlib.sha256(TEXT).hexdigest()
    await home.send(key, PIECE, os.urandom(len(TEXT) - PIECE), exact=False)
    with pytest.raises(Conflict):
        await home.settle(key, TEXT)
    await home.send(key, PIECE, TEXT[PIECE:], exact=False)
    await home.publish(key, TEXT)
    with pytest.raises(Conflict, match="published"):
        await home.send(key, PIECE, TEXT[PIECE:], exact=False)
    await home.check(key, TEXT)


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


async def test_an_empty_document(home: Home) -> None:
    key = home.blobs.new_key()
    assert await home.send(key, 0, b"") == 0
    await home.publish(key, b"")
    assert await rest_of(home.delivery(key, b"")) == b""
    assert await home.blobs.fault(key, 0) is None


@pytest.mark.parametrize("seed", range(8))
async def test_a_client_that_keeps_up_now_and_then(home: Home, seed: int) -> None:
    """The next piece is opened while one goes out; where the client stalls, it is dropped and read again."""
    chance, key = random.Random(seed), home.blobs.new_key()
    text = TEXT * 4
    await home.send(key, 0, text)
    await home.publish(key, text)
    start = chance.choice([0, 1, CHUNK, 12_345])
    outgoing, found, ahead = home.delivery(key, text, start), bytearray(), 0
    while part := await outgoing.next():
        found += part
        outgoing.taken += len(part)
        outgoing.on_the_way = chance.choice([0, 0, 0, LARGE_PART])
        ahead += outgoing.is_ahead
        if not chance.randrange(12):
            outgoing.give_back()
            assert not outgoing.is_ahead
    outgoing.close()
    assert bytes(found) == text[start:]
    assert ahead > 3


async def test_what_is_damaged_ends_a_delivery_where_it_is(home: Home) -> None:
    """Not earlier, although it is read earlier, and nobody asks for the failure of one that was closed."""
    key, text = home.blobs.new_key(), TEXT * 4
    await home.send(key, 0, text)
    await home.publish(key, text)
    (file,) = home.files()
    place = 12 * PIECE
    with file.open("r+b") as stream:
        stream.seek(place // CHUNK * STORED_CHUNK + 1)
        byte = stream.read(1)[0]
        stream.seek(-1, os.SEEK_CUR)
        stream.write(bytes([byte ^ 1]))
    outgoing, found = home.delivery(key, text), bytearray()
    with pytest.raises(Damaged):
        await rest_of(outgoing, found)
    assert place - LARGE_PART <= len(found) <= place
    assert text.startswith(found)
    outgoing = home.delivery(key, text, 0)
    while not (outgoing.is_ahead and outgoing.taken > place - 2 * LARGE_PART):
        outgoing.taken += len(await outgoing.next())
    outgoing.close()
    assert not outgoing.is_ahead
