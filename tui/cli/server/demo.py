"""``sentlinks demo``: the app on a throw-away server in a separate process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ... import config
from ...files.private_files import new_temporary_folder
from ...local_server import local_server
from ...rules.errors import Failed
from ...rules.text import printable
from ...terminal.frame import FRAME

if TYPE_CHECKING:
    from ...clients.target import Target

PREFIX = "sentlinks-demo-"
_END_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Demo:
    """A demo's server. ``folder`` is private, holds all of its data, and is removed with it."""

    target: Target
    folder: Path


def run_demo(*, no_mouse: bool = False) -> int:
    """Open the app on a fresh demo server, remove everything at the end, and return the exit status. ``no_mouse``:
    without using the mouse."""
    FRAME.say("Preparing the demo...")
    with ended_by_signals(), demo_server() as demo:
        from ...ui.start import run_app

        return run_app(demo.target, demo=True, state=demo.folder / "app", no_mouse=no_mouse)


@contextmanager
def demo_server() -> Iterator[Demo]:
    """A server with the sample matters, in a separate process that ends with the block or with this process.

    It has the read end of a pipe whose write end only this process has. However this process ends, that closes the
    pipe, and the server then ends and removes its folder.
    """
    from ...clients.target import Target

    settings = config.load()
    folder = _fresh_folder()
    reading, writing = os.pipe()
    process = None
    try:
        process = _start(settings, folder, reading)
        os.close(reading)
        data = folder / "data"
        url = _wait_ready(process, folder)
        yield Demo(Target(url, local_server.own_token(data), data / "socket"), folder)
    finally:
        os.close(writing)
        if process is not None:
            _end(process)
        # A server that was killed couldn't do this itself.
        shutil.rmtree(folder, ignore_errors=True)


def _fresh_folder() -> Path:
    try:
        return new_temporary_folder(PREFIX)
    except OSError as error:
        raise Failed(
            "demo.no_folder",
            f"Can't make a folder for the demo's data: {error.strerror}; set TMPDIR to a folder that you can write to.",
        ) from error


def _start(settings: config.Config, folder: Path, reading: int) -> subprocess.Popen[bytes]:
    environment = {k: v for k, v in local_server.environment(settings).items() if k != "SENTLINKS_KEY"}
    with (folder / "log").open("wb") as log:
        return local_server.spawn(
            "tui.cli.server.demo_server", [str(reading), str(folder)], environment, log, reading
        )


def _wait_ready(process: subprocess.Popen[bytes], folder: Path) -> str:
    try:
        return local_server.wait_ready(process, "its log")
    except Failed as problem:
        if problem.code != "server.did_not_start":
            raise
        lines = (folder / "log").read_text(errors="replace").strip().splitlines()
        last = printable(lines[-1]) if lines else "it gave no reason"
        raise Failed(problem.code, f"The demo's server did not start: {last}") from problem


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP leave the block as an exit does, so that its resources are released."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(TypeError):  # a handler that wasn't set from Python
                signal.signal(number, handler)
