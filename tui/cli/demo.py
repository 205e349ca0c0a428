"""``sentlinks demo``: a throw-away server of its own process, and the app on it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from .. import config, local
from ..rules.text import printable

if TYPE_CHECKING:
    from ..clients.connection import Target

_END_SECONDS = 10


def run_demo() -> int:
    """Opens the app on a fresh demo server, removes all of it at the end, and answers the exit status."""
    from ..app import run_app

    with _ended_by_signals(), demo_server() as target:
        return run_app(target, demo=True)


@contextmanager
def demo_server() -> Iterator[Target]:
    """A server with the sample matters, in a process of its own that ends with the block or with this process.

    It holds the reading end of a pipe whose writing end only this process has: whatever ends this process
    closes it, and the server then ends and removes its data.
    """
    from ..clients.connection import Target

    reading, writing = os.pipe()
    data: Path | None = None
    try:
        process, log = _start(reading)
    finally:
        os.close(reading)
    try:
        assert process.stdout is not None
        data = Path(os.fsdecode(process.stdout.readline().strip(b"\n")))
        url = local.wait_ready(process, printable(str(log)))
        yield Target(url, local.own_token(data), data / "socket")
    finally:
        os.close(writing)
        _end(process)
        # Where the server was killed it could not do it itself.
        if data is not None and data.name.startswith(PREFIX):
            shutil.rmtree(data, ignore_errors=True)


PREFIX = "sentlinks-demo-"


def _start(reading: int) -> tuple[subprocess.Popen[bytes], Path]:
    settings = config.load()
    log = config.private_folder(settings.places.state) / "demo.log"
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        environment = {k: v for k, v in local.environment(settings).items() if k != "SENTLINKS_KEY"}
        return local.spawn("tui.cli.demo_server", [str(reading)], environment, file, reading), log


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdout and not process.stdout.closed:
        process.stdout.close()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP leave the block as an exit does, so that what it holds is let go of."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
