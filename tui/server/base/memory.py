"""What the allocator of the C library keeps of the memory that is no longer used."""

from __future__ import annotations

import contextlib
import ctypes
import gc

# From glibc's malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
# Larger than any single read from a socket: mapping memory for each read would cost as much as processing it.
BLOCK = 512 * 1024


def tune() -> None:
    """Make the allocator return blocks as large as a piece of a document to the system immediately.

    Otherwise memory that many concurrent requests once used stays with the process, fragmented. All threads share one
    arena: with a second one, each keeps a reserve, which took a megabyte and saved no time. Does nothing if the C
    library has no ``mallopt``.
    """
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        for parameter, value in ((_MMAP_THRESHOLD, BLOCK), (_TRIM_THRESHOLD, 8 * BLOCK), (_ARENA_MAX, 1)):
            mallopt(parameter, value)


def trim() -> None:
    """Return to the system what smaller blocks have left, such as the reads of a long upload: several megabytes.

    Collects first: when hundreds of clients hang up at once, what is left of their requests refers to itself, and kept
    20 MB. Does nothing more if the C library has no ``malloc_trim``.
    """
    gc.collect()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
