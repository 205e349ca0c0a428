"""A user who has configured no server, so that commands start a local one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.support.servers.data_folders import Stocks
from tests.support.servers.server import ServerProcess
from tests.system.command import Done, run


class Home:
    """A user's configuration, data and state."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data = folder / "data"

    def __call__(self, *arguments: str, **environ: str) -> Done:
        return run(*arguments, **{"SENTLINKS_HOME": str(self.folder), **environ})

    def status(self) -> Any:
        return self("server", "status", "--json").json


def prepare(data: Path, stocks: Stocks) -> None:
    """Makes an installation as another server has made it: its migrations take a third of what a start takes, and most
    tests look at what comes after them."""
    data.parent.mkdir(parents=True, exist_ok=True)
    stocks.copy(_empty, data)


def _empty(server: ServerProcess) -> None:
    """Adds nothing to what every server begins with."""


def wait_gone(pid: int) -> None:
    """Waits for the end of a process that is not a child of this one."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        import select

        assert select.select([handle], [], [], 30)[0], f"{pid} goes on"
    finally:
        os.close(handle)
