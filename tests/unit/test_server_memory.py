"""Memory that a server no longer uses is returned to the system."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

from tests.support.servers.server import ROOT

#: Blocks of a size that the allocator doesn't map by themselves and that refer to themselves; the last one stays.
_PROGRAM = """
import gc
from pathlib import Path
from tui.server.base import memory

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

class Block:
    def __init__(self):
        self.content, self.itself = b"x" * 100_000, self

gc.disable()
memory.tune()
blocks = [Block() for _ in range(500)]
last = blocks.pop()
del blocks
before = resident()
memory.trim()
print(before - resident())
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="the C library can't do it")
def test_what_small_blocks_have_left_is_returned() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) > 40_000_000
