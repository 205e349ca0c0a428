"""Stored bytes are opened in parts of whole chunks, by whoever reads them, in memory that is used again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tui.server.base.disk import Disk
from tui.server.blobs.base import Parts
from tui.server.blobs.local import LocalBlobs
from tui.server.blobs.sealing.chunks import STORED_CHUNK

#: Around the ends of the parts that a few chunks are read in.
LENGTHS = [
    1,
    STORED_CHUNK - 1,
    STORED_CHUNK,
    *(n * STORED_CHUNK + m for n in (3, 4, 8, 40) for m in (-1, 0, 1)),
]


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs", Disk(tmp_path))


@pytest.mark.parametrize("length", LENGTHS)
async def test_a_file_comes_in_parts_of_whole_chunks(blobs: LocalBlobs, length: int) -> None:
    key, text = blobs.new_key(), os.urandom(STORED_CHUNK + length + 7)
    await blobs.put({key: [text]})

    def noted(parts: Parts) -> list[bytes]:
        return [bytes(part) for part in parts]

    found = await blobs.opened(key, STORED_CHUNK, length, noted)
    assert b"".join(found) == text[STORED_CHUNK : STORED_CHUNK + length]
    assert all(len(part) % STORED_CHUNK == 0 for part in found[:-1])
    assert max(map(len, found)) <= 4 * STORED_CHUNK


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("missing", [1, STORED_CHUNK])
async def test_a_file_that_ends_too_soon(blobs: LocalBlobs, length: int, missing: int) -> None:
    key = blobs.new_key()
    await blobs.put({key: [os.urandom(max(length - missing, 0))]})
    with pytest.raises(EOFError, match=f"ends at {max(length - missing, 0)}"):
        await blobs.opened(key, 0, length, list)


async def test_a_file_is_closed_by_whoever_stops_early(blobs: LocalBlobs) -> None:
    key = blobs.new_key()
    await blobs.put({key: [os.urandom(40 * STORED_CHUNK)]})
    before = os.listdir("/proc/self/fd")
    for _ in range(3):
        assert await blobs.opened(key, 0, 40 * STORED_CHUNK, lambda parts: len(next(iter(parts)))) > 0
    assert len(os.listdir("/proc/self/fd")) == len(before)
