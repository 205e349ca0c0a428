"""The last part of a document is given out only after all of it was proved: who gets it may have put the whole
together out of parts (S35)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.pages.deliveries import rest_of
from tests.unit.test_outgoing import CONTENT, SIZE, Store
from tui.server.blobs import Damaged
from tui.server.blobs.verified import Verified
from tui.server.blobs.whole import WholeFile


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    made = Store(tmp_path)
    await made.put(CONTENT)
    return made


@pytest.mark.parametrize("start", [1, SIZE // 2, SIZE - 1])
@pytest.mark.parametrize("place", [0, SIZE // 3, SIZE - 1])
async def test_a_last_part_ends_before_its_end(store: Store, start: int, place: int) -> None:
    store.change(place)
    outgoing = store.delivery(start)
    got = bytearray()
    with pytest.raises(Damaged):
        await rest_of(outgoing, got)
    assert len(got) < SIZE - start


@pytest.mark.parametrize(("start", "length"), [(1, SIZE - 1), (SIZE - 1, 1), (0, 10), (5, 10)])
async def test_a_part_of_what_is_whole(store: Store, start: int, length: int) -> None:
    assert await rest_of(store.delivery(start, length)) == CONTENT[start : start + length]


async def test_many_at_once_read_it_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    readings = []

    def noted(path: Path, size: int, sha256: str, verified: Verified) -> WholeFile:
        readings.append(path.name)
        return WholeFile(path, size, sha256, verified)

    monkeypatch.setattr("tui.server.blobs.proofs.WholeFile", noted)
    outgoings = [store.delivery(SIZE - 7 - number) for number in range(20)]
    found = await asyncio.gather(*map(rest_of, outgoings))
    assert found == [CONTENT[SIZE - 7 - number :] for number in range(20)]
    assert readings == [store.key]


async def test_one_that_is_given_up_leaves_the_others_their_proof(store: Store) -> None:
    store.change(0)
    given_up, other = store.delivery(10), store.delivery(SIZE - 10)
    await given_up.next()
    proof = asyncio.ensure_future(other.next())
    await asyncio.sleep(0)
    given_up.close()
    with pytest.raises(Damaged):
        await proof
