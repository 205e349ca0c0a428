"""Documents in an S3 store, a real one: stored in pieces, gone on with, given out, and deleted."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

import pytest

from tests.support.pages.deliveries import rest_of
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.s3_home import S3Home, opened
from tui.rules.errors import Conflict, Problem
from tui.server.blobs import Discard
from tui.server.blobs.base import PIECE, Bytes, StoreAway
from tui.server.blobs.outgoing import Outgoing
from tui.server.blobs.s3.store import MARKER, S3Pieces
from tui.server.blobs.sealing.chunks import CHUNK
from tui.server.database.tables import dead_blobs, sealed_contents, sealed_pieces
from tui.server.library import gc

TEXT = os.urandom(5 * PIECE + 12_345)


class Cut(Exception):
    """The sender is gone."""


async def test_in_pieces(s3_home: S3Home, small_pieces: None) -> None:
    key = s3_home.blobs.new_key()
    assert await s3_home.send(key, 0, TEXT) == len(TEXT)
    assert await s3_home.blobs.prefix(key) == (len(TEXT), hashlib.sha256(TEXT).digest())
    await s3_home.publish(key, TEXT)
    await s3_home.check(key, TEXT)
    pieces = await s3_home.rows(sealed_pieces)
    assert {piece.name for piece in pieces} == set(await s3_home.objects())
    assert len(pieces) == len({piece.salt for piece in pieces}) == 3
    assert {piece.name for piece in pieces}.isdisjoint(row.key for row in await s3_home.rows(dead_blobs))


@pytest.mark.parametrize("cut", [1, CHUNK, 2 * PIECE + 5])
async def test_cut_and_gone_on_by_another_process(
    s3_home: S3Home, s3_bucket: S3Bucket, small_pieces: None, cut: int
) -> None:
    """All that arrived is kept, and what follows is a piece of its own."""
    key = s3_home.blobs.new_key()
    with pytest.raises(Cut):
        await s3_home.send(key, 0, TEXT[:cut], Cut())
    async with opened(s3_home.data, s3_bucket) as other:
        assert await other.blobs.length(key) == cut
        for offset in (cut - 1, cut + 1):
            with pytest.raises(Conflict, match="continue from there"):
                await other.send(key, offset, TEXT[offset:])
        assert await other.send(key, cut, TEXT[cut:]) == len(TEXT)
        await other.publish(key, TEXT)
        await other.check(key, TEXT)
    await s3_home.check(key, TEXT)


@pytest.mark.parametrize("back", [0, CHUNK + 77, 2 * PIECE + 300_001])
async def test_going_back_also_inside_of_a_chunk(s3_home: S3Home, small_pieces: None, back: int) -> None:
    key, first = s3_home.blobs.new_key(), TEXT[:back] + os.urandom(len(TEXT))
    with pytest.raises(Cut):
        await s3_home.send(key, 0, first[: 3 * PIECE], Cut())
    await s3_home.objects()
    assert await s3_home.send(key, back, TEXT[back:], exact=False) == len(TEXT)
    await s3_home.publish(key, TEXT)
    await s3_home.check(key, TEXT)
    # What was there before is deleted with the next collection.
    await gc.collect(s3_home.context)
    assert set(await s3_home.objects()) == {piece.name for piece in await s3_home.rows(sealed_pieces)}


async def test_what_is_refused_leaves_what_was_there(s3_home: S3Home, small_pieces: None) -> None:
    key = s3_home.blobs.new_key()
    with pytest.raises(Discard):
        await s3_home.send(key, 0, TEXT[: 3 * PIECE], Discard())
    assert await s3_home.blobs.length(key) == 0
    with pytest.raises(Cut):
        await s3_home.send(key, 0, TEXT[:PIECE], Cut())
    with pytest.raises(Discard):
        await s3_home.send(key, PIECE, os.urandom(3 * PIECE), Discard())
    assert await s3_home.blobs.prefix(key) == (PIECE, hashlib.sha256(TEXT[:PIECE]).digest())
    await s3_home.send(key, PIECE, TEXT[PIECE:])
    await s3_home.publish(key, TEXT)
    await s3_home.check(key, TEXT)


async def test_of_two_at_once_one_is_acknowledged(
    s3_home: S3Home, s3_bucket: S3Bucket, small_pieces: None
) -> None:
    async with opened(s3_home.data, s3_bucket) as other:
        key = s3_home.blobs.new_key()
        done = await asyncio.gather(
            *(each.send(key, 0, TEXT) for each in (s3_home, other)), return_exceptions=True
        )
        assert done.count(len(TEXT)) == 1
        assert {each.code for each in done if isinstance(each, Problem)} == {"upload.locked"}
        await s3_home.publish(key, TEXT)
        await s3_home.check(key, TEXT)
        with pytest.raises(Conflict, match="published"):
            await other.send(key, 0, TEXT, exact=False)


async def test_small_ones_and_what_arrives_at_once(s3_home: S3Home, small_pieces: None) -> None:
    """As a batch stores them, and as Work's uploads are."""
    texts = [os.urandom(5000) for _ in range(20)]
    keys = await s3_home.context.reserved_keys.take(len(texts))
    await s3_home.blobs.put({key: [text] for key, text in zip(keys, texts, strict=True)})
    for key, text in zip(keys, texts, strict=True):
        await s3_home.publish(key, text)

    async def arriving() -> AsyncIterator[bytes]:
        for start in range(0, len(TEXT), 50_000):
            yield TEXT[start : start + 50_000]

    key = s3_home.blobs.new_key()
    assert await s3_home.blobs.write(key, arriving()) == len(TEXT)
    await s3_home.publish(key, TEXT)
    await s3_home.check(key, TEXT)
    await s3_home.check(keys[7], texts[7])
    assert {piece.name for piece in await s3_home.rows(sealed_pieces) if piece.content == key}.isdisjoint(
        row.key for row in await s3_home.rows(dead_blobs)
    )
    dropped = s3_home.blobs.new_key()
    await s3_home.blobs.write(dropped, arriving())
    before = set(await s3_home.objects())
    await s3_home.blobs.delete(dropped)
    assert len(before) - len(await s3_home.objects()) == 3


