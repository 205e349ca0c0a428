"""A PostgreSQL of the tests' own: started once a session, a database of its own for each that asks.

It runs as the user ``postgres`` where the tests run as root, who it refuses to run as. Where it is not installed,
the tests that want it are skipped; on CI (``CI=true``) they fail, so that it cannot be missing unseen.
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

import pytest

from tui.server.database.engine import open_database

_START_SECONDS = 60
#: The places of Debian's packages; elsewhere the programs are on the path.
_DEBIAN = Path("/usr/lib/postgresql")


def _programs() -> Path | None:
    """The folder of the newest installed PostgreSQL's programs."""
    versions = sorted(
        (int(path.name), path / "bin")
        for path in (_DEBIAN.iterdir() if _DEBIAN.is_dir() else ())
        if path.name.isdigit() and (path / "bin" / "initdb").exists()
    )
    if versions:
        return versions[-1][1]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _as_postgres(*command: str | Path) -> list[str]:
    """``command`` as a user that PostgreSQL runs as, ending with whoever started it."""
    user = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *user, "--pdeathsig", "QUIT", *map(str, command)]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


class Postgres:
    """A running server; :meth:`database` makes a database without any rows and answers its address."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._port = _free_port()
        self._folder = folder
        self._made = 0
        self._migrated = False
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        data = folder / "data"
        # As a firm's database would be: sorted by a language, not by the bytes.
        settings = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        languages = ["--locale-provider=icu", "--icu-locale=en-US"]
        subprocess.run(
            _as_postgres(programs / "initdb", "-D", data, *settings, *languages),
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        options = {
            "port": self._port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": folder,
            "max_connections": 200,
            # Nothing of it is to outlive the machine.
            "fsync": "off",
            "full_page_writes": "off",
        }
        given = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                _as_postgres(programs / "postgres", "-D", data, *given),
                cwd=folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        deadline = time.monotonic() + _START_SECONDS
        while self.tell("SELECT 1", check=False) != "1":
            assert self.process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.05)

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def database(self) -> str:
        """A copy of one that the migrations were run in once."""
        if not self._migrated:
            self._migrated = True
            # In a thread of its own: there may be a loop in this one.
            with ThreadPoolExecutor(1) as pool:
                pool.submit(asyncio.run, self._migrate()).result()
        # Its files are copied: they are few, and nothing of them needs to be in the log.
        return self.empty_database("TEMPLATE migrated STRATEGY file_copy")

    def empty_database(self, how: str = "") -> str:
        """For whoever runs the migrations."""
        self._made += 1
        self.tell(f"CREATE DATABASE test_{self._made} {how}")
        return self.url(f"test_{self._made}")

    async def _migrate(self) -> None:
        self.tell("CREATE DATABASE migrated")
        database = await open_database(self.url("migrated"), self._folder)
        await database.close()

    def tell(self, sql: str, url: str | None = None, *, check: bool = True) -> str:
        """What ``sql`` answers, bare, as its superuser."""
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
        # Without waiting for whoever is still connected.
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running() -> Iterator[Postgres]:
    """Starts one, in a folder that its user may enter; skips the test where none is installed."""
    programs = _programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed")
        pytest.skip("PostgreSQL is not installed")
    folder = Path(tempfile.mkdtemp(prefix="sentlinks-postgres-"))
    try:
        postgres = Postgres(programs, folder)
        try:
            yield postgres
        finally:
            postgres.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
