"""A PostgreSQL server for the tests: started once per session, with a separate database for each caller.

It runs as the user ``postgres`` if the tests run as root, because it refuses to run as root. If it isn't installed, the
tests that need it are skipped; on CI (``CI=true``) they fail, so that this can't go unnoticed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.support.memory import memory
from tests.support.real_parts import lacks
from tui.server.database.engine import open_database

_START_SECONDS = 60
_TRIES = 5
#: Where Debian's packages are installed; on other systems the programs are on the path.
_DEBIAN = Path("/usr/lib/postgresql")


def programs_of_postgres() -> Path | None:
    """The folder with the programs of the newest installed PostgreSQL."""
    versions = sorted(
        (int(path.name), path / "bin")
        for path in (_DEBIAN.iterdir() if _DEBIAN.is_dir() else ())
        if path.name.isdigit() and (path / "bin" / "initdb").exists()
    )
    if versions:
        return versions[-1][1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def as_postgres(*command: str | Path) -> list[str]:
    """``command``, run as a user that PostgreSQL accepts, and ended with the process that started it."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig", "QUIT", *map(str, command)]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Postgres:
    """A running server; :meth:`database` makes a database without any rows and returns its URL."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._made = 0
        self._migrated = False
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        # As in a firm's database: sorted by a language, not by the bytes.
        settings = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        languages = ["--locale-provider=icu", "--icu-locale=en-US"]
        subprocess.run(
            as_postgres(programs / "initdb", "-D", data, *settings, *languages),
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        # Another program may take a port that was free a moment ago.
        for left in reversed(range(_TRIES)):
            self._port = free_port()
            self.process = self._start(data)
            if self._is_ready():
                break
            assert left, (folder / "log").read_text()

    def _start(self, data: Path) -> subprocess.Popen[bytes]:
        options = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": self._folder,
            "max_connections": 200,
            # None of the data has to survive a crash of the machine.
            "fsync": "off",
            "full_page_writes": "off",
        }
        given = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (self._folder / "log").open("wb") as log:
            return subprocess.Popen(
                as_postgres(self._programs / "postgres", "-D", data, *given),
                cwd=self._folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def _is_ready(self) -> bool:
        """Waits until the server answers; false if it has ended instead."""
        deadline = time.monotonic() + _START_SECONDS
        # What answers at the port may be another worker's server until ours has ended.
        while self.process.poll() is None:
            if "ready to accept connections" in (self._folder / "log").read_text():
                return True
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.05)
        return False

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def database(self) -> str:
        """A copy of a database in which the migrations were run once."""
        if not self._migrated:
            self._migrated = True
            # In a thread of its own: this one may be running an event loop.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, self._migrate()).result()
        # Copy the files: there are few, and none of their contents need to be in the write-ahead log.
        return self.empty_database("TEMPLATE migrated STRATEGY file_copy")

    def empty_database(self, how: str = "") -> str:
        """A database for a caller that runs the migrations."""
        self._made += 1
        self.tell(f"CREATE DATABASE test_{self._made} {how}")
        return self.url(f"test_{self._made}")

    async def _migrate(self) -> None:
        self.tell("CREATE DATABASE migrated")
        database = await open_database(self.url("migrated"), self._folder)
        await database.close()

    def tell(self, sql: str, url: str | None = None, *, check: bool = True) -> str:
        """The bare output of ``sql``, run as the superuser."""
        command: list[str | Path] = [
            self._programs / "psql",
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            sql,
        ]
        done = subprocess.run(
            [*command, url or self.url()],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if check and done.returncode != 0:
            raise AssertionError(f"{done.stderr}\n{(self._folder / 'log').read_text()[-2000:]}")
        return done.stdout.strip()

    def stop(self) -> None:
        # Without waiting for open connections.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running() -> Iterator[Postgres]:
    """Starts a server, in a folder that its user may enter; skips the test if PostgreSQL isn't installed."""
    programs = programs_of_postgres()
    if programs is None:
        lacks("PostgreSQL")
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-postgres-", dir=memory()))
    try:
        postgres = Postgres(programs, folder)
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
