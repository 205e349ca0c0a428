"""Run a program that has the terminal to itself until it ends, as a shell does.

It gets its own process group in the terminal's foreground: ctrl+c and ctrl+z go to it alone, and it can't stop this
program along with itself. Its standard error goes through a pseudo-terminal, so that it appears as usual, and its last
lines can be reported afterwards, when the screen has been painted over.
"""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import termios
import threading
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Self

from tui.rules.text import printable

from .shell import under_a_shell

#: How much of the end of standard error is kept, in bytes, lines, and characters per line.
_KEPT_BYTES = 4096
_KEPT_LINES = 3
_LINE_LENGTH = 300
#: Seconds to wait for the last output; a process left in the background may hold standard error open forever.
_LAST_OUTPUT_SECONDS = 0.25
_CONTROL_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")
# Undoes what a killed program leaves behind: the alternate screen, a scrolling region, application and modified keys,
# the mouse, bracketed paste, the kitty protocol.
_RESET = b"\x1b[?1049l\x1b[!p\x1b[r\x1b[?1l\x1b>\x1b[>4m\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[<u"


@dataclass(frozen=True, slots=True)
class ProgramEnd:
    """How a program ended.

    ``status`` is its exit status, or minus the number of the signal that ended it. ``complaint`` is the end of its
    standard error: printable lines, empty if it wrote none.
    """

    status: int
    complaint: str


def run_in_foreground(argv: Sequence[str]) -> ProgramEnd:
    """Run a program on the terminal, which nothing else may use until then, and wait for its end.

    Call it in the main thread. The terminal gets its earlier modes back, whatever the program has done to it. A program
    that is stopped (ctrl+z) stops this one as well if a shell can continue both; otherwise it is continued at once.
    Raises :class:`OSError` if it can't be started.
    """
    terminal, controls = _terminal()
    try:
        modes = termios.tcgetattr(terminal)
        # Before the start: a signal that arrives right then is meant for the program too.
        with _Errors(terminal) as errors, _signals_passed_on() as signals:
            with _keys_passed_on() if controls else nullcontext() as keys:
                process = subprocess.Popen(
                    argv,
                    stdin=terminal,
                    stdout=terminal,
                    stderr=errors.theirs,
                    process_group=0 if controls else None,
                )
                signals.to(process.pid)
                if keys is not None:
                    _give(terminal, process.pid)
                    keys.to(process.pid)
            errors.begin()
            status = _wait(process, terminal, controls)
            complaint = errors.end()
            _take_back(terminal, controls, modes, status)
    finally:
        os.close(terminal)
    return ProgramEnd(status, complaint)


def last_lines(written: bytes) -> str:
    """The last lines with any text of what was written to a terminal."""
    text = _CONTROL_SEQUENCE.sub("", written.decode("utf-8", "replace"))
    lines = [printable(line.rstrip("\r").rpartition("\r")[2].strip()) for line in text.split("\n")]
    return "\n".join([line[:_LINE_LENGTH] for line in lines if line][-_KEPT_LINES:])


# --- the terminal -----------------------------------------------------------------------------------


