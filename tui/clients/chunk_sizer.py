"""How many bytes one request of a send should have."""

from __future__ import annotations

LEAST = 64 * 1024
#: The largest piece that is held in memory.
MOST = 8 * 1024 * 1024
#: The first and the largest piece that is sent straight from its source.
_FIRST_PIECE, _MOST_PIECE = 64 * 1024 * 1024, 256 * 1024 * 1024
#: Pieces get smaller by this factor when one was damaged in transit.
_SHRINKS = 8
_FIRST_SIZE = 256 * 1024
_TARGET_SECONDS = 0.5
#: A server that answers within this time is in the same building, where even a poor line carries a mebibyte in seconds.
_NEAR_SECONDS = 0.015
_FIRST_SIZE_IF_NEAR = 1024 * 1024
# The most bytes written to a socket at a time. Slow connections get less, because each write has to finish in a minute.
_WRITE = 1024 * 1024


class ChunkSizer:
    """How many bytes to send in one request, shared by all uploads of a send.

    ``size`` applies to pieces held in memory and aims at two responses a second; ``piece`` applies to pieces sent
    straight from their source.
    """

    def __init__(self, size: int = _FIRST_SIZE, piece: int = _FIRST_PIECE) -> None:
        self.size = size
        self.piece = piece

    @property
    def write_size(self) -> int:
        """The most bytes to write to a socket at a time."""
        return min(max(self.size, LEAST), _WRITE)

    def answered(self, seconds: float) -> None:
        """Adapt to a request without content having been answered after ``seconds``."""
        if seconds <= _NEAR_SECONDS:
            self.size = max(self.size, _FIRST_SIZE_IF_NEAR)

    def arrived(self, whole: bool) -> None:
        """Adapt to a piece that arrived intact (``whole``) or damaged."""
        self.piece = min(self.piece * 2, _MOST_PIECE) if whole else max(self.piece // _SHRINKS, LEAST)

    def took(self, sent: int, seconds: float) -> None:
        """Adapt to ``sent`` bytes having been acknowledged after ``seconds``."""
        fits = int(sent / max(seconds, 1e-6) * _TARGET_SECONDS) // LEAST * LEAST
        # Latency dominates with a piece smaller than planned: it can show that there is room, not that there is none.
        if sent >= self.size or fits > self.size:
            self.size = min(max(fits, LEAST), MOST)
