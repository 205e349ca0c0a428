"""Data folders that have been filled: each is filled once per session, and each test gets its own copy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.support.servers.server import ServerProcess

T = TypeVar("T")


class Stocks:
    """Keeps the filled data folders in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[Callable[[ServerProcess], Any], tuple[Path, Any]] = {}

    def copy(self, fill: Callable[[ServerProcess], T], data: Path) -> T:
        """Makes ``data`` the folder of a server that ``fill`` was called with, and returns the result of that call."""
        if fill not in self._made:
            made = self._folder / str(len(self._made)) / "data"
            made.parent.mkdir()
            with ServerProcess(made) as server:
                answer = fill(server)
                # All that was written is in the database itself.
                server.stop()
            self._made[fill] = made, answer
        made, answer = self._made[fill]
        # The server makes a new reserve at once; copying its 16 MB would take longer than everything else.
        shutil.copytree(made, data, ignore=shutil.ignore_patterns("reserve"))
        return answer

    @contextmanager
    def server(self, fill: Callable[[ServerProcess], object], data: Path) -> Iterator[ServerProcess]:
        """A server that was filled like this, and may be changed."""
        self.copy(fill, data)
        with ServerProcess(data) as server:
            yield server
