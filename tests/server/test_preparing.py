"""A new installation is made by a process of its own, which ends with the server."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.servers.server import ROOT, ServerProcess
from tests.support.users.share import until
from tui.rules.errors import Failed
from tui.server.__main__ import bind
from tui.server.base.clock import system_clock
from tui.server.base.settings import Settings
from tui.server.database.engine import database_file
from tui.server.database.migrate import is_outdated
from tui.server.installation.preparing import prepare


@contextmanager
def being_made(data: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server that starts on new data, and the process that makes the installation, which waits to begin."""
    data.mkdir(mode=0o700)
    with (data / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        command = [sys.executable, "-m", "tests.support.servers.serve", str(data), "--port", str(port)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            until(lambda: children(server.pid) != [])
            (process,) = children(server.pid)
            # It has only begun once it waits for the lock.
            until(lambda: has_open(process, data / "migrate.lock"))
            yield server, process
        finally:
            server.kill()
            server.wait()


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def has_open(pid: int, path: Path) -> bool:
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed in the meantime.
        with suppress(FileNotFoundError):
            if handle.readlink() == path:
                return True
    return False


def test_a_new_or_older_database_is_outdated(tmp_path: Path) -> None:
    path = database_file(tmp_path / "data")
    assert is_outdated(path)
    with ServerProcess(tmp_path / "data"):
        pass
    assert not is_outdated(path)


def test_what_needs_no_preparing_is_left_alone(tmp_path: Path) -> None:
    """An installation that is up to date, and one whose database is elsewhere."""
    with ServerProcess(tmp_path / "data") as server:
        server.stop()
    before = files_in(tmp_path)
    prepare(Settings(data=tmp_path / "data"), system_clock)
    prepare(Settings(data=tmp_path / "other", database_url="postgresql://127.0.0.1:1/none"), system_clock)
    assert files_in(tmp_path) == before


def files_in(folder: Path) -> dict[Path, int]:
    """When each was last changed."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_signal_ends_both(tmp_path: Path) -> None:
    """Nothing goes on writing to a data folder whose server has ended."""
    with being_made(tmp_path / "data") as (server, process):
        server.send_signal(signal.SIGINT)
        server.wait(30)
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    assert not database_file(tmp_path / "data").exists()


def test_the_port_is_free_even_if_only_the_server_was_killed(tmp_path: Path) -> None:
    with closing(bind("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    with being_made(tmp_path / "data", port) as (server, process):
        with pytest.raises(Failed):
            bind("127.0.0.1", port)
        server.kill()
        server.wait()
        assert Path(f"/proc/{process}").exists()
        bind("127.0.0.1", port).close()
    # Once it may begin, it makes the installation, and a server finds that as it would another server's.
    with ServerProcess(tmp_path / "data"):
        pass
