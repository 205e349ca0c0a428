"""Delivering stored bytes: how many are handed over at once, and that none is handed over that has changed."""

from __future__ import annotations

import hashlib
import random
import sys
from pathlib import Path

import pytest

from tests.support.pages.deliveries import rest_of
from tui.server.base.disk import Disk
from tui.server.base.memory import BLOCK
from tui.server.blobs import Damaged, LocalBlobs
from tui.server.blobs.base import PIECE
from tui.server.blobs.outgoing import LARGE_PART, PART, Outgoing

SIZE = 2 * PIECE + 3 * PART + 5
CONTENT = random.Random(1).randbytes(SIZE)
#: What a client has confirmed that is given the largest parts.
CONFIRMED = 8 * LARGE_PART


class Store:
    """A store with one document."""

    def __init__(self, folder: Path) -> None:
        self.blobs = LocalBlobs(folder, Disk(folder))
        self.key = self.blobs.new_key()
        self.content = b""

    @property
    def path(self) -> Path:
        return self.blobs.root / self.key[:2] / self.key

    async def put(self, content: bytes) -> None:
        self.content = content
        await self.blobs.put({self.key: [content]})

    def change(self, place: int) -> None:
        """Changes one byte of the file."""
        with self.path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([self.content[place] ^ 1]))

    def delivery(self, start: int = 0, length: int | None = None) -> Outgoing:
        size = len(self.content)
        sha256 = hashlib.sha256(self.content).hexdigest()
        length = size - start if length is None else length
        return Outgoing(self.blobs, self.key, start, length, size=size, sha256=sha256)


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    await made.put(CONTENT)
    return made


def test_no_part_is_left_over_and_none_is_mapped_anew() -> None:
    assert LARGE_PART % PART == 0
    assert PART < sys.getsizeof(bytes(LARGE_PART)) < BLOCK


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, PIECE + PART, 10 * PIECE + 7])
async def test_all_bytes_are_handed_over_in_their_order(size: int, tmp_path: Path) -> None:
    store, content = Store(tmp_path), random.Random(size).randbytes(size)
    await store.put(content)
    assert await rest_of(store.delivery()) == content


@pytest.mark.parametrize(
    ("start", "length"), [(0, 1), (0, SIZE - 1), (1, SIZE - 1), (PIECE - 1, 2), (PIECE, PIECE), (5, 0)]
)
async def test_a_part_of_a_document(start: int, length: int, store: Store) -> None:
    outgoing = store.delivery(start, length)
    assert await rest_of(outgoing) == CONTENT[start : start + length]
    assert await outgoing.next() == b""


@pytest.mark.parametrize(
    ("taken", "on_the_way", "room", "size"),
    [
        (0, 0, PIECE, PART),
        (8 * 3 * PART, 0, PIECE, 2 * PART),
        (CONFIRMED - 1, 0, PIECE, 16 * PART),
        (2 * CONFIRMED, LARGE_PART - 1, PIECE, LARGE_PART),
        (2 * CONFIRMED, LARGE_PART, PIECE, 2 * PART),
        (CONFIRMED, 0, LARGE_PART - 1, 16 * PART),
        (CONFIRMED, PIECE, PART, PART),
        (CONFIRMED, PIECE, PART - 1, PART // 4),
    ],
)
async def test_a_client_that_keeps_up_is_handed_more_at_once(
    taken: int, on_the_way: int, room: int, size: int, store: Store
) -> None:
    """The more it has confirmed, and no more than the system accepts at once, but for a little."""
    outgoing = store.delivery()
    assert (outgoing.taken, outgoing.on_the_way) == (0, 0)
    outgoing.taken, outgoing.on_the_way, outgoing.room = taken, on_the_way, room
    await outgoing.begin()
    assert [len(await outgoing.next()) for _ in range(2)] == [size, size]


async def test_the_first_bytes_are_read_before_the_response_begins(store: Store) -> None:
    outgoing = store.delivery()
    await outgoing.begin()
    store.path.unlink()
    await outgoing.begin()
    assert await outgoing.next() == CONTENT[:PART]
    with pytest.raises(FileNotFoundError):
        await store.delivery().begin()


async def test_a_file_that_is_too_short_is_no_document(store: Store) -> None:
    with store.path.open("r+b") as file:
        file.truncate(SIZE - 1)
    found = bytearray()
    with pytest.raises(EOFError):
        await rest_of(store.delivery(), found)
    assert CONTENT.startswith(found)
    assert len(found) < SIZE


@pytest.mark.parametrize("place", [0, PIECE, SIZE - 1])
async def test_a_changed_document_is_not_handed_over_whole(place: int, store: Store) -> None:
    store.change(place)
    found = bytearray()
    with pytest.raises(Damaged):
        await rest_of(store.delivery(), found)
    assert len(found) < SIZE


@pytest.mark.parametrize(("start", "length"), [(0, SIZE - 1), (1, SIZE - 2)])
async def test_a_part_is_handed_over_as_it_is(start: int, length: int, store: Store) -> None:
    """Nothing tells whether it has changed, unless it is the last part (``test_last_parts.py``)."""
    store.change(SIZE // 2)
    found = await rest_of(store.delivery(start, length))
    assert len(found) == length
    assert found != CONTENT[start : start + length]


# ---------------------------------------------------------------- a client that stalls


@pytest.mark.parametrize("start", [0, 3])
async def test_what_is_given_back_is_read_again(start: int, store: Store) -> None:
    outgoing = store.delivery(start)
    # A piece of several parts, one of which isn't full.
    outgoing.taken = 8 * 3 * PART
    found = bytearray(await outgoing.next())
    for _ in range(2):
        outgoing.give_back()
        found += await outgoing.next()
    # Nothing is held any more, so there is nothing to give back.
    outgoing.give_back()
    assert await rest_of(outgoing, found) == CONTENT[start:]


async def test_nothing_is_read_ahead_again_for_one_who_stalls(store: Store) -> None:
    """Of several parts that were given back, one at a time is read."""
    outgoing = store.delivery()
    outgoing.taken = CONFIRMED
    await outgoing.begin()
    outgoing.room = PART
    assert await outgoing.next() == CONTENT[:PART]
    outgoing.give_back()
    store.change(2 * PART)
    assert await outgoing.next() == CONTENT[PART : 2 * PART]
    with pytest.raises(Damaged):
        await outgoing.next()


async def test_what_changed_while_a_client_stalled_is_not_handed_over(store: Store) -> None:
    """Not even if the file's digest has been found to be right by then."""
    small = CONTENT[: 2 * PART]
    store.path.unlink()
    await store.put(small)
    outgoing = store.delivery()
    outgoing.taken = 8 * 2 * PART
    await outgoing.begin()
    outgoing.room = PART
    assert await outgoing.next() == small[:PART]
    outgoing.give_back()
    store.change(PART)
    with pytest.raises(Damaged):
        await outgoing.next()
