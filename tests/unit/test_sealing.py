"""Sealed contents: any range is the text's own, and whatever was changed gives out no byte (S35)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.servers.memory_store import MemoryStore
from tui.server.base.keys import Keys, WrongContentKey
from tui.server.blobs import Damaged
from tui.server.blobs.sealing.chunks import (
    CHUNK,
    STORED_CHUNK,
    TAG,
    PieceOpener,
    PieceSealer,
    stored_length,
    used_length,
)
from tui.server.blobs.sealing.contents import SealedContent, StoredPiece
from tui.server.blobs.sealing.reader import SealedReader

T = TypeVar("T")
#: What reading raises instead of giving out what isn't proved.
REFUSED = (Damaged, EOFError, FileNotFoundError)

#: Lengths of pieces: those around the ends of chunks, and some in between.
LENGTHS = st.one_of(
    st.sampled_from([1, 2, TAG, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 5]),
    st.integers(1, 3 * CHUNK),
)


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


class Made:
    """A content of pieces of so many bytes each, of which ``cut`` are unused, its text, and its store."""

    def __init__(self, lengths: list[int], cuts: list[int] | None = None, seed: int = 1) -> None:
        self.store = MemoryStore()
        self.content = SealedContent.new(f"content {seed}")
        random, text, pieces = Random(seed), b"", []
        for number, length in enumerate(lengths):
            part = random.randbytes(length)
            cut = min((cuts or [0] * len(lengths))[number], length - 1)
            pieces.append(self.sealed(number, f"{seed}-{number}", part, random)._replace(used=length - cut))
            text += part[: length - cut]
        self.text = text
        self.content = self.content.with_pieces(pieces)

    def sealed(self, number: int, name: str, text: bytes, random: Random) -> StoredPiece:
        """A new piece, whose bytes arrive in parts of any length."""
        sealer, chunks, at = PieceSealer(self.content.secret), [], 0
        while at < len(text):
            part = random.randrange(1, 2 * CHUNK)
            chunks += sealer.take([text[at : at + part // 3], text[at + part // 3 : at + part]])
            at += part
        chunks += sealer.finish()
        self.store.files[name] = b"".join(chunks)
        return StoredPiece(number, name, sealer.salt, sealer.stored, sealer.used)

    def read(self, start: int, length: int) -> bytes:
        return bytes(run(SealedReader(self.store, self.content).read(start, length)))

    def all_parts(self) -> list[bytes | None]:
        """Each chunk's text, read alone; ``None`` for what is refused."""
        parts: list[bytes | None] = []
        for start in range(0, len(self.text), CHUNK):
            try:
                parts.append(self.read(start, min(CHUNK, len(self.text) - start)))
            except REFUSED:
                parts.append(None)
        return parts

    def true_parts(self) -> list[bytes]:
        return [self.text[start : start + CHUNK] for start in range(0, len(self.text), CHUNK)]


@given(st.lists(LENGTHS, min_size=1, max_size=4), st.data())
def test_any_range_is_the_texts_own(lengths: list[int], data: st.DataObject) -> None:
    """Also where the used length of a piece ends inside of a chunk."""
    cuts = [data.draw(st.integers(0, length - 1), "cut") for length in lengths]
    made = Made(lengths, cuts)
    size = len(made.text)
    assert made.content.size == size
    reader = SealedReader(made.store, made.content)
    for _ in range(6):
        start = data.draw(st.integers(0, size), "start")
        length = data.draw(st.integers(0, size - start), "length")
        assert run(reader.read(start, length)) == made.text[start : start + length]
    with pytest.raises(EOFError):
        run(reader.read(size, 1))


def test_reading_on_in_small_parts_opens_no_chunk_twice() -> None:
    made = Made([3 * CHUNK + 100, CHUNK])
    reader, step = SealedReader(made.store, made.content), CHUNK // 4
    size = len(made.text)
    for start in range(0, size, step):
        length = min(step, size - start)
        assert run(reader.read(start, length)) == made.text[start : start + length]
    assert made.store.read == sum(map(len, made.store.files.values()))


def test_a_text_is_only_overwritten_after_it_has_gone_out() -> None:
    made, length = Made([9 * CHUNK]), 3 * CHUNK
    reader = SealedReader(made.store, made.content)
    first = run(reader.read(0, length))
    second = run(reader.read(length, length))
    assert first == made.text[:length]
    reader.reuse(first)
    third = run(reader.read(2 * length, length))
    assert (second, third) == (made.text[length : 2 * length], made.text[2 * length :])
    assert isinstance(first, memoryview)
    assert isinstance(third, memoryview)
    assert third.obj is first.obj


