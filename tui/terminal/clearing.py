"""Remove a password from the clipboard a minute after it was copied, whether or not the program still runs by then.

A separate process does that. It gets the password on its standard input, so the password is in no command line and in
no file. A user who copies, quits and pastes has the whole minute.
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
#: Starts the process for a text, the desktop's mechanism if its clipboard can be read back, and an environment.
Clear = Callable[[bytes, str | None, Mapping[str, str]], "subprocess.Popen[bytes] | None"]

_START = (
    "import sys; sys.path.append(sys.argv[1]); from tui.terminal.clearing import main; main(sys.argv[2:])"
)


def clear_later(
    text: bytes, mechanism: str | None, environ: Mapping[str, str], seconds: float = SECONDS
) -> subprocess.Popen[bytes] | None:
    """Start the process; returns ``None`` if it can't be started. To copy the same text again, end it first."""
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
    """The process. ``arguments``: the mechanism, which may be empty, and the seconds to wait."""
    mechanism, seconds = arguments
    text = (given or sys.stdin.buffer).read()
    wait(float(seconds))
    take_off(text, mechanism or None, os.environ)


def take_off(text: bytes, mechanism: str | None, environ: Mapping[str, str]) -> None:
    """Empty the desktop's clipboard and delete tmux's buffers, but only those that still hold ``text``."""
    if mechanism and desktop_clipboard.holds(mechanism, text, environ):
        desktop_clipboard.put(mechanism, b"", environ)
    if capabilities.in_tmux(environ):
        tmux_buffers.delete(text, environ)
