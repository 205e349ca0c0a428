"""Giving out documents of an S3 store to clients that keep up: by few requests that go on, and what ends these."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import obstore
import pytest

from tests.support.pages.deliveries import rest_of
from tests.support.servers.buckets import S3Bucket
from tests.support.servers.database_proxy import Gate, gate_to
from tests.support.servers.s3_home import S3Home, opened
from tests.support.servers.seaweed import Seaweed
from tui.server.blobs import Damaged
from tui.server.blobs.base import PIECE, StoreAway
from tui.server.blobs.outgoing import LARGE_FAR_PART, Outgoing
from tui.server.blobs.s3 import reading, store
from tui.server.blobs.sealing import objects
from tui.server.database.tables import sealed_pieces

#: Several pieces, the last of which doesn't end with a chunk.
TEXT = os.urandom(5 * PIECE + 12_345)


@pytest.fixture
def gate(s3_bucket: S3Bucket, s3_store: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """The way to the store."""
    with gate_to(s3_store.url) as found:
        monkeypatch.setenv("AWS_ENDPOINT_URL", found.url.replace("None@", ""))
        yield found


@pytest.fixture
async def home(
    tmp_path: Path, s3_bucket: S3Bucket, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[S3Home]:
    """An installation that reaches the store through the gate, and doesn't wait for it for long."""
    monkeypatch.setattr(store, "PATIENCE", timedelta(seconds=1))
    async with opened(tmp_path, s3_bucket) as found:
        yield found


