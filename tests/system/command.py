"""Runs the installed command the way scripts do."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tests.support.servers.forking import session

ROOT = Path(__file__).resolve().parents[2]
MODULE = [sys.executable, "-m", "tui"]
SCRIPT = [str(Path(sys.executable).with_name("sentlinks"))]
SECONDS = 60
_PIPE = 1 << 16


@dataclass(frozen=True)
class Done:
    """The outcome of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)

    @property
    def documents(self) -> list[dict[str, Any]]:
        return list(self.json["documents"])

    @property
    def error(self) -> str:
        """The error code of a command that failed as a whole; its message must be on standard error too."""
        error = self.json["error"]
        assert set(error) == {"code", "message"}
        assert error["message"] in self.err
        return str(error["code"])


def run(
    *arguments: str | Path,
    given: str | bytes = b"",
    cwd: Path | str | None = None,
    program: list[str] | str | None = None,
    out: str | None = None,
    **environ: str,
) -> Done:
    """Runs the command until it exits; ``given`` is its standard input, ``environ`` adds environment variables.

    Its process is forked (``support/servers/forking.py``). A ``program`` such as :data:`SCRIPT` is started instead,
    with nothing imported, for tests of what happens before the command runs. With ``out``, a forked one writes its
    standard output to that file.
    """
    content = given.encode() if isinstance(given, str) else given
    words = [str(argument) for argument in arguments]
    if program:
        command = [program] if isinstance(program, str) else program
        status, said, err = _started([*command, *words], content, cwd, os.environ | environ)
    else:
        status, said, err = Running(words, cwd=cwd, env=os.environ | environ, out=out).ended(content)
    result = Done(status, said.decode(), err.decode())
    assert "Traceback" not in result.out + result.err, result.err
    return result


def _started(
    command: list[str], given: bytes, cwd: Path | str | None, env: Mapping[str, str]
) -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        command, input=given, capture_output=True, cwd=cwd, env=env, timeout=SECONDS, check=False
    )
    return done.returncode, done.stdout, done.stderr


class Running:
    """A command under way, in a process that is forked (``support/servers/forking.py``). ``out`` and ``err`` are what
    it writes to standard output and error, ``pid`` its id. Standard output may be a file."""

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path | str | None,
        env: Mapping[str, str],
        out: str | None = None,
    ) -> None:
        (stdin, giving), (reading, stdout), (err, stderr) = (os.pipe() for _ in range(3))
        self._given, self.out, self.err = (
            os.fdopen(giving, "wb"),
            os.fdopen(reading, "rb"),
            os.fdopen(err, "rb"),
        )
        with (
            open(stdin, "rb") as one,
            open(stdout, "wb") as two,
            open(stderr, "wb") as three,
            ExitStack() as opened,
        ):
            output = opened.enter_context(open(out, "wb")) if out else two
            self._process = session.process(
                "tui.__main__",
                arguments,
                cwd=Path(cwd or ".").absolute(),
                env=env,
                streams=(one, output, three),
            )
        self.pid = self._process.pid
        self.send_signal = self._process.send_signal
        self.kill = self._process.kill

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._process.poll() is not None

    def ended(self, given: bytes = b"", seconds: float = SECONDS) -> tuple[int, bytes, bytes]:
        """Waits for its end; returns the exit status and what was written to standard output and error."""
        assert len(given) <= _PIPE, "what is given has to fit into a pipe"
        with suppress(BrokenPipeError), self._given:
            self._given.write(given)
        with self.out, self.err:
            try:
                found = _read([self.out, self.err], seconds)
            except subprocess.TimeoutExpired:
                self.kill()
                self._process.wait()
                raise
        return self._process.wait(), found[0], found[1]

    def done(self, given: bytes = b"") -> Done:
        """Waits for its end."""
        status, out, err = self.ended(given)
        return Done(status, out.decode(), err.decode())


def _read(pipes: list[BinaryIO], seconds: float) -> list[bytes]:
    """The bytes read from each pipe until both are closed."""
    found: dict[object, bytes] = dict.fromkeys(pipes, b"")
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(deadline - time.monotonic())
            if not ready:
                raise subprocess.TimeoutExpired("sentlinks", seconds)
            for key, _ in ready:
                if more := os.read(key.fd, 1 << 16):
                    found[key.fileobj] += more
                else:
                    selector.unregister(key.fileobj)
    return [found[pipe] for pipe in pipes]


class Client:
    """Runs commands against one server with one token."""

    def __init__(self, url: str, token: str | None, cwd: Path) -> None:
        self.cwd = cwd
        self.environ: Mapping[str, str] = {"SENTLINKS_SERVER": url, "SENTLINKS_TOKEN": token or ""}

    def __call__(self, *arguments: str | Path, given: str | bytes = b"", **environ: str) -> Done:
        return run(*arguments, given=given, cwd=self.cwd, **{**self.environ, **environ})

    def start(self, *arguments: str) -> Running:
        return Running(arguments, cwd=self.cwd, env={**os.environ, **self.environ})

    def file(self, name: str, content: bytes | str = b"content") -> Path:
        """Creates a file in the folder that commands run in."""
        path = self.cwd / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path
