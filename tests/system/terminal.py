"""A program in a pseudo-terminal of its own, and what its screen shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import pyte

SECONDS = 60


class Terminal:
    """Runs ``command`` as the foreground process of a new terminal of 80 by 24."""

    def __init__(
        self, command: Sequence[str], environ: Mapping[str, str], columns: int = 80, rows: int = 24
    ) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        #: Everything that was written to the terminal.
        self.written = b""

        def control() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "", "LINES": "", **environ},
            preexec_fn=control,
        )
        os.close(theirs)

    def _read(self, seconds: float) -> bool:
        """Takes what the program has written; ``False`` once there is nobody left to write."""
        if not select.select([self._ours], [], [], seconds)[0]:
            return True
        try:
            data = os.read(self._ours, 65536)
        except OSError:
            return False
        self.written += data
        self._stream.feed(data)
        return bool(data)

    @property
    def text(self) -> str:
        """The screen's lines."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, text: str) -> None:
        """Reads until the screen shows ``text``."""
        end = time.monotonic() + SECONDS
        while text not in self.text:
            going = self._read(max(0.0, min(1.0, end - time.monotonic())))
            assert going, f"it ended without showing {text!r}:\n{self.text}"
            assert time.monotonic() < end, f"{text!r} is not shown:\n{self.text}"

    def type(self, keys: str) -> None:
        """Types ``keys``."""
        os.write(self._ours, keys.encode())

    def wait(self) -> int:
        """Reads until the program has ended; answers its exit status, negative for a signal."""
        end = time.monotonic() + SECONDS
        while self._read(1.0) and self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end:\n{self.text}"
        return self.process.wait(SECONDS)

    def hang_up(self) -> None:
        """The terminal goes, as when a window is closed or a connection is lost."""
        os.close(self._ours)
        self._ours = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._ours >= 0:
            os.close(self._ours)
