"""The store of sealed contents: cut and gone on, refused, and by two at once; and no nonce is ever used twice."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.checks.long import cases, some, telling
from tests.support.pages.deliveries import rest_of
from tests.support.servers.sealed_home import TEXT, Cut, Home, opened_home
from tui.rules.errors import Conflict, Problem
from tui.server.base.settings import Settings
from tui.server.blobs import Damaged, Discard
from tui.server.blobs.base import PIECE
from tui.server.blobs.outgoing import LARGE_SEALED_PART
from tui.server.blobs.sealing.chunks import CHUNK, STORED_CHUNK
from tui.server.database.tables import sealed_pieces
from tui.server.installation.installation import open_context


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with opened_home(tmp_path) as opened:
        yield opened


async def test_at_one_go(home: Home) -> None:
    key = home.blobs.new_key()
    assert await home.send(key, 0, TEXT) == len(TEXT)
    assert await home.blobs.prefix(key) == (len(TEXT), hashlib.sha256(TEXT).digest())
    await home.publish(key, TEXT)
    await home.check(key, TEXT)
    assert [file.name for file in home.files()] == [key]


@pytest.mark.parametrize("cut", telling([1, CHUNK - 1, CHUNK, PIECE + 5, 3 * PIECE], CHUNK, PIECE + 5))
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


@pytest.mark.parametrize("back", some(3, [0, 1, CHUNK, CHUNK + 77, PIECE + 300_001, 2 * PIECE]))
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


async def test_an_empty_document(home: Home) -> None:
    key = home.blobs.new_key()
    assert await home.send(key, 0, b"") == 0
    await home.publish(key, b"")
    assert await rest_of(home.delivery(key, b"")) == b""
    assert await home.blobs.fault(key, 0) is None


@pytest.mark.parametrize("seed", range(cases(2, 8)))
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
        outgoing.room = chance.choice([PIECE, PIECE, PIECE, 300_000, 0])
        ahead += outgoing.is_ahead
        if not chance.randrange(12):
            outgoing.give_back()
            assert not outgoing.is_ahead
        elif chance.randrange(3):
            del part
            outgoing.left()
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
    assert place - LARGE_SEALED_PART <= len(found) <= place
    assert text.startswith(found)
    outgoing = home.delivery(key, text, 0)
    while not (outgoing.is_ahead and outgoing.taken > place - 2 * LARGE_SEALED_PART):
        outgoing.taken += len(await outgoing.next())
    outgoing.close()
    assert not outgoing.is_ahead
