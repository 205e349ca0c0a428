"""A document's bytes for an upload: the right bytes and digest, from whatever position the server wants them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui.clients import upload_source as feeds
from tui.clients.upload_source import UploadSource, read_whole
from tui.rules.errors import Failed, Interrupted


def source(
    content: bytes, chunk: int, breaks: list[int] | None = None
) -> Callable[[int], AsyncIterator[bytes]]:
    """Reads ``content`` in chunks; each read breaks off at the next position in ``breaks``."""

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
    st.sampled_from([1, 20, 1 << 20]),
)
async def test_whatever_happens_on_the_way_the_bytes_and_the_digest_are_right(
    content: bytes, chunk: int, steps: list[tuple[int, int, bool, int | None]], breaks: list[int], every: int
) -> None:
    """The server keeps all or part of a piece, or loses what it had; the source breaks off now and then."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feeds, "_MARK_EVERY", every)
        patch.setattr(feeds, "_MARKS", 4)
        feed = UploadSource("a", len(content), source(content, chunk, breaks))
        offset = 0
        for kept, length, agreed, back in [*steps, *([(999, 64, True, None)] * 500)]:
            try:
                await feed.go_to(offset)
                assert feed.position == offset
                assert feed.digest == hashlib.sha256(content[:offset]).digest()
                wanted = min(length, len(content) - offset)
                sent = b""
                async for piece in feed.pieces(wanted):
                    sent += piece
                    if len(sent) > kept:
                        # The connection breaks in the middle of a piece.
                        break
            except Interrupted:
                continue
            assert sent == content[offset : offset + len(sent)]
            if len(sent) == wanted and agreed:
                assert feed.digest == hashlib.sha256(content[: offset + wanted]).digest()
                feed.mark_verified()
            offset += min(kept, len(sent))
            if back is not None and offset:
                offset = back % offset
                continue
            if offset == len(content):
                break
        await feed.go_to(len(content))
        assert feed.sha256 == hashlib.sha256(content).hexdigest()
        await feed.close()


@pytest.mark.parametrize("length", [3, 10, 100])
@pytest.mark.parametrize(("listed", "code"), [(9, "source.long"), (11, "source.short")])
async def test_another_number_of_bytes_is_found_before_the_last_piece(
    listed: int, code: str, length: int
) -> None:
    feed = UploadSource("a.txt", listed, source(b"0123456789", 4))
    given = 0

    async def read_all() -> None:
        nonlocal given
        while feed.position < listed:
            async for piece in feed.pieces(min(length, listed - feed.position)):
                given += len(piece)

    with pytest.raises(Failed) as caught:
        await read_all()
    assert caught.value.code == code
    assert feed.problem is caught.value
    assert given < listed


async def test_little_is_read_again_where_a_part_has_arrived() -> None:
    content = bytes(5 * 1024 * 1024)
    starts: list[int] = []

    async def read(start: int) -> AsyncIterator[bytes]:
        starts.append(start)
        for begin in range(start, len(content), 100_000):
            yield content[begin : begin + 100_000]

    feed = UploadSource("a", len(content), read)
    async for _ in feed.pieces(len(content)):
        pass
    await feed.go_to(3_500_000)
    assert len(starts) == 2
    assert 3_500_000 - 1_200_000 < starts[1] <= 3_500_000
    await feed.close()


async def test_an_empty_document_must_be_empty() -> None:
    assert await read_whole("a", 0, source(b"", 4)) == (b"", hashlib.sha256().hexdigest())
    with pytest.raises(Failed):
        await read_whole("a", 0, source(b"x", 4))


async def test_giving_up_ends_the_source_and_what_is_read_ahead() -> None:
    ended: list[str] = []

    async def read(start: int) -> AsyncIterator[bytes]:
        try:
            yield b"0123"
            await asyncio.sleep(3600)
            yield b""
        finally:
            ended.append("source")

    feed = UploadSource("a", 8, read)
    pieces = feed.pieces(8)
    assert await anext(pieces) == b"0123"
    await asyncio.sleep(0)
    await feed.close()
    assert ended == ["source"]
    assert len(asyncio.all_tasks()) == 1
