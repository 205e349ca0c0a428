"""Commands in processes of their own, forked from one that has only imported the program, and the memory they took.

Run as ``python -m tests.support.commands.measured``: it reads one JSON object a line (``args``, ``environ``, ``given``)
and writes one (``status``, ``out``, ``err``, ``peak``: the most memory that the command took, in bytes). The times that
the program waits for a server are a tenth, since nobody waits for them here.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

#: What keeps the tests from hanging if a command never ends, in seconds.
LONGEST = 30.0
_IMPORTED = (
    "tui.cli tui.cli.links tui.cli.sign_in tui.clients.work tui.clients.people tui.clients.fetch httpcore"
)


class Measuring:
    """A process that runs commands, one after the other."""

    def __enter__(self) -> Self:
        # In the interpreter's own environment, and without this one's memory.
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(self, *args: str | Path, given: str = "", **environ: str) -> dict[str, Any]:
        """Run a command until it ends; ``status`` is ``None`` if it had to be killed."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"args": [str(arg) for arg in args], "environ": environ, "given": given}
        self._process.stdin.write(f"{json.dumps(request)}\n")
        self._process.stdin.flush()
        done: dict[str, Any] = json.loads(self._process.stdout.readline())
        return done


def _shorten() -> None:
    """Make the times short that are waited for a server."""
    from tui.clients import bounded, connection, events, library
    from tui.mail import servers

    for bounds in (bounded.ANSWER, bounded.LONG_ANSWER):
        for name in ("grace", "whole"):
            object.__setattr__(bounds, name, 1.0)
    for timeout in (connection.TIMEOUT, events._TIMEOUT, library._UPLOAD_TIMEOUT):
        timeout.read = timeout.write = 1.0
    servers.SECONDS = 1.0


def _run(request: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(request["given"].encode())
        given.seek(0)
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            for number, file in enumerate((given, out, err)):
                os.dup2(file.fileno(), number)
            os.environ.update(request["environ"])
            _command(request["args"], writing)
        os.close(writing)
        if not select.select([reading], [], [], LONGEST)[0]:
            os.kill(child, signal.SIGKILL)
        peak = os.read(reading, 64)
        os.close(reading)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return {
            "status": status if peak else None,
            "out": out.read(20_000).decode(errors="replace"),
            "err": err.read(20_000).decode(errors="replace"),
            "peak": int(peak or 0),
        }


def _command(args: Sequence[str], told: int) -> None:
    status = 70
    try:
        from tui.cli import main

        sys.argv = ["sentlinks", *args]
        status = main()
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(told, str(_peak()).encode())
        os._exit(status)


def _peak() -> int:
    """The most memory that this process has taken."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("this system doesn't say how much memory was taken")


def main() -> None:
    for name in _IMPORTED.split():
        importlib.import_module(name)
    _shorten()
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