@given(st.lists(LENGTHS, min_size=1, max_size=3), st.data())
def test_a_changed_bit_gives_out_no_byte_of_its_chunk(lengths: list[int], data: st.DataObject) -> None:
    made = Made(lengths)
    name = data.draw(st.sampled_from(sorted(made.store.files)))
    changed = bytearray(made.store.files[name])
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    made.store.files[name] = bytes(changed)
    with pytest.raises(Damaged):
        made.read(0, len(made.text))
    assert all(part in (None, true) for part, true in zip(made.all_parts(), made.true_parts(), strict=True))


def chunks_of(stored: bytes) -> list[bytes]:
    return [stored[at : at + STORED_CHUNK] for at in range(0, len(stored), STORED_CHUNK)]


def swapped(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    chunks[at], chunks[to] = chunks[to], chunks[at]
    return chunks


def repeated(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    return [*chunks[:at], chunks[to], *chunks[at + 1 :]]


def foreign(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    return [*chunks[:at], other[at], *chunks[at + 1 :]]


def left_out(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    return chunks[:at] + chunks[at + 1 :]


def ended_before(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    return chunks[:at]


def put_in(chunks: list[bytes], other: list[bytes], at: int, to: int) -> list[bytes]:
    return [*chunks[:at], chunks[to], *chunks[at:]]


@pytest.mark.parametrize("change", [swapped, repeated, foreign, left_out, ended_before, put_in])
@pytest.mark.parametrize("source", ["piece", "content", "version"])
@given(data=st.data())
def test_chunks_count_only_where_they_were_written(
    change: Callable[[list[bytes], list[bytes], int, int], list[bytes]], source: str, data: st.DataObject
) -> None:
    """The others are those of another piece, of another content, and of what was there before, of equal lengths."""
    made = Made([3 * CHUNK + 7, 3 * CHUNK + 7])
    first, second = made.content.pieces
    if source == "piece":
        other = made.store.files[second.name]
    elif source == "content":
        other = Made([3 * CHUNK + 7], seed=2).store.files["2-0"]
    else:
        made.sealed(0, "version", made.text[: 3 * CHUNK + 7], Random(1))
        other = made.store.files["version"]
    chunks = chunks_of(made.store.files[first.name])
    at = data.draw(st.integers(0, len(chunks) - 1))
    to = data.draw(st.integers(0, len(chunks) - 1).filter(lambda to: to != at))
    made.store.files[first.name] = b"".join(change(list(chunks), chunks_of(other), at, to))
    with pytest.raises(REFUSED):
        made.read(0, len(made.text))
    parts, true = made.all_parts(), made.true_parts()
    assert None in parts
    assert all(part in (None, each) for part, each in zip(parts, true, strict=True))


@given(st.lists(LENGTHS, min_size=1, max_size=3), st.data())
def test_a_file_cut_anywhere_gives_out_no_byte_behind_the_cut(
    lengths: list[int], data: st.DataObject
) -> None:
    made = Made(lengths)
    name = data.draw(st.sampled_from(sorted(made.store.files)))
    stored = made.store.files[name]
    made.store.files[name] = stored[: data.draw(st.integers(0, len(stored) - 1))]
    with pytest.raises(REFUSED):
        made.read(0, len(made.text))


def changed_lists(content: SealedContent) -> dict[str, SealedContent]:
    """The same with a list that was changed by hand, in each way."""
    first, second, third = content.pieces
    other = Made([CHUNK + 5], seed=3).content
    return {
        "order": content.with_pieces([second, first, third]),
        "one less": content.with_pieces([first, second]),
        "none": content.with_pieces([]),
        "one twice": content.with_pieces([first, second, third, third]),
        "used less": content.with_pieces([first, second, third._replace(used=third.used - 1)]),
        "used more": content.with_pieces([first._replace(used=first.used + 1), second, third]),
        "stored less": content.with_pieces([first, second, third._replace(stored=TAG + 1)]),
        "being written": content.with_pieces([first, second, third._replace(stored=None)]),
        "salts": content.with_pieces(
            [first._replace(salt=second.salt), second._replace(salt=first.salt), third]
        ),
        "places": content.with_pieces(
            [first._replace(name=second.name), second._replace(name=first.name), third]
        ),
        "another's piece": content.with_pieces([first, second, *other.pieces]),
        "another's key": replace(content, secret=other.secret),
        "another's row": replace(content, key=other.key),
        "another's MAC": replace(content, mac=other.fixed(CHUNK + 5, "0" * 64).mac),
        "no MAC": replace(content, mac=None),
    }


def test_a_list_changed_by_hand_is_no_documents() -> None:
    made = Made([CHUNK + 5, 100, CHUNK + 5], [0, 10, 3])
    sha256 = "ab" * 32
    content = made.content.fixed(made.content.size, sha256)
    assert content.is_fixed_as(content.size, sha256)
    assert not content.is_fixed_as(content.size, "ba" * 32)
    assert not content.is_fixed_as(content.size - 1, sha256)
    for how, changed in changed_lists(content).items():
        assert not changed.is_fixed_as(content.size, sha256), how
        # Nor as what it is now, should someone change the document's row as well.
        assert not changed.is_fixed_as(changed.size, sha256), how
    with pytest.raises(ValueError, match="bytes"):
        made.content.fixed(made.content.size + 1, sha256)


@given(LENGTHS, st.data())
def test_cutting_keeps_the_first_bytes(length: int, data: st.DataObject) -> None:
    made = Made([length, 100, length])
    at = data.draw(st.integers(0, len(made.text)))
    cut = made.content.cut(at)
    assert cut.size == at
    assert run(SealedReader(made.store, cut).read(0, at)) == made.text[:at]
    assert cut.stamp != made.content.stamp or at == len(made.text)


def test_no_two_pieces_have_a_key_in_common() -> None:
    """The one mistake that can't be forgiven would be a nonce used twice with a key: the same text, sealed a second
    time for whatever reason, has nothing in common with the first."""
    key, text = os.urandom(32), bytes(3 * CHUNK)
    sealers = [PieceSealer(key) for _ in range(50)]
    chunks = [chunk for sealer in sealers for chunk in sealer.take([text])]
    assert len({sealer.salt for sealer in sealers}) == 50
    assert len(set(chunks)) == len(chunks) == 150
    assert all(sealer.finish() == [] for sealer in sealers)


def test_a_piece_that_has_ended_takes_nothing_more() -> None:
    """A short chunk has been sealed with the next number, so nothing may follow it."""
    sealer = PieceSealer(os.urandom(32))
    assert sealer.take([b"abc"]) == []
    assert len(sealer.finish()) == 1
    with pytest.raises(ValueError, match="ended"):
        sealer.take([bytes(CHUNK)])


@given(st.integers(0, 5 * CHUNK))
def test_lengths_follow_from_each_other(used: int) -> None:
    assert used_length(stored_length(used)) == used


def test_another_salt_or_key_opens_nothing() -> None:
    key = os.urandom(32)
    sealer = PieceSealer(key)
    [chunk] = [*sealer.take([b"text"]), *sealer.finish()]
    assert PieceOpener(key, sealer.salt).open(0, chunk) == b"text"
    for opener in (PieceOpener(os.urandom(32), sealer.salt), PieceOpener(key, os.urandom(32))):
        with pytest.raises(Damaged):
            opener.open(0, chunk)
    with pytest.raises(Damaged):
        PieceOpener(key, sealer.salt).open(1, chunk)


def test_a_contents_key_is_wrapped_for_its_row_alone() -> None:
    keys, secret = Keys(bytes(32)), os.urandom(32)
    wrapped = keys.wrap(secret, "row")
    assert secret not in wrapped
    assert keys.wrap(secret, "row") != wrapped
    assert keys.unwrap(wrapped, keys.wrapping_id, "row") == secret
    changed = bytes([wrapped[0] ^ 1]) + wrapped[1:]
    other = Keys(b"1" * 32)
    assert other.wrapping_id != keys.wrapping_id
    for attempt in (
        lambda: keys.unwrap(wrapped, keys.wrapping_id, "other row"),
        lambda: keys.unwrap(changed, keys.wrapping_id, "row"),
        lambda: keys.unwrap(b"", keys.wrapping_id, "row"),
        lambda: keys.unwrap(wrapped, other.wrapping_id, "row"),
        lambda: other.unwrap(wrapped, other.wrapping_id, "row"),
    ):
        with pytest.raises(WrongContentKey):
            attempt()
