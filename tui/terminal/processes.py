"""Programs that are asked for something in passing: quietly, and never for longer than a moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence


def ask(
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    given: bytes = b"",
    seconds: float = 1.0,
    reads: bool = True,
) -> bytes | None:
    """What a program printed on being given ``given``, ``None`` unless it ended well within ``seconds``.

    Its complaints go nowhere, since they would be written over the screen. It runs in a session of its own:
    what it leaves in the background outlives the terminal, and all of it is ended where it takes too long.
    Something left in the background would hold the output open: without ``reads`` there is none.
    """
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if reads else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
    except (OSError, ValueError):
        return None
    with process:
        try:
            printed, _ = process.communicate(given, timeout=seconds)
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
