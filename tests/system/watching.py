"""``sentlinks watch`` under way, and what it prints."""

from __future__ import annotations

import json
import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.system.command import Client, Running

PATIENCE = 30


class Watching:
    """A watch under way; ``next()`` is the next line that it prints."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._rest = {"out": b"", "err": b""}

    def next(self, which: str = "out") -> str:
        """The next line of standard output, or of standard error."""
        stream = self.running.out if which == "out" else self.running.err
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._rest[which]:
                assert selector.select(PATIENCE), "nothing came"
                piece = os.read(stream.fileno(), 1 << 16)
                assert piece, "it has ended"
                self._rest[which] += piece
        line, _, self._rest[which] = self._rest[which].partition(b"\n")
        return line.decode()

    def event(self) -> dict[str, Any]:
        return dict(json.loads(self.next()))

    def told(self, *words: str) -> str:
        """The next message that has one of these words."""
        while not any(word in (line := self.next("err")) for word in words):
            pass
        return line

    def end(self, number: int = signal.SIGTERM) -> int:
        self.running.send_signal(number)
        return self.running.ended()[0]


@contextmanager
def watching(client: Client, *arguments: str, ready: bool = True, **environ: str) -> Iterator[Watching]:
    """A watch that has begun. It is ended at the end, if it hasn't by itself."""
    started = Running(["watch", *arguments], cwd=client.cwd, env={**os.environ, **client.environ, **environ})
    found = Watching(started)
    try:
        if ready:
            found.told("Watching what happens")
        yield found
    finally:
        if not started.over:
            started.kill()
            started._process.wait()
        with suppress(OSError):
            started._given.close()
        started.out.close()
        started.err.close()


def configure(text: str) -> None:
    home = Path(os.environ["SENTLINKS_HOME"])
    home.mkdir(mode=0o700, exist_ok=True)
    (home / "config.toml").write_text(text)
