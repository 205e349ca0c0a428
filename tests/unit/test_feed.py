"""A document's bytes on their way into an upload: the right ones, and their digest, wherever the server wants them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.clients.feed import Feed
from tui.rules.errors import Failed, Interrupted


def source(
    content: bytes, chunk: int, breaks: list[int] | None = None
) -> Callable[[int], AsyncIterator[bytes]]:
    """Reads of ``content`` in chunks; the first of ``breaks`` is where the next read breaks off."""

    async def read(start: int) -> AsyncIterator[bytes]:
        broken = breaks.pop(0) if breaks else None
        yield b""
        for begin in range(start, len(content), chunk):
            await asyncio.sleep(0)
            if broken is not None and begin >= broken:
                raise Interrupted("connection.broken", "It broke.")
            yield content[begin : begin + chunk]

    return read


_STEP = st.tuples(st.integers(0, 60), st.integers(1, 60), st.booleans(), st.none() | st.integers(0, 400))


@settings(deadline=None)
@given(
    st.integers(0, 400).map(lambda size: bytes(i * i % 251 for i in range(size))),
    st.integers(1, 50),
    st.lists(_STEP, min_size=3, max_size=30),
    st.lists(st.integers(0, 400), max_size=3),
)
async def test_whatever_happens_on_the_way_the_bytes_and_the_digest_are_right(
    content: bytes, chunk: int, steps: list[tuple[int, int, bool, int | None]], breaks: list[int]
) -> None:
    """The server keeps a part of a piece, or all, or forgets what it had; the source breaks off now and then."""
    feed = Feed("a", len(content), source(content, chunk, breaks))
    offset = 0
    for kept, length, ahead, back in [*steps, *([(999, 64, True, None)] * 500)]:
        try:
            await feed.seek(offset, length)
        except Interrupted:
            continue
        assert feed.start == offset
        assert feed.piece == content[offset : feed.end]
        assert feed.piece or offset == len(content)
        if offset < len(content):
            assert feed.digest == hashlib.sha256(feed.piece).digest()
        if ahead:
            feed.read_ahead(length)
        if back is not None and offset:
            offset = back % offset
            continue
        offset = min(offset + kept, feed.end)
        if offset == len(content):
            break
    await feed.seek(len(content), 0)
    assert feed.sha256 == hashlib.sha256(content).hexdigest()
    await feed.close()


@pytest.mark.parametrize("length", [3, 10, 100])
@pytest.mark.parametrize(("listed", "code"), [(9, "source.long"), (11, "source.short")])
async def test_another_number_of_bytes_is_found_before_the_last_piece(
    listed: int, code: str, length: int
) -> None:
    feed = Feed("a.txt", listed, source(b"0123456789", 4))
    offset = 0

    async def read_all() -> None:
        nonlocal offset
        while offset < listed:
            await feed.seek(offset, length)
            feed.read_ahead(length)
            offset = feed.end

    with pytest.raises(Failed) as caught:
        await read_all()
    assert caught.value.code == code
    assert feed.problem is caught.value
    assert offset < listed


async def test_a_server_that_forgot_what_it_had_gets_it_again() -> None:
    content = bytes(range(100))
    feed = Feed("a", 100, source(content, 7))
    await feed.seek(0, 30)
    await feed.seek(30, 30)
    feed.read_ahead(30)
    await feed.seek(10, 30)
    assert (feed.start, feed.piece) == (10, content[10:40])
    await feed.seek(40, 60)
    await feed.seek(100, 0)
    assert feed.sha256 == hashlib.sha256(content).hexdigest()


async def test_an_empty_document_must_be_empty() -> None:
    await Feed("a", 0, source(b"", 4)).seek(0, 10)
    with pytest.raises(Failed):
        await Feed("a", 0, source(b"x", 4)).seek(0, 10)


async def test_giving_up_ends_the_source_and_what_is_read_ahead() -> None:
    ended: list[str] = []

    async def read(start: int) -> AsyncIterator[bytes]:
        try:
            yield b"0123"
            await asyncio.sleep(3600)
            yield b""
        finally:
            ended.append("source")

    feed = Feed("a", 8, read)
    await feed.seek(0, 4)
    feed.read_ahead(4)
    await asyncio.sleep(0)
    await feed.close()
    assert ended == ["source"]
    assert len(asyncio.all_tasks()) == 1
