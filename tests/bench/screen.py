"""A program in a pseudo-terminal, with what it costs: time, bytes, processor time, memory."""

from __future__ import annotations

import os
import re
import select
import time
from collections.abc import Mapping, Sequence

from tests.support.terminal.terminal import Terminal


class Program(Terminal):
    """Starts at once. ``bytes`` counts all that was written to the terminal."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self.bytes = 0
        super().__init__(command, {"COLORTERM": "truecolor", **environ}, columns, rows)

    def _surroundings(self) -> Mapping[str, str]:
        # An installed program has its bytecode, even if the tests may not write any.
        left_out = ("SENTLINKS_", "TMUX", "SSH_", "PYTHONDONTWRITEBYTECODE")
        return {k: v for k, v in os.environ.items() if not k.startswith(left_out)}

    def _keep(self, data: bytes) -> None:
        self.bytes += len(data)

    def until(self, text: str) -> float:
        """Waits until ``text`` is on the screen; returns the seconds since the start."""
        return self.wait_for(text)

    def unseen(self, seconds: float) -> bytes:
        """What is written within ``seconds``, not shown on the screen yet; empty if there is nothing."""
        if not select.select([self._ours], [], [], max(seconds, 0.0))[0]:
            return b""
        data = os.read(self._ours, 1 << 16)
        self._keep(data)
        return data

    def show(self, data: bytes) -> None:
        """Show on the screen what :meth:`unseen` has returned."""
        self._stream.feed(data)

    def look(self, y: int, x: int) -> object:
        """What the background of a cell looks like."""
        cell = self._model.buffer[y][x]
        return cell.bg, cell.reverse

    def first_byte(self) -> float:
        """Waits for the first output; returns the seconds since the start."""
        while not self._take(1.0):
            assert self.process.poll() is None
        return time.perf_counter() - self.started

    def memory(self) -> float:
        """Resident memory in megabytes."""
        with open(f"/proc/{self.process.pid}/status") as file:
            found = re.search(r"VmRSS:\s+(\d+)", file.read())
        assert found
        return int(found[1]) / 1024