async def test_nothing_at_all(s3_home: S3Home) -> None:
    key = s3_home.blobs.new_key()
    assert await s3_home.send(key, 0, b"") == 0
    await s3_home.publish(key, b"")
    assert await s3_home.objects() == {}


async def test_the_last_reference_takes_key_and_objects(s3_home: S3Home, small_pieces: None) -> None:
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, TEXT)
    await s3_home.publish(key, TEXT)
    async with s3_home.context.database.write() as connection:
        await gc.release(connection, key, s3_home.context.clock())
    assert await s3_home.rows(sealed_contents) == []
    await gc.collect(s3_home.context)
    assert await s3_home.objects() == {}


def _flipped(content: bytes) -> bytes:
    return content[:70_000] + bytes([content[70_000] ^ 1]) + content[70_001:]


def _cut_short(content: bytes) -> bytes:
    return content[:-1]


def _cut_to_nothing(content: bytes) -> bytes:
    return content[:10]


async def _rest(outgoing: Outgoing, given: list[bytes]) -> None:
    while part := await outgoing.next():
        given.append(bytes(part))


@pytest.mark.parametrize(
    ("spoil", "start", "length"),
    [
        (_flipped, 0, len(TEXT)),
        (_flipped, 60_000, 20_000),
        (_cut_short, 0, len(TEXT)),
        (_cut_short, len(TEXT) - 10, 10),
        (_cut_to_nothing, len(TEXT) - 10, 10),
    ],
)
async def test_no_changed_byte_goes_out(
    s3_home: S3Home, spoil: Callable[[bytes], bytes], start: int, length: int
) -> None:
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, TEXT)
    await s3_home.publish(key, TEXT)
    ((name, content),) = (await s3_home.objects()).items()
    await s3_home.bucket.put(name, spoil(content))
    given: list[bytes] = []
    with pytest.raises((OSError, EOFError)):
        await _rest(s3_home.delivery(key, TEXT, start, length), given)
    text = b"".join(given)
    assert len(text) < length
    assert TEXT[start : start + len(text)] == text


async def test_a_missing_object_is_told_from_a_missing_bucket(s3_home: S3Home) -> None:
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, TEXT)
    await s3_home.publish(key, TEXT)
    (name,) = await s3_home.objects()
    await s3_home.bucket.delete(name)
    assert await s3_home.blobs.fault(key, len(TEXT)) == "missing"
    with pytest.raises(FileNotFoundError):
        await s3_home.delivery(key, TEXT).next()
    await s3_home.bucket.delete(MARKER)
    with pytest.raises(Problem) as away:
        await s3_home.blobs.fault(key, len(TEXT))
    assert (away.value.code, away.value.http_status) == ("store.away", 503)


async def test_pieces_end_where_a_chunk_does(s3_home: S3Home, small_pieces: None) -> None:
    """Whatever the parts in which a document arrives: so the parts in which it goes out end there, too."""
    key = s3_home.blobs.new_key()
    await s3_home.send(key, 0, TEXT)
    used = [piece.used for piece in await s3_home.rows(sealed_pieces)]
    assert sorted(used, reverse=True) == [2 * PIECE, 2 * PIECE, len(TEXT) - 4 * PIECE]


async def test_no_piece_is_listed_behind_one_that_is_missing(
    s3_home: S3Home, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second piece is stored, and then the first one fails."""
    real, is_stored = S3Pieces.put, asyncio.Event()
    names: list[str] = []

    async def put(store: S3Pieces, contents: Mapping[str, Sequence[Bytes]]) -> None:
        names.extend(contents)
        if len(names) == 1:
            await is_stored.wait()
            raise StoreAway("for a test")
        await real(store, contents)
        is_stored.set()

    monkeypatch.setattr(S3Pieces, "put", put)
    key = s3_home.blobs.new_key()
    with pytest.raises(StoreAway):
        await s3_home.send(key, 0, TEXT)
    assert names[1] in await s3_home.objects()
    assert await s3_home.rows(sealed_pieces) == []
    assert await s3_home.blobs.length(key) == 0
    assert set(names) <= {row.key for row in await s3_home.rows(dead_blobs)}
    monkeypatch.undo()
    await s3_home.send(key, 0, TEXT)
    await s3_home.publish(key, TEXT)
    assert await rest_of(s3_home.delivery(key, TEXT)) == TEXT
