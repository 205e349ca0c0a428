"""What a writer that was stopped has left of a piece: its chunks that are whole."""

from __future__ import annotations

import os

from ..base import Damaged
from .chunks import CHUNK, STORED_CHUNK, TAG, PieceOpener

#: How many chunks from the end are looked at first: what was written before them was synced long ago.
_SOME = 2048


def whole_chunks(handle: int, opener: PieceOpener) -> tuple[int, int]:
    """How many bytes of a piece's file are whole chunks, and how many bytes of text these have. Whatever a loss of
    power has left behind them, or instead of them, doesn't count."""
    size = os.fstat(handle).st_size
    whole = size // STORED_CHUNK
    first = max(whole - _SOME, 0)
    while True:
        good = _first_bad(handle, opener, first, whole)
        if good > first or first == 0:
            break
        first, whole = max(first - _SOME, 0), first
    rest = size - good * STORED_CHUNK
    if good == size // STORED_CHUNK and rest > TAG and _opens(handle, opener, good, rest):
        return size, good * CHUNK + rest - TAG
    return good * STORED_CHUNK, good * CHUNK


def _first_bad(handle: int, opener: PieceOpener, first: int, end: int) -> int:
    return next((number for number in range(first, end) if not _opens(handle, opener, number)), end)


def _opens(handle: int, opener: PieceOpener, number: int, length: int = STORED_CHUNK) -> bool:
    try:
        opener.open(number, os.pread(handle, length, number * STORED_CHUNK))
    except Damaged:
        return False
    return True
