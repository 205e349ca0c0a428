"""Run helper programs quietly and with a timeout."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence


def run_quietly(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    stdin: bytes = b"",
    seconds: float = 1.0,
    capture: bool = True,
) -> bytes | None:
    """Run a program with ``stdin`` as its input and return its output; ``None`` unless it succeeds within ``seconds``.

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
            printed, _ = process.communicate(stdin, timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return None
    return (printed or b"") if process.returncode == 0 else None


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
        return
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
