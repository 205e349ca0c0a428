"""Run helper programs quietly, with a timeout, and reading no more of them than is of use."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

#: The most that is read of a program's output, in bytes; and of what it complains of, whose end is kept.
MOST_OUTPUT, KEPT_COMPLAINT = 4 * 1024 * 1024, 4096
_PIECE = 64 * 1024


class TooMuchOutput(Exception):
    """A program prints more than is read of it. ``complaint`` is the end of its standard error."""

    def __init__(self, complaint: bytes) -> None:
        super().__init__()
        self.complaint = complaint


class TooSlow(Exception):
    """A program doesn't end in time. ``complaint`` is the end of its standard error."""

    def __init__(self, complaint: bytes) -> None:
        super().__init__()
        self.complaint = complaint


def run_quietly(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    stdin: bytes = b"",
    seconds: float = 1.0,
    capture: bool = True,
) -> bytes | None:
    """Run a program with ``stdin`` as its input and return its output; ``None`` unless it succeeds within ``seconds``,
    and prints no more than :data:`MOST_OUTPUT`.

    Its standard error is discarded, since it would be written over the screen. It runs in a session of its own: what it
    leaves in the background outlives the terminal, and all of it is killed if it takes too long. A process left in the
    background would hold the output open; without ``capture`` there is no output.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if capture else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    with process:
        try:
            printed, _ = exchange(process, stdin, seconds=seconds, most=MOST_OUTPUT)
        except (TooSlow, TooMuchOutput):
            end_group(process)
            return None
    return printed if process.returncode == 0 else None


def exchange(
    process: subprocess.Popen[bytes], given: bytes = b"", *, seconds: float, most: int
) -> tuple[bytes, bytes]:
    """Write ``given`` to a program's standard input, if that is a pipe, and wait until it ends. Returns what it printed
    (up to ``most`` bytes) and the end of its standard error, as far as these are pipes.

    Raises :class:`TooSlow` after ``seconds``, whatever it goes on printing, and :class:`TooMuchOutput`; then it runs.
    """
    deadline = time.monotonic() + seconds
    printed, complaint, rest = bytearray(), bytearray(), memoryview(given)
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((process.stdout, printed), (process.stderr, complaint)):
            if stream is not None:
                selector.register(stream, selectors.EVENT_READ, kept)
        if process.stdin is not None:
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                raise TooSlow(bytes(complaint))
            for key, _ in selector.select(left):
                if key.data is None:
                    rest = _written(key.fd, rest)
                    if not rest and process.stdin is not None:
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                piece = os.read(key.fd, _PIECE)
                key.data.extend(piece)
                if not piece:
                    selector.unregister(key.fileobj)
            del complaint[:-KEPT_COMPLAINT]
            if len(printed) > most:
                raise TooMuchOutput(bytes(complaint))
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TooSlow(bytes(complaint)) from None
    return bytes(printed), bytes(complaint)


def _written(handle: int, rest: memoryview) -> memoryview:
    """Write some of ``rest``, and return what is left; nothing if nobody reads it any more."""
    try:
        return rest[os.write(handle, rest[:_PIECE]) :] if rest else rest
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[:0]


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill a program that was started in a session of its own, and what it has started, if it hasn't ended."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
