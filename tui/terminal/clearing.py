"""Takes a password off the clipboard a minute after it was copied, whether the program still runs by then or not.

That is a process of its own: the password reaches it through its standard input, so it stands in no command line and in
no file. Somebody who copies, quits and pastes has the whole minute.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from . import capabilities, desktop_clipboard, tmux_buffers

SECONDS = 60
#: Starts the process for a text, the desktop's mechanism where it can be read back, and an environment.
Clear = Callable[[bytes, str | None, Mapping[str, str]], "subprocess.Popen[bytes] | None"]

_START = (
    "import sys; sys.path.append(sys.argv[1]); from tui.terminal.clearing import main; main(sys.argv[2:])"
)


def clear_later(
    text: bytes, mechanism: str | None, environ: Mapping[str, str], seconds: float = SECONDS
) -> subprocess.Popen[bytes] | None:
    """Starts the process; ``None`` where it cannot be started. Who copies the same text again ends it before."""
    # -I: nothing is imported from the current folder.
    argv = [sys.executable, "-I", "-c", _START, str(Path(__file__).parents[2]), mechanism or "", str(seconds)]
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=dict(environ),
            start_new_session=True,
        )
        assert process.stdin is not None
        with process.stdin:
            process.stdin.write(text)
    except (OSError, ValueError):
        return None
    threading.Thread(target=process.wait, daemon=True, name="clipboard-clearing").start()
    return process


def main(
    arguments: Sequence[str],
    given: IO[bytes] | None = None,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """What the process does. ``arguments``: the mechanism, which may be empty, and the seconds to wait."""
    mechanism, seconds = arguments
    text = (given or sys.stdin.buffer).read()
    wait(float(seconds))
    take_off(text, mechanism or None, os.environ)


def take_off(text: bytes, mechanism: str | None, environ: Mapping[str, str]) -> None:
    """Empties the desktop's clipboard and tmux's buffers where they still hold ``text``, and leaves them alone else."""
    if mechanism and desktop_clipboard.holds(mechanism, text, environ):
        desktop_clipboard.give(mechanism, b"", environ)
    if capabilities.in_tmux(environ):
        tmux_buffers.delete(text, environ)