def _terminal() -> tuple[int, bool]:
    """The terminal, and whether this process may give it to a process group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
        return terminal, os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        # Not a controlling terminal, so it sends no signals either.
        return os.dup(0), False


def _take_back(terminal: int, controls: bool, modes: list[object], status: int) -> None:
    # The terminal may have hung up.
    with suppress(OSError, termios.error):
        if controls:
            os.tcsetpgrp(terminal, os.getpgrp())
        if status:
            # The last keys were meant for the program.
            termios.tcflush(terminal, termios.TCIFLUSH)
        if status < 0 or status > 128:
            os.write(terminal, _RESET)
        termios.tcsetattr(terminal, termios.TCSANOW, modes)  # type: ignore[arg-type]


# --- waiting ----------------------------------------------------------------------------------------


class _Signals:
    """Passes signals that end this program on to the other one first."""

    def __init__(self) -> None:
        self.earlier = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
        self.mask: set[int | signal.Signals] | None = None
        self._process: int | None = None
        self._early: list[int] = []

    def to(self, process: int) -> None:
        """Set the other program, which has started.

        Only now is SIGTTOU blocked, so that the other program doesn't inherit this one's right to use the terminal.
        """
        self.mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
        self._process = process
        for number in self._early:
            self._send(process, number)

    def pass_on(self, number: int, frame: FrameType | None) -> None:
        if self._process is None:
            self._early.append(number)
        else:
            self._send(self._process, number)
        handler = self.earlier[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    def _send(self, process: int, number: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(process, number)


@contextmanager
def _signals_passed_on() -> Iterator[_Signals]:
    """Let this program use the terminal even from its background; a signal that ends it ends the other program
    first."""
    signals = _Signals()
    earlier = signals.earlier
    for number in earlier:
        signal.signal(number, signals.pass_on)
    try:
        yield signals
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
        if signals.mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, signals.mask)


class _Keys:
    """The keys that send a signal, pressed before the other program has got the terminal."""

    def __init__(self) -> None:
        self.pressed: list[int] = []
        #: Signals that are meant for this program.
        self.others: list[int] = []

    def to(self, group: int) -> None:
        for number in self.pressed:
            with suppress(ProcessLookupError):
                os.killpg(group, number)
        self.pressed.clear()


@contextmanager
def _keys_passed_on() -> Iterator[_Keys]:
    """Keep ctrl+c and the like from affecting this program.

    The terminal sends them to its foreground, which is this program until the other one has got the terminal. The event
    loop isn't notified either: its file descriptor for signals would end the app after the other program has ended.
    """
    keys = _Keys()
    handlers = {
        number: signal.signal(number, lambda number, _: keys.pressed.append(number))
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
    }
    passed_on = {
        number: signal.signal(number, lambda number, _: keys.others.append(number))
        for number in (signal.SIGTERM, signal.SIGHUP)
    }
    loop = signal.set_wakeup_fd(-1)
    try:
        yield keys
    finally:
        signal.set_wakeup_fd(loop)
        for number, handler in {**handlers, **passed_on}.items():
            signal.signal(number, handler)
        for other in keys.others:
            signal.raise_signal(other)


def _wait(process: subprocess.Popen[bytes], terminal: int, controls: bool) -> int:
    """Wait until the program has ended, and return its status."""
    while True:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode
        if controls:
            # A program that used the terminal before it was given it was stopped only for that.
            wanted = os.WSTOPSIG(status) in (signal.SIGTTIN, signal.SIGTTOU)
            if not wanted and under_a_shell():
                _stop_too(terminal)
            _give(terminal, process.pid)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGCONT) if controls else os.kill(process.pid, signal.SIGCONT)


def _give(terminal: int, group: int) -> None:
    # The program may have ended, or the terminal may have hung up.
    with suppress(OSError):
        os.tcsetpgrp(terminal, group)


def _stop_too(terminal: int) -> None:
    """Stop this program too, and return when the shell has given the terminal back to it."""
    os.tcsetpgrp(terminal, os.getpgrp())
    while True:
        os.kill(os.getpid(), signal.SIGSTOP)
        if os.tcgetpgrp(terminal) == os.getpgrp():
            return


# --- standard error ---------------------------------------------------------------------------------


class _Errors:
    """A pseudo-terminal for standard error: what is written to it appears on the terminal, and its end is kept.

    With a pipe, a process that the program leaves in the background would be killed by its next output.
    """

    def __init__(self, terminal: int) -> None:
        self._terminal = os.dup(terminal)
        self._ours, self.theirs = pty.openpty()
        tty.setraw(self.theirs)
        with suppress(OSError, termios.error):
            termios.tcsetwinsize(self.theirs, termios.tcgetwinsize(terminal))
        self._kept = b""
        self._shown = True
        self._thread = threading.Thread(target=self._copy, daemon=True, name="standard-error")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begin(self) -> None:
        """Start copying: the program has the other end now."""
        os.close(self.theirs)
        self.theirs = -1
        self._thread.start()

    def end(self) -> str:
        """Stop showing output, and return its last lines."""
        if self.theirs >= 0:
            # No program was started.
            self.begin()
        self._thread.join(_LAST_OUTPUT_SECONDS)
        self._shown = False
        return last_lines(self._kept)

    def _copy(self) -> None:
        # Fails when no process has the other end open any more.
        with suppress(OSError):
            while data := os.read(self._ours, 1 << 16):
                self._kept = (self._kept + data)[-_KEPT_BYTES:]
                if self._shown:
                    os.write(self._terminal, data)
        os.close(self._ours)
        os.close(self._terminal)
