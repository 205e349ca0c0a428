"""Leaves a send to a process of its own, which finishes it after the program that began it has ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from ..rules.errors import Failed
from .local_server import with_sources

if TYPE_CHECKING:
    from ..clients.target import Target
    from ..sending.journal.journal import Journal

_MODULE = "tui.cli.send.background_send"
#: What the process writes once it holds the journal.
READY = b"ready\n"
#: Seconds to wait for that.
_START_SECONDS = 20.0


def hand_over(journal: Journal, target: Target, password: str | None) -> None:
    """Release ``journal`` to a new process that finishes its send, and wait until that process holds it.

    ``password`` is needed only if the server hasn't opened the send yet. Blocks for a moment; call it in a thread.
    Raises :class:`Failed` if the process doesn't start, which leaves an interrupted send.
    """
    journal.release()
    # Not in the arguments or the environment, which other processes may be able to read.
    given = {
        "user": journal.contents.by["user"],
        "server": None if target.socket is not None else target.url,
        "token": target.token,
        "password": password,
    }
    try:
        # -P: nothing is imported from the current folder, which may hold anyone's files.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", _MODULE, journal.id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=with_sources(os.environ),
            start_new_session=True,
        )
    except OSError as error:
        raise _not_started(str(error.strerror)) from error
    late = threading.Timer(_START_SECONDS, process.kill)
    late.start()
    try:
        line = _exchange(process, json.dumps(given).encode())
    finally:
        late.cancel()
    if line != READY:
        process.wait()
        raise _not_started(
            line.decode(errors="replace").strip().removesuffix(".") or "its process ended at once"
        )
    # Collects its exit status, should it end before this process does.
    threading.Thread(target=process.wait, daemon=True).start()


def _exchange(process: subprocess.Popen[bytes], given: bytes) -> bytes:
    """Write ``given``, and return the first line of what the process writes."""
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdout:
        # If it has ended already, what it wrote says why.
        with suppress(BrokenPipeError), process.stdin:
            process.stdin.write(given)
        return process.stdout.readline()


def _not_started(reason: str) -> Failed:
    return Failed("background.did_not_start", f"The send can't continue in the background: {reason}.")
