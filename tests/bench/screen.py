"""A program in a pseudo-terminal, with what it costs: time, bytes, processor time, memory."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from time import perf_counter
from types import TracebackType
from typing import Self

import pyte

KEYS = {
    "down": "\x1b[B",
    "up": "\x1b[A",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
    "end": "\x1b[F",
    "home": "\x1b[H",
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "space": " ",
    **{f"ctrl+{chr(c)}": chr(c - 96) for c in range(97, 123)},
}
_QUERY = re.compile(rb"\x1b\[\?2026\$p")
SECONDS = 60


class Program:
    """Starts at once. ``bytes`` counts all that was written to the terminal."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], columns: int = 120, rows: int = 40
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._model = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._model)
        self.bytes = 0

        def control() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("SENTLINKS_", "TMUX", "SSH_", "COLUMNS", "LINES"))
        }
        self.started = perf_counter()
        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environ},
            preexec_fn=control,
        )
        os.close(theirs)

    def _take(self, seconds: float, draw: bool = True) -> bool:
        """Takes what was written within ``seconds``; whether there was anything."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._ours, 1 << 16)
        except OSError:
            return False
        self.bytes += len(data)
        if _QUERY.search(data):
            os.write(self._ours, b"\x1b[?2026;2$y")
        if draw:
            self._stream.feed(data)
        return True

    @property
    def text(self) -> str:
        return "\n".join(self._model.display)

    def until(self, text: str) -> float:
        """Waits until ``text`` is on the screen; seconds since the start."""
        while text not in self.text:
            assert perf_counter() - self.started < SECONDS, f"no {text} in:\n{self.text}"
            assert self._take(1.0) or self.process.poll() is None, f"it ended:\n{self.text}"
        return perf_counter() - self.started

    def first_byte(self) -> float:
        """Waits for the first output; seconds since the start."""
        while not self._take(1.0):
            assert self.process.poll() is None
        return perf_counter() - self.started

    def quiet(self, seconds: float = 0.25) -> None:
        """Waits until nothing has been written for so long."""
        while self._take(seconds):
            pass

    def press(self, *keys: str, quiet: float = 0.05) -> None:
        """Types keys one by one, each until its answer is complete."""
        for key in keys:
            os.write(self._ours, KEYS.get(key, key).encode())
            self.quiet(quiet)

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        # The clock of another process's processor time, as clock_getcpuclockid(3) makes its number.
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def memory(self) -> float:
        """Megabytes that are resident."""
        with open(f"/proc/{self.process.pid}/status") as file:
            found = re.search(r"VmRSS:\s+(\d+)", file.read())
        assert found
        return int(found[1]) / 1024

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        os.close(self._ours)
