"""``sentlinks serve`` in a process of its own, or refusing to start."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from tests.support.servers.forking import Forked, session
from tests.system.command import ROOT, run

READY = "sentlinks: serving on "


class Serving:
    """A running ``sentlinks serve`` with the given arguments, ready for requests."""

    def __init__(self, *arguments: str | Path, program: list[str] | None = None) -> None:
        words = ["serve", *map(str, arguments)]
        reading, writing = os.pipe()
        errors = self._errors = os.fdopen(os.memfd_create("errors"), "w+b")
        with open(writing, "wb") as printed, open(os.devnull, "rb") as nothing:
            self.process: subprocess.Popen[bytes] | Forked
            if program is None:
                streams = (nothing, printed, errors)
                self.process = session.process(
                    "tui.__main__", words, cwd=ROOT, env=os.environ, streams=streams
                )
            else:
                self.process = subprocess.Popen(
                    [*program, *words], stdin=nothing, stdout=printed, stderr=errors
                )
        self._out = os.fdopen(reading)
        self.line = self._out.readline()
        self.url = self.line.removeprefix(READY).strip()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Ends the server, and returns its status, the rest of standard output, and standard error."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        with self._out, self._errors:
            self._errors.seek(0)
            return status, self._out.read(), self._errors.read().decode()


def refused(
    *arguments: str | Path, status: int, words: str, program: list[str] | None = None, **environ: str
) -> None:
    """It refuses to start: with this status, and a message that has these words."""
    done = run("serve", *arguments, program=program, **environ)
    assert done.status == status, done.err
    assert done.out == ""
    message = done.err.strip().splitlines()[-1]
    assert message.startswith("sentlinks: ")
    assert words in message