@pytest.fixture
def large_pieces(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A text that is one piece, and more than the system takes in before anybody reads it."""
    text = os.urandom(20 * PIECE)
    monkeypatch.setattr(objects, "PIECE_BYTES", len(text))
    return text


async def _sent(home: S3Home, text: bytes = TEXT) -> str:
    key = home.blobs.new_key()
    await home.send(key, 0, text)
    await home.publish(key, text)
    return key


async def _begun(outgoing: Outgoing, length: int) -> bytes:
    """What a client has got that keeps up, and has got at least so much."""
    found = b""
    while len(found) < length:
        found += (part := await outgoing.next())
        outgoing.taken += len(part)
    return found


async def test_by_few_requests(home: S3Home, small_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noted(name: str) -> None:
        real = getattr(obstore, name)

        def ask(*given: object, **named: object) -> object:
            asked.append(name)
            return real(*given, **named)

        monkeypatch.setattr(obstore, name, ask)

    key = await _sent(home)
    noted("get_range")
    noted("get")
    assert await rest_of(home.delivery(key, TEXT)) == TEXT
    # The first chunk, and what follows it in each piece.
    assert asked == ["get_range", "get", "get", "get"]


async def test_the_next_piece_is_asked_for_before_the_last_one_has_ended(
    home: S3Home, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = obstore.get

    def noted(to: Any, name: str, **options: Any) -> Any:
        asked.append(name)
        return real(to, name, **options)

    key = await _sent(home)
    pieces = sorted(await home.rows(sealed_pieces), key=attrgetter("number"))
    monkeypatch.setattr(obstore, "get", noted)
    outgoing = home.delivery(key, TEXT)
    found = await _begun(outgoing, pieces[0].used // 2)
    assert len(found) < pieces[0].used
    async with asyncio.timeout(30):
        while len(asked) < 2:
            await asyncio.sleep(0)
    assert asked == [piece.name for piece in pieces[:2]]
    # Who has stalled gives it back, and whoever reads on asks again.
    outgoing.give_back()
    assert found + await rest_of(outgoing) == TEXT


async def test_what_is_read_at_once_is_large_and_of_one_piece(home: S3Home) -> None:
    text = os.urandom(21 * PIECE + 12_345)
    key = await _sent(home, text)
    outgoing, found, ends = home.delivery(key, text, 70_000), bytearray(), list[int]()
    outgoing.room = 2 * LARGE_FAR_PART
    while part := await outgoing.next():
        found += part
        outgoing.taken += len(part)
        ends += [70_000 + len(found)] * (len(part) == LARGE_FAR_PART)
    assert found == text[70_000:]
    # Once a part is as large as can be, all but the last one are.
    assert ends == list(range(ends[0], len(text), LARGE_FAR_PART))
    assert objects.PIECE_BYTES % LARGE_FAR_PART == ends[0] % LARGE_FAR_PART == 0


@pytest.mark.parametrize("start", [1, 100_000, 2 * PIECE - 5, len(TEXT) - 100_000])
async def test_a_range(home: S3Home, small_pieces: None, start: int) -> None:
    key = await _sent(home)
    assert await rest_of(home.delivery(key, TEXT, start)) == TEXT[start:]
    length = (len(TEXT) - start) // 2
    assert await rest_of(home.delivery(key, TEXT, start, length)) == TEXT[start : start + length]


async def test_what_a_request_brings_ends_within_a_piece(
    home: S3Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_RUN", PIECE + 5)
    key = await _sent(home)
    assert await rest_of(home.delivery(key, TEXT)) == TEXT


@pytest.mark.parametrize("seed", range(3))
async def test_a_client_that_stalls_now_and_then(home: S3Home, small_pieces: None, seed: int) -> None:
    chance, key, found = random.Random(seed), await _sent(home), b""
    outgoing = home.delivery(key, TEXT)
    while part := await outgoing.next():
        found += part
        outgoing.taken += len(part)
        if chance.random() < 0.1:
            outgoing.give_back()
    assert found == TEXT


@pytest.mark.parametrize("begun", [PIECE, 17 * PIECE])
async def test_the_connection_ends_in_the_middle(
    home: S3Home, gate: Gate, large_pieces: bytes, begun: int
) -> None:
    """Also of a large part, which has been opened in part by then."""
    outgoing = home.delivery(await _sent(home, large_pieces), large_pieces)
    outgoing.room = 2 * LARGE_FAR_PART
    found = await _begun(outgoing, begun)
    gate.close()
    gate.open()
    assert found + await rest_of(outgoing) == large_pieces


async def test_the_connection_ends_while_the_next_piece_is_asked_for(
    home: S3Home, gate: Gate, small_pieces: None
) -> None:
    outgoing = home.delivery(await _sent(home), TEXT)
    found = await _begun(outgoing, PIECE)
    gate.close()
    gate.open()
    assert found + await rest_of(outgoing) == TEXT


async def test_the_store_goes_away_in_the_middle(home: S3Home, gate: Gate, large_pieces: bytes) -> None:
    key = await _sent(home, large_pieces)
    outgoing = home.delivery(key, large_pieces)
    found = bytearray(await _begun(outgoing, PIECE))
    gate.close()
    with pytest.raises(StoreAway):
        await rest_of(outgoing, found)
    assert large_pieces.startswith(found)
    assert len(found) < len(large_pieces)
    gate.open()
    rest = home.delivery(key, large_pieces, len(found))
    assert found + await rest_of(rest) == large_pieces


@pytest.mark.parametrize("changed", [1, 2 * PIECE + 100_000, len(TEXT) - 1])
async def test_no_changed_byte_goes_out(home: S3Home, small_pieces: None, changed: int) -> None:
    key, at = await _sent(home), changed
    for piece in sorted(await home.rows(sealed_pieces), key=attrgetter("number")):
        if 0 <= at < piece.used:
            content = (await home.objects())[piece.name]
            await home.bucket.put(piece.name, content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        at -= piece.used
    found = bytearray()
    with pytest.raises(Damaged):
        await rest_of(home.delivery(key, TEXT), found)
    assert TEXT.startswith(found)
    assert len(found) <= changed


async def test_an_object_goes_in_the_middle(home: S3Home, small_pieces: None) -> None:
    key = await _sent(home)
    outgoing = home.delivery(key, TEXT)
    found = bytearray(await _begun(outgoing, PIECE))
    for piece in await home.rows(sealed_pieces):
        if piece.number:
            await home.bucket.delete(piece.name)
    with pytest.raises(FileNotFoundError):
        await rest_of(outgoing, found)
    assert TEXT.startswith(found)
