"""The app in a pseudo-terminal, as whoever presses random keys sees it: what it wrote last, whether it answers."""

from __future__ import annotations

import os
import select
import signal
from pathlib import Path
from time import monotonic

from tests.bench.screen import Program

#: Seconds in which a key has to be answered, on a machine that is busy with other things.
PATIENCE = 30
_CLEARED = b"\x1b[2J"


class Watched(Program):
    """A program whose terminal changes its size, and whose last output is kept."""

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
        """Waits until nothing has been written for so long, or something all the time for much longer."""
        deadline = monotonic() + seconds + 2
        while self._take(seconds) and monotonic() < deadline:
            pass

    def wake(self) -> None:
        """Takes a program that has stopped, as for the shell, to the foreground again."""
        if self.process.poll() is not None:
            return
        state = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state == "T":
            self.process.send_signal(signal.SIGCONT)

    def stop_hard(self) -> None:
        """Ends what does not end; where it stands is its last output."""
        self.process.send_signal(signal.SIGABRT)
        self.quiet(1.0)
        self.process.kill()
        self.process.wait()

    def type(self, text: str) -> None:
        """Types ``text``, and takes what is written meanwhile."""
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
        # Not the model's own way, which fails where one half of a wide character was written over.
        model = self._model
        return ["".join(model.buffer[y][x].data for x in range(model.columns)) for y in range(model.lines)]
