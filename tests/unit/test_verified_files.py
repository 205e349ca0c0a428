"""Files that were verified a short while ago aren't digested again, unless anything has happened to them (S35)."""

from __future__ import annotations

import hashlib
import mmap
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.pages.deliveries import rest_of
from tui.server.base.disk import Disk
from tui.server.blobs import Damaged, LocalBlobs
from tui.server.blobs.base import PIECE
from tui.server.blobs.outgoing import Outgoing
from tui.server.blobs.verified import LEAST_BYTES, MAX_FILES, TRUST_SECONDS, Signature, Verified

CONTENT = os.urandom(LEAST_BYTES + PIECE // 2)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
FALSE = "0" * 64


class Store:
    """A store of documents whose clocks stand still until they are turned."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        #: How much later than the file system's the system's clock is.
        self.later = 0.0
        self.verified = Verified(lambda: self.now, lambda: time.time_ns() + int(self.later * 1e9))
        self.blobs = LocalBlobs(folder, Disk(folder), self.verified)
        self.key = self.blobs.new_key()

    @property
    def path(self) -> Path:
        return self.blobs.root / self.key[:2] / self.key

    def trusts(self) -> bool:
        """Whether the file is known to have its content."""
        return self.verified.has(self.key, Signature.of(self.path.stat()), SHA256)

    async def receive(self, content: bytes = CONTENT, offset: int = 0) -> None:
        await self.blobs.append(self.key, offset, _pieces(content))

    async def put(self) -> None:
        """Stores the file in a way that isn't remembered."""
        await self.blobs.put({self.key: [CONTENT]})

    def delivery(self, sha256: str = SHA256) -> Outgoing:
        return Outgoing(self.blobs, self.key, 0, len(CONTENT), size=len(CONTENT), sha256=sha256)

    async def deliver(self) -> bytes:
        return await rest_of(self.delivery())


async def _pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 100_000):
        yield content[start : start + 100_000]


@pytest.fixture
def store() -> Iterator[Store]:
    """On a disk: a file system in memory doesn't say that a file was changed through a mapping."""
    with TemporaryDirectory(dir="/var/tmp") as folder:
        yield Store(Path(folder))


# ---------------------------------------------------------------- what is remembered


async def test_a_received_file_is_known_at_once(store: Store) -> None:
    await store.receive()
    assert store.trusts()
    assert await store.deliver() == CONTENT


async def test_so_is_one_that_arrived_in_parts(store: Store) -> None:
    """Its age counts from the first."""
    await store.receive(CONTENT[:PIECE])
    store.now += TRUST_SECONDS - 1
    await store.receive(CONTENT[PIECE:], PIECE)
    assert store.trusts()
    store.now += 1
    assert not store.trusts()


async def test_a_delivered_file_is_known_afterwards(store: Store) -> None:
    await store.put()
    store.later = 10
    assert not store.trusts()
    assert await store.deliver() == CONTENT
    assert store.trusts()


async def test_a_file_that_was_only_just_changed_is_not(store: Store) -> None:
    """Another change might leave its times as they are."""
    await store.put()
    assert await store.deliver() == CONTENT
    assert not store.trusts()
    # Nor if the system's clock was put back since.
    store.later = -3600
    assert await store.deliver() == CONTENT
    assert not store.trusts()


async def test_a_small_file_is_not(store: Store) -> None:
    await store.receive(CONTENT[: LEAST_BYTES - 1])
    digest = hashlib.sha256(CONTENT[: LEAST_BYTES - 1]).hexdigest()
    assert not store.verified.has(store.key, Signature.of(store.path.stat()), digest)


async def test_a_known_file_is_not_digested(store: Store) -> None:
    """What is remembered is believed, even if it is wrong."""
    await store.receive()
    with pytest.raises(Damaged):
        await rest_of(store.delivery(FALSE))
    store.verified.remember(store.key, Signature.of(store.path.stat()), FALSE, store.now)
    assert await rest_of(store.delivery(FALSE)) == CONTENT
    # Another document that has the same bytes, and knows their right digest, isn't affected.
    assert await store.deliver() == CONTENT


async def test_two_deliveries_at_once_both_verify(store: Store) -> None:
    await store.put()
    store.later = 10
    first, second = store.delivery(), store.delivery()
    await first.begin()
    await second.begin()
    assert await rest_of(first) == await rest_of(second) == CONTENT
    assert store.trusts()


async def test_one_that_finds_damage_warns_the_others(store: Store) -> None:
    await store.receive()
    store.verified.remember(store.key, Signature.of(store.path.stat()), FALSE, store.now)
    trusting = store.delivery(FALSE)
    await trusting.begin()
    with pytest.raises(Damaged):
        await rest_of(store.delivery("1" * 64))
    with pytest.raises(Damaged):
        await rest_of(trusting)


# ---------------------------------------------------------------- limits


async def test_it_is_believed_for_a_limited_time(store: Store) -> None:
    await store.receive()
    store.now += TRUST_SECONDS - 1
    assert store.trusts()
    store.now += 1
    assert not store.trusts()
    store.later = 10
    assert await store.deliver() == CONTENT
    assert store.trusts()


