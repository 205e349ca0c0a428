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
from pathlib import Path
from typing import IO, Self

import pyte

from tests.support.servers import forking
from tests.support.terminal.emulated import EmulatedScreen

SECONDS = 60
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


class Terminal:
    """Runs ``command`` as the foreground process of a new terminal. ``answers`` has its replies to queries."""

    def __init__(
        self,
        command: Sequence[str],
        environ: Mapping[str, str],
        columns: int = 80,
        rows: int = 24,
        *,
        answers: Mapping[bytes, bytes] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self._ours, theirs = pty.openpty()
        self._model = EmulatedScreen(columns, rows)
        self._stream = pyte.ByteStream(self._model)
        self._answers = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", **(answers or {})}
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self._rows: list[str] = []
        #: Everything that was written to the terminal.
        self.written = b""

        self.started = time.perf_counter()
        surroundings = {"TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        with open(theirs, "r+b", buffering=0) as terminal:
            self.process = self._start(
                command, {**self._surroundings(), **surroundings, **environ}, Path(cwd or "."), terminal
            )

    def _start(
        self, command: Sequence[str], environ: Mapping[str, str], cwd: Path, terminal: IO[bytes]
    ) -> subprocess.Popen[bytes] | forking.Forked:
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=environ,
            preexec_fn=forking.lead,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
        )

    def _surroundings(self) -> Mapping[str, str]:
        return os.environ

    def _take(self, seconds: float) -> bool:
        """Reads what is written within ``seconds``; returns whether there was anything."""
        return bool(select.select([self._ours], [], [], seconds)[0]) and self._read()

    def _read(self) -> bool:
        """Reads what has been written; ``False`` as soon as no writer is left."""
        try:
            data = os.read(self._ours, 1 << 16)
        except OSError:
            return False
        self._keep(data)
        for query, answer in self._answers.items():
            if query in data:
                os.write(self._ours, answer)
        self._stream.feed(data)
        return bool(data)

    def _keep(self, data: bytes) -> None:
        self.written += data

    @property
    def text(self) -> str:
        """The screen's lines."""
        if len(self._rows) != self._model.lines:
            self._rows = [""] * self._model.lines
            self._model.dirty.update(range(self._model.lines))
        for y in self._model.dirty:
            if y < self._model.lines:
                self._rows[y] = self._model.row(y).rstrip()
        self._model.dirty.clear()
        return "\n".join(self._rows)

    @property
    def cursor(self) -> tuple[int, int]:
        """Row and column, counted from 0."""
        return self._model.cursor.y, self._model.cursor.x

    def wait_for(self, text: str, times: int = 1) -> float:
        """Reads until the screen shows ``text``, so many ``times``; returns the seconds since the start."""
        end = time.monotonic() + SECONDS
        while self.text.count(text) < times:
            going = self._take(1.0) or self.process.poll() is None
            assert going, f"it ended without showing {text!r}:\n{self.text}"
            assert time.monotonic() < end, f"{text!r} is not shown:\n{self.text}"
        return time.perf_counter() - self.started

    def quiet(self, seconds: float = 0.25) -> None:
        """Waits until nothing has been written for ``seconds``, and the program waits for something."""
        end = time.monotonic() + SECONDS
        while self._take(seconds) or self._busy():
            assert time.monotonic() < end, f"it never comes to rest:\n{self.text}"

    def _busy(self) -> bool:
        """Whether the program is running, or would be if the machine had time for it."""
        try:
            threads = list(Path(f"/proc/{self.process.pid}/task").glob("*/stat"))
            return any(thread.read_text().rpartition(")")[2].split()[0] == "R" for thread in threads)
        except (FileNotFoundError, ProcessLookupError):
            return False

    def during(self, seconds: float) -> None:
        """Reads what is written within ``seconds``."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._take(left)

    def type(self, keys: str) -> None:
        """Types ``keys``."""
        os.write(self._ours, keys.encode())

    def press(self, *keys: str, quiet: float = 0.05) -> None:
        """Types keys one by one, waiting after each until its output is complete."""
        for key in keys:
            self.type(KEYS.get(key, key))
            self.quiet(quiet)

    def wait(self) -> int:
        """Reads until the program has ended; returns its exit status, negative for a signal."""
        end = time.monotonic() + SECONDS
        while self.process.poll() is None:
            self._take(0.1)
            assert time.monotonic() < end, f"it does not end:\n{self.text}"
        # The last of the output.
        while self._take(0):
            pass
        return self.process.wait(SECONDS)

    def hang_up(self) -> None:
        """Closes the terminal, as when a window is closed or a connection is lost."""
        os.close(self._ours)
        self._ours = -1

    @property
    def modes(self) -> list[object]:
        """The modes of the terminal's line, as ``termios`` returns them."""
        return termios.tcgetattr(self._ours)

    def resize(self, columns: int, rows: int) -> None:
        self._model.resize(rows, columns)
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def cpu(self) -> float:
        """Seconds of processor time that the program has used so far."""
        # The id of another process's processor-time clock, computed as in clock_getcpuclockid(3).
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._ours >= 0:
            os.close(self._ours)


class Sentlinks(Terminal):
    """Runs ``sentlinks`` with some arguments, with its imports done: for tests of anything but its start."""

    def _start(
        self, command: Sequence[str], environ: Mapping[str, str], cwd: Path, terminal: IO[bytes]
    ) -> subprocess.Popen[bytes] | forking.Forked:
        return forking.session.in_terminal(
            "tui.__main__", command, cwd=cwd.absolute(), env=environ, terminal=terminal
        )
