"""The app in a pseudo-terminal, as a user who presses random keys sees it: what it wrote last, whether it responds."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from time import monotonic

from tests.bench.screen import Program

#: Seconds within which a key must be answered, on a machine that is busy with other things.
PATIENCE = 30
_CLEARED = b"\x1b[2J"


class Watched(Program):
    """A program whose terminal can be resized, and whose last output is kept."""

    def __init__(self, command: list[str], environ: dict[str, str]) -> None:
        self.tail = b""
        self.cleared = 0
        super().__init__(command, environ, 80, 24)

    def _keep(self, data: bytes) -> None:
        super()._keep(data)
        before = self.tail[-len(_CLEARED) + 1 :]
        self.cleared += (before + data).count(_CLEARED)
        self.tail = (self.tail + data)[-(1 << 16) :]

    def quiet(self, seconds: float = 0.25) -> None:
        """Waits until nothing has been written for ``seconds``, or until two seconds more have passed with constant
        output."""
        deadline = monotonic() + seconds + 2
        while self._take(seconds) and monotonic() < deadline:
            pass

    def wake(self) -> None:
        """Resumes a program that has suspended itself, as for the shell."""
        if self.process.poll() is not None:
            return
        state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "T":
            self.process.send_signal(signal.SIGCONT)

    def stop_hard(self) -> None:
        """Kills a program that does not end; its last output shows where it is."""
        self.process.send_signal(signal.SIGABRT)
        self.quiet(1.0)
        self.process.kill()
        self.process.wait()

    def type(self, text: str) -> None:
        """Types ``text``, and reads what is written in the meantime."""
        left = text.encode(errors="surrogateescape")
        deadline = monotonic() + PATIENCE
        while left and monotonic() < deadline and self.process.poll() is None:
            if select.select([], [self._ours], [], 0.1)[1]:
                left = left[os.write(self._ours, left[:512]) :]
            self._take(0)
        if left and self.process.poll() is None:
            raise TimeoutError("it reads no keys")

    @property
    def lines(self) -> list[str]:
        # Not the model's own method, which fails if half of a wide character was overwritten.
        model = self._model
        return ["".join(model.buffer[y][x].data for x in range(model.columns)) for y in range(model.lines)]