async def test_deliveries_that_trust_do_not_prolong_it(store: Store) -> None:
    await store.receive()
    store.now += TRUST_SECONDS - 1
    assert await store.deliver() == CONTENT
    store.now += 1
    assert not store.trusts()


async def test_a_long_delivery_digests_after_all(store: Store) -> None:
    """From the beginning, so that the file is known again afterwards."""
    await store.receive()
    store.later = 10
    outgoing = store.delivery()
    first = await outgoing.next()
    store.now += TRUST_SECONDS
    assert bytes(first) + await rest_of(outgoing) == CONTENT
    assert store.trusts()


def test_a_limited_number_is_remembered(store: Store) -> None:
    signature = Signature(1, 2, LEAST_BYTES, 3, 4)
    for number in range(MAX_FILES):
        store.verified.remember(str(number), signature, SHA256, store.now)
    assert store.verified.has("0", signature, SHA256)
    store.verified.remember("one more", signature, SHA256, store.now)
    # The one that was needed least recently is gone.
    assert [n for n in range(MAX_FILES) if not store.verified.has(str(n), signature, SHA256)] == [1]


# ---------------------------------------------------------------- what changes a file


def flip(path: Path, place: int = -1) -> None:
    """Flips a bit in place."""
    place %= len(CONTENT)
    with path.open("r+b", buffering=0) as file:
        file.seek(place)
        file.write(bytes([CONTENT[place] ^ 1]))


def _as_before(path: Path, status: os.stat_result) -> None:
    """Puts the times back, in a later tick of the file system's clock than that of the last change before."""
    probe = path.with_name("probe")
    probe.touch()
    while probe.stat().st_ctime_ns <= status.st_ctime_ns:
        probe.touch()
    probe.unlink()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _flip_and_put_back(path: Path) -> None:
    status = path.stat()
    flip(path)
    _as_before(path, status)


def _flip_through_a_mapping(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as mapping:
        mapping[-1] ^= 1


def _flip_through_a_hard_link(path: Path) -> None:
    other = path.with_name("other")
    other.hardlink_to(path)
    flip(other)
    other.unlink()


def _cut_and_fill(path: Path) -> None:
    os.truncate(path, len(CONTENT) - 1000)
    os.truncate(path, len(CONTENT))


def _replace(path: Path) -> None:
    status, other = path.stat(), path.with_name("other")
    other.write_bytes(CONTENT)
    flip(other)
    _as_before(other, status)
    other.replace(path)


def _make_anew(path: Path) -> None:
    """Perhaps with the same inode."""
    status = path.stat()
    path.unlink()
    path.write_bytes(CONTENT)
    flip(path)
    _as_before(path, status)


CHANGES = [
    flip,
    _flip_and_put_back,
    _flip_through_a_mapping,
    _flip_through_a_hard_link,
    _cut_and_fill,
    _replace,
    _make_anew,
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("after", ["receipt", "delivery"])
async def test_a_change_is_found(store: Store, after: str, change: Callable[[Path], None]) -> None:
    if after == "receipt":
        await store.receive()
    else:
        await store.put()
        store.later = 10
        await store.deliver()
    assert store.trusts()
    change(store.path)
    assert not store.trusts()
    with pytest.raises(Damaged):
        await store.deliver()


@pytest.mark.parametrize("change", CHANGES)
async def test_in_the_middle_of_a_delivery_too(store: Store, change: Callable[[Path], None]) -> None:
    await store.receive()
    outgoing = store.delivery()
    await outgoing.next()
    assert store.trusts()
    change(store.path)
    with pytest.raises(Damaged):
        await rest_of(outgoing)


async def test_and_where_bytes_were_read_already(store: Store) -> None:
    """They were right, but that can't be told of a file that is no longer as it was."""
    await store.receive()
    outgoing = store.delivery()
    await outgoing.next()
    flip(store.path, 0)
    with pytest.raises(Damaged):
        await rest_of(outgoing)


async def test_what_leaves_the_bytes_as_they_are_disturbs_no_delivery(store: Store) -> None:
    """Such as a backup that makes hard links."""
    await store.receive()
    outgoing = store.delivery()
    first = await outgoing.next()
    store.path.with_name("backup").hardlink_to(store.path)
    assert not store.trusts()
    assert bytes(first) + await rest_of(outgoing) == CONTENT


async def test_a_change_while_a_file_is_verified_is_not_overlooked(store: Store) -> None:
    """Of a byte that was read already: this delivery is right, but the next isn't."""
    await store.put()
    store.later = 10
    outgoing = store.delivery()
    first = await outgoing.next()
    flip(store.path, 0)
    assert bytes(first) + await rest_of(outgoing) == CONTENT
    assert not store.trusts()
    with pytest.raises(Damaged):
        await store.deliver()


async def test_a_deleted_file_is_forgotten(store: Store) -> None:
    await store.receive()
    signature = Signature.of(store.path.stat())
    await store.blobs.delete(store.key)
    assert not store.verified.has(store.key, signature, SHA256)
